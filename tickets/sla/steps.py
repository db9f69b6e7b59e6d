"""PURE. When somebody is told of a promise: before it is due and once it is broken, in working hours alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from tickets.sla.clock import Calendar, add_working
from tickets.sla.ledger import Promise, finish
from tickets.sla.policy import Policy


class Kind(StrEnum):
    """What is told."""

    WARNING = "warning"
    BREACH = "breach"


@dataclass(frozen=True, slots=True)
class Step:
    """Told once for each promise, which is known by its goal and start, however its due time moves; not before `at`."""

    kind: Kind
    goal: str
    since: dt.datetime
    at: dt.datetime
    due: dt.datetime

    @property
    def key(self) -> tuple[str, str, dt.datetime]:
        return (self.goal, self.kind, self.since)


def at_work(moment: dt.datetime, calendar: Calendar) -> dt.datetime:
    """The moment itself while people work, else the next one at which they begin."""
    return add_working(moment, dt.timedelta(), calendar)


def steps(promises: Iterable[Promise], policy: Policy, calendar: Calendar) -> Iterator[Step]:
    """What the policy wants told of the promises whose clock runs."""
    if policy.warn_before is None and not (policy.raises_priority or policy.tells_supervisors):
        return
    for one in promises:
        if one.due is None or not one.runs or one.runs[-1].end is not None:
            continue
        if policy.warn_before and policy.warn_before < one.amount:
            near = finish(one.runs, one.amount - policy.warn_before, calendar) or one.due
            yield Step(Kind.WARNING, one.goal, one.start, at_work(near, calendar), one.due)
        yield Step(Kind.BREACH, one.goal, one.start, at_work(one.due, calendar), one.due)
