"""PURE. One row of a list of invoices: what names it, and where two rows of one invoice differ."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import NamedTuple

from tickets.invoices.states import agree

_MONEY = ("total", "amount", "tax")
_TAX_IDS = ("buyer_tax_id", "seller_tax_id")
#: Reasons that say that the money differs, and that another detail does.
MONEY_REASONS = frozenset({*_MONEY, "sign"})
DETAIL_REASONS = frozenset({"issue_date", *_TAX_IDS})


class Item(NamedTuple):
    """One row of a list, folded; money in yuan, empty means not given. `fault` says why it can't be compared."""

    position: int
    kind: str = ""
    code: str = ""
    number: str = ""
    digital_number: str = ""
    issue_date: dt.date | None = None
    amount: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    status: str = ""
    seller_name: str = ""
    seller_tax_id: str = ""
    buyer_name: str = ""
    buyer_tax_id: str = ""
    fault: str = ""

    @property
    def gross(self) -> Decimal | None:
        """价税合计, given or added up."""
        if self.total is not None:
            return self.total
        return None if self.amount is None or self.tax is None else self.amount + self.tax


def long_keys(item: Item) -> tuple[str, ...]:
    """The 20-digit numbers of a row; paper of today prints one beside code and number."""
    found = (item.digital_number, item.number if len(item.number) == 20 else "")
    return tuple(dict.fromkeys(key for key in found if key))


def short_key(item: Item) -> str:
    """Code and number, or a number of another form that stands for itself; "" for 8 digits without a code."""
    if not item.number or len(item.number) == 20:
        return ""
    if item.code:
        return f"{item.code}|{item.number}"
    return "" if len(item.number) == 8 or item.digital_number else item.number


def differences(own: Item, theirs: Item) -> tuple[str, ...]:
    """The names of what both know and what differs, and notes of what could not be compared; worst first."""
    return (*money_reasons(own, theirs), *_other_reasons(own, theirs))


def money_reasons(own: Item, theirs: Item) -> list[str]:
    both = [(name, getattr(own, name), getattr(theirs, name)) for name in _MONEY]
    known = [(name, ours, other) for name, ours, other in both if ours is not None and other is not None]
    apart = [name for name, ours, other in known if ours != other]
    one, two = own.gross, theirs.gross
    if one is not None and two is not None and one != two and not apart:
        apart = ["total"]
    if not known and (one is None or two is None):
        return _only_one_amount(own, theirs)
    if apart and all(ours == -other for _name, ours, other in known or [("total", one, two)]):
        return ["sign", *apart]
    if apart == ["amount"] and _is_gross_in_disguise(own, theirs):
        return ["amount.gross"]
    return apart


def _only_one_amount(own: Item, theirs: Item) -> list[str]:
    """The one amount of one side against the total of the other."""
    pairs = ((own.amount, theirs.gross), (own.gross, theirs.amount))
    return ["amount.gross" if any(a is not None and a == b for a, b in pairs) else "amount.none"]


def _is_gross_in_disguise(own: Item, theirs: Item) -> bool:
    """Many own lists have one column of amounts, with the tax in it, and call it 金额."""
    pairs = ((own, theirs), (theirs, own))
    return any(a.gross is None and a.amount is not None and a.amount == b.gross for a, b in pairs)


def _other_reasons(own: Item, theirs: Item) -> list[str]:
    found = [] if agree(own.status, theirs.status) else ["status"]
    if own.issue_date and theirs.issue_date and own.issue_date != theirs.issue_date:
        found.append("issue_date")
    return found + party_reasons(own, theirs)


def party_reasons(one: Item, other: Item) -> list[str]:
    """Tax numbers that both know and that differ; a purchase invoice (收购发票) may be stored the other way round."""
    if one.seller_tax_id and (one.buyer_tax_id, one.seller_tax_id) == (other.seller_tax_id, other.buyer_tax_id):
        return []
    given = ((name, getattr(one, name), getattr(other, name)) for name in _TAX_IDS)
    return [name for name, ours, theirs in given if ours and theirs and ours != theirs]
