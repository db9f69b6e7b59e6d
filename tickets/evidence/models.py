"""Files: the bytes once, and each use of them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from tickets.evidence.querysets import EvidenceQuerySet
from tickets.models import Message, Ticket, TicketInvoice
from tickets.vocabulary import Visibility


class State(models.TextChoices):
    """received → scanning → clean | refused | quarantined."""

    RECEIVED = "received", _("Received")
    SCANNING = "scanning", _("Being checked")
    CLEAN = "clean", _("Checked")
    REFUSED = "refused", _("Refused")
    QUARANTINED = "quarantined", _("Quarantined")


class Purpose(models.TextChoices):
    """What the file is for; a backfill material names its own kind."""

    INVOICE = "invoice", _("Invoice file")
    LOG = "log", _("Upload log")
    SCREENSHOT = "screenshot", _("Screenshot")
    MATERIAL = "material", _("Backfill material")
    CHECK = "check", _("Proof of a look-up")
    LIST = "list", _("List of invoices")
    OTHER = "other", _("Something else")


class Blob(models.Model):
    """Bytes under their sha256; the same bytes are stored once."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    key = models.CharField(max_length=200)  # name in the evidence storage
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.sha256


class Evidence(models.Model):
    """One file that a person handed in. Its row is its work list too: what is not final is taken up by the sweep."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    blob = models.ForeignKey(Blob, models.PROTECT, related_name="uses")
    name = models.CharField(max_length=200)
    media_type = models.CharField(max_length=100)
    #: the copy for everybody but the uploader, when a log holds what is nobody's business; the original is sealed then
    masked = models.ForeignKey(Blob, models.PROTECT, null=True, related_name="masks")
    purpose = models.CharField(max_length=20, choices=Purpose.choices, default=Purpose.OTHER)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RECEIVED)
    refusal = models.JSONField(null=True)  # {"code", "text", "params"}
    reading = models.JSONField(null=True)  # what the extraction read, see evidence/reading.py
    text = models.TextField(blank=True)  # extracted words for the search index
    attempts = models.PositiveSmallIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)  # lease of the worker that is at it
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="uploads")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="evidence")
    ticket = models.ForeignKey(Ticket, models.PROTECT, null=True, related_name="evidence")
    message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="evidence")
    invoice = models.ForeignKey(TicketInvoice, models.SET_NULL, null=True, related_name="evidence")
    visibility = models.CharField(
        max_length=10, choices=[(v.value, v.value) for v in Visibility], default=Visibility.PUBLIC.value
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(
                fields=["created_at"],
                name="evidence_unfinished",
                condition=models.Q(state__in=["received", "scanning"]),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_sealed(self) -> bool:
        return self.masked_id is not None

    @property
    def log(self) -> dict[str, Any]:
        """What was read of the text logs in it, as stored; empty for other files."""
        return (self.reading or {}).get("log") or {}

    @property
    def is_final(self) -> bool:
        return self.state not in (State.RECEIVED, State.SCANNING)
