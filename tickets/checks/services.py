"""Record look-ups. What follows from a found record (invoice settled, backfill done) is tickets.services' part."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, NotNow
from helpdesk.common.inputs import text_error
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import workflow
from tickets.checks import rules
from tickets.checks.models import Check, CheckList, CheckOutcome, OutboundCall, Recheck, Site
from tickets.checks.sources import ImportedList, LookUp, Person
from tickets.evidence.models import Blob, Evidence
from tickets.evidence.services import attach, open_file
from tickets.invoices import sheets
from tickets.invoices.model import Invoice
from tickets.models import Event, Ticket, TicketInvoice
from tickets.vocabulary import Visibility

SAME_LOOK = dt.timedelta(seconds=60)  # a second report of the same moment is a double click, not a look-up
CLOCK_SLIP = dt.timedelta(minutes=5)
FIRST_DAY = dt.date(2004, 1, 1)  # no place has answered look-ups before
MAX_NOTE = 500
SLOWEST = dt.timedelta(minutes=5)  # no transaction that records look-ups lasts longer
FEW, CHUNK = 200, 1000  # invoices of a case that are planned anew at each event; of a long list in memory


@dataclass(frozen=True, slots=True)
class Covers:
    """What an imported list speaks of; `since` and `until` are issue dates it holds in full."""

    site: str
    exported_at: dt.datetime
    since: dt.date | None = None
    until: dt.date | None = None


def record(*, invoice: TicketInvoice, told: LookUp, by: User, evidence_id: uuid.UUID | str | None = None) -> Check:
    """Write a person's look-up of one invoice. Raises Forbidden, Invalid, NotNow (twice at once, tries used up)."""
    require(by, Permission.CHECK_RECORD)
    _check_told(told, issue_date=invoice.issue_date)
    with transaction.atomic():
        rows = TicketInvoice.objects.select_for_update(of=("self",)).select_related("ticket")
        locked = rows.get(pk=invoice.pk)  # two reports at once: one waits, and sees what the other has settled
        _check_ladder(locked, told)
        (_, said), *_rest = Person(told).look_up([locked])
        evidence = None
        if evidence_id:
            own = {"by": by, "visibility": Visibility.INTERNAL, "invoice": locked}
            evidence = attach(evidence_ids=[evidence_id], ticket=locked.ticket, **own)[0]
        check = _write(locked, said, by=by, evidence=evidence)
        _plan([locked])
    return check


def record_answer(*, invoice: TicketInvoice, told: LookUp, by: User | None) -> Check:
    """Write what a source said that was asked by itself; `by` pressed the button, if anybody did.

    An enterprise reads the first of several equal answers in its history, the others in the list of look-ups.
    """
    with transaction.atomic():
        locked = TicketInvoice.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=invoice.pk)
        before = locked.checks.first()
        is_news = told.outcome != CheckOutcome.UNAVAILABLE and (before is None or before.outcome != told.outcome)
        check = _write(locked, told, by=by, is_public=is_news or by is not None)
        Recheck.objects.filter(invoice=locked).update(leased_until=None, asked_by=None)
        _plan([locked])
    return check


def ladder(
    invoice: TicketInvoice,
    *,
    now: dt.datetime | None = None,
    known: Sequence[Check] | None = None,
    was_missed: bool = True,
) -> rules.Advice:
    """When to look the invoice up again; `known` are its look-ups when they are at hand, and whether it can have been
    missed after it had been found is asked unless the caller knows that it wasn't."""
    now, since = now or timezone.now(), _since(invoice) if was_missed else None
    tried = _tried(invoice.checks.all() if known is None else known)
    return rules.advise(tried, issue_date=invoice.issue_date, now=now, since=since)


def by_invoice(
    ticket: Ticket, user: User, invoices: Sequence[TicketInvoice] | None = None
) -> Mapping[int, list[Check]]:
    """The look-ups of a ticket's invoices, of these or of all, the newest first."""
    found: dict[int, list[Check]] = defaultdict(list)
    some = Check.objects.of(ticket, user).filter(invoice__in=invoices) if invoices is not None else None
    for check in Check.objects.rows_of(ticket, user) if some is None else some:
        found[check.invoice_id].append(check)
    return found


def may_ask_at(invoice: TicketInvoice) -> dt.datetime | None:
    """From when on a source may be asked again; None while the record is there."""
    tried, now = _tried(invoice.checks.all()), timezone.now()
    return rules.earliest(tried, issue_date=invoice.issue_date, now=now, since=_since(invoice))


def _tried(checks: Iterable[Check]) -> list[rules.Tried]:
    return [rules.Tried(c.site, c.outcome, c.looked_up_at) for c in checks]


