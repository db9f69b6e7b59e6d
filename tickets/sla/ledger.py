"""PURE. The ledger of a ticket's clock, folded from its events, and the due times that follow from it.

Nothing here is stored: events are never edited, so the ledger only grows, and whatever order they were delivered in, it
says the same. A priority counts from the start: it chooses the targets, never the moment that they are counted from.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tickets.lifecycle import LIFECYCLE, NEW
from tickets.sla.clock import BEIJING, Calendar, add_working, working_between
from tickets.sla.policy import Goal, Policy

#: Events after which the desk owes the next move, counted from that moment. Of comments only the desk's own: an
#: enterprise that asks again doesn't put its answer off.
STARTS = frozenset({
    "ticket.submitted", "ticket.accepted", "ticket.answered", "ticket.resumed", "ticket.reopened", "triage.decided",
})  # fmt: skip
OPENS = frozenset({"ticket.submitted", "ticket.reopened"})
#: By these the desk has answered; a comment does when it is the desk's.
REPLIES = frozenset({"ticket.asked", "ticket.resolved", "ticket.closed"})
#: By these the desk has looked.
LOOKS = REPLIES | {"ticket.accepted", "ticket.assigned", "ticket.noted", "ticket.referred", "triage.decided"}
#: All that the clock knows of.
MARKS = STARTS | LOOKS | {"ticket.commented", "ticket.changed", "ticket.confirmed", "ticket.withdrawn"}


@dataclass(frozen=True, slots=True)
class Mark:
    """What an event means to the clock: the status and priority that it led to, if any."""

    at: dt.datetime
    kind: str
    status: str = ""
    priority: int = 0
    by_desk: bool = False

    @property
    def is_own_comment(self) -> bool:
        return self.kind == "ticket.commented" and self.by_desk

    @property
    def starts(self) -> bool:
        return self.kind in STARTS or self.is_own_comment

    @property
    def looks(self) -> bool:
        return self.kind in LOOKS or self.is_own_comment

    @property
    def replies(self) -> bool:
        return self.kind in REPLIES or self.is_own_comment


class Change(StrEnum):
    """What may happen to a clock."""

    START = "start"
    PAUSE = "pause"
    RUN = "run"
    STOP = "stop"
    REOPEN = "reopen"
    PRIORITY = "priority"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the ledger."""

    at: dt.datetime
    change: Change
    status: str = ""
    priority: int = 0


@dataclass(frozen=True, slots=True)
class Run:
    """From when to when a clock ran; no `end`: it still does."""

    start: dt.datetime
    end: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """One goal as it stands: `due` None while its clock stands still."""

    goal: Goal
    amount: dt.timedelta
    start: dt.datetime
    runs: tuple[Run, ...]
    due: dt.datetime | None


def _moves(status: str, pauses: frozenset[str]) -> Change:
    if not LIFECYCLE.states[status].is_open:
        return Change.STOP
    return Change.PAUSE if status in pauses else Change.RUN


def ledger(marks: Sequence[Mark], pauses: frozenset[str]) -> list[Entry]:
    """Every start, pause, resumption, end, reopening and change of priority, in order."""
    entries: list[Entry] = []
    state: Change | None = None
    for mark in marks:
        if mark.kind in OPENS:
            state = Change.RUN
            opening = Change.REOPEN if entries else Change.START
            entries.append(Entry(mark.at, opening, mark.status or NEW))
        elif mark.status and state:
            move = _moves(mark.status, pauses)
            if move != state:
                entries.append(Entry(mark.at, move, mark.status))
            state = move
        if mark.priority and state:
            entries.append(Entry(mark.at, Change.PRIORITY, priority=mark.priority))
    return entries


def runs_of(entries: Sequence[Entry]) -> tuple[Run, ...]:
    """The stretches in which the clock ran since the ticket was last opened."""
    found: list[Run] = []
    for entry in entries:
        if entry.change in (Change.START, Change.REOPEN):
            found = [Run(entry.at)]
        elif entry.change == Change.RUN:
            found.append(Run(entry.at))
        elif entry.change in (Change.PAUSE, Change.STOP) and found and found[-1].end is None:
            found[-1] = Run(found[-1].start, entry.at)
    return tuple(found)


def finish(runs: Sequence[Run], amount: dt.timedelta, calendar: Calendar) -> dt.datetime | None:
    """When `amount` of working time has been run; None when the clock stands still before that."""
    left = amount
    for run in runs:
        if run.end is None:
            return add_working(run.start, left, calendar)
        worked = working_between(run.start, run.end, calendar)
        if worked >= left:
            return add_working(run.start, left, calendar)
        left -= worked
    return None


def last_opening(marks: Sequence[Mark]) -> int | None:
    """The place of the last submission or reopening."""
    return next((i for i in range(len(marks) - 1, -1, -1) if marks[i].kind in OPENS), None)


def promises(
    marks: Sequence[Mark], *, policy: Policy, priority: int, status: str, calendar: Calendar
) -> Iterator[Promise]:
    """What the desk still owes; nothing once the ticket has ended. `status` and `priority` are those of now."""
    first = last_opening(marks)
    if first is None or not LIFECYCLE.states[status].is_open:
        return
    since, runs = marks[first:], runs_of(ledger(marks, policy.pauses))
    owed = dict.fromkeys(policy.goals(priority), runs)
    is_first = since[0].kind == "ticket.submitted"
    if not is_first or any(mark.looks for mark in since):
        owed.pop(Goal.FIRST_LOOK, None)
    if not is_first or any(mark.replies for mark in since):
        owed.pop(Goal.FIRST_RESPONSE, None)
    if Goal.FIRST_RESPONSE in owed:  # it takes the place of the next one
        owed.pop(Goal.NEXT_RESPONSE, None)
    else:
        last = next(mark.at for mark in reversed(since) if mark.starts)
        owed[Goal.NEXT_RESPONSE] = () if LIFECYCLE.states[status].paused else (Run(last),)
    for goal, ran in owed.items():
        amount = policy.goals(priority)[goal]
        start = ran[0].start if ran else since[0].at
        yield Promise(goal, amount, start, ran, finish(ran, amount, calendar))


def nearest(owed: Sequence[Promise]) -> Promise | None:
    """The promise that is due first, of those whose clock runs."""
    running = [one for one in owed if one.due and one.runs and one.runs[-1].end is None]
    return min(running, key=lambda one: (one.due, one.goal), default=None)


def counted(promise: Promise, calendar: Calendar) -> list[tuple[dt.datetime, dt.datetime]]:
    """The stretches of working time that make up the due time, one after the other."""
    found: list[tuple[dt.datetime, dt.datetime]] = []
    if promise.due is None:
        return found
    for run in promise.runs:
        start, end = run.start.astimezone(BEIJING), min(run.end or promise.due, promise.due).astimezone(BEIJING)
        day = start.date()
        while day <= end.date():
            if calendar.is_worked(day):
                for begins, ends in calendar.intervals:
                    lower = max(start, dt.datetime.combine(day, begins, BEIJING))
                    upper = min(end, dt.datetime.combine(day, ends, BEIJING))
                    if lower < upper:
                        found.append((lower, upper))
            day += dt.timedelta(days=1)
    return found
