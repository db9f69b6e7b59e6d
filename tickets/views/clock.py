"""Why a ticket is due when it is: the promise, the stretches that were counted, and the ledger of its clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils import timezone

from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop as _
from tickets.models import Event, Ticket, TicketInvoice
from tickets.sla import policies
from tickets.sla.ledger import Change, Entry, Promise, counted
from tickets.sla.policy import DEFAULT, GOAL_LABELS, write_hours
from tickets.sla.services import Clock, clock_of
from tickets.vocabulary import PRIORITY_LABELS, Priority

SHOWN = 12  # lines; of more the last
DUE = _("%(goal)s: %(hours)s working hours for priority “%(priority)s”, counted from %(start)s.")
UNDER = _("By the policy “%(policy)s”, version %(number)s.")
HOURS = _("Working hours are %(hours)s on working days.")
STILL = _("The clock stands still in the status “%(state)s”.")

CHANGES: Mapping[Change, str] = {
    Change.START: _("started"),
    Change.PAUSE: _("paused"),
    Change.RUN: _("went on"),
    Change.STOP: _("ended"),
    Change.REOPEN: _("started anew: reopened"),
    Change.PRIORITY: _("priority “%(priority)s”: reckoned anew from the start"),
}


@dataclass(frozen=True, slots=True)
class Why:
    """`counted` are stretches with their length; `lines` the ledger; `others` what is promised besides."""

    texts: Sequence[Text]
    counted: Sequence[tuple[str, str]] = ()
    lines: Sequence[tuple[dt.datetime, Text]] = ()
    others: Sequence[tuple[str, dt.datetime]] = ()


def why(ticket: Ticket, events: Sequence[Event], invoices: Sequence[TicketInvoice] | None) -> Why | None:
    """None when nothing is due. From what the page has read already."""
    if not ticket.is_open:
        return None
    clock = clock_of(ticket, events, versions=policies.kept_versions(), invoices=invoices)
    one, lines = clock.next_one, [(entry.at, _line(entry)) for entry in clock.entries][-SHOWN:]
    if one is None or one.due is None:
        still = Text(STILL, {"state": Text(ticket.state.label)})
        return Why([still], lines=lines) if ticket.state.paused else None
    others = [(GOAL_LABELS[other.goal], other.due) for other in clock.promises if other is not one and other.due]
    return Why(list(_texts(ticket, clock, one)), _counted(clock, one), lines, others)


def _texts(ticket: Ticket, clock: Clock, one: Promise) -> Sequence[Text]:
    words = {
        "goal": Text(GOAL_LABELS[one.goal]),
        "hours": f"{one.amount / dt.timedelta(hours=1):g}",
        "priority": Text(ticket.priority_name),
        "start": timezone.localtime(one.start).strftime("%Y-%m-%d %H:%M"),
    }
    texts = [Text(DUE, words), Text(HOURS, {"hours": write_hours(clock.calendar.intervals)})]
    if clock.policy != DEFAULT:
        texts.append(Text(UNDER, {"policy": clock.policy.name, "number": clock.policy.number}))
    return texts


def _counted(clock: Clock, one: Promise) -> list[tuple[str, str]]:
    found = []
    for begins, ends in counted(one, clock.calendar)[-SHOWN:]:
        minutes = int((ends - begins).total_seconds() // 60)
        found.append((f"{begins:%Y-%m-%d %H:%M}–{ends:%H:%M}", f"{minutes // 60}:{minutes % 60:02}"))
    return found


def _line(entry: Entry) -> Text:
    if entry.change == Change.PRIORITY:
        label = PRIORITY_LABELS[Priority(entry.priority)] if entry.priority in list(Priority) else str(entry.priority)
        return Text(CHANGES[entry.change], {"priority": Text(label)})
    return Text(CHANGES[entry.change])
