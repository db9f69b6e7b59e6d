"""PURE. Text of a page by its place: pieces, rows, and what stands to the right of a label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

_JOIN, _SPACE = 0.6, 0.25  # of the text height: nearer pieces are one, further ones get a space between
_SPREAD = 4.0  # between the two characters of a label that is drawn to the width of its column
_LABELS_APART = {("名", "称"), ("合", "计"), ("备", "注")}
_LABEL = re.compile(r"[:：]\s*$")
#: Where a value ends because the next label of the face begins in the same piece of text.
_NEXT = re.compile(
    r"\s*(?:名\s*称|统一社会信用代码|纳税人识别号|开票日期|发票代码|发票号码|校\s*验\s*码|机器编号|收\s*款\s*人|复\s*核|开\s*票\s*人"
    r"|地\s*址|开户行|[(（]小写[)）]|销\s*售\s*方)[^:：]{0,12}[:：]|\s*[(（]小写[)）]"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text on a page; y grows downwards, units are the page's own."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def x(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def y(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def height(self) -> float:
        return self.y1 - self.y0


Row = list[Span]


def rows(pieces: Iterable[Span]) -> list[Row]:
    """Rows from top to bottom; pieces that touch are one span, whatever order they were drawn in."""
    pending = sorted((p for p in pieces if p.text.strip()), key=lambda p: p.y)
    found: list[Row] = []
    for piece in pending:
        if found and piece.y - found[-1][-1].y <= 0.5 * min(piece.height, found[-1][-1].height):
            found[-1].append(piece)
        else:
            found.append([piece])
    return [_joined(sorted(row, key=lambda p: p.x0)) for row in found]


def _joined(row: Row) -> Row:
    groups: list[Row] = []
    for piece in row:
        last = groups[-1][-1] if groups else None
        if last and last.text == piece.text and abs(last.x0 - piece.x0) < 0.2 * piece.height:
            continue  # bold by drawing twice
        near = _SPREAD if last and (last.text, piece.text[:1]) in _LABELS_APART else _JOIN
        if last and piece.x0 - last.x1 <= near * max(piece.height, last.height):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [_one(group) for group in groups]


def _one(group: Row) -> Span:
    text = group[0].text
    for left, right in pairwise(group):
        text += (" " if right.x0 - left.x1 > _SPACE * right.height else "") + right.text
    tops, bottoms = (s.y0 for s in group), (s.y1 for s in group)
    return Span(text.strip(), group[0].x0, min(tops), max(s.x1 for s in group), max(bottoms))


def after(page: Sequence[Row], label: str) -> Iterator[Span]:
    """What follows each occurrence of `label` (a pattern) in its own span or stands right of it, in reading order."""
    pattern = re.compile(label)
    for row in page:
        for index, span in enumerate(row):
            for match in pattern.finditer(span.text):
                yield _value(row, index, span, match.end())


def _value(row: Row, index: int, span: Span, end: int) -> Span:
    """The rest of the span, or the next one unless that is a label itself."""
    rest = _NEXT.split(span.text[end:], maxsplit=1)[0].strip()
    share = end / max(1, len(span.text))
    start = span.x0 + share * (span.x1 - span.x0)
    if rest:
        return Span(rest, start, span.y0, span.x1, span.y1)
    following = row[index + 1] if index + 1 < len(row) else None
    if following and not _LABEL.search(following.text):
        return following
    return Span("", start, span.y0, start, span.y1)


def size(page: Sequence[Row]) -> float:
    """The usual text height of a page."""
    heights = [span.height for row in page for span in row]
    return median(heights) if heights else 1.0


def plain(page: Sequence[Row]) -> str:
    """The words of a page row by row."""
    return "\n".join(" ".join(span.text for span in row) for row in page)
