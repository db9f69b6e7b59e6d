"""A list of invoices that an enterprise has uploaded, its rows, and what its columns mean."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import EventBase, Organisation, User
from helpdesk.common.lifecycle import Transition
from tickets.batches.lifecycle import AT_WORK, CANCELLED, FAILED, LIFECYCLE
from tickets.batches.querysets import BatchQuerySet, BatchRowQuerySet
from tickets.batches.rules import RESULT_LABELS, Result
from tickets.evidence.models import Evidence
from tickets.models import Ticket

STATES = [(state.name, _(state.label)) for state in LIFECYCLE.states.values()]
RESULTS = [(result.value, _(label)) for result, label in RESULT_LABELS.items()]


class Batch(models.Model):
    """One list. Its row is its work list too: `position` and `filed` are how far a worker has come."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="batches")
    evidence = models.ForeignKey(Evidence, models.PROTECT, related_name="batches")
    sha256 = models.CharField(max_length=64)
    state = models.CharField(_("State"), max_length=10, choices=STATES, default=LIFECYCLE.initial)
    heads = models.JSONField(default=list)  # of the columns, as they stand in the sheet
    head_position = models.PositiveIntegerField(default=0)
    columns = models.JSONField(default=dict)  # column → field, what the rows were read by
    about = models.PositiveIntegerField(default=0)  # rows that are expected; 0 is unknown
    position = models.PositiveIntegerField(default=0)  # CHECKPOINT: the last line that was checked
    rows = models.PositiveIntegerField(default=0)
    ok = models.PositiveIntegerField(default=0)
    warning = models.PositiveIntegerField(default=0)
    error = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    gaps = models.JSONField(default=list)  # {"seller", "first", "last", "count"}, at most GAPS of them
    failure = models.JSONField(null=True)  # {"code", "text", "params"}
    ticket = models.OneToOneField(Ticket, models.PROTECT, null=True, related_name="batch")
    filed_position = models.PositiveIntegerField(default=0)  # CHECKPOINT: the last row that is an item
    filed = models.PositiveIntegerField(default=0)
    taken_at = models.DateTimeField(null=True)  # lease of the worker that is at it
    attempts = models.PositiveSmallIntegerField(default=0)  # since the last chunk that was done
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True)

    lifecycle = LIFECYCLE
    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "sha256"], condition=~Q(state__in=[CANCELLED, FAILED]), name="batch_once"
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "-id"], name="batch_of_organisation"),
            models.Index(fields=["created_at"], name="batch_at_work", condition=Q(state__in=[*AT_WORK])),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.state}"

    @property
    def status(self) -> Any:
        """The row of the table that the state names."""
        return LIFECYCLE.states[self.state]

    @property
    def to_file(self) -> int:
        """Rows that go into the ticket."""
        return self.ok + self.warning

    @property
    def is_at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def percent(self) -> int:
        """How far the work of the state has come, 0 to 100."""
        done, of = (self.filed, self.to_file) if self.ticket_id else (self.rows, self.about)
        return min(100, done * 100 // of) if of else 0

    def actions(self, user: User) -> tuple[Transition, ...]:
        """What `user` may start now."""
        return LIFECYCLE.allowed(self.state, user.permissions(self.organisation_id))


class BatchRow(models.Model):
    """One line of a list and what is said of it; never changed once it is written."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField()  # line of the sheet, as people see it
    key = models.CharField(max_length=32, blank=True)  # the invoice's identity, else its number
    seller = models.CharField(max_length=20, blank=True)
    result = models.CharField(max_length=10, choices=RESULTS)
    claim = models.JSONField(default=dict)
    findings = models.JSONField(default=list)

    objects = BatchRowQuerySet.as_manager()

    class Meta:
        ordering = ["batch_id", "position"]
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="batch_row_once")]
        indexes = [
            models.Index(fields=["batch", "result", "position"], name="batch_row_result"),
            models.Index(fields=["batch", "key"], name="batch_row_key"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.key}"

    @property
    def money(self) -> str:
        """The total, else the amount, as it was read."""
        return str(self.claim.get("total") or self.claim.get("amount") or "")

    @property
    def label(self) -> str:
        """msgid."""
        return RESULT_LABELS[Result(self.result)]


class BatchEvent(EventBase):
    """What happened to a list before, and while, it became a ticket."""

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="events")


class ListColumns(models.Model):
    """What an enterprise has said of the heads of its lists, for the next one."""

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="list_columns")
    said = models.JSONField(default=dict)  # key of a head → field, "" to leave the column out
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.organisation_id}: {len(self.said)}"
