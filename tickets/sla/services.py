"""FOLLOWER. The due time of a ticket, derived from its events: it starts, pauses and ends with the status."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

import chinese_calendar
from django.db.models import Q
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

#: Events after which the desk owes the next move, counted from that moment. Of comments only the desk's own: an
#: enterprise that asks again doesn't put its answer off.
STARTS = frozenset({
    "ticket.submitted", "ticket.accepted", "ticket.answered", "ticket.resumed", "ticket.reopened", "triage.decided",
})  # fmt: skip
#: Events after which the due time may be another one.
MOVES = STARTS | {
    "ticket.commented", "ticket.changed", "ticket.asked", "ticket.referred", "ticket.resolved", "ticket.closed",
    "ticket.confirmed", "ticket.withdrawn",
}  # fmt: skip


def follow_clock(event: Event) -> None:
    """Derive the due time from the ticket's state, priority and events; in whatever order and however often called."""
    if event.kind not in MOVES:
        return
    ticket = Ticket.objects.select_for_update(no_key=True).get(pk=event.ticket_id)  # two events at once: one waits
    event.ticket.due_at = due = due_of(ticket)
    if due != ticket.due_at:
        Ticket.objects.filter(pk=ticket.pk).update(due_at=due)


def starts_clock(event: Event) -> bool:
    """Whether the due time is counted from this event while no later one does."""
    return event.kind in STARTS or (event.kind == "ticket.commented" and bool(event.data.get("by_desk")))


def due_of(ticket: Ticket) -> dt.datetime | None:
    """When the desk owes its next move; None while it owes none."""
    if not ticket.is_open or ticket.state.paused:
        return None
    own = Q(kind="ticket.commented", data__by_desk=True)
    start = ticket.events.filter(Q(kind__in=STARTS) | own).order_by("pk").values_list("at", flat=True).last()
    return due_after(start, ticket) if start else None


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
