"""The ladder by itself: ask the source when the advised time has come, or remind people. Never the public site.

The source is asked outside any transaction, by whoever holds the lease of the row; the answer and the next time are
written together. A worker that dies in between gives the row back after LEASE, and the question is asked again.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import NotNow
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import services, workflow
from tickets.checks import calls, http
from tickets.checks import services as checks
from tickets.checks.models import Check, Recheck
from tickets.checks.sources import Gateway
from tickets.lifecycle import LIFECYCLE
from tickets.models import Ticket, TicketInvoice
from tickets.vocabulary import Outcome

logger = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=2)  # longer than all attempts of one question
BATCH = 50
SWEEP_SECONDS = 45  # half of a task's time
NAMED = 20  # numbers that a reminder names

#: Called with the invoice id after the commit; set by tasks.py. The sweep makes up a lost call.
ON_COMMIT: list[Callable[[int], None]] = []

_OPEN = Q(invoice__outcome=Outcome.OPEN, invoice__ticket__status__in=LIFECYCLE.open_states)


class TooSoon(NotNow):
    """Asking again makes no sense yet; `at` is when it will."""

    code = "too_soon"

    def __init__(self, at: dt.datetime, text: str) -> None:
        self.at = at
        self.retry_after = max(1, round((at - timezone.now()).total_seconds()))
        shown = timezone.localtime(at).strftime("%Y-%m-%d %H:%M")
        super().__init__(Text(text, {"at": shown}), code=self.code)


@dataclass(frozen=True, slots=True)
class Standing:
    """What can be done about an invoice now; `at` is from when on the source may be asked, None when never."""

    is_set_up: bool
    is_asking: bool
    at: dt.datetime | None

    @property
    def can_ask(self) -> bool:
        return self.is_set_up and not self.is_asking and self.at is not None and self.at <= timezone.now()


def standing(invoice: TicketInvoice) -> Standing:
    """Where the looking-up of one invoice stands."""
    plan: Recheck | None = getattr(invoice, "recheck", None)
    leased = plan is not None and plan.leased_until is not None and plan.leased_until > timezone.now()
    is_open = invoice.outcome == Outcome.OPEN and invoice.ticket.is_open and invoice.identity != ""
    at = checks.may_ask_at(invoice) if is_open else None
    if at is not None and (until := http.BREAKER.rests_until()):
        at = max(at, until)
    return Standing(http.is_set_up(), leased or (plan is not None and plan.asked_by_id is not None), at)


def may_request(user: User, invoice: TicketInvoice) -> bool:
    """Whether the person's role allows to have the source asked."""
    own = user.can(Permission.ORG_TICKET_FILE, invoice.ticket.organisation_id)
    return own or user.can(Permission.CHECK_RECORD)


def request(*, invoice: TicketInvoice, by: User) -> Recheck:
    """Have the source asked now. The row is the promise; a worker asks at once.

    Raises Forbidden, NotNow (no source, nothing open, being asked already), TooSoon.
    """
    if not may_request(by, invoice):
        require(by, Permission.CHECK_RECORD)
    _check_askable(invoice)
    with transaction.atomic():
        plan, _is_new = Recheck.objects.get_or_create(invoice=invoice)
        now = timezone.now()
        free = Recheck.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), pk=plan.pk, asked_by=None)
        if not free.update(asked_by=by):
            raise NotNow(Text(gettext_noop("It is being looked up just now.")), code="check_running")
        for start in ON_COMMIT:
            transaction.on_commit(partial(start, invoice.pk), robust=True)
    plan.refresh_from_db()
    return plan


