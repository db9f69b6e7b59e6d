"""PURE. The table of goods on the face of an invoice."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from tickets.invoices.model import Line
from tickets.invoices.parse.names import LINE_NAMES, key, line
from tickets.invoices.parse.spans import Row, Span

_END = re.compile(r"^(?:合|小)\s*计|^合$|价税合计|[:：]$")
_FEWEST_HEADS = 4


def lines(page: Sequence[Row]) -> tuple[Line, ...]:
    """Goods lines below the heads of the table; none when the page has no such table."""
    at, heads = _heads(page)
    if not heads:
        return ()
    found: list[dict[str, str]] = []
    for row in page[at + 1 :]:
        if any(_END.search(span.text) for span in row[:2]):
            break
        cells = _cells(row, heads)
        if re.search(r"\d\.\d|^-?\d+$", cells.get("amount", "")):
            found.append(cells)
        elif found:  # a long name or model runs on to the next row
            for name in cells.keys() & {"name", "specification", "unit"}:
                found[-1][name] = found[-1].get(name, "") + cells[name]
    return tuple(with_roles([line(cells) for cells in found]))


def _heads(page: Sequence[Row]) -> tuple[int, list[tuple[str, Span]]]:
    for index, row in enumerate(page):
        heads = [(LINE_NAMES[key(span.text)], span) for span in row if key(span.text) in LINE_NAMES]
        if len(heads) >= _FEWEST_HEADS and {"name", "amount"} <= {name for name, _ in heads}:
            return index, heads
    return 0, []


def _cells(row: Row, heads: Sequence[tuple[str, Span]]) -> dict[str, str]:
    """Column → text; a piece belongs to the column whose strip its middle lies in."""
    cuts = [(left.x1 + right.x0) / 2 for (_, left), (_, right) in pairwise(heads)]
    cells: dict[str, str] = {}
    for span in row:
        column = sum(span.x > cut for cut in cuts)
        name = heads[column][0]
        cells[name] = cells.get(name, "") + span.text
    return cells


def with_roles(found: Sequence[Line]) -> list[Line]:
    """A negative line under a positive one of the same name is its discount (发票行性质 01 and 02)."""
    result = list(found)
    for index, (above, here) in enumerate(pairwise(found)):
        signs = above.amount is not None and here.amount is not None and above.amount > 0 > here.amount
        if signs and above.name == here.name and here.quantity is None:
            result[index], result[index + 1] = replace(above, role="02"), replace(here, role="01")
    return result
