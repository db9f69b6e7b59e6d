"""The backfill of one invoice: open, collect papers, key, re-key blind, approve, hand over, verify."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, LostRace, Missing, NotNow, Stale
from helpdesk.common.inputs import accept_text, clean_text
from helpdesk.common.lifecycle import Transition
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import workflow
from tickets.backfill import lifecycle, rules
from tickets.backfill.models import Backfill, BackfillMaterial, MaterialState
from tickets.evidence.models import Evidence, State
from tickets.evidence.services import attach
from tickets.invoices.amounts import parse_money
from tickets.models import TicketInvoice
from tickets.vocabulary import Outcome

NEEDED = gettext_noop("This is needed.")
MAX_FIELD, MAX_REASON, MAX_DEPARTMENT, MAX_RECEIPT = 300, 500, 120, 60


def open_backfill(*, invoice: TicketInvoice, by: User) -> Backfill:
    """Begin the backfill of one unsettled invoice with the checklist of its kind. Raises Forbidden, NotNow."""
    require(by, Permission.BACKFILL_OPEN)
    ticket = invoice.ticket
    with transaction.atomic():
        workflow.hold(ticket)  # nobody ends the case meanwhile
        locked = TicketInvoice.objects.select_for_update().get(
            pk=invoice.pk
        )  # of two agents the second sees the first's
        if locked.outcome != Outcome.OPEN or not ticket.is_open:
            raise NotNow(Text(gettext_noop("The matter of this invoice has ended.")), code="invoice_settled")
        if Backfill.objects.open().filter(invoice=invoice).exists():
            raise NotNow(Text(gettext_noop("A backfill of this invoice is open already.")), code="backfill_open")
        backfill = Backfill.objects.create(invoice=invoice, ticket=ticket, opened_by=by)
        BackfillMaterial.objects.bulk_create(
            BackfillMaterial(
                backfill=backfill, ticket=ticket, kind=line.key, position=position, is_required=line.is_required
            )
            for position, line in enumerate(rules.checklist(invoice.kind), start=1)
        )
        workflow.record(ticket, "backfill.opened", by=by, public=True, data=_told(backfill))
    return backfill


def submit_material(*, backfill: Backfill, kind: str, evidence_id: uuid.UUID | str, by: User) -> BackfillMaterial:
    """Hand in one paper: a fresh upload of the caller, or a file that the ticket already has."""
    if not by.can(Permission.BACKFILL_REVIEW_MATERIAL):
        require(by, Permission.ORG_TICKET_FILE, backfill.ticket.organisation_id)
    with transaction.atomic():
        material = _material(backfill, kind)
        evidence = _evidence(backfill, evidence_id, by=by)
        values = {"state": MaterialState.SUBMITTED, "reason": "", "evidence": evidence, "reviewed_by": None}
        return _change(material, values, kind="backfill.material_submitted", by=by)


def review_material(
    *, backfill: Backfill, kind: str, is_accepted: bool, by: User, reason: str = ""
) -> BackfillMaterial:
    """Accept a paper, or refuse it with the reason that the enterprise reads."""
    require(by, Permission.BACKFILL_REVIEW_MATERIAL)
    reason = accept_text("reason", reason, limit=MAX_REASON, is_needed=not is_accepted)
    with transaction.atomic():
        material = _material(backfill, kind)
        return _review(material, is_accepted=is_accepted, reason=reason, by=by)


def _review(material: BackfillMaterial, *, is_accepted: bool, reason: str, by: User) -> BackfillMaterial:
    if material.state == MaterialState.MISSING:
        raise NotNow(Text(gettext_noop("Nothing has been handed in here yet.")), code="material_missing")
    if is_accepted and material.evidence and material.evidence.state != State.CLEAN:
        raise NotNow(Text(gettext_noop("The file has not passed its checks yet.")), code="file_unchecked")
    state = MaterialState.ACCEPTED if is_accepted else MaterialState.REFUSED
    values = {"state": state, "reason": "" if is_accepted else reason, "reviewed_by": by}
    event = "backfill.material_accepted" if is_accepted else "backfill.material_refused"
    return _change(material, values, kind=event, by=by)


def act(
    *, backfill: Backfill, action: str, by: User, data: Mapping[str, Any] | None = None, version: int | None = None
) -> Backfill:
    """Start an action of the backfill's table; `version` is the one that the person saw.

    Raises what `workflow.perform` raises, Invalid for wrong fields, Stale when the row has moved on since.
    """
    transition = workflow.may_start(backfill, action, by=by)
    if not transition.manual:
        raise NotNow(Text(gettext_noop("This happens by itself when a look-up finds the record.")))
    if version not in (None, backfill.version):
        raise Stale
    given = _inputs(transition, dict(data or {}))
    changes = PREPARE.get(action, _nothing)(backfill, given, by)
    shown = {name: value for name, value in given.items() if name != "fields"}  # entries never enter the history: blind
    told = _told(backfill) | shown
    with transaction.atomic():
        workflow.perform(backfill, action, by=by, data=given, told=told, **changes)
        if action == "record_receipt":  # the record may have been found before the receipt came
            verify(invoice=backfill.invoice, by=by)
            backfill.refresh_from_db()
    return backfill


def _inputs(transition: Transition, given: dict[str, Any]) -> dict[str, Any]:
    """Only what the action asks for, each text within its limit."""
    text = Text(gettext_noop("This field isn't known."))
    if unknown := [name for name in given if name not in {*transition.needs, *transition.takes}]:
        raise Invalid(errors=[FieldError(name, "unknown", text) for name in unknown])
    return {
        name: accept_text(name, value, limit=LIMITS[name]) if name in LIMITS else value for name, value in given.items()
    }


#: Texts that go with an action → how long they may be.
LIMITS: Mapping[str, int] = {"reason": MAX_REASON, "department": MAX_DEPARTMENT, "receipt_number": MAX_RECEIPT}


def _told(backfill: Backfill) -> dict[str, Any]:
    """What every event of a backfill names."""
    return {"backfill": backfill.pk, "invoice": backfill.invoice_id, "number": backfill.invoice.number}


def verify(*, invoice: TicketInvoice, by: User | None) -> Backfill | None:
    """Finish the backfill of `invoice` that waits for its record; called when a look-up has found it."""
    backfill = (
        Backfill.objects.filter(invoice=invoice, status=lifecycle.RECEIVED).select_related("ticket", "invoice").first()
    )
    if backfill is None:
        return None
    try:
        workflow.perform(backfill, "verify", by=by, data=_told(backfill))
    except (NotNow, LostRace):  # the look-up is older than the hand-over, or another one was first
        return None
    return backfill


def approved_digest(fields: Mapping[str, str]) -> str:
    """sha256 of an entry in canonical JSON: what was approved is what is handed over."""
    canonical = json.dumps(dict(fields), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _nothing(backfill: Backfill, given: Mapping[str, Any], by: User) -> dict[str, Any]:
    return {}


def _key(backfill: Backfill, given: Mapping[str, Any], by: User) -> dict[str, Any]:
    fields = entry(given.get("fields"), names=rules.KEYED)
    return {
        "keyed": fields, "keyed_by": by, "rekeyed": None, "rekeyed_by": None,
        "differing": [], "approved_by": None, "approved_hash": "",
    }  # fmt: skip


def _rekey(backfill: Backfill, given: Mapping[str, Any], by: User) -> dict[str, Any]:
    workflow.GUARDS["another_person"](backfill, by)
    fields = entry(given.get("fields"), names=rules.REKEYED)
    wrong = rules.differing(backfill.keyed or {}, fields)
    return {"rekeyed": fields, "rekeyed_by": by, "differing": list(wrong)}


def _approve(backfill: Backfill, given: Mapping[str, Any], by: User) -> dict[str, Any]:
    workflow.GUARDS["another_person"](backfill, by)
    return {"approved_by": by, "approved_hash": approved_digest(backfill.keyed or {})}


def _back(backfill: Backfill, given: Mapping[str, Any], by: User) -> dict[str, Any]:
    return {"rekeyed": None, "rekeyed_by": None, "approved_by": None, "approved_hash": ""}


def _hand_over(backfill: Backfill, given: Mapping[str, Any], by: User) -> dict[str, Any]:
    return {"department": given.get("department", "")}


def _receipt(backfill: Backfill, given: Mapping[str, Any], by: User) -> dict[str, Any]:
    return {"receipt_number": given.get("receipt_number", "")}


#: Action → the columns that it writes, made of its input.
PREPARE: dict[str, Callable[[Backfill, Mapping[str, Any], User], dict[str, Any]]] = {
    "key": _key,
    "rekey": _rekey,
    "approve": _approve,
    "send_back": _back,
    "return_materials": _back,
    "hand_over": _hand_over,
    "record_receipt": _receipt,
}


def entry(given: Any, *, names: tuple[str, ...]) -> dict[str, str]:
    """The typed fields as texts in the order of the face. Raises Invalid with the path of each wrong field."""
    if not isinstance(given, Mapping):
        raise Invalid(errors=[FieldError("fields", "required", Text(NEEDED))])
    fields = {name: clean_text(str(given.get(name) or "")).strip() for name in names}
    errors = [
        FieldError(f"fields.{name}", "unknown", Text(gettext_noop("This field isn't known.")))
        for name in given
        if name not in names
    ]
    for name, value in fields.items():
        if not value and name in rules.REQUIRED:
            errors.append(FieldError(f"fields.{name}", "required", Text(NEEDED)))
        elif len(value) > MAX_FIELD:
            text = Text(gettext_noop("At most %(limit)s characters."), {"limit": MAX_FIELD})
            errors.append(FieldError(f"fields.{name}", "too_long", text))
        elif value and name in {"amount", "tax", "total"} and parse_money(value) is None:
            text = Text(gettext_noop("Not an amount of money."))
            errors.append(FieldError(f"fields.{name}", "amount.form", text))
        elif value and name == "issue_date" and rules.parse_date(value) is None:
            errors.append(FieldError(f"fields.{name}", "date.form", Text(gettext_noop("Not a date."))))
    if errors:
        raise Invalid(errors=errors)
    return fields


def _material(backfill: Backfill, kind: str) -> BackfillMaterial:
    """The line of a checklist that stays open until the caller's transaction ends."""
    workflow.hold(backfill)
    if backfill.status != lifecycle.MATERIALS:
        raise NotNow(Text(gettext_noop("The checklist is closed while the backfill is being worked on.")))
    material = backfill.materials.select_related("evidence").filter(kind=kind).first()
    if material is None:
        raise Missing
    return material


def _evidence(backfill: Backfill, evidence_id: uuid.UUID | str, *, by: User) -> Evidence:
    """A file of this ticket that the caller may see, or an upload of the caller that becomes one."""
    try:
        pk = uuid.UUID(str(evidence_id))
    except ValueError:
        text = Text(gettext_noop("There is no such file."))
        raise Invalid(errors=[FieldError("evidence", "not_found", text)]) from None
    known = Evidence.objects.visible_to(by).filter(pk=pk, ticket=backfill.ticket_id).first()
    if known is not None and known.state not in (State.REFUSED, State.QUARANTINED):
        return known
    return attach(evidence_ids=[pk], ticket=backfill.ticket, by=by, invoice=backfill.invoice)[0]


def _change(material: BackfillMaterial, values: dict[str, Any], *, kind: str, by: User) -> BackfillMaterial:
    with transaction.atomic():
        rows = BackfillMaterial.objects.filter(pk=material.pk, version=material.version)
        if not rows.update(version=F("version") + 1, **values):
            raise LostRace
        told = {"backfill": material.backfill_id, "material": material.kind, "reason": values.get("reason", "")}
        workflow.record(material.backfill.case, kind, by=by, public=True, data=told)
    material.refresh_from_db()
    return material
