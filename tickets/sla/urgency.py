"""PURE. How a deadline presses: by the working time that is left until it, for the desk works in no other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tickets.sla.clock import Calendar, add_working, working_between
from tickets.sla.deadlines import Deadline
from tickets.vocabulary import Priority

#: Working time until a deadline at which a case is urgent: the desk's last day for it (7.5 hours a day).
URGENT_WITHIN = dt.timedelta(hours=8)
#: The same for high: an answer, a look-up and a supplier's upload each take about a day.
HIGH_WITHIN = dt.timedelta(hours=24)
#: What nothing else has brought up again is looked at anew after this: filing days may have been set otherwise.
REVIEW = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pressure:
    """A deadline that is near: `left` is working time."""

    deadline: Deadline
    left: dt.timedelta
    priority: Priority


def pressing(deadlines: Sequence[Deadline], *, now: dt.datetime, calendar: Calendar) -> Iterator[Pressure]:
    """Those of `deadlines` (ahead of `now`, the nearest first) that ask for more than normal, the most urgent first."""
    for one in deadlines:
        left = working_between(now, one.at, calendar)
        if left > HIGH_WITHIN:
            return
        yield Pressure(one, left, Priority.URGENT if left <= URGENT_WITHIN else Priority.HIGH)


def next_change(deadlines: Sequence[Deadline], *, now: dt.datetime, calendar: Calendar) -> dt.datetime:
    """Until when what `pressing` says holds: the next threshold, the next deadline, at most REVIEW from `now`."""
    moments = [now + REVIEW]
    for one in deadlines:
        left = working_between(now, one.at, calendar)
        if left > HIGH_WITHIN + REVIEW:
            break
        more = [left - within for within in (HIGH_WITHIN, URGENT_WITHIN) if left > within]
        moments += [one.at, *(add_working(now, amount, calendar) for amount in more)]
    return min(moments)
