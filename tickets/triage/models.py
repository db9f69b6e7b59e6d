"""What triage proposed and what the agent made of it, kept to tune the rules."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from accounts.models import User
from tickets.models import Ticket
from tickets.querysets import TenantQuerySet


class Proposal(models.Model):
    """One proposal for one ticket; nothing in it takes effect before an agent decides."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="proposals")
    rules_version = models.CharField(max_length=20)
    content = models.JSONField()  # triage/rules.py Proposal as JSON: values, each with its reasons
    decision = models.JSONField(null=True)  # what was applied
    changed = models.JSONField(null=True)  # the fields in which the agent differed
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    review_at = models.DateTimeField(default=timezone.now)  # while open: when a deadline presses otherwise
    created_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["review_at"], condition=models.Q(decided_at=None), name="proposal_to_review")]
        constraints = [
            models.UniqueConstraint(fields=["ticket"], condition=models.Q(decided_at=None), name="proposal_open_once")
        ]

    def __str__(self) -> str:
        return f"proposal {self.pk} of {self.ticket_id}"
