"""Propose, and let an agent decide. What the agent changed is kept to tune the rules."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, LostRace, NotNow
from helpdesk.common.http import pack
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import lifecycle, workflow
from tickets.evidence.models import Evidence
from tickets.invoices.logs import Trace, traces, traces_of
from tickets.invoices.matching import Difference, compare, is_near, is_same
from tickets.invoices.model import Invoice
from tickets.invoices.reading_json import from_json
from tickets.invoices.validate import validate
from tickets.models import Event, Ticket, TicketInvoice
from tickets.sla.clock import BEIJING
from tickets.sla.services import calendar_of, deadlines_ahead
from tickets.sla.urgency import next_change
from tickets.triage import rules
from tickets.triage.models import Proposal

logger = logging.getLogger(__name__)

#: A list of thousands is triaged by its first invoices: they share issuer, software and mishap.
WEIGHED = 200

#: Proposals that one sweep makes anew, and how long one that failed waits.
BATCH, LATER = 100, dt.timedelta(hours=1)

#: Events after which there is more to go by.
NEWS = frozenset({
    "ticket.submitted", "ticket.answered", "ticket.commented", "ticket.changed", "evidence.read",
    "backfill.material_submitted", "check.recorded", "checks.recorded", "batch.filed",
})  # fmt: skip


def follow_facts(event: Event) -> None:
    """FOLLOWER. Propose as soon as there is something to propose, anew while nobody has decided."""
    ticket = event.ticket
    if event.kind in NEWS and ticket.is_open and not ticket.proposals.exclude(decided_at=None).exists():
        propose(ticket=ticket)


def propose(*, ticket: Ticket) -> Proposal:
    """The open proposal of a ticket, made or brought up to date."""
    with transaction.atomic():
        Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)  # facts of today never overwrite newer ones
        facts = facts_of(ticket)
        found = {
            "content": as_json(rules.propose(facts)),
            "rules_version": rules.VERSION,
            "review_at": next_change(facts.deadlines, now=facts.now, calendar=facts.calendar),
        }
        row, is_new = Proposal.objects.get_or_create(ticket=ticket, decided_at=None, defaults=found)
        if is_new:
            workflow.record(ticket, "triage.proposed", by=None, public=False, data={"proposal": row.pk})
        else:
            for name, value in found.items():
                setattr(row, name, value)
            row.save(update_fields=list(found))
    return row


def sweep() -> int:
    """Propose anew where a deadline presses otherwise by now and nobody has decided; returns how many.

    At most BATCH, the longest overdue first. Each moves its own next moment on: a sweep that comes twice finds nothing
    left, and one ticket that fails waits an hour and holds up no other.
    """
    now = timezone.now()
    due = Proposal.objects.filter(
        decided_at=None, review_at__lte=now, ticket__status__in=lifecycle.LIFECYCLE.open_states
    )
    done = 0
    for row in due.select_related("ticket__organisation").order_by("review_at", "pk")[:BATCH]:
        try:
            done += review(row.ticket_id, now)
        except Exception:
            logger.exception("the proposal of ticket %s waits for its review", row.ticket_id)
            Proposal.objects.filter(pk=row.pk).update(review_at=now + LATER)
    return done


def review(ticket_id: int, now: dt.datetime) -> bool:
    """Propose anew for one ticket unless somebody has decided, closed it or been here in the meantime."""
    with transaction.atomic():
        ticket = Ticket.objects.select_for_update(no_key=True).get(pk=ticket_id)
        if not ticket.is_open or not ticket.proposals.filter(decided_at=None, review_at__lte=now).exists():
            return False
        propose(ticket=ticket)
    return True


def decide(*, proposal: Proposal, values: Mapping[str, Any], by: User) -> Ticket:
    """Apply the proposal with the agent's own `values`; a new ticket is accepted by it.

    Raises Forbidden, Invalid, NotNow (decided already), LostRace.
    """
    require(by, Permission.TICKET_TRIAGE)
    chosen = {name: _chosen(name, values, proposal.content) for name in rules.FIELDS}
    changed = [name for name in rules.FIELDS if chosen[name] != proposal.content["values"][name]["value"]]
    ticket = proposal.ticket
    if not ticket.is_open:
        raise NotNow(Text(gettext_noop("This ticket is closed. Reopen it or file a new one.")))
    with transaction.atomic():
        mine = Proposal.objects.filter(pk=proposal.pk, decided_at=None)
        if not mine.update(decision=chosen, changed=changed, decided_by=by, decided_at=timezone.now()):
            raise NotNow(Text(gettext_noop("Somebody has decided on this proposal already.")), code="decided")
        rows = Ticket.objects.filter(pk=ticket.pk, version=ticket.version)
        if not rows.update(version=F("version") + 1, updated_at=timezone.now(), **chosen):
            raise LostRace
        ticket.refresh_from_db()
        told = {"proposal": proposal.pk, "decision": chosen, "differs": changed}
        workflow.record(ticket, "triage.decided", by=by, public=False, data=told)
        if ticket.status == lifecycle.NEW:
            workflow.perform(ticket, "accept", by=by)
    return ticket


def _chosen(name: str, values: Mapping[str, Any], content: Mapping[str, Any]) -> Any:
    """The agent's value when it is one of the list, else the proposal's."""
    if name not in values:
        return content["values"][name]["value"]
    known = {str(key.value): key.value for key in rules.LABELS[name][1]}
    if str(values[name]) not in known:
        text = Text(gettext_noop("Choose one of the list."))
        raise Invalid(errors=[FieldError(name, "unknown", text)])
    return known[str(values[name])]


def as_json(proposal: rules.Proposal) -> dict[str, Any]:
    return {
        "values": {
            name: {"value": getattr(value, "value", value), "reasons": [pack(reason) for reason in reasons]}
            for name, (value, reasons) in proposal.values.items()
        },
        "missing": [{"item": item, "reason": pack(reason)} for item, reason in proposal.missing],
        "duplicates": list(proposal.duplicates),
    }


def facts_of(ticket: Ticket) -> rules.Facts:
    """What is known of a ticket now."""
    now = timezone.now()
    files = list(Evidence.objects.filter(ticket=ticket))
    counts: dict[str, int] = {}
    for file in files:
        counts[file.purpose] = counts.get(file.purpose, 0) + 1
    found = [trace for file in files for trace in _traces(file)]
    return rules.Facts(
        symptom=ticket.symptom,
        now=now,
        deadlines=tuple(deadlines_ahead(ticket, now=now)),
        calendar=calendar_of(now.astimezone(BEIJING).year),
        words=f"{ticket.subject} {ticket.description}",
        tax_id=ticket.organisation.tax_id,
        invoices=tuple(_invoice(invoice, files) for invoice in ticket.invoices.prefetch_related("checks")[:WEIGHED]),
        traces=tuple({trace.code: trace for trace in reversed(found)}.values())[::-1],
        files=counts,
        duplicates=tuple(_open_twins(ticket)),
    )


def _traces(file: Evidence) -> Iterator[Trace]:
    """What a file's logs say went wrong; of what was read before logs were, the words that were kept."""
    if file.log and file.reading:
        log = from_json(file.reading).log
        yield from traces_of(log.facts if log else ())
    elif file.text and not (file.reading or {}).get("is_invoice"):
        yield from traces(file.text)


