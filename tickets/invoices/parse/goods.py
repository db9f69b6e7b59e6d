"""PURE. The table of goods on the face of an invoice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from tickets.invoices.model import Line
from tickets.invoices.parse.names import LINE_NAMES, key, line
from tickets.invoices.parse.spans import Row, Span

_END = re.compile(r"^(?:合|小)\s*计|^合$|价税合计|[:：]$")
_FEWEST_HEADS = 4
_TEXTS = {"name", "specification", "unit", ""}


def lines(page: Sequence[Row]) -> tuple[Line, ...]:
    """Goods lines below the heads of the table; none when the page has no such table."""
    at, heads = heads_of(page)
    if not heads:
        return ()
    found: list[dict[str, str]] = []
    for row in page[at + 1 :]:
        if any(_END.search(span.text) for span in row[:2]):
            break
        cells = _cells(row, heads)
        if re.search(r"\d\.\d|^-?\d+$", cells.get("amount", "")):
            found.append(cells)
        elif found and cells.keys() <= _TEXTS:  # a long name or model runs on to the next row
            for name, text in cells.items():
                found[-1][name] = found[-1].get(name, "") + text
        elif found:  # the block of travellers, of cars, of a lease
            break
    return tuple(with_roles([line({name: text for name, text in cells.items() if name}) for cells in found]))


def heads_of(page: Sequence[Row]) -> tuple[int, list[tuple[str, Span]]]:
    """Index of the row of heads, and column by column its field and its head; "" for columns of no field.

    Construction, freight, travel, lease and toll invoices have columns of their own among the usual ones.
    """
    for index, row in enumerate(page):
        heads = [(LINE_NAMES.get(key(span.text), ""), span) for span in row]
        known = {name for name, _ in heads} - {""}
        if len(known) >= _FEWEST_HEADS and {"name", "amount"} <= known:
            return index, heads
    return 0, []


def _cells(row: Row, heads: Sequence[tuple[str, Span]]) -> dict[str, str]:
    """Column → text; a piece belongs to the column whose strip its middle lies in."""
    cuts = [(left.x1 + right.x0) / 2 for (_, left), (_, right) in pairwise(heads)]
    cells: dict[str, str] = {}
    last = -1
    for word in (word for span in row for word in _words(span)):
        column = sum(word.x > cut for cut in cuts)
        name = heads[column][0]
        cells[name] = cells.get(name, "") + (" " if column == last else "") + word.text
        last = column
    return cells


def _words(span: Span) -> Iterator[Span]:
    """The words of a span by their places: cells of narrow columns touch each other."""
    sizes = [1 if char < "\u2e80" else 2 for char in span.text]
    unit = (span.x1 - span.x0) / sum(sizes)
    for match in re.finditer(r"\S+", span.text):
        start, end = sum(sizes[: match.start()]) * unit, sum(sizes[: match.end()]) * unit
        yield Span(match.group(), span.x0 + start, span.y0, span.x0 + end, span.y1)


def with_roles(found: Sequence[Line]) -> list[Line]:
    """A negative line under a positive one of the same name is its discount (发票行性质 01 and 02)."""
    result = list(found)
    for index, (above, here) in enumerate(pairwise(found)):
        signs = above.amount is not None and here.amount is not None and above.amount > 0 > here.amount
        if signs and above.name == here.name and here.quantity is None:
            result[index], result[index + 1] = replace(above, role="02"), replace(here, role="01")
    return result
