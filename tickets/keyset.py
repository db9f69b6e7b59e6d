"""Pages of a queue by key instead of by offset: the last page costs what the first one costs."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q

#: What a queue may be sorted by → the column; undated rows come last in both directions.
SORTS = {"due": "due_at", "number": "pk", "updated": "updated_at"}
DEFAULT = "due"
Key = tuple[dt.datetime | None, int]


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` of one page and the keys around it: `next` for `after`, `previous` for `before`; empty at the ends."""

    rows: list[Any]
    next: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """A column and a direction; ties are broken by id, so that the order is total."""

    name: str
    is_descending: bool = False

    @classmethod
    def of(cls, text: str) -> Order:
        """`due`, `-due`, …; anything else is the default."""
        name = text.removeprefix("-")
        return cls(name, text.startswith("-")) if name in SORTS else cls(DEFAULT)

    def __str__(self) -> str:
        return f"-{self.name}" if self.is_descending else self.name

    @property
    def column(self) -> str:
        return SORTS[self.name]

    def key(self, row: Any) -> Key:
        return (None if self.column == "pk" else getattr(row, self.column)), row.pk

    def sorted(self, rows: Any, *, back: bool = False) -> Any:
        """`rows` in this order, or in the exact reverse of it."""
        down = self.is_descending != back
        if self.column == "pk":
            return rows.order_by("-pk" if down else "pk")
        column = F(self.column)
        ends = {"nulls_first": True} if back else {"nulls_last": True}
        return rows.order_by(column.desc(**ends) if down else column.asc(**ends), "-pk" if down else "pk")

    def beyond(self, key: Key, *, back: bool = False) -> Q:
        """The rows after `key`, or before it."""
        value, pk = key
        way = "lt" if self.is_descending != back else "gt"
        if self.column == "pk":
            return Q(**{f"pk__{way}": pk})
        undated = Q(**{f"{self.column}__isnull": True})
        if value is None:
            same = undated & Q(**{f"pk__{way}": pk})
            return same | ~undated if back else same
        dated = Q(**{f"{self.column}__{way}": value}) | Q(**{self.column: value, f"pk__{way}": pk})
        return dated if back else dated | undated


def keyset_page(rows: Any, *, order: Order | None = None, after: str = "", before: str = "", size: int = 25) -> Page:
    """One page of `rows`; a foreign or broken key starts from the beginning."""
    order = order or Order(DEFAULT)
    if (key := _read(before)) and (page := _page_before(rows, order, key, size)):
        return page
    key = _read(after)
    found = list(order.sorted(rows.filter(order.beyond(key)) if key else rows)[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(
        found,
        next=_write(order.key(found[-1])) if more else "",
        previous=_write(order.key(found[0])) if key and found else "",
    )


def _page_before(rows: Any, order: Order, key: Key, size: int) -> Page | None:
    found = list(order.sorted(rows.filter(order.beyond(key, back=True)), back=True)[: size + 1])
    more, found = len(found) > size, found[:size][::-1]
    if not found:
        return None
    return Page(found, next=_write(order.key(found[-1])), previous=_write(order.key(found[0])) if more else "")


def position_page(rows: Any, *, after: str = "", before: str = "", size: int = 50) -> Page:
    """One page of rows with a `position`, in its order; what is no number starts from the beginning."""
    back = _position(before)
    if back and (found := list(rows.filter(position__lt=back).order_by("-position")[: size + 1])):
        more, found = len(found) > size, found[:size][::-1]
        return Page(found, next=str(found[-1].position), previous=str(found[0].position) if more else "")
    start = _position(after)
    found = list(rows.filter(position__gt=start).order_by("position")[: size + 1])
    more, found = len(found) > size, found[:size]
    return Page(
        found,
        next=str(found[-1].position) if more else "",
        previous=str(found[0].position) if start and found else "",
    )


def _position(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def neighbours(rows: Any, row: Any, order: Order) -> tuple[str, str]:
    """The numbers before and after `row` in `rows`; empty at the ends."""
    key = order.key(row)
    around = (order.sorted(rows.filter(order.beyond(key, back=back)), back=back) for back in (True, False))
    before, after = (some.values_list("number", flat=True).first() for some in around)
    return before or "", after or ""


def _write(key: Key) -> str:
    at, pk = key
    text = json.dumps([at.isoformat() if at else None, pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(text: str) -> Key | None:
    try:
        at, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        moment = dt.datetime.fromisoformat(at) if at else None
        if moment is not None:
            moment.astimezone(dt.UTC)  # at the ends of the calendar there is no such moment
        number = int(pk)
    except (ValueError, TypeError, OverflowError):
        return None
    if (moment is not None and moment.tzinfo is None) or not 0 < number < 2**63:
        return None
    return moment, number
