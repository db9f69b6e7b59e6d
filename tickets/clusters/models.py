"""What each ticket has in common with others, and the alarms that came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db import models

from accounts.models import Organisation
from accounts.permissions import Permission
from tickets.clusters.rules import Likeness
from tickets.models import Ticket
from tickets.querysets import TenantQuerySet
from tickets.vocabulary import SYMPTOM_LABELS

if TYPE_CHECKING:
    from accounts.models import User


class SignatureQuerySet(TenantQuerySet):
    def visible_to(self, user: User) -> Self:
        """Clusters are the desk's alone; enterprises get a rounded number of services.py."""
        is_desk = getattr(user, "is_authenticated", False) and user.can(Permission.TICKET_VIEW)
        return self.all() if is_desk else self.none()


class Signature(models.Model):
    """The likeness of one ticket; `key` is that of clusters/rules.py, `day` its day in Beijing."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="signature")
    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="+")
    symptom = models.CharField(max_length=30)
    kind = models.CharField(max_length=2, blank=True)
    software = models.CharField(max_length=80, blank=True)
    version = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=32)
    day = models.DateField()
    created_at = models.DateTimeField()  # of the ticket

    objects = SignatureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["key", "created_at", "organisation"], name="signature_of_key"),
            models.Index(fields=["created_at", "key"], name="signature_recent"),
        ]

    def __str__(self) -> str:
        return " · ".join(filter(None, (self.symptom, self.kind, self.software, self.version, self.code)))

    @property
    def likeness(self) -> Likeness:
        return Likeness(self.symptom, self.kind, self.software, self.version, self.code)

    @property
    def symptom_name(self) -> str:
        """msgid."""
        return SYMPTOM_LABELS.get(self.symptom, self.symptom)  # type: ignore[call-overload]


class Alarm(models.Model):
    """The desk was called about a cluster; once for each day."""

    key = models.CharField(max_length=32)
    day = models.DateField()
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")  # whose history tells of it
    enterprises = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = SignatureQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "day"], name="alarm_once_a_day")]

    def __str__(self) -> str:
        return f"{self.key} {self.day}"
