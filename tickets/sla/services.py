"""FOLLOWER. The due time of a ticket, derived from its events: it starts, pauses and ends with the status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache, partial

import chinese_calendar
from django.conf import settings
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, Stale
from helpdesk.common.inputs import accept_text
from helpdesk.common.messages import Message, gettext_noop
from tickets.lifecycle import LIFECYCLE
from tickets.models import Event, Ticket, TicketInvoice
from tickets.sla import deadlines, policies
from tickets.sla.clock import BEIJING, Calendar
from tickets.sla.deadlines import Deadline, LateFee, Lot
from tickets.sla.ledger import MARKS, Entry, Mark, Promise, last_opening, ledger, nearest, promises
from tickets.sla.models import Escalation, FilingDay, Watch
from tickets.sla.policy import DEFAULT, Policy, Tier, choose, in_force
from tickets.sla.steps import Step, steps
from tickets.vocabulary import Outcome


def follow_clock(event: Event) -> None:
    """Derive the due time from the ticket's state, priority and events; in whatever order and however often called."""
    if event.kind not in MARKS:
        return
    ticket = Ticket.objects.select_for_update(no_key=True).get(pk=event.ticket_id)  # two events at once: one waits
    derive(ticket)
    event.ticket.due_at = ticket.due_at


def derive(ticket: Ticket) -> list[Step]:
    """Write when the ticket is due and when its clock is looked at next; what is still to be told, the next first.

    The caller holds the row of the ticket.
    """
    clock = read_clock(ticket)
    due = clock.next_one.due if clock and clock.next_one else None
    if due != ticket.due_at:
        Ticket.objects.filter(pk=ticket.pk).update(due_at=due)
        ticket.due_at = due
    ahead = list(steps(clock.promises, clock.policy, clock.calendar)) if clock else []
    if ahead:
        told = set(Escalation.objects.filter(ticket=ticket).values_list("goal", "kind", "since"))
        ahead = sorted((step for step in ahead if step.key not in told), key=lambda step: step.at)
    if ahead:
        Watch.objects.update_or_create(ticket=ticket, defaults={"look_at": ahead[0].at})
    else:
        Watch.objects.filter(ticket=ticket).exclude(look_at=None).update(look_at=None)
    return ahead


def read_clock(ticket: Ticket) -> Clock | None:
    """The clock by what the database has; None once the ticket has ended."""
    if not ticket.is_open:
        return None
    events = ticket.events.filter(kind__in=MARKS).order_by("pk").only("kind", "at", "data")
    return clock_of(ticket, list(events), versions=policies.versions())


@dataclass(frozen=True, slots=True)
class Clock:
    """What a ticket is promised, by which policy, and the ledger that this follows from."""

    policy: Policy
    calendar: Calendar
    entries: list[Entry]
    promises: list[Promise]

    @property
    def next_one(self) -> Promise | None:
        return nearest(self.promises)


def clock_of(
    ticket: Ticket,
    events: Sequence[Event],
    *,
    versions: Sequence[Policy],
    invoices: Sequence[TicketInvoice] | None = None,
) -> Clock:
    """Reckoned from the events alone. A ticket is under the versions that were in force when it was submitted, or
    reopened: what was promised then holds, and a later version counts for later tickets."""
    marks = [mark_of(event) for event in events if event.kind in MARKS]
    opening = last_opening(marks)
    since = marks[opening].at if opening is not None else ticket.created_at
    policy = _policy_of(ticket, in_force(versions, since), invoices)
    local = timezone.localtime(since, BEIJING)
    calendar = replace(calendar_of(local.year), intervals=policy.hours)
    owed = promises(marks, policy=policy, priority=ticket.priority, status=ticket.status, calendar=calendar)
    return Clock(policy, calendar, ledger(marks, policy.pauses), list(owed))


def _policy_of(ticket: Ticket, policies: list[Policy], invoices: Sequence[TicketInvoice] | None) -> Policy:
    if not policies:
        return DEFAULT
    kinds: set[str] = set()
    if any(one.kind for one in policies):  # asked only when it matters
        rows = ticket.invoices.order_by().values_list("kind", flat=True).distinct()
        kinds = set(rows) if invoices is None else {one.kind for one in invoices}
    tier = Tier.VERIFIED if ticket.organisation.is_verified else Tier.NEW
    return choose(policies, priority=ticket.priority, kinds=kinds, tier=tier)


def mark_of(event: Event) -> Mark:
    """What the event means to the clock."""
    changed = event.data.get("changed") if event.kind == "ticket.changed" else None
    priority = (event.data.get("decision") or {}).get("priority") if event.kind == "triage.decided" else None
    if isinstance(changed, dict) and "priority" in changed:
        priority = changed["priority"][-1]
    status = event.data.get("to", "") if event.kind.startswith("ticket.") else ""
    known = status if status in LIFECYCLE.states else ""
    return Mark(event.at, event.kind, known, int(priority or 0), bool(event.data.get("by_desk")))


