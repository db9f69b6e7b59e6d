"""What may enter a ticket: the checks of a submission and the rows made of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.messages import Message, gettext_noop
from tickets import vocabulary as words
from tickets.invoices.identifiers import fold
from tickets.invoices.kinds import normalise_kind
from tickets.invoices.model import Finding, Invoice, Severity
from tickets.invoices.validate import validate
from tickets.models import Ticket, TicketInvoice
from tickets.querysets import TicketQuerySet
from tickets.triage.rules import LABELS

if TYPE_CHECKING:
    from tickets.services import NewTicket

MAX_SUBJECT, MAX_BODY, MAX_INVOICES = 200, 20_000, 200

#: Findings that can't be true of any invoice, so the field is refused; all others are facts for triage.
BLOCKING = frozenset({"number.form", "number.excel", "code.form", "tax_id.form", "date.future", "amount.form"})

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
        errors += [
            FieldError(f"invoices.{index}.{finding.field}", finding.code, finding.message)
            for finding in blocking(normalise(invoice))
        ]
    if errors:
        raise Invalid(errors=errors)


def _text_errors(new: NewTicket) -> Iterator[FieldError]:
    if not new.subject.strip():
        yield FieldError("subject", "required", Message(gettext_noop("Say in one line what is wrong.")))
    if len(new.subject) > MAX_SUBJECT:
        text = Message(gettext_noop("At most %(limit)s characters."), {"limit": MAX_SUBJECT})
        yield FieldError("subject", "too_long", text)
    if len(new.description) > MAX_BODY:
        text = Message(gettext_noop("At most %(limit)s characters."), {"limit": MAX_BODY})
        yield FieldError("description", "too_long", text)
    if new.symptom not in words.SYMPTOM_LABELS:
        yield FieldError("symptom", "unknown", Message(gettext_noop("Choose one of the situations.")))


def check_words(changes: Mapping[str, Any]) -> None:
    """Raise Invalid when a value is not one of the vocabulary."""
    text = Message(gettext_noop("Choose one of the list."))
    wrong = [name for name, value in changes.items() if value not in _WORDS[name]]
    if wrong:
        raise Invalid(errors=[FieldError(name, "unknown", text) for name in wrong])


def resolution(data: Mapping[str, Any]) -> dict[str, Any]:
    """The columns that resolving writes."""
    if data.get("cause"):
        check_words({"cause": data["cause"]})
    return {
        "cause": data.get("cause", ""),
        "resolution": str(data.get("resolution", "")).strip(),
        "article_slug": data.get("article", "") or "",
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
    identities = [i for i in ticket.invoices.values_list("identity", flat=True) if i]
    found: TicketQuerySet = (
        Ticket.objects.open()
        .filter(organisation=ticket.organisation_id, invoices__identity__in=identities)
        .exclude(pk=ticket.pk)
        .distinct()
    )
    return found


def duplicates_of(invoices: Sequence[Invoice], *, organisation_id: int) -> TicketQuerySet:
    """Open tickets of that enterprise that already hold one of `invoices`, for the warning before submission."""
    identities = [i for i in (normalise(invoice).identity for invoice in invoices) if i]
    found: TicketQuerySet = (
        Ticket.objects.open().filter(organisation=organisation_id, invoices__identity__in=identities).distinct()
    )
    return found