def _since(invoice: TicketInvoice) -> dt.datetime | None:
    plan: Recheck | None = getattr(invoice, "recheck", None)  # absent until the first event of the case was followed
    return plan.missing_since if plan else None


#: Events after which the next look-up may be advised at another time.
NEWS = frozenset({
    "ticket.submitted", "ticket.withdrawn", "ticket.resolved", "ticket.reopened", "check.recorded", "invoice.found",
    "invoice.set_aside", "invoice.missing_again", "checks.recorded", "invoices.found", "invoices.set_aside",
    "invoices.missing_again", "batch.filed",
})  # fmt: skip


def follow_ladder(event: Event) -> None:
    """FOLLOWER. Keep the moment at which the next look-up of the case is advised; none is when nothing is open."""
    if event.kind not in NEWS:
        return
    ticket = Ticket.objects.select_for_update(no_key=True).get(pk=event.ticket_id)
    if event.kind == "invoice.missing_again":
        plan, _is_new = Recheck.objects.get_or_create(invoice_id=event.data["invoice"])
        Recheck.objects.filter(pk=plan.pk).update(missing_since=event.at)
    elif event.kind == "invoices.missing_again":  # all that had been found: nothing else is open after a resolution
        Recheck.objects.filter(invoice__in=ticket.invoices.unsettled()).update(missing_since=event.at)
    plan_ticket(ticket, touched=_touched(event))


def _touched(event: Event) -> list[int] | None:
    """The invoices whose next look-up an event moves; None is all of them."""
    if event.kind in ("invoices.found", "invoices.set_aside"):
        return []  # what has ended waits for nothing
    if event.kind == "checks.recorded":
        fresh = Check.objects.filter(ticket=event.ticket_id, recorded_at__gte=event.at - SLOWEST)
        return list(fresh.order_by().values_list("invoice", flat=True).distinct())
    return [event.data["invoice"]] if event.data.get("invoice") else None


def plan_ticket(ticket: Ticket, *, touched: Sequence[int] | None = None) -> None:
    """Bring the advised times of a case up to date: of each open invoice, and the first of them of the whole.

    In a long list only those that are `touched` are planned anew.
    """
    waiting = ticket.invoices.unsettled() if ticket.is_open else ticket.invoices.none()
    planned = Recheck.objects.filter(Q(next_at__isnull=False) | Q(asked_by__isnull=False), invoice__ticket=ticket)
    planned.exclude(invoice__in=waiting).update(next_at=None, asked_by=None)
    if waiting[FEW : FEW + 1].exists():
        if touched is None:
            tried = Exists(Check.objects.filter(invoice=OuterRef("pk"))) | Q(recheck__missing_since__isnull=False)
            _plan_untried(waiting.exclude(tried))
            touched = list(ticket.invoices.filter(tried).values_list("pk", flat=True))
        for start in range(0, len(touched), CHUNK):  # by their ids: whatever the database guesses, it goes by the index
            _plan(_with_checks(waiting.filter(pk__in=touched[start : start + CHUNK])))
        advised = Recheck.objects.filter(invoice__in=waiting).aggregate(at=Min("next_at"))["at"]
    else:
        advised = _plan(_with_checks(waiting))
    if advised != ticket.advised_until:
        Ticket.objects.filter(pk=ticket.pk).update(advised_until=advised)


def look_again(*, ticket: Ticket) -> int:
    """What kept records away is over: every open invoice is due now, whatever was advised. Returns how many."""
    now = timezone.now()
    later = Q(next_at__gt=now) | Q(next_at=None)
    count = Recheck.objects.filter(later, invoice__in=ticket.invoices.unsettled()).update(next_at=now)
    if count:
        Ticket.objects.filter(pk=ticket.pk).update(advised_until=now)
    return count


def _plan_untried(invoices: QuerySet[TicketInvoice]) -> None:
    """The same for those that nobody has looked up, which their day alone decides: a few queries for all."""
    now = timezone.now()
    days = invoices.order_by().values_list("issue_date", flat=True).distinct()
    times = {day: rules.advise((), issue_date=day, now=now).next_at for day in days}
    for at in set(times.values()):
        same = [day for day in times if times[day] == at]
        of_days = Q(issue_date__in=same) | Q(issue_date=None) if None in same else Q(issue_date__in=same)
        plans = Recheck.objects.filter(invoice__in=invoices.filter(of_days))
        if at is not None and at <= now:
            plans.exclude(next_at__lte=now).update(next_at=at, reminded_for=at)
        else:
            plans.exclude(next_at=at).update(next_at=at)
    fresh = invoices.filter(recheck=None).order_by("pk").values_list("pk", "issue_date").iterator(CHUNK)
    while chunk := list(islice(fresh, CHUNK)):
        rows = [(pk, times[day]) for pk, day in chunk]
        Recheck.objects.bulk_create(
            [Recheck(invoice_id=pk, next_at=at, reminded_for=at if at and at <= now else None) for pk, at in rows],
            ignore_conflicts=True,
        )


