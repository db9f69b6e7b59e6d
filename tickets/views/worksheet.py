"""What the desk's page of one ticket shows: everything asked, read and compared, and what is left to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import prefetch_related_objects
from django.forms import ChoiceField, Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from accounts import once
from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, Missing
from helpdesk.common.http import say, unpack
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop as _
from tickets import lifecycle, workflow
from tickets.backfill.models import Backfill
from tickets.checks import services as checks
from tickets.checks.models import Check
from tickets.diagnosis import record
from tickets.evidence.models import Evidence
from tickets.evidence.services import files_of
from tickets.forms import CheckForm, PropertiesForm, ResolveForm
from tickets.incidents import services as incidents
from tickets.intake import MAX_INVOICES
from tickets.invoices.matching import Difference
from tickets.invoices.model import Finding
from tickets.invoices.validate import validate
from tickets.models import Event, Message, Ticket, TicketInvoice
from tickets.rail import agents
from tickets.sla.services import ahead_of
from tickets.triage import rules
from tickets.triage import services as triage
from tickets.triage.models import Proposal
from tickets.views.clock import why
from tickets.views.counts import counts_of
from tickets.views.timeline import runs, timeline
from tickets.vocabulary import Outcome

CHECKED = frozenset({"check.recorded", "checks.recorded"})
MISSED = frozenset({"invoice.missing_again", "invoices.missing_again"})
SHOWN = 40  # entries of a long thread that are shown at first
PROPERTIES = ("symptom", "cause", "priority", "queue")


def case(request: HttpRequest, number: str) -> Ticket:
    """The ticket, for people of the desk."""
    require(request.user, Permission.TICKET_VIEW)
    rows = Ticket.objects.visible_to(request.user).select_related("organisation", "requester", "from_reconciliation")
    return get_object_or_404(rows, number=number)


@dataclass(frozen=True, slots=True)
class Item:
    """One invoice with what rules, files and look-ups say of it."""

    invoice: TicketInvoice
    backfill: Backfill | None
    advice: Any
    checks: list[Any]
    compared: list[Difference]
    findings: list[Finding]
    is_open: bool = False  # unfolded

    @property
    def is_backfilled(self) -> bool:
        return self.backfill is not None and bool(self.backfill.state.is_open)


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is left to do; `url` leads to where it is done."""

    text: Text
    url: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What was sent and not done: the form comes back with its words, its files, and the reason."""

    form: str  # "reply", "note", "act-ask", "check-12", …
    message: str
    errors: tuple[tuple[str, str], ...] = ()  # field, text
    values: Any = None
    files: tuple[Evidence, ...] = ()
    url: str = ""  # where what is missing can be made good

    @property
    def is_composed(self) -> bool:
        """Sent from the forms below the thread."""
        return self.form in ("reply", "note", "resolve") or self.form.startswith("act-")


def ticket_context(request: HttpRequest, found: Ticket, refusal: Refusal | None = None) -> dict[str, Any]:
    user = request.user
    files = files_of(found, user)
    events, said = Event.objects.rows_of(found, user), Message.objects.rows_of(found, user)
    entries = timeline(found, said, events, files)
    hidden = 0 if "all" in request.GET else max(0, len(entries) - SHOWN)
    happened = {event.kind for event in events}  # every change has its event: what has none is not asked for
    backfills = Backfill.objects.of(found, user).prefetch_related("materials")
    cases = list(backfills) if "backfill.opened" in happened else []
    invoices = TicketInvoice.objects.rows_of(found, user, MAX_INVOICES + 1)
    counts, is_long = counts_of(found, invoices, MAX_INVOICES), len(invoices) > MAX_INVOICES
    ahead = ahead_of(found, None if is_long else invoices)
    if is_long:
        invoices = _asked_for(request, found, cases, refusal)
    known = checks.by_invoice(found, user, invoices if is_long else None) if happened & CHECKED else {}
    items = _items(invoices, cases, files, refusal, _advised(invoices, known, was_missed=bool(happened & MISSED)))
    proposals = found.proposals.select_related("decided_by").order_by("-pk")
    proposal = proposals.first() if "triage.proposed" in happened else None
    incident = incidents.incident_of(found, events)
    return {
        "ticket": found,
        "ahead": ahead,
        "runs": list(runs(entries[hidden:])),
        "hidden": hidden,
        "lines_told": sum(1 for entry in entries if entry.line),
        "last_own": max((m.pk for m in said if m.author_id == user.pk), default=0),
        "files": files,
        "items": items,
        "counts": counts,
        "is_long": is_long,
        "cases": [(c, sum(m.state == "accepted" for m in c.materials.all())) for c in cases],
        "sellers": {item.invoice.seller_tax_id: item.invoice.seller_name for item in items},
        "steps": list(left_to_do(found, items, proposal, counts["open"] if is_long else None)),
        "why": why(found, events, None if is_long else invoices),
        "can": {p.name.lower(): True for p in user.permissions()},
        "refusal": refusal,
        "kept": f"?{request.GET.urlencode()}" if request.GET else "",
        "once": once.token(),
        "diagnosis": _diagnosis(events),
        "incident": incident,
        "outages": [] if incident else _outages(found, items),
        **_decision(proposal),
        **_forms(found, user, refusal),
    }


def _outages(found: Ticket, items: Sequence[Item]) -> list[Any]:
    """Open incidents that may explain the case."""
    if not found.is_open:
        return []
    return incidents.fitting(situation=found.symptom, kinds=[item.invoice.kind for item in items])


def _diagnosis(events: Sequence[Event]) -> dict[str, Any] | None:
    """What the enterprise answered before it filed the ticket, and where that led."""
    told = next((event for event in events if event.kind == "ticket.diagnosed"), None)
    if told is None:
        return None
    recalled = record.recall(told.data)
    return {"leaf": recalled.leaf, "rows": [(g, record.SOURCE_LABELS.get(g.source, "")) for g in recalled.trail]}


def _forms(found: Ticket, user: User, refusal: Refusal | None) -> dict[str, Any]:
    """The forms as they are, or as they were sent."""
    moves = {t.action: t for t in workflow.allowed(found, user)}
    sent = refusal.values if refusal else None
    is_resolving = refusal is not None and refusal.form == "resolve"
    is_changing = refusal is not None and refusal.form == "properties"
    return {
        "moves": [t for t in moves.values() if t.action != "resolve" and not (t.needs or t.takes)],
        "modes": [t for t in moves.values() if t.action != "resolve" and (t.needs or t.takes)],
        "resolve": "resolve" in moves,
        "resolve_form": SimpleLazyObject(  # made where it is shown: most tickets of a desk have ended
            partial(ResolveForm, sent if is_resolving else None, initial={"cause": found.cause})
        ),
        "properties": [
            (name, field.label, field.choices, sent.get(name, "") if is_changing else getattr(found, name))
            for name, field in _choice_fields(PropertiesForm)
        ],
        "differing": _both(found, sent) if is_changing else [],
        "look_up": {name: field.choices for name, field in _choice_fields(CheckForm)},
        "agents": agents(),
    }


def _choice_fields(form: type[Form]) -> Iterator[tuple[str, ChoiceField]]:
    """What a page offers of a form that is sent elsewhere; making the form would cost more than all its words."""
    return ((name, field) for name, field in form.base_fields.items() if isinstance(field, ChoiceField))


def _both(found: Ticket, sent: Any) -> list[tuple[str, str, str]]:
    """Label, the text that stands now and the text that was sent, where they differ."""
    rows = []
    for name in PROPERTIES:
        label, labels = rules.LABELS[name]
        words = {str(getattr(key, "value", key)): text for key, text in labels.items()}
        theirs, mine = str(getattr(found, name)), sent.get(name, "")
        if theirs != mine:
            rows.append((label, words.get(theirs, ""), words.get(mine, "")))
    return rows


def _asked_for(
    request: HttpRequest, found: Ticket, cases: Sequence[Backfill], refusal: Refusal | None
) -> list[TicketInvoice]:
    """Of a long list, the invoice that was asked for or written about, and those that are being backfilled."""
    given = [request.GET.get("item", ""), refusal.form.rpartition("-")[2] if refusal else ""]
    asked = [int(pk) for pk in given if pk.isascii() and pk.isdecimal() and len(pk) < 19]
    asked += [case.invoice_id for case in cases if case.state.is_open][:SHOWN]
    return list(found.invoices.filter(pk__in=asked))


Advised = Mapping[int, tuple[list[Check], Any]]  # invoice id → its look-ups, and when to look again


def _advised(invoices: Sequence[TicketInvoice], known: Mapping[int, list[Check]], *, was_missed: bool) -> Advised:
    if was_missed:
        prefetch_related_objects(invoices, "recheck")
    each = ((one, known.get(one.pk, [])) for one in invoices)
    return {one.pk: (rows, checks.ladder(one, known=rows, was_missed=was_missed)) for one, rows in each}


def _items(
    invoices: Sequence[TicketInvoice],
    cases: Sequence[Backfill],
    files: list[Evidence],
    refusal: Refusal | None,
    advised: Advised,
) -> list[Item]:
    """The invoices in their order; few are shown whole, many fold."""
    of_invoice = {c.invoice_id: c for c in cases}
    sent = refusal.form.rpartition("-")[2] if refusal else ""
    now = timezone.now()
    return [
        Item(
            invoice=invoice,
            backfill=of_invoice.get(invoice.pk),
            advice=advised[invoice.pk][1],
            checks=advised[invoice.pk][0],
            compared=triage.differences(invoice, files),
            findings=validate(invoice.claim, now=now),
            is_open=len(invoices) <= 2 or sent == str(invoice.pk),
        )
        for invoice in invoices
    ]


def _decision(proposal: Proposal | None) -> dict[str, Any]:
    """The proposal's lines; once decided, what was made of each."""
    if proposal is None:
        return {"proposal": None, "lines": []}
    wanted = [f"- {say(unpack(item['reason']))}" for item in proposal.content["missing"]]
    lines = rules.lines_of(proposal.content)
    decided = {}
    for name in proposal.changed or ():
        words = {getattr(key, "value", key): text for key, text in rules.LABELS[name][1].items()}
        decided[name] = words.get((proposal.decision or {}).get(name), "")
    ask_text = "\n".join([say(Text(_("Please send us the following:"))), *wanted]) if wanted else ""
    return {"proposal": proposal, "lines": lines, "decided": decided, "ask_text": ask_text}


