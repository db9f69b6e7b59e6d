"""PURE. Where on a page the value of a field stands, whichever source gave it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from tickets.invoices.amounts import parse_money
from tickets.invoices.identifiers import halve_width
from tickets.invoices.model import Place, Value
from tickets.invoices.parse.names import day
from tickets.invoices.parse.spans import Sheet, Span

#: Fields that a person compares with the paper; the others are words that stand in many places.
SHOWN = (
    "code", "number", "digital_number", "check_code", "issue_date", "total", "amount", "tax", "total_in_words",
    "seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id",
)  # fmt: skip
_DAY = re.compile(r"\d{4}\D{1,3}\d{1,2}\D{1,3}\d{1,2}\s*日?|\d{8}")
_FIGURE = re.compile(r"-?[¥￥]?-?\d[\d,]*\.\d\d(?!\d)")
_LAST = frozenset({"total", "amount", "tax"})  # a line of goods may show the same figure further up
#: Fields by which the box of a value is told from the frame of the page: (span) → place, None when it is off the page.
Framed = Callable[[Span], Place | None]


def found(sheet: Sheet, values: Mapping[str, Value]) -> dict[str, Span]:
    """Field → the part of a span that shows its value."""
    spans = sorted(sheet.spans, key=lambda span: (span.y0, span.x0))
    shown: dict[str, Span] = {}
    for name in SHOWN:
        if name not in values:
            continue
        taken = set(shown.values())
        hits = [hit for span in spans for hit in _hits(span, values[name])]
        free = [hit for hit in hits if hit not in taken] or hits
        if free:
            shown[name] = free[-1] if name in _LAST else free[0]
    return shown


def framed(shown: Mapping[str, Span], frame: Framed) -> dict[str, Place]:
    """The same as parts of the page."""
    placed = ((name, frame(span)) for name, span in shown.items())
    return {name: place for name, place in placed if place}


def affine(page: int, frame: tuple[float, ...]) -> Framed:
    """For x' = a·x + c·y + e, y' = b·x + d·y + f."""
    a, b, c, d, e, f = frame
    return lambda span: box(
        page, [(a * x + c * y + e, b * x + d * y + f) for x in (span.x0, span.x1) for y in (span.y0, span.y1)]
    )


def box(page: int, corners: list[tuple[float, float]]) -> Place | None:
    """The place around corners in parts of the page."""
    across, down = sorted(x for x, _ in corners), sorted(y for _, y in corners)
    edges = (across[0], down[0], across[-1], down[-1])
    x0, y0, x1, y1 = (round(min(1.0, max(0.0, edge)), 4) for edge in edges)
    return Place(page, x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _hits(span: Span, value: Value) -> Iterator[Span]:
    """The parts of a span that show the value."""
    text = halve_width(span.text)
    if isinstance(value, Decimal):
        yield from (part(span, *m.span()) for m in _FIGURE.finditer(text) if parse_money(m.group()) == value)
    elif isinstance(value, dt.date):
        yield from (part(span, *m.span()) for m in _DAY.finditer(text) if day(m.group()) == value)
    else:
        gaps = r"\s*".join(re.escape(char) for char in halve_width(str(value)))
        yield from (part(span, *m.span()) for m in re.finditer(gaps, text))


def part(span: Span, start: int, end: int) -> Span:
    """The strip of a span that some of its characters cover; Chinese is twice as wide as the rest."""
    sizes = [1 if char < "\u2e80" else 2 for char in span.text]
    unit = (span.x1 - span.x0) / sum(sizes)
    left, right = (span.x0 + sum(sizes[:at]) * unit for at in (start, end))
    return replace(span, text=span.text[start:end], x0=left, x1=right)
