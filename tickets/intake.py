"""What may enter a ticket: the checks of a submission and the rows made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.inputs import accept_text, text_error
from helpdesk.common.messages import Message, gettext_noop
from tickets import vocabulary as words
from tickets.invoices.identifiers import fold
from tickets.invoices.kinds import normalise_kind
from tickets.invoices.model import Finding, Invoice, Severity
from tickets.invoices.validate import BLOCKING, validate
from tickets.models import Ticket, TicketInvoice
from tickets.querysets import TicketQuerySet
from tickets.triage.rules import LABELS

if TYPE_CHECKING:
    from tickets.services import NewTicket

MAX_SUBJECT, MAX_BODY, MAX_INVOICES, MAX_REASON, MAX_TRIED, MAX_SLUG = 200, 20_000, 200, 500, 20, 120

#: What the enterprise says in its own words, and how long it may be.
OWN_WORDS: Mapping[str, int] = {
    "subject": MAX_SUBJECT, "description": MAX_BODY, "software": 80, "software_version": 40,
}  # fmt: skip

_WORDS: Mapping[str, Any] = {name: labels for name, (_label, labels) in LABELS.items()}


def normalise(invoice: Invoice) -> Invoice:
    """Full-width folded, spaces dropped, kind as fplx code; values stay the enterprise's own."""
    texts = ("code", "number", "digital_number", "seller_tax_id", "buyer_tax_id", "check_code")
    folded: dict[str, Any] = {name: fold(getattr(invoice, name)) for name in texts}
    return dataclasses.replace(invoice, kind=normalise_kind(invoice.kind), **folded)


def blocking(invoice: Invoice) -> Iterator[Finding]:
    """The findings that refuse a field of a claim."""
    for finding in validate(invoice, now=timezone.now()):
        if finding.severity == Severity.ERROR and finding.code in BLOCKING:
            yield finding


def check(new: NewTicket) -> None:
    """Raise Invalid with every wrong field of a submission, in the order of the form."""
    errors = list(_text_errors(new))
    if len(new.invoices) > MAX_INVOICES:
        text = Message(gettext_noop("At most %(limit)s invoices in one ticket."), {"limit": MAX_INVOICES})
        errors.append(FieldError("invoices", "too_many", text))
    for index, invoice in enumerate(new.invoices[:MAX_INVOICES]):
        errors += _invoice_errors(f"invoices.{index}.", normalise(invoice))
    if errors:
        raise Invalid(errors=errors)


def _text_errors(new: NewTicket) -> Iterator[FieldError]:
    if not new.subject.strip():
        yield FieldError("subject", "required", Message(gettext_noop("Say in one line what is wrong.")))
    yield from _own_word_errors({name: getattr(new, name) for name in OWN_WORDS})
    if new.symptom not in words.SYMPTOM_LABELS:
        yield FieldError("symptom", "unknown", Message(gettext_noop("Choose one of the situations.")))
    if len(new.tried) > MAX_TRIED:
        yield FieldError("tried", "too_many", Message(gettext_noop("At most %(limit)s lines."), {"limit": MAX_TRIED}))
    for index, line in enumerate(new.tried[:MAX_TRIED]):
        if error := text_error(f"tried.{index}", line, limit=MAX_SUBJECT):
            yield error


def _own_word_errors(texts: Mapping[str, Any]) -> Iterator[FieldError]:
    for name, text in texts.items():
        if error := text_error(name, text, limit=OWN_WORDS[name]):
            yield error


def _invoice_errors(path: str, invoice: Invoice) -> Iterator[FieldError]:
    """What can't be true, then what doesn't fit its column."""
    told = set()
    for finding in blocking(invoice):
        told.add(finding.field)
        yield FieldError(path + finding.field, finding.code, finding.message)
    for name, limit in _COLUMNS.items():
        if name not in told and (error := text_error(path + name, getattr(invoice, name), limit=limit)):
            yield error


#: Text columns of an invoice row that the claim fills → how long they are.
_COLUMNS: Mapping[str, int] = {
    field.name: field.max_length
    for field in TicketInvoice._meta.fields
    if field.max_length and field.name in Invoice.__dataclass_fields__
}


def check_names(given: Collection[str], known: Collection[str]) -> None:
    """Raise Invalid with every input that nobody asked for."""
    text = Message(gettext_noop("This field isn't known."))
    if unknown := [name for name in given if name not in known]:
        raise Invalid(errors=[FieldError(name, "unknown", text) for name in unknown])


def check_own_words(changes: Mapping[str, Any]) -> None:
    """Raise Invalid when a text of the enterprise is too long, empty where it is needed, or not storable."""
    if "subject" in changes:
        accept_text("subject", changes["subject"], limit=MAX_SUBJECT, is_needed=True)
    if errors := list(_own_word_errors(changes)):
        raise Invalid(errors=errors)


def check_words(changes: Mapping[str, Any]) -> None:
    """Raise Invalid when a value is not one of the vocabulary."""
    text = Message(gettext_noop("Choose one of the list."))
    if wrong := [name for name, value in changes.items() if value not in list(_WORDS[name])]:
        raise Invalid(errors=[FieldError(name, "unknown", text) for name in wrong])


def resolution(data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that resolving writes."""
    if data.get("cause"):
        check_words({"cause": data["cause"]})
    return {
        "cause": data.get("cause", ""),
        "resolution": accept_text("resolution", data.get("resolution"), limit=MAX_BODY),
        "article_slug": accept_text("article", data.get("article"), limit=MAX_SLUG),
    }


def rows(ticket: Ticket, invoices: Sequence[Invoice]) -> list[TicketInvoice]:
    """One row for each different invoice; the same invoice twice in one submission is one."""
    made: list[TicketInvoice] = []
    seen: set[str] = set()
    for invoice in map(normalise, invoices):
        if invoice.identity and invoice.identity in seen:
            continue
        seen.add(invoice.identity)
        names = [field.name for field in TicketInvoice._meta.get_fields() if hasattr(invoice, field.name)]
        values = {name: getattr(invoice, name) for name in names}
        made.append(TicketInvoice(ticket=ticket, position=len(made) + 1, **{**values, "identity": invoice.identity}))
    return made


def open_duplicates(ticket: Ticket) -> TicketQuerySet:
    """Other open tickets of the same enterprise with one of the same invoices; never another enterprise's."""
    claims = [invoice.claim for invoice in ticket.invoices.all()[:MAX_INVOICES]]
    rows = Ticket.objects.open().filter(organisation=ticket.organisation_id).exclude(pk=ticket.pk)
    found: TicketQuerySet = rows.holding(claims)
    return found


def duplicates_of(invoices: Sequence[Invoice], *, organisation_id: int) -> TicketQuerySet:
    """Open tickets of that enterprise that already hold one of `invoices`, for the warning before submission."""
    rows = Ticket.objects.open().filter(organisation=organisation_id)
    found: TicketQuerySet = rows.holding([normalise(invoice) for invoice in invoices])
    return found
