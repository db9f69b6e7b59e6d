"""PURE. From what stands in a file to an invoice that the rules can read."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from helpdesk.common.messages import Message
from tickets.invoices.packages.cells import SHOWN, read, shown
from tickets.invoices.packages.contract import MOST_SLIPS, Bill, Draft, Field, Hit, Item, Profile
from tickets.invoices.packages.rules.goods import DISCOUNT, DISCOUNTED
from tickets.invoices.packages.strict_json import Doubled

NORMAL = "00"


def bill_of(draft: Draft, index: int, profile: Profile, most_lines: int) -> Bill:
    """The typed invoice; `is_cut` when it has more than `most_lines` lines or too many wrong cells."""
    bill = Bill(index, draft.rows_name)
    values = _cells(bill, profile.head, draft.head, -1)
    values["colour"] = profile.colours.get(values["colour"], "")
    for name, value in values.items():
        setattr(bill, name, value)
    _twice(bill, draft.twice, -1)
    bill.is_cut = len(draft.rows) > most_lines
    for line, raw in enumerate(() if bill.is_cut else draft.rows):
        bill.rows.append(_item(bill, profile, raw, line))
        if len(bill.slips) > MOST_SLIPS:
            bill.is_cut = line + 1 < len(draft.rows)
            break
    if all(field.name != "role" for field in profile.lines):
        _guess_roles(bill.rows)
    return bill


def _item(bill: Bill, profile: Profile, raw: object, line: int) -> Item:
    if not isinstance(raw, Mapping):
        bill.slips.append(("field.type", Hit("rows", line, params={"name": _LINE, "value": shown(raw)})))
        return Item()
    if isinstance(raw, Doubled):
        _twice(bill, raw.twice, line)
    return Item(**_cells(bill, profile.lines, raw, line))


_LINE = "mxxx"


def _cells(bill: Bill, fields: tuple[Field, ...], raw: Mapping[str, object], line: int) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for field in fields:
        values[field.name], slip = read(field, raw.get(field.source))
        if slip is not None:
            params = {"name": Message(field.label), **slip.params}
            bill.slips.append((slip.code, Hit(field.name, line, slip.suggestion, params)))
    return values


def _twice(bill: Bill, names: tuple[str, ...], line: int) -> None:
    for name in names[:SHOWN]:
        bill.slips.append(("field.twice", Hit("rows" if line >= 0 else "", line, params={"value": shown(name)})))


def _guess_roles(rows: list[Item]) -> None:
    """Where lines carry no nature: one of the other sign under one of the same name is its discount."""
    for row in rows:
        row.role = NORMAL
    for above, here in pairwise(rows):
        signs = above.amount is not None and here.amount is not None and above.amount * here.amount < 0
        if signs and above.name == here.name and here.quantity is None and above.role == NORMAL:
            above.role, here.role = DISCOUNTED, DISCOUNT
