"""Look-ups: is the record there now?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from helpdesk.common.messages import Message
from tickets.checks import words
from tickets.evidence.models import Evidence
from tickets.models import Ticket, TicketInvoice
from tickets.querysets import TenantQuerySet


class RecheckQuerySet(TenantQuerySet):
    organisation_path = "invoice__ticket__organisation"

    def wanted(self, now: dt.datetime) -> Self:
        """Whose advised time has come, or whom somebody asked for; with nobody at work on it."""
        free = models.Q(leased_until=None) | models.Q(leased_until__lt=now)
        return self.filter(free, models.Q(next_at__lte=now) | models.Q(asked_by__isnull=False))


class CheckOutcome(models.TextChoices):
    """UNAVAILABLE says nothing about the invoice."""

    FOUND = "found", _("Found")
    NOT_FOUND = "not_found", _("Not found")
    DIFFERS = "differs", _("Found, but differs")
    UNAVAILABLE = "unavailable", _("Source unavailable")


class Site(models.TextChoices):
    """Where the look-up was made."""

    PUBLIC = "public", _("National verification site")
    ISSUER = "issuer", _("Issuer's own list")
    BUYER = "buyer", _("Buyer's digital account")
    AUTHORITY = "authority", _("Tax authority's list")


class CheckList(models.Model):
    """A list exported from the tax side, imported once by the hash of its bytes."""

    evidence = models.OneToOneField(Evidence, models.PROTECT, related_name="check_list")
    site = models.CharField(max_length=10, choices=Site.choices)
    exported_at = models.DateTimeField()  # the moment the list speaks of
    covers_from = models.DateField(null=True)  # issue dates that the list covers in full; only there may a miss count
    covers_until = models.DateField(null=True)
    rows = models.PositiveIntegerField(default=0)
    matched = models.PositiveIntegerField(default=0)
    imported_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"list {self.pk}"


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference as people read it; `label` is a msgid, a state a message."""

    label: str
    claimed: str | Message
    found: str | Message


class Check(models.Model):
    """One look-up of one invoice; never edited."""

    invoice = models.ForeignKey(TicketInvoice, models.CASCADE, related_name="checks")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="checks")
    source = models.CharField(max_length=20)  # a key of CHECK_SOURCES
    site = models.CharField(max_length=10, choices=Site.choices)
    outcome = models.CharField(max_length=12, choices=CheckOutcome.choices)
    differences = models.JSONField(default=list)  # [{"field", "claimed", "found"}]
    note = models.CharField(max_length=500, blank=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="checks")
    check_list = models.ForeignKey(CheckList, models.PROTECT, null=True, related_name="checks")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # empty: by itself
    fault = models.CharField(max_length=20, blank=True)  # why it was unavailable, a key of words.FAULTS
    attempts = models.PositiveSmallIntegerField(default=1)
    took_ms = models.PositiveIntegerField(null=True)
    looked_up_at = models.DateTimeField()
    recorded_at = models.DateTimeField(auto_now_add=True)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["-looked_up_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["invoice", "check_list"], name="check_once_per_list"),
        ]
        indexes = [models.Index(fields=["invoice", "looked_up_at"], name="check_of_invoice")]

    def __str__(self) -> str:
        return f"{self.outcome} #{self.pk}"

    @property
    def source_name(self) -> str:
        """msgid."""
        return words.SOURCES.get(self.source, self.source)

    @property
    def fault_name(self) -> str:
        """msgid."""
        return words.FAULTS.get(self.fault, self.fault)

    @property
    def shown_differences(self) -> list[Shown]:
        return [
            Shown(words.FIELDS.get(d["field"], d["field"]), *(_shown(d, side) for side in ("claimed", "found")))
            for d in self.differences
        ]


def _shown(difference: dict[str, str], side: str) -> str | Message:
    value = difference[side]
    return Message(words.STATES.get(value, value)) if difference["field"] == "state" else value


class Recheck(models.Model):
    """When one open invoice is looked up again by itself, and whose turn it is; written by checks/services.py alone."""

    invoice = models.OneToOneField(TicketInvoice, models.CASCADE, related_name="recheck")
    next_at = models.DateTimeField(null=True)  # the advice of the ladder; empty: nothing is to be looked up
    missing_since = models.DateTimeField(null=True)  # reported missing again: what was found before counts no more
    asked_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # who pressed the button
    leased_until = models.DateTimeField(null=True)  # somebody asks just now; given back when they die
    reminded_for = models.DateTimeField(null=True)  # the advised time that people have been reminded of

    objects = RecheckQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], name="recheck_due", condition=models.Q(next_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"recheck of {self.invoice_id}"


class OutboundCall(models.Model):
    """One attempt of a call to another service; no secret is in it. Kept OUTBOUND_LOG_DAYS days."""

    purpose = models.CharField(max_length=20)
    method = models.CharField(max_length=8)
    url = models.CharField(max_length=500)  # without query and user information
    attempt = models.PositiveSmallIntegerField()
    http_status = models.PositiveSmallIntegerField(null=True)
    fault = models.CharField(max_length=20, blank=True)  # a key of words.FAULTS
    detail = models.CharField(max_length=200, blank=True)
    took_ms = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="outbound_call_at")]

    def __str__(self) -> str:
        return f"{self.method} {self.url}"

    @property
    def fault_name(self) -> str:
        """msgid."""
        return words.FAULTS.get(self.fault, self.fault)
