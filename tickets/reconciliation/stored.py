"""The result of a reconciliation in its stored form: pages of one class, packed as JSON."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from tickets.invoices.listed import Item
from tickets.invoices.reconcile import Entry, Reconciliation, Result

PAGE = 50  # rows
#: Reasons of a missing row for which no ticket helps yet: void in the own list, issued today.
WAITS = frozenset({"void", "today"})


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a result: both sides as far as there are two; `first` is the position of a duplicate's first row."""

    result: Result
    own: Item | None
    theirs: Item | None
    reasons: tuple[str, ...]
    first: int = 0

    @property
    def item(self) -> Item:
        """The side that is there, the own one first."""
        found = self.own or self.theirs
        assert found is not None  # noqa: S101  every entry has a side
        return found


def pages(done: Reconciliation, own: Sequence[Item], theirs: Sequence[Item]) -> Iterator[tuple[Result, int, bytes]]:
    """(class, number from 1, packed rows) of every page."""
    for result, entries in _classes(done.entries).items():
        for start in range(0, len(entries), PAGE):
            rows = [_pack(entry, own, theirs) for entry in entries[start : start + PAGE]]
            text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
            yield result, start // PAGE + 1, zlib.compress(text.encode(), 3)


def lines(packed: bytes, result: str) -> list[Line]:
    """The rows of a page."""
    return [
        Line(Result(result), _item(own), _item(theirs), tuple(reasons), first)
        for own, theirs, reasons, first in json.loads(zlib.decompress(packed))
    ]


def summary(done: Reconciliation, own: Sequence[Item], theirs: Sequence[Item]) -> dict[str, Any]:
    """Counts and sums of every class that has rows, in the order of Result; money as text."""
    classes: dict[str, Any] = {}
    for result, entries in _classes(done.entries).items():
        sums = [_sum(own, (e.own for e in entries)), _sum(theirs, (e.theirs for e in entries))]
        classes[result.value] = {"count": len(entries), "own": str(sums[0]), "theirs": str(sums[1])}
    fileable = sum(entry.result is Result.MISSING and not WAITS & set(entry.reasons) for entry in done.entries)
    told = {"own": len(own), "theirs": len(theirs), "outside": done.outside, "fileable": fileable}
    return {"classes": classes, **told}


def _classes(entries: Sequence[Entry]) -> dict[Result, list[Entry]]:
    found: dict[Result, list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.result].append(entry)
    return {result: found[result] for result in Result if result in found}


def _sum(items: Sequence[Item], indices: Iterator[int]) -> Decimal:
    money = (items[index].gross for index in indices if index >= 0)
    return sum((value for value in money if value is not None), Decimal(0))


def _pack(entry: Entry, own: Sequence[Item], theirs: Sequence[Item]) -> list[Any]:
    side = own if entry.own >= 0 else theirs
    first = side[entry.first].position if entry.first >= 0 else 0
    return [_values(own, entry.own), _values(theirs, entry.theirs), entry.reasons, first]


def _values(items: Sequence[Item], index: int) -> list[Any] | None:
    if index < 0:
        return None
    return [str(value) if isinstance(value, Decimal | dt.date) else value for value in items[index]]


_DAY = Item._fields.index("issue_date")
_MONEY = [Item._fields.index(name) for name in ("amount", "tax", "total")]


def _item(values: list[Any] | None) -> Item | None:
    if values is None:
        return None
    values[_DAY] = dt.date.fromisoformat(values[_DAY]) if values[_DAY] else None
    for at in _MONEY:
        values[at] = None if values[at] is None else Decimal(values[at])
    return Item(*values)