def left_to_do(
    ticket: Ticket, items: Sequence[Item], proposal: Proposal | None, unsettled: int | None = None
) -> Iterator[Step]:
    """The next steps of an open case, in the order of the work; `unsettled` counts the invoices of a long list."""
    if not ticket.is_open:
        return
    if proposal and not proposal.decided_at:
        yield Step(Text(_("Decide on the triage proposal")), "#triage")
    if ticket.assignee_id is None:
        yield Step(Text(_("Nobody has taken this ticket")), "#properties")
    if ticket.status == lifecycle.WAITING:
        yield Step(Text(_("The enterprise has to answer; the clock stands still")))
    open_items = [item for item in items if item.invoice.outcome == Outcome.OPEN]
    for item in open_items:
        if item.is_backfilled:
            words = {"number": str(item.invoice), "state": Text(item.backfill.state.label)}  # type: ignore[union-attr]
            url = reverse("desk_backfill", args=[item.backfill.pk])  # type: ignore[union-attr]
            yield Step(Text(_("Backfill of %(number)s: %(state)s"), words), url)
    waiting = [item for item in open_items if not item.is_backfilled]
    if unsettled:
        text = _("%(count)s invoices of the list have no record yet: look them up or set them aside, many at once")
        yield Step(Text(text, {"count": unsettled}), reverse("desk_items", args=[ticket.number]) + "?state=open")
    elif waiting:
        words = {"count": len(waiting), "all": len(items)}
        text = _("%(count)s of %(all)s invoices have no record yet: look up, backfill or set aside")
        yield Step(Text(text, words), f"#i{waiting[0].invoice.pk}")
    if not open_items and not unsettled:
        yield Step(Text(_("Everything is settled: resolve the ticket")), "#mode-resolve")


def refused(
    request: HttpRequest, found: Ticket, error: DomainError, *, form: str, files: Sequence[Evidence] = ()
) -> HttpResponse:
    """The page again with what was sent and why it was not done: no refusal costs anybody their words."""
    if isinstance(error, Missing):
        raise error
    found.refresh_from_db()
    errors = tuple((e.field, say(e.message)) for e in error.errors)
    refusal = Refusal(form, say(error.message), errors, request.POST, tuple(files), error.url)
    status = 422 if error.status == 400 else error.status
    return render(request, "desk/ticket.html", ticket_context(request, found, refusal), status=status)