def _with_checks(invoices: QuerySet[TicketInvoice]) -> Iterable[TicketInvoice]:
    return invoices.select_related("recheck").prefetch_related("checks").iterator(CHUNK)


def _plan(invoices: Iterable[TicketInvoice]) -> dt.datetime | None:
    """Keep when each is to be looked up again; the first of those times. One that has come and waits its turn stays."""
    source, first, now = iter(invoices), None, timezone.now()
    while chunk := list(islice(source, CHUNK)):
        fresh: list[Recheck] = []
        moved: dict[tuple[dt.datetime | None, dt.datetime | None], list[int]] = defaultdict(list)
        for invoice in chunk:
            at, plan = ladder(invoice, now=now).next_at, getattr(invoice, "recheck", None)
            is_due = at is not None and at <= now
            if plan is None:
                fresh.append(Recheck(invoice=invoice, next_at=at, reminded_for=at if is_due else None))
            elif not (is_due and plan.next_at is not None and plan.next_at <= now) and at != plan.next_at:
                # what can be done at once is no appointment
                moved[at, at if is_due else plan.reminded_for].append(plan.pk)
            first = min(at, first) if at and first else at or first
        Recheck.objects.bulk_create(fresh, ignore_conflicts=True)
        for (at, reminded), plans in moved.items():  # a look-up of many moves them all to one time
            Recheck.objects.filter(pk__in=plans).update(next_at=at, reminded_for=reminded)
    return first


def record_many(*, ticket: Ticket, invoices: Any, told: LookUp, by: User) -> int:
    """Write a person's look-up of many invoices of `ticket`, which said the same of all; how many.

    Those that were looked up in the same minute, or whose tries at the public site are used up, are left out. One event
    tells of all, by their positions. Raises Forbidden, Invalid.
    """
    require(by, Permission.CHECK_RECORD)
    with transaction.atomic():
        workflow.hold(ticket)
        last = invoices.aggregate(last=Max("issue_date"))["last"]
        _check_told(told, issue_date=last)
        busy = {i.pk for i in invoices.exclude(checks=None).distinct().prefetch_related("checks") if _is_busy(i, told)}
        rows = [i for i in invoices.order_by("position").iterator(2000) if i.pk not in busy]
        if not rows:
            return 0
        values = {
            "ticket": ticket,
            "source": told.source,
            "site": told.site,
            "outcome": told.outcome,
            "note": told.note,
        }
        Check.objects.bulk_create(
            [Check(invoice=i, by=by, looked_up_at=told.looked_up_at, **values) for i in rows], batch_size=500
        )
        positions = workflow.stretches([i.position for i in rows])
        data = {"count": len(rows), "positions": positions, "site": told.site, "outcome": told.outcome}
        workflow.record(ticket, "checks.recorded", by=by, public=True, data=data)
    return len(rows)


def _is_busy(invoice: TicketInvoice, told: LookUp) -> bool:
    try:
        _check_ladder(invoice, told)
    except NotNow:
        return True
    return False


def import_list(*, evidence: Evidence, covers: Covers, by: User) -> tuple[CheckList, list[Check]]:
    """Look all unsettled invoices of open tickets up in a list of the tax side; the same file is imported once."""
    require(by, Permission.CHECK_RECORD)
    _check_covers(covers)
    found = _records(evidence)
    span = (covers.since, covers.until) if covers.since and covers.until else None
    source = ImportedList(found, covers.site, covers.exported_at, span)
    waiting = TicketInvoice.objects.unsettled().in_open_tickets().select_related("ticket").exclude(identity="")
    with transaction.atomic():
        Blob.objects.select_for_update().get(pk=evidence.blob_id)  # the same list twice at once: one waits
        if CheckList.objects.filter(evidence__blob=evidence.blob_id).exists():
            raise NotNow(Text(gettext_noop("This list has been imported already.")), code="list_known")
        made = CheckList.objects.create(
            evidence=evidence,
            site=covers.site,
            exported_at=covers.exported_at,
            covers_from=covers.since,
            covers_until=covers.until,
            rows=len(found),
            imported_by=by,
        )
        checks = [_write(inv, said, by=by, check_list=made) for inv, said in source.look_up(waiting.iterator(500))]
        made.matched = sum(1 for check in checks if check.outcome != CheckOutcome.NOT_FOUND)
        made.save(update_fields=["matched"])
    return made, checks