@lru_cache(maxsize=8)
def calendar_of(year: int) -> Calendar:
    """Holidays and make-up working days of `year` and the next as the State Council published them; a year that is
    not published yet has its weekends alone."""
    exceptions = {**chinese_calendar.constants.holidays, **chinese_calendar.constants.workdays}
    near = {day: day in chinese_calendar.constants.workdays for day in exceptions if day.year in (year, year + 1)}
    return Calendar(exceptions=near)


_KEPT, _KEEP = "filing-days", 10  # seconds


def _kept_table() -> dict[dt.date, dt.date]:
    """The table for pages that ask often; a change shows within seconds."""
    found: dict[dt.date, dt.date] | None = cache.get(_KEPT)
    if found is None:
        cache.set(_KEPT, found := filing_table(), _KEEP)
    return found


def filing_table() -> dict[dt.date, dt.date]:
    """Last days of filing by month: what came with the service, and over it what people have set."""
    table = dict(deadlines.PUBLISHED)
    for month, day in FilingDay.objects.order_by("number").values_list("month", "day"):
        if day:
            table[month] = day
        elif month in deadlines.PUBLISHED:
            table[month] = deadlines.PUBLISHED[month]
        else:
            table.pop(month, None)
    return table


def filing_changes() -> list[FilingDay]:
    """Every change of the table, by month and then in order."""
    return list(FilingDay.objects.select_related("set_by"))


def filing_ahead() -> tuple[dt.date, bool]:
    """The next last day of filing, and whether it is reckoned by the rule."""
    return deadlines.next_filing_day(_today(), filing_table(), calendar_of)


def _today() -> dt.date:
    return timezone.localtime(timezone.now(), BEIJING).date()


def set_filing_day(*, month: dt.date, day: dt.date | None, source: str, by: User, seen: int) -> FilingDay:
    """Set the last day of filing in a month, or take the entry back (`day` None); `seen` changes were known before.

    Raises Forbidden, Invalid, Stale.
    """
    require(by, Permission.DEADLINE_EDIT)
    first = month.replace(day=1)
    why = accept_text("source", source, limit=300, is_needed=True)
    if day and day.replace(day=1) != first:
        text = Message(gettext_noop("The day lies in another month."))
        raise Invalid(errors=[FieldError("day", "other_month", text)])
    if FilingDay.objects.filter(month=first).count() != seen:
        raise Stale
    try:
        with transaction.atomic():
            transaction.on_commit(partial(cache.delete, _KEPT))
            return FilingDay.objects.create(month=first, number=seen + 1, day=day, source=why, set_by=by)
    except IntegrityError:
        raise Stale from None


_NO_TAX = Decimal()


@dataclass(frozen=True, slots=True)
class Ahead:
    """What a ticket runs against, and what paying late would cost."""

    deadlines: list[Deadline]
    late_fee: LateFee | None


def ahead_of(ticket: Ticket, invoices: Sequence[TicketInvoice] | None = None) -> Ahead:
    """Deadlines of the ticket's open invoices now; empty once it has ended. One query, however many invoices; none
    when all of them are given."""
    if not ticket.is_open:
        return Ahead([], None)
    lots = _lots(ticket) if invoices is None else _lots_of(invoices)
    if not lots:
        return Ahead([], None)
    table, tax_id = _kept_table(), ticket.organisation.tax_id
    return Ahead(
        deadlines.deadlines_of(lots, tax_id=tax_id, now=timezone.now(), table=table, calendars=calendar_of),
        deadlines.late_fee_of(
            lots, tax_id=tax_id, today=_today(), table=table, calendars=calendar_of, rate=settings.LATE_FEE_RATE
        ),
    )


def deadlines_ahead(ticket: Ticket, *, now: dt.datetime) -> list[Deadline]:
    """Deadlines of the ticket's open invoices that lie after `now`, the nearest first. Two queries at most."""
    lots, tax_id = _lots(ticket), ticket.organisation.tax_id
    if not lots:
        return []
    return deadlines.deadlines_of(lots, tax_id=tax_id, now=now, table=filing_table(), calendars=calendar_of)


_SHARED = ("issue_date", "kind", "seller_tax_id", "buyer_tax_id")


def _lots_of(invoices: Sequence[TicketInvoice]) -> list[Lot]:
    open_ones = (invoice for invoice in invoices if invoice.outcome == Outcome.OPEN)
    return [Lot(**{k: getattr(one, k) for k in _SHARED}, tax=one.tax or _NO_TAX) for one in open_ones]


def _lots(ticket: Ticket) -> list[Lot]:
    rows = ticket.invoices.unsettled().order_by().values(*_SHARED).annotate(count=Count("pk"), sum=Sum("tax"))
    return [Lot(**{key: row[key] for key in _SHARED}, count=row["count"], tax=row["sum"] or _NO_TAX) for row in rows]