def _check_askable(invoice: TicketInvoice) -> None:
    if not http.is_set_up():
        text = gettext_noop("No source is set up that could be asked. The desk looks it up by hand.")
        raise NotNow(Text(text), code="no_source")
    if invoice.outcome != Outcome.OPEN or not invoice.ticket.is_open:
        raise NotNow(Text(gettext_noop("The matter of this invoice is closed.")), code="settled")
    if not invoice.identity:
        text = gettext_noop("Its number is not complete. Name the invoice code too.")
        raise NotNow(Text(text), code="no_identity")
    at = checks.may_ask_at(invoice)
    if at is None:
        raise NotNow(Text(gettext_noop("The record has been found. There is nothing more to look up.")), code="found")
    if at > timezone.now():
        raise TooSoon(at, gettext_noop("Looking again makes sense from %(at)s on."))
    if until := http.BREAKER.rests_until():
        raise TooSoon(until, gettext_noop("The source does not answer at present. It is asked again from %(at)s on."))


def run(invoice_id: int) -> Check | None:
    """Ask the source about one invoice whose time has come, or that somebody asked for; None when nothing was to do."""
    now = timezone.now()
    if not Recheck.objects.filter(_OPEN, invoice=invoice_id).exists():
        return None
    if not Recheck.objects.wanted(now).filter(invoice=invoice_id).update(leased_until=now + LEASE):
        return None
    plan = Recheck.objects.select_related("invoice__ticket", "asked_by").get(invoice=invoice_id)
    said = next((told for _invoice, told in Gateway().look_up([plan.invoice])), None)
    if said is None or said.fault == "circuit_open":
        _give_back(plan, http.BREAKER.rests_until())
        return None
    return services.keep_answer(invoice=plan.invoice, told=said, by=plan.asked_by)


def _give_back(plan: Recheck, until: dt.datetime | None) -> None:
    """Nothing was asked: the source rests, or the number is not one that it could be asked for."""
    values = {"leased_until": None, "asked_by": None, "next_at": until or timezone.now() + dt.timedelta(minutes=1)}
    Recheck.objects.filter(pk=plan.pk).update(**values)


def sweep() -> int:
    """One portion of what is due: asked while the time lasts, or reminded of. Returns how many."""
    calls.forget()
    _adopt()
    if not http.is_set_up():
        return _remind()
    end, done = time.monotonic() + SWEEP_SECONDS, 0
    due = Recheck.objects.wanted(timezone.now()).filter(_OPEN).exclude(invoice__identity="")
    for invoice_id in list(due.order_by("next_at", "pk").values_list("invoice", flat=True)[:BATCH]):
        if time.monotonic() > end or http.BREAKER.rests_until():
            break
        try:
            done += run(invoice_id) is not None
        except Exception:
            logger.exception("look-up of invoice %s waits for the next sweep", invoice_id)
    return done


def _adopt() -> None:
    """Cases that came before this table did; looked for once an hour, for it takes a look at every open invoice."""
    if cache.get("rechecks:adopted"):
        return
    strays = TicketInvoice.objects.unsettled().in_open_tickets().filter(recheck=None)
    tickets = list(strays.order_by("ticket").values_list("ticket", flat=True).distinct()[:BATCH])
    if not tickets:
        cache.set("rechecks:adopted", 1, 3600)
    for ticket_id in tickets:
        with transaction.atomic():
            checks.plan_ticket(Ticket.objects.select_for_update(no_key=True).get(pk=ticket_id))


def _remind() -> int:
    """Tell the people of a case once for each advised time that has come; returns how many cases."""
    now = timezone.now()
    due = Recheck.objects.filter(_OPEN, next_at__lte=now).exclude(reminded_for=F("next_at"))
    tickets = list(due.order_by("invoice__ticket").values_list("invoice__ticket", flat=True).distinct()[:BATCH])
    done = 0
    for ticket_id in tickets:
        with transaction.atomic():
            ticket = Ticket.objects.select_for_update(no_key=True).get(pk=ticket_id)
            rows = due.filter(invoice__ticket=ticket)
            first = rows.select_related("invoice").order_by("invoice__position")[:NAMED]
            numbers = [str(row.invoice) for row in first]
            count = rows.update(reminded_for=F("next_at"))
            if not count:
                continue
            told = {"count": count, "numbers": numbers}
            workflow.record(ticket, "check.due", by=None, public=True, data=told)
            done += 1
    return done