def calls(*, by: User, purpose: str = "", only_failed: bool = False) -> QuerySet[OutboundCall]:
    """The log of calls to other services, newest first."""
    require(by, Permission.AUDIT_VIEW)
    rows = OutboundCall.objects.order_by("-pk")
    rows = rows.filter(purpose=purpose) if purpose else rows
    return rows.exclude(fault="") if only_failed else rows


def _records(evidence: Evidence) -> dict[str, Invoice]:
    with open_file(evidence) as source:
        data = source.read()
    try:
        return {
            row.invoice.identity: row.invoice for row in sheets.rows(data) if row.invoice.identity and not row.error
        }
    except sheets.Unreadable as error:
        raise Invalid(errors=[FieldError("file", error.code, error.message)]) from error


def _check_covers(covers: Covers) -> None:
    errors: list[FieldError] = []
    if covers.site not in Site.values:
        errors.append(FieldError("site", "unknown", Text(gettext_noop("Choose one of the list."))))
    if covers.exported_at > timezone.now() + CLOCK_SLIP:
        errors.append(FieldError("exported_at", "future", Text(gettext_noop("This lies in the future."))))
    if bool(covers.since) != bool(covers.until):
        text = Text(gettext_noop("Name both days, or none."))
        errors.append(FieldError("until" if covers.since else "since", "required", text))
    elif covers.since and covers.until and covers.since > covers.until:
        errors.append(FieldError("until", "order", Text(gettext_noop("The last day lies before the first."))))
    if errors:
        raise Invalid(errors=errors)


def _check_told(told: LookUp, *, issue_date: dt.date | None) -> None:
    errors: list[FieldError] = []
    unknown = Text(gettext_noop("Choose one of the list."))
    if told.site not in Site.values:
        errors.append(FieldError("site", "unknown", unknown))
    if told.outcome not in CheckOutcome.values:
        errors.append(FieldError("outcome", "unknown", unknown))
    if told.looked_up_at > timezone.now() + CLOCK_SLIP:
        text = Text(gettext_noop("This lies in the future."))
        errors.append(FieldError("looked_up_at", "future", text))
    if told.looked_up_at < dt.datetime.combine(max(issue_date or FIRST_DAY, FIRST_DAY), dt.time(), rules.BEIJING):
        text = Text(gettext_noop("This lies before the invoice was issued."))
        errors.append(FieldError("looked_up_at", "before_issue", text))
    if error := text_error("note", told.note, limit=MAX_NOTE):
        errors.append(error)
    if errors:
        raise Invalid(errors=errors)


def _check_ladder(invoice: TicketInvoice, told: LookUp) -> None:
    """No double run, and never more tries than the public site answers in a day."""
    same = (c for c in invoice.checks.all() if (c.site, c.source) == (told.site, "person"))
    if any(abs(c.looked_up_at - told.looked_up_at) <= SAME_LOOK for c in same):
        raise NotNow(Text(gettext_noop("This look-up has been recorded already.")), code="check_twice")
    tried: Sequence[rules.Tried] = _tried(invoice.checks.all())
    counts = told.site == Site.PUBLIC and told.outcome != CheckOutcome.UNAVAILABLE
    if counts and rules.tries_left(tried, told.looked_up_at) == 0:
        text = gettext_noop("The public site's %(limit)s tries of today are used up. Look again tomorrow.")
        raise NotNow(Text(text, {"limit": rules.PUBLIC_TRIES}), code="tries_used_up")


def _write(
    invoice: TicketInvoice,
    told: LookUp,
    *,
    by: User | None,
    evidence: Evidence | None = None,
    check_list: CheckList | None = None,
    is_public: bool = True,
) -> Check:
    """The row and its event; a record with other data counts as differing, whatever the person said."""
    differences = told.differences(invoice.claim) if told.outcome == CheckOutcome.FOUND else ()
    outcome = CheckOutcome.DIFFERS if differences else CheckOutcome(told.outcome)
    check = Check.objects.create(
        invoice=invoice,
        ticket=invoice.ticket,
        source=told.source,
        site=told.site,
        outcome=outcome,
        differences=[{"field": d.field, "claimed": d.claimed, "found": d.found} for d in differences],
        note=told.note,
        evidence=evidence,
        check_list=check_list,
        by=by,
        looked_up_at=told.looked_up_at,
        fault=told.fault,
        attempts=told.attempts,
        took_ms=told.took_ms,
    )
    told_data = {"invoice": invoice.pk, "number": invoice.number, "site": told.site, "outcome": outcome.value}
    workflow.record(invoice.ticket, "check.recorded", by=by, public=is_public, data=told_data)
    return check
