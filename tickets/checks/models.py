"""Look-ups: is the record there now?"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.evidence.models import Evidence
from tickets.models import Ticket, TicketInvoice
from tickets.querysets import TenantQuerySet


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
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
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
