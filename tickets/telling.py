"""What the rules say of an invoice while it is being typed: findings, and what a look-up will ask for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from tickets import intake
from tickets.forms import INVOICE_FIELDS
from tickets.invoices.kinds import lookup_fields
from tickets.invoices.model import Finding, Invoice
from tickets.invoices.validate import validate
from tickets.invoices.values import invoice_of

_DIGITAL = "digital_number"  # a form has one field for both numbers


@dataclass(frozen=True, slots=True)
class Told:
    """`asks` and `missing` are fields of a look-up of this kind; both are empty while the kind is unknown."""

    invoice: Invoice
    findings: tuple[Finding, ...] = ()
    asks: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def typed(values: Mapping[str, str]) -> Told:
    """What is told of the texts of one form; a text that can't be read yet is a finding of its field."""
    invoice, wrong = invoice_of({name: values[name] for name in INVOICE_FIELDS if values.get(name)})
    return told(intake.normalise(invoice), also=wrong)


def told(invoice: Invoice, *, also: tuple[Finding, ...] = ()) -> Told:
    """What is told of an invoice; `also` comes first."""
    if not also and not any(getattr(invoice, name) for name in INVOICE_FIELDS):
        return Told(invoice)
    asks = tuple(name for name in lookup_fields(invoice.kind) if name != _DIGITAL) if invoice.kind else ()
    missing = tuple(name for name in asks if getattr(invoice, name) in ("", None))
    return Told(invoice, (*also, *validate(invoice, now=timezone.now())), asks, missing)


def codes(readings: Iterable[Mapping[str, Any] | None]) -> tuple[str, ...]:
    """What articles are looked for by, once each: codes of findings, and of what logs report, in readings as kept."""
    found: list[str] = []
    for reading in filter(None, readings):
        found += [finding["code"] for finding in reading.get("findings", ())]
        found += [fact["code"] for fact in (reading.get("log") or {}).get("facts", ()) if fact["sign"]]
    return tuple(dict.fromkeys(found))
