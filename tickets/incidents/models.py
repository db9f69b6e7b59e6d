"""Which ticket waits for which incident, and which update each of them was told."""

from __future__ import annotations

from django.db import models

from accounts.models import User
from kb.status.models import Incident, IncidentUpdate
from tickets.models import Message, Ticket
from tickets.querysets import TenantQuerySet


class IncidentTicket(models.Model):
    """A ticket is attached to one incident at a time; written by services.py alone."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="incident_link")
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="+")
    attached_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    attached_at = models.DateTimeField()

    objects = TenantQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["incident", "attached_at"], name="incident_ticket_of")]

    def __str__(self) -> str:
        return f"{self.ticket_id} of incident {self.incident_id}"


class IncidentNotice(models.Model):
    """An update has reached a ticket: its message, or the plan to look again. Once for each pair, whoever asks."""

    update = models.ForeignKey(IncidentUpdate, models.CASCADE, related_name="+")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["update", "ticket"], name="incident_notice_once")]

    def __str__(self) -> str:
        return f"update {self.update_id} for {self.ticket_id}"
