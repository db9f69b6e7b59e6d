"""FOLLOWER. The due time of a ticket, derived from its events: it starts, pauses and ends with the status."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import chinese_calendar
from django.utils import timezone

from tickets.models import Event, Ticket
from tickets.sla.clock import Calendar, add_working
from tickets.vocabulary import Priority

#: Working time until the next answer is due, by priority.
TARGETS = {
    Priority.URGENT: dt.timedelta(hours=2),
    Priority.HIGH: dt.timedelta(hours=4),
    Priority.NORMAL: dt.timedelta(hours=7, minutes=30),
    Priority.LOW: dt.timedelta(hours=15),
}

#: Events after which the desk owes the next move, counted from that moment.
STARTS = frozenset({
    "ticket.submitted", "ticket.accepted", "ticket.answered", "ticket.resumed", "ticket.reopened", "ticket.commented",
    "ticket.changed", "triage.decided",
})  # fmt: skip


def follow_clock(event: Event) -> None:
    """Set, move or clear the due time; called once for each event, and again without harm."""
    ticket = event.ticket
    if not ticket.is_open or ticket.state.paused:
        due = None
    elif event.kind in STARTS:
        due = due_after(event.at, ticket)
    else:
        return
    if due != ticket.due_at:
        Ticket.objects.filter(pk=ticket.pk).update(due_at=due)
        ticket.due_at = due


def due_after(start: dt.datetime, ticket: Ticket) -> dt.datetime:
    """When the next answer is due, in the calendar of the year that `start` lies in."""
    year = timezone.localtime(start, timezone.get_default_timezone()).year
    return add_working(start, TARGETS[Priority(ticket.priority)], calendar_of(year))


@lru_cache(maxsize=8)
def calendar_of(year: int) -> Calendar:
    """Holidays and make-up working days of `year` and the next as the State Council published them; a year that is
    not published yet has its weekends alone."""
    exceptions = {**chinese_calendar.constants.holidays, **chinese_calendar.constants.workdays}
    near = {day: day in chinese_calendar.constants.workdays for day in exceptions if day.year in (year, year + 1)}
    return Calendar(exceptions=near)
