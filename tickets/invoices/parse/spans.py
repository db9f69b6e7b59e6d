"""PURE. Text of a page by its place: pieces, rows, words printed downwards, and what stands beside a label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise

_JOIN = 0.6  # of the text height: nearer pieces are one
_SPACE, _WIDE_SPACE = 0.25, 0.4  # wider gaps in one are a space; Chinese is often set with gaps that are none
_SPREAD = 4.0  # between the two characters of a label that is drawn to the width of its column
_LABELS_APART = frozenset(
    ["名称", "合计", "小计", "备注", "单位", "数量", "单价", "金额", "税率", "税额", "校验", "验码"]
)
#: Labels that stand beside their block, one character below the other; the longer before its beginning.
_DOWNWARDS = (
    "购买方信息", "购买方", "购货单位", "购货方", "销售方信息", "销售方", "销货单位", "销货方", "密码区", "备注",
)  # fmt: skip
_MOST = 20  # labels of one kind that a page has
_LABEL = re.compile(r"[:：]\s*$")
#: Where a value ends because the next label of the face begins in the same piece of text.
_NEXT = re.compile(
    r"\s*(?:(?:购买方|销售方)?\s*名\s*称|统一社会信用代码|(?:购买方|销售方)?纳税人识别号|开票日期|发票代码|发票号码|校\s*验\s*码|机器编号"
    r"|收\s*款\s*人|复\s*核|开\s*票\s*人|地\s*址|开户行|[(（]小写[)）]|销\s*售\s*方)[^:：]{0,16}[:：]|\s*[(（]小写[)）]"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text on a page; y grows downwards, units are the page's own."""

    text: str
    x0: float
    y0: float
    x1: float
    y1: float
    sure: float = 1.0  # how far the text itself is certain; lettering in a picture may be misread

    @property
    def x(self) -> float:
        return (self.x0 + self.x1) / 2

    @property
    def y(self) -> float:
        return (self.y0 + self.y1) / 2

    @property
    def height(self) -> float:
        return self.y1 - self.y0

    @property
    def bare(self) -> str:
        """The text without its spaces, which are a matter of layout."""
        return re.sub(r"\s", "", self.text)


