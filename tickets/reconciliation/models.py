"""A reconciliation, the pages of its result, and the tickets made of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, User
from tickets.evidence.models import Evidence
from tickets.models import Ticket
from tickets.reconciliation.querysets import PageQuerySet, ReconciliationQuerySet


class State(models.TextChoices):
    """waiting → running → done | failed; cancelled from both of the first."""

    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Being compared")
    DONE = "done", _("Finished")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Against(models.TextChoices):
    """What the own list is compared with."""

    FILE = "file", _("A list from the tax side")
    CHECKS = "checks", _("The look-ups recorded in our tickets")


class Step(models.TextChoices):
    """What the worker is at, in this order."""

    OWN = "own", _("Reading your list")
    THEIRS = "theirs", _("Reading the list of the tax side")
    DUPLICATES = "duplicates", _("Looking for duplicates")
    PAIRS = "pairs", _("Pairing")
    LIKELY = "likely", _("Looking for slips")
    ENTRIES = "entries", _("Sorting")
    STORING = "storing", _("Storing the result")


UNFINISHED = (State.WAITING, State.RUNNING)


class Reconciliation(models.Model):
    """Two lists side by side. The row is the promise and the lease of the work; the result lies in its pages."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="reconciliations")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    own = models.ForeignKey(Evidence, models.PROTECT, related_name="+")
    against = models.CharField(max_length=10, choices=Against.choices, default=Against.FILE)
    theirs = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="+")
    starts = models.DateField(_("From"), null=True)
    ends = models.DateField(_("To"), null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    step = models.CharField(max_length=10, choices=Step.choices, blank=True)
    rows_read = models.PositiveIntegerField(default=0)  # of the list that `step` names
    attempts = models.PositiveSmallIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)  # lease, renewed while the worker is at it
    refusal = models.JSONField(null=True)  # {"code", "text", "params", "side"}
    summary = models.JSONField(default=dict)  # {"classes": {class: {count, own, theirs}}, "own", "theirs", …}
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    objects = ReconciliationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["organisation", "-id"], name="reconciliation_of_organisation"),
            models.Index(
                fields=["created_at"], name="reconciliation_unfinished", condition=Q(state__in=["waiting", "running"])
            ),
        ]

    def __str__(self) -> str:
        return f"reconciliation {self.pk}"

    @property
    def is_final(self) -> bool:
        return self.state not in UNFINISHED


class ReconciliationPage(models.Model):
    """Up to PAGE rows of one class, packed; found by its number, so that the last costs what the first costs."""

    reconciliation = models.ForeignKey(Reconciliation, models.CASCADE, related_name="pages")
    result = models.CharField(max_length=12)  # a Result
    number = models.PositiveIntegerField()  # from 1
    packed = models.BinaryField()

    objects = PageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reconciliation", "result", "number"], name="reconciliation_page_once"),
        ]

    def __str__(self) -> str:
        return f"{self.result} {self.number}"


class ReconciliationTicket(models.Model):
    """A ticket with the missing invoices of a reconciliation: `part` counts from 1."""

    reconciliation = models.ForeignKey(Reconciliation, models.CASCADE, related_name="tickets")
    part = models.PositiveSmallIntegerField()
    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="from_reconciliation")

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["part"]
        constraints = [
            models.UniqueConstraint(fields=["reconciliation", "part"], name="reconciliation_ticket_once"),
        ]

    def __str__(self) -> str:
        return f"{self.reconciliation_id}.{self.part}"