def _invoice(invoice: TicketInvoice, files: list[Evidence]) -> rules.InvoiceFacts:
    claim = invoice.claim
    shown = _shown(invoice, files)
    return rules.InvoiceFacts(
        claim=claim,
        findings=tuple(validate(claim, now=timezone.now())),
        differing=tuple(sorted({d.field for read in shown for d in compare(claim, read)})),
        checks=tuple(check.outcome for check in sorted(invoice.checks.all(), key=lambda c: c.looked_up_at)),
        has_file=bool(shown),
    )


def differences(invoice: TicketInvoice, files: Sequence[Evidence]) -> list[Difference]:
    """What the ticket's files say of an invoice in other words than its claim."""
    found = [d for read in _shown(invoice, files) for d in compare(invoice.claim, read)]
    return list(dict.fromkeys(found))


def _shown(invoice: TicketInvoice, files: Sequence[Evidence]) -> list[Invoice]:
    """The invoice as the files that hold it show it."""
    claim = invoice.claim
    found = []
    for file in files:
        if not file.reading or file.invoice_id not in (None, invoice.pk):
            continue
        reading = from_json(file.reading)
        every = [r.invoice for r in (reading, *reading.others)]
        same = [read for read in every if is_same(claim, read)]
        # a file that fits no claim exactly may show what a slip of the typist hides
        found += same or [read for read in every if file.invoice_id is None and is_near(claim, read)]
    return found


def _open_twins(ticket: Ticket) -> list[str]:
    """Numbers of the enterprise's other open tickets with one of these invoices."""
    claims = [invoice.claim for invoice in ticket.invoices.all()[:WEIGHED]]
    twins = Ticket.objects.open().filter(organisation=ticket.organisation_id).exclude(pk=ticket.pk)
    return list(twins.holding(claims).values_list("number", flat=True)[:10])