Row = list[Span]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page laid out: its rows from top to bottom, and `marks`, the labels printed downwards, taken out of them."""

    rows: list[Row] = field(default_factory=list)
    marks: list[Span] = field(default_factory=list)

    @property
    def spans(self) -> Iterator[Span]:
        return (span for row in self.rows for span in row)


@dataclass(frozen=True, slots=True)
class Entry:
    """A label and the spans right of it up to the next label, the rest of its own piece first."""

    label: Span
    rest: Row

    @property
    def value(self) -> Span:
        """The first of them, an empty one at the end of the label when there is none."""
        end = self.label
        return self.rest[0] if self.rest else Span("", end.x1, end.y0, end.x1, end.y1)

    @property
    def texts(self) -> list[str]:
        """The first and all together, without spaces: a value may be drawn in several pieces."""
        return [self.value.bare, "".join(span.bare for span in self.rest)]


def laid_out(pieces: Iterable[Span]) -> Sheet:
    """The sheet that these pieces of text make, whatever order they were drawn in."""
    visible = [piece for piece in pieces if piece.text.strip()]
    marks, used = _marks(visible)
    return Sheet(rows(piece for index, piece in enumerate(visible) if index not in used), marks)


def _marks(pieces: Sequence[Span]) -> tuple[list[Span], set[int]]:
    """Labels printed downwards, and the indexes of the pieces that they are made of."""
    places: dict[str, list[int]] = {}
    for index, piece in enumerate(pieces):
        places.setdefault(piece.text, []).append(index)
    marks: list[Span] = []
    used: set[int] = set()
    for word in _DOWNWARDS:
        for first in places.get(word[0], [])[:_MOST]:
            chain = _chain(pieces, places, first, word)
            if chain and used.isdisjoint(chain):
                used.update(_doubles(pieces, places, chain))
                spans = [pieces[index] for index in chain]
                left, right = min(s.x0 for s in spans), max(s.x1 for s in spans)
                marks.append(Span(word, left, spans[0].y0, right, spans[-1].y1))
    return marks, used


def _chain(pieces: Sequence[Span], places: dict[str, list[int]], first: int, word: str) -> list[int]:
    """The pieces below `first` that spell `word`, [] when one is missing."""
    chain = [first]
    for char in word[1:]:
        above = pieces[chain[-1]]
        below = [
            index for index in places.get(char, [])[: 10 * _MOST]
            if abs(pieces[index].x - above.x) < 0.5 * above.height
            and abs(pieces[index].height - above.height) < 0.3 * above.height
            and 0.3 * above.height < pieces[index].y - above.y < 6 * above.height
        ]  # fmt: skip
        if not below:
            return []
        chain.append(min(below, key=lambda index: pieces[index].y))
    return chain


def _doubles(pieces: Sequence[Span], places: dict[str, list[int]], chain: Iterable[int]) -> Iterator[int]:
    """The pieces of a chain and those that are drawn over them to make them bold."""
    for mine in chain:
        for index in places[pieces[mine].text][: 10 * _MOST]:
            reach = 0.2 * pieces[mine].height
            if abs(pieces[index].x - pieces[mine].x) < reach and abs(pieces[index].y - pieces[mine].y) < reach:
                yield index


def rows(pieces: Iterable[Span]) -> list[Row]:
    """Rows from top to bottom; pieces that touch are one span."""
    found: list[Row] = []
    for piece in sorted((p for p in pieces if p.text.strip()), key=lambda p: p.y):
        if found and _on_one_height(found[-1], piece):
            found[-1].append(piece)
        else:
            found.append([piece])
    return [_joined(sorted(row, key=lambda p: p.x0)) for row in found]


def _on_one_height(row: Row, piece: Span) -> bool:
    """Near the last piece, and not far below the first: what lies between two rows elsewhere must not tie them."""
    first, last = row[0], row[-1]
    reach = 0.6 * max(piece.height, first.height)
    return piece.y - last.y <= 0.5 * min(piece.height, last.height) and piece.y - first.y <= reach


def _joined(row: Row) -> Row:
    groups: list[Row] = []
    for piece in row:
        last = groups[-1][-1] if groups else None
        if last and last.text == piece.text and abs(last.x0 - piece.x0) < 0.2 * piece.height:
            continue  # bold by drawing twice
        near = _SPREAD if last and last.text + piece.text[:1] in _LABELS_APART else _JOIN
        if last and piece.x0 - last.x1 <= near * max(piece.height, last.height):
            groups[-1].append(piece)
        else:
            groups.append([piece])
    return [_one(group) for group in groups]


def _one(group: Row) -> Span:
    text = group[0].text
    for left, right in pairwise(group):
        space = _WIDE_SPACE if _is_wide(left.text[-1]) and _is_wide(right.text[0]) else _SPACE
        text += (" " if right.x0 - left.x1 > space * right.height else "") + right.text
    tops, bottoms = (s.y0 for s in group), (s.y1 for s in group)
    sure = min(s.sure for s in group)
    return Span(text.strip(), group[0].x0, min(tops), max(s.x1 for s in group), max(bottoms), sure)


def _is_wide(char: str) -> bool:
    """A Chinese character or mark."""
    return char >= "\u2e80"


def entries(sheet: Sheet, label: str) -> Iterator[Entry]:
    """Each occurrence of `label` (a pattern) with what stands right of it, in reading order, the first twenty."""
    pattern = re.compile(label)
    found = (
        (row, index, match)
        for row in sheet.rows
        for index, span in enumerate(row)
        for match in pattern.finditer(span.text)
    )
    for row, index, match in islice(found, _MOST):
        yield _entry(sheet, row, index, match)


def _entry(sheet: Sheet, row: Row, index: int, match: re.Match[str]) -> Entry:
    span = row[index]
    unit = (span.x1 - span.x0) / max(1, len(span.text))
    start, end = span.x0 + match.start() * unit, span.x0 + match.end() * unit
    own = Span(match.group(), start, span.y0, end, span.y1)
    tail = _NEXT.split(span.text[match.end() :], maxsplit=1)
    rest = [Span(tail[0].strip(), end, span.y0, span.x1, span.y1)] if tail[0].strip() else []
    if len(tail) > 1 or (not rest and _LABEL.search(span.text[match.end() :])):
        return Entry(own, rest)
    for right in row[index + 1 :]:
        if _LABEL.search(right.text) or _NEXT.match(right.text) or _walled(sheet.marks, own, right):
            break
        rest.append(right)
    return Entry(own, rest)


def _walled(marks: Sequence[Span], left: Span, right: Span) -> bool:
    """A label printed downwards stands between the two."""
    return any(left.x1 <= mark.x <= right.x0 and mark.y0 - 1 < left.y < mark.y1 + 1 for mark in marks)


def below(sheet: Sheet, label: Span) -> Iterator[Span]:
    """What stands under a label, nearest first, as in a table with its heads above."""
    for span in sheet.spans:
        if 0.5 * label.height < span.y - label.y < 4 * label.height and span.x0 < label.x1 and span.x1 > label.x0:
            yield span


def plain(page: Sequence[Row]) -> str:
    """The words of a page row by row."""
    return "\n".join(" ".join(span.text for span in row) for row in page)
