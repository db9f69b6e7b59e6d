"""PURE. Invoices in XBRL, as the 电子凭证会计数据标准 of the Ministry of Finance has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from tickets.invoices.kinds import normalise_kind
from tickets.invoices.model import Source, Value
from tickets.invoices.parse.contract import Found
from tickets.invoices.parse.leaves import columns, flatten
from tickets.invoices.parse.names import values
from tickets.invoices.parse.xmltree import Node

#: The fact that holds the number tells the two kinds of ticket from an invoice.
_KIND_OF_FACT = {"ElectronicInvoiceRailwayETicketNumber": "51", "ElectronicInvoiceAirTransportReceiptNumber": "61"}
#: A ticket has no goods lines, so its tax stands alone. A railway's fare is all that was paid; an air ticket's total
#: holds fund and fees beside fare, fuel and tax.
_TICKET_FACTS: Mapping[str, Mapping[str, str]] = {
    "51": {
        "TaxAmount": "tax",
        "AmountRefunded": "total",
        "Fare": "total",
        "NumberOfOriginalInvoice": "original_number",
    },
    "61": {"TaxAmount": "tax", "VatTaxAmount": "tax", "TotalAmount": "total"},
}
_TAXED = ("Fare", "FuelSurcharge")


def is_instance(root: Node) -> bool:
    """True for an XBRL instance document, and for the facts of a ticket under any other root."""
    return root.name == "xbrl" or any(node.name in _KIND_OF_FACT for node in root.walk())


def read(root: Node) -> Iterator[tuple[Found, ...]]:
    """The one invoice of an instance, when it states a number or a total."""
    facts = {node.name: node.text for node in root.walk() if node.text.strip() and not node.children}
    texts, goods = flatten(root)
    if not {"number", "code"} & texts.keys() and "UniqueCodeOfInvoice" in facts:
        texts["number"] = facts["UniqueCodeOfInvoice"]
    given = values(texts)
    kind = next((kind for name, kind in _KIND_OF_FACT.items() if name in facts), "")
    kind = kind or normalise_kind(facts.get("TypeOfInvoice", "")) or normalise_kind(facts.get("TypeOfVoucher", ""))
    if kind:
        given["kind"] = kind
    named = _TICKET_FACTS.get(kind, {})
    given = values({named[name]: facts[name] for name in named if name in facts}) | given
    if kind == "61" and "amount" not in given:
        given |= _taxed(facts)
    if "number" in given or "total" in given:
        yield (Found(Source.XBRL, given, tuple(goods or columns(root))),)


def _taxed(facts: Mapping[str, str]) -> dict[str, Value]:
    """What an air ticket is taxed on: fare and fuel, when the tax shows that the fare is without it."""
    parts = [values({"amount": facts[name]}).get("amount") for name in _TAXED if name in facts]
    figures = [part for part in parts if isinstance(part, Decimal)]
    return {"amount": sum(figures, Decimal())} if figures and "VatTaxAmount" in facts else {}
