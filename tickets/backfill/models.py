"""The backfill of one invoice and its material checklist."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.backfill.lifecycle import APPROVAL, LIFECYCLE, REKEYING
from tickets.backfill.rules import LINES
from tickets.evidence.models import Evidence
from tickets.models import Ticket, TicketInvoice
from tickets.querysets import TenantQuerySet

STATUSES = [(state.name, _(state.label)) for state in LIFECYCLE.states.values()]


class BackfillQuerySet(TenantQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=LIFECYCLE.open_states)

    def waiting_for(self, user: User) -> Self:
        """What the person can move on now: the next step is theirs, and not the second look at their own entry."""
        steps = [t for t in LIFECYCLE if t.tone == "primary" and t.permission in user.permissions(None)]
        states = {source for step in steps for source in step.sources}
        return self.filter(status__in=states).exclude(status__in=(REKEYING, APPROVAL), keyed_by=user)


class Backfill(models.Model):
    """Four eyes: `keyed_by` prepares, `approved_by` re-keys blind and approves; the database keeps them apart."""

    invoice = models.ForeignKey(TicketInvoice, models.PROTECT, related_name="backfills")
    ticket = models.ForeignKey(Ticket, models.PROTECT, related_name="backfills")
    status = models.CharField(max_length=20, choices=STATUSES, default=LIFECYCLE.initial)
    keyed = models.JSONField(null=True)  # field → text as typed
    keyed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    rekeyed = models.JSONField(null=True)
    rekeyed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    differing = models.JSONField(default=list)  # names of the fields in which the two entries differ
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approved_hash = models.CharField(max_length=64, blank=True)  # sha256 of what was approved
    department = models.CharField(_("Responsible department"), max_length=120, blank=True)
    handed_over_at = models.DateTimeField(null=True)
    receipt_number = models.CharField(_("Receipt number"), max_length=60, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    lifecycle = LIFECYCLE
    objects = BackfillQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["invoice"], condition=Q(status__in=LIFECYCLE.open_states), name="backfill_open_once"
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | Q(keyed_by=None) | ~Q(approved_by=F("keyed_by")),
                name="backfill_four_eyes_approval",
            ),
            models.CheckConstraint(
                condition=Q(rekeyed_by=None) | Q(keyed_by=None) | ~Q(rekeyed_by=F("keyed_by")),
                name="backfill_four_eyes_rekeying",
            ),
        ]
        indexes = [models.Index(fields=["status", "id"], name="backfill_status")]

    def __str__(self) -> str:
        return f"backfill {self.pk}"

    @property
    def case(self) -> Ticket:
        """The ticket whose history tells of this row."""
        return self.ticket

    @property
    def state(self) -> Any:
        return LIFECYCLE.states[self.status]


class MaterialState(models.TextChoices):
    """missing → submitted → accepted | refused (with a reason)."""

    MISSING = "missing", _("Missing")
    SUBMITTED = "submitted", _("Submitted")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")


class BackfillMaterial(models.Model):
    """One line of the checklist."""

    backfill = models.ForeignKey(Backfill, models.CASCADE, related_name="materials")
    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="materials")
    kind = models.CharField(max_length=40)  # a key of backfill/rules.py MATERIALS
    position = models.PositiveSmallIntegerField()
    is_required = models.BooleanField()
    state = models.CharField(max_length=10, choices=MaterialState.choices, default=MaterialState.MISSING)
    reason = models.CharField(max_length=500, blank=True)
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="materials")
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = TenantQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["backfill", "kind"], name="material_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.state}"

    @property
    def label(self) -> str:
        """The msgid of the paper's name."""
        line = LINES.get(self.kind)
        return line.label if line else self.kind

    @property
    def hint(self) -> str:
        line = LINES.get(self.kind)
        return line.hint if line else ""
