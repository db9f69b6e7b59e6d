"""What people set for the clocks: each change is a row of its own, the newest counts, and none is ever edited."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.invoices.kinds import KINDS
from tickets.models import Ticket
from tickets.sla import policy as words
from tickets.sla.policy import Goal, Policy
from tickets.vocabulary import PRIORITY_LABELS


class FilingDay(models.Model):
    """The last day of filing in a month, with the document that says so; no `day`: the entry was taken back."""

    month = models.DateField()  # its first day
    number = models.PositiveIntegerField()  # of the change, from 1 in each month
    day = models.DateField(null=True)
    source = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["month", "number"]
        constraints = [models.UniqueConstraint(fields=["month", "number"], name="filing_day_change_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.day}"


def _minutes(value: int | None) -> dt.timedelta | None:
    return None if value is None else dt.timedelta(minutes=value)


class PolicyVersion(models.Model):
    """One version of a policy; the highest number of a series is in force from `made_at` on. Targets in minutes."""

    series = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    priority = models.PositiveSmallIntegerField(
        null=True, choices=[(key.value, _(label)) for key, label in PRIORITY_LABELS.items()]
    )
    kind = models.CharField(max_length=2, blank=True, choices=[(code, _(kind.name)) for code, kind in KINDS.items()])
    tier = models.CharField(
        max_length=10, blank=True, choices=[(key.value, _(label)) for key, label in words.TIER_LABELS.items()]
    )
    first_look = models.PositiveIntegerField(null=True)
    first_response = models.PositiveIntegerField(null=True)
    next_response = models.PositiveIntegerField(null=True)
    resolution = models.PositiveIntegerField(null=True)
    pauses = models.JSONField(default=list)  # statuses in which the clock of the resolution stands still
    hours = models.CharField(max_length=200)
    warn_before = models.PositiveIntegerField(null=True)
    raises_priority = models.BooleanField(default=False)
    tells_supervisors = models.BooleanField(default=False)
    is_retired = models.BooleanField(default=False)
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["series", "number"]
        constraints = [models.UniqueConstraint(fields=["series", "number"], name="sla_policy_number_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

    @property
    def policy(self) -> Policy:
        """The PURE one."""
        targets = {goal: _minutes(getattr(self, goal.value)) for goal in Goal}
        return Policy(
            series=self.series,
            number=self.number,
            name=self.name,
            priority=self.priority,
            kind=self.kind,
            tier=self.tier,
            targets={goal: amount for goal, amount in targets.items() if amount is not None},
            pauses=frozenset(self.pauses),
            hours=words.parse_hours(self.hours) or words.HOURS,
            warn_before=_minutes(self.warn_before),
            raises_priority=self.raises_priority,
            tells_supervisors=self.tells_supervisors,
            made_at=self.made_at,
            is_retired=self.is_retired,
        )

    @property
    def promised(self) -> list[tuple[str, dt.timedelta]]:
        """Label (msgid) and working time of each target."""
        return [(words.GOAL_LABELS[goal], amount) for goal, amount in self.policy.targets.items()]


class Watch(models.Model):
    """When the sweep looks at a ticket's clock next; no `look_at`: not before its next event."""

    ticket = models.OneToOneField(Ticket, models.CASCADE, related_name="+")
    look_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["look_at"], name="sla_watch_due", condition=~models.Q(look_at=None))]

    def __str__(self) -> str:
        return f"ticket {self.ticket_id}: {self.look_at}"


class Escalation(models.Model):
    """That somebody was told of one promise: once, whoever comes second."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="+")
    goal = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    since = models.DateTimeField()  # the start of the promise
    due_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "goal", "kind", "since"], name="sla_escalation_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.goal}: ticket {self.ticket_id}"
