"""Use-cases across slices: submit, comment, assign, update, act, set an invoice aside."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import require
from accounts.models import Organisation, User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, LostRace, NotNow, Stale
from helpdesk.common.inputs import accept_text
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import intake, lifecycle, numbers, workflow
from tickets.backfill import services as backfill
from tickets.batches import moves
from tickets.batches import services as batches
from tickets.batches.models import Batch
from tickets.checks import services as checks
from tickets.checks.models import Check, CheckList, CheckOutcome
from tickets.checks.sources import LookUp
from tickets.evidence.models import Evidence
from tickets.evidence.services import Upload, attach, check_count, receive
from tickets.invoices.model import Invoice
from tickets.mentoring import services as mentoring
from tickets.mentoring.models import HeldReply
from tickets.models import Message, Ticket, TicketInvoice
from tickets.vocabulary import Channel, Outcome, Symptom, Visibility


@dataclass(frozen=True, slots=True)
class NewTicket:
    """What an enterprise files. Money in yuan, dates in the Beijing calendar."""

    subject: str
    symptom: str
    description: str = ""
    invoices: tuple[Invoice, ...] = ()
    tried: tuple[str, ...] = ()
    software: str = ""
    software_version: str = ""
    channel: str = Channel.WEB
    diagnosis: Mapping[str, Any] = field(default_factory=dict)  # diagnosis.record.as_data, of the service's own making


def submit(
    *,
    new: NewTicket,
    organisation: Organisation,
    by: User,
    evidence_ids: Sequence[uuid.UUID | str] = (),
    uploads: Sequence[Upload] = (),
) -> Ticket:
    """File a ticket with its invoices and files, those that are here already and `uploads` that come with it, all or
    nothing. Raises Forbidden, Invalid, TooLarge, Unavailable."""
    require(by, Permission.ORG_TICKET_FILE, organisation.pk)
    intake.check(new)
    check_count(len(evidence_ids) + len(uploads))
    with transaction.atomic():
        ticket = _open(new, organisation, by=by)
        TicketInvoice.objects.bulk_create(intake.rows(ticket, new.invoices))
        attach(evidence_ids=evidence_ids, ticket=ticket, by=by)
        for one in uploads:
            receive(file=one.file, name=one.name, purpose=one.purpose, by=by, ticket=ticket)
        duplicates = [other.number for other in intake.open_duplicates(ticket)] if new.invoices else []
        files = len(evidence_ids) + len(uploads)
        data = {"duplicates": duplicates, "files": files, "invoices": len(new.invoices)}
        workflow.record(ticket, "ticket.submitted", by=by, public=True, data=data)
        if new.diagnosis:
            workflow.record(ticket, "ticket.diagnosed", by=by, public=True, data=new.diagnosis)
    return ticket


def file_batch(*, batch: Batch, new: NewTicket, by: User) -> Ticket:
    """File the sound rows of a checked list as one ticket; its items follow in the worker. Twice is the same ticket.

    Raises Forbidden, Invalid, NotNow (not checked yet, nothing to file), LostRace.
    """
    require(by, Permission.ORG_TICKET_FILE, batch.organisation_id)
    if batch.ticket:
        return batch.ticket
    moves.may_start(batch, "file", by=by)
    intake.check(new)
    with transaction.atomic():
        ticket = _open(new, batch.organisation, by=by)
        batches.start_filing(batch=batch, ticket=ticket, by=by)
        attach(evidence_ids=[batch.evidence_id], ticket=ticket, by=batch.evidence.uploaded_by)
        data = {"duplicates": [], "files": 1, "invoices": batch.to_file, "batch": batch.pk}
        workflow.record(ticket, "ticket.submitted", by=by, public=True, data=data)
    return ticket


def cancel_batch(*, batch: Batch, by: User) -> Batch:
    """Stop a list; the ticket that is being filled is withdrawn with it."""
    with transaction.atomic():
        batches.cancel(batch=batch, by=by)
        if batch.ticket and batch.ticket.is_open:
            workflow.perform(batch.ticket, "withdraw", by=by)
    return batch


def _open(new: NewTicket, organisation: Organisation, *, by: User) -> Ticket:
    """The row of a new ticket with its number; the caller writes what it holds and its event."""
    now = timezone.now()
    ticket = Ticket.objects.create(
        organisation=organisation,
        requester=by,
        subject=new.subject,
        description=new.description,
        symptom=new.symptom or Symptom.OTHER,
        tried=list(new.tried),
        software=new.software,
        software_version=new.software_version,
        channel=new.channel,
        created_at=now,
        updated_at=now,
    )
    ticket.number = numbers.make(timezone.localtime(now).year, ticket.pk)
    ticket.save(update_fields=["number"])
    return ticket


def comment(
    *,
    ticket: Ticket,
    body: str,
    by: User,
    visibility: str = Visibility.PUBLIC,
    evidence_ids: Sequence[uuid.UUID | str] = (),
    released_by: User | None = None,
) -> Message | HeldReply:
    """Write a public message or an internal note; an enterprise's answer ends the waiting for it.

    A trainee's message waits for the mentor, who is `released_by` when it goes out.
    """
    if visibility == Visibility.INTERNAL:
        require(by, Permission.TICKET_VIEW)
    else:
        able = by.can(Permission.TICKET_ANSWER)
        require(by, Permission.TICKET_ANSWER if able else Permission.ORG_TICKET_FILE, ticket.organisation_id)
    by_desk = by.can(Permission.TICKET_ANSWER) or visibility == Visibility.INTERNAL
    with transaction.atomic():
        workflow.hold(ticket)  # an answer that crosses a question still ends the waiting
        if visibility == Visibility.PUBLIC and ticket.status in (lifecycle.CLOSED, lifecycle.WITHDRAWN):
            raise NotNow(Text(gettext_noop("This ticket is closed. Reopen it or file a new one.")))
        if ticket.status == lifecycle.WAITING and not by_desk:
            act(ticket=ticket, action="answer", by=by, data={"body": body, "evidence": list(evidence_ids)})
            return Message.objects.filter(ticket=ticket).latest("pk")
        if by_desk and visibility == Visibility.PUBLIC and released_by is None:
            reply = mentoring.Reply(ticket, {"body": _body(body)}, evidence_ids=evidence_ids)
            if held := mentoring.keep(reply=reply, by=by):
                return held
        message = _write(ticket, body, by=by, visibility=visibility, by_desk=by_desk, evidence_ids=evidence_ids)
        kind = "ticket.commented" if visibility == Visibility.PUBLIC else "ticket.noted"
        public = visibility == Visibility.PUBLIC
        told = {"message": message.pk, "by_desk": by_desk, **_released(released_by)}
        workflow.record(ticket, kind, by=by, public=public, data=told)
        touch(ticket)
    return message


def act(
    *,
    ticket: Ticket,
    action: str,
    by: User,
    data: Mapping[str, Any] | None = None,
    released_by: User | None = None,
) -> Ticket | HeldReply:
    """Start an action of the transition table; a `body` becomes a public message, `evidence` its files.

    What a trainee tells the enterprise by it waits for the mentor, who is `released_by` when it goes out.

    Raises Missing (no such action), Forbidden, NotNow, Invalid, LostRace: exactly those of `workflow.perform`.
    """
    given = dict(data or {})
    transition = workflow.may_start(ticket, action, by=by)
    intake.check_names(given, {*transition.needs, *transition.takes, "evidence", "body"})
    body = accept_text("body", given.pop("body", ""), limit=intake.MAX_BODY)
    evidence = given.pop("evidence", ()) or ()
    missing = given.pop("invoices", None)
    changes = intake.resolution(given) if action == "resolve" else {}
    is_reopened = transition.event == "ticket.reopened"
    if is_reopened:
        changes = {"resolved_at": None, "closed_at": None}
    workflow.require_inputs(transition, {**given, **changes, "body": body})
    with transaction.atomic():
        by_desk = not transition.permission.startswith("org:")
        if by_desk and released_by is None:
            words = {"body": body, "resolution": str(changes.get("resolution", ""))}
            rest = {name: value for name, value in given.items() if name not in words}
            rest |= {} if missing is None else {"invoices": list(missing)}
            if held := mentoring.keep(reply=mentoring.Reply(ticket, words, action, rest, evidence), by=by):
                return held
        told = {**given, "by_desk": by_desk, **_released(released_by)}
        if body:
            message = _write(ticket, body, by=by, visibility=Visibility.PUBLIC, by_desk=by_desk, evidence_ids=evidence)
            told["message"] = message.pk
        workflow.perform(ticket, action, by=by, data={**given, "body": body}, told=told, **changes)
        if is_reopened:
            _open_again(ticket, missing, reason=body, by=by)
    return ticket


def assign(*, ticket: Ticket, assignee: User | None, by: User, version: int | None = None) -> Ticket:
    """Give the ticket to an agent, or back to the queue. To oneself needs TICKET_ANSWER, to others TICKET_ASSIGN."""
    require(by, Permission.TICKET_ANSWER if assignee in (by, None) else Permission.TICKET_ASSIGN)
    if assignee is not None and not assignee.can(Permission.TICKET_VIEW):
        text = Text(gettext_noop("%(name)s is not at the desk."), {"name": str(assignee)})
        raise Invalid(errors=[FieldError("assignee", "not_desk", text)])
    if assignee == ticket.assignee and version in (None, ticket.version):
        return ticket
    return _change(
        ticket,
        {"assignee": assignee},
        kind="ticket.assigned",
        by=by,
        version=version,
        data={"assignee": assignee.pk if assignee else None, "name": str(assignee or "")},
    )


def update(*, ticket: Ticket, changes: Mapping[str, Any], by: User, version: int) -> Ticket:
    """Change the desk's fields (symptom, cause, priority, queue) or, by the enterprise, its own words while open.

    Raises Stale when `version` is not the row's.
    """
    desk, own = {"symptom", "cause", "priority", "queue"}, set(intake.OWN_WORDS)
    intake.check_names(changes, desk | own)
    if set(changes) & desk:
        require(by, Permission.TICKET_TRIAGE)
    if set(changes) & own and not by.can(Permission.TICKET_TRIAGE):
        require(by, Permission.ORG_TICKET_FILE, ticket.organisation_id)
    if not ticket.is_open:
        raise NotNow(Text(gettext_noop("This ticket is closed. Reopen it or file a new one.")))
    intake.check_words({name: value for name, value in changes.items() if name in desk})
    intake.check_own_words({name: value for name, value in changes.items() if name in own})
    changed = {
        name: [getattr(ticket, name), value] for name, value in changes.items() if getattr(ticket, name) != value
    }
    if not changed and version == ticket.version:
        return ticket
    return _change(ticket, dict(changes), kind="ticket.changed", by=by, version=version, data={"changed": changed})


def look_up(*, invoice: TicketInvoice, told: LookUp, by: User, evidence_id: uuid.UUID | str | None = None) -> Check:
    """Record a look-up and what follows from it: a found record settles the invoice and ends its backfill."""
    with transaction.atomic():
        check = checks.record(invoice=invoice, told=told, by=by, evidence_id=evidence_id)
        _follow(check, by=by)
    return check


def keep_answer(*, invoice: TicketInvoice, told: LookUp, by: User | None = None) -> Check:
    """Record what a source said that was asked by itself, and what follows from it."""
    with transaction.atomic():
        check = checks.record_answer(invoice=invoice, told=told, by=by)
        _follow(check, by=by)
    return check


def still_missing(*, invoice: TicketInvoice, note: str, by: User) -> TicketInvoice:
    """Open the matter of an invoice again whose record was said to be there; an ended ticket is reopened with it."""
    ticket = invoice.ticket
    own = by.can(Permission.ORG_TICKET_FILE, ticket.organisation_id)
    if not own:
        require(by, Permission.TICKET_ANSWER)
    if invoice.outcome != Outcome.FOUND:
        raise NotNow(Text(gettext_noop("Nobody has said that its record is there.")), code="not_found_yet")
    note = accept_text("body", note, limit=intake.MAX_REASON, is_needed=True)
    with transaction.atomic():
        if ticket.is_open:
            sent = comment(ticket=ticket, body=note, by=by)
            workflow.unsettle(invoice, reason="" if isinstance(sent, HeldReply) else note, by=by)
        else:
            again = {"body": note, "invoices": [invoice.pk]}
            act(ticket=ticket, action="reopen" if own else "take_up_again", by=by, data=again)
    invoice.refresh_from_db()
    return invoice


def import_list(*, evidence: Evidence, covers: checks.Covers, by: User) -> CheckList:
    """Import a list of the tax side; every invoice it holds is settled in the same transaction."""
    with transaction.atomic():
        made, recorded = checks.import_list(evidence=evidence, covers=covers, by=by)
        for check in recorded:
            _follow(check, by=by)
    return made


def _follow(check: Check, *, by: User | None) -> None:
    if check.outcome != CheckOutcome.FOUND:
        return
    backfill.verify(invoice=check.invoice, by=by)
    if check.invoice.outcome == Outcome.OPEN:
        with contextlib.suppress(LostRace):  # settled by another look-up at the same moment
            workflow.settle(check.invoice, Outcome.FOUND, reason="", by=by)


def look_up_many(*, ticket: Ticket, invoices: Any, told: LookUp, by: User) -> int:
    """Record what one look-up said of many invoices of `ticket`, and what follows from it; how many were recorded."""
    with transaction.atomic():
        count = checks.record_many(ticket=ticket, invoices=invoices, told=told, by=by)
        if count and told.outcome == CheckOutcome.FOUND:
            for case in ticket.backfills.filter(invoice__in=invoices):
                backfill.verify(invoice=case.invoice, by=by)
            workflow.settle_many(ticket, invoices, Outcome.FOUND, reason="", by=by)
    return count


def set_aside_many(*, ticket: Ticket, invoices: Any, reason: str, by: User) -> int:
    """End the matter of many invoices of `ticket` without a record, for one reason; how many were open."""
    require(by, Permission.TICKET_ANSWER)
    reason = accept_text("reason", reason, limit=intake.MAX_REASON, is_needed=True)
    return workflow.settle_many(ticket, invoices, Outcome.SET_ASIDE, reason=reason, by=by)


def set_aside(*, invoice: TicketInvoice, reason: str, by: User) -> TicketInvoice:
    """End the matter of one invoice without a record, with the reason that the enterprise will read."""
    require(by, Permission.TICKET_ANSWER)
    reason = accept_text("reason", reason, limit=intake.MAX_REASON, is_needed=True)
    workflow.settle(invoice, Outcome.SET_ASIDE, reason=reason, by=by)
    return invoice


def _open_again(ticket: Ticket, missing: Sequence[int] | None, *, reason: str, by: User) -> None:
    """The invoices named as still missing, or all that had been found, are open matters again."""
    if missing is None and ticket.invoices.filter(outcome=Outcome.FOUND).count() > intake.MAX_INVOICES:
        workflow.unsettle_many(ticket, ticket.invoices.filter(outcome=Outcome.FOUND), reason=reason, by=by)
        return
    found = {invoice.pk: invoice for invoice in ticket.invoices.filter(outcome=Outcome.FOUND)}
    if strange := [pk for pk in missing or () if pk not in found]:
        text = Text(gettext_noop("There is no such invoice."))
        raise Invalid(errors=[FieldError("invoices", "not_found", text) for _pk in strange])
    for invoice in found.values() if missing is None else map(found.__getitem__, dict.fromkeys(missing)):
        workflow.unsettle(invoice, reason=reason, by=by)


def touch(ticket: Ticket) -> None:
    """Note that something happened without changing what two people could edit."""
    ticket.updated_at = timezone.now()
    ticket.save(update_fields=["updated_at"])


def _body(body: str) -> str:
    if not body.strip():
        raise Invalid(errors=[FieldError("body", "required", Text(gettext_noop("Please write something.")))])
    return accept_text("body", body, limit=intake.MAX_BODY)


def _released(by: User | None) -> dict[str, Any]:
    """Who has released it, for the event that names its writer."""
    return {} if by is None else {"released_by": by.pk}


def _write(
    ticket: Ticket, body: str, *, by: User, visibility: str, by_desk: bool, evidence_ids: Sequence[uuid.UUID | str]
) -> Message:
    body = _body(body)
    message = Message.objects.create(
        ticket=ticket, author=by, by_desk=by_desk, body=body, visibility=visibility, created_at=timezone.now()
    )
    attach(evidence_ids=evidence_ids, ticket=ticket, by=by, message=message, visibility=visibility)
    return message


def _change(
    ticket: Ticket, values: dict[str, Any], *, kind: str, by: User, version: int | None, data: Mapping[str, Any]
) -> Ticket:
    """UPDATE … WHERE version = read, with its event; Stale when another was first."""
    with transaction.atomic():
        rows = Ticket.objects.filter(pk=ticket.pk, version=ticket.version if version is None else version)
        now = timezone.now()
        if not rows.update(version=F("version") + 1, updated_at=now, **values):
            raise Stale
        workflow.record(ticket, kind, by=by, public=False, data=data)
    ticket.refresh_from_db()
    return ticket
