"""The list of the tax side as far as people have looked it up: the last look-up of each invoice of the own tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tickets.checks.models import Check, CheckOutcome
from tickets.invoices.amounts import parse_money
from tickets.invoices.listed import Item

_FROM_CLAIM = (
    "kind", "code", "number", "digital_number", "issue_date", "amount", "tax", "total", "seller_name",
    "seller_tax_id", "buyer_name", "buyer_tax_id",
)  # fmt: skip
_MONEY = frozenset({"amount", "tax", "total"})
_THERE = (CheckOutcome.FOUND, CheckOutcome.DIFFERS)


def items(organisation_id: int) -> Iterator[Item]:
    """The records that were found, as the source showed them; an invoice that was not found isn't on the list."""
    told = Check.objects.filter(ticket__organisation=organisation_id).exclude(outcome=CheckOutcome.UNAVAILABLE)
    latest = told.select_related("invoice").order_by("invoice_id", "-looked_up_at", "-pk")
    last, position = 0, 0
    for check in latest.iterator(chunk_size=1000):
        if check.invoice_id == last:
            continue
        last = check.invoice_id
        if check.outcome in _THERE:
            position += 1
            yield _record(position, check)


def _record(position: int, check: Check) -> Item:
    values = {name: getattr(check.invoice, name) for name in _FROM_CLAIM}
    for difference in check.differences:
        if difference["field"] in values and (found := _value(difference["field"], difference["found"])) is not None:
            values[difference["field"]] = found
    return Item(position, **values)


def _value(name: str, text: str) -> Any:
    if name in _MONEY:
        return parse_money(text) if text else None
    if name == "issue_date":
        return _day(text)
    return None if name == "kind" else text  # a kind is told by its name


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
