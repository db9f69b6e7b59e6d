"""PURE. Invoices in XBRL, as the 电子凭证会计数据标准 of the Ministry of Finance has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tickets.invoices.kinds import normalise_kind
from tickets.invoices.model import Source
from tickets.invoices.parse.contract import Found
from tickets.invoices.parse.leaves import columns, flatten
from tickets.invoices.parse.names import key, values
from tickets.invoices.parse.xmltree import Node

#: The fact that holds the number tells the two kinds of ticket from an invoice.
_KIND_OF_FACT = {
    "electronicinvoicerailwayeticketnumber": "51",
    "electronicinvoiceairtransportreceiptnumber": "61",
}
#: A ticket has no goods lines, so its tax stands alone; only a railway's fare is all that was paid.
_TICKET_FACTS: Mapping[str, Mapping[str, str]] = {
    "51": {"TaxAmount": "tax", "Fare": "total"},
    "61": {"TaxAmount": "tax"},
}


def is_instance(root: Node) -> bool:
    """True for an XBRL instance document."""
    return root.name == "xbrl"


def read(root: Node) -> Iterator[tuple[Found, ...]]:
    """The one invoice of an instance, when it states a number or a total."""
    texts, goods = flatten(root)
    given = values(texts)
    kinds = [_KIND_OF_FACT.get(key(fact.name), "") or _stated(fact) for fact in root.walk()]
    if kind := next(filter(None, kinds), ""):
        given["kind"] = kind
    facts = _TICKET_FACTS.get(kind, {})
    given = values({facts[fact.name]: fact.text for fact in root.walk() if fact.name in facts}) | given
    if "number" in given or "total" in given:
        yield (Found(Source.XBRL, given, tuple(goods or columns(root))),)


def _stated(fact: Node) -> str:
    return normalise_kind(fact.text) if fact.name == "TypeOfInvoice" else ""
