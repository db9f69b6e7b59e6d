"""PURE. The face of an invoice in a picture, from the boxes that a reader of letters finds in it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median

from PIL import Image

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.amounts import from_words
from tickets.invoices.identifiers import has_right_checks, split_number
from tickets.invoices.model import TRUST, Finding, Line, Place, Severity, Source, Value
from tickets.invoices.parse import face, places, spans
from tickets.invoices.parse.contract import Found, Letters, Seen, Unread
from tickets.invoices.parse.spans import Span

UNSURE = 0.6  # below it a person is asked to compare
_PROVED, _DOUBTED = 0.85, 0.4
_LONG_SIDE, _SHORT_SIDE = 2000, 1000  # of the picture that is read; smaller ones are enlarged
_MOST = 600  # boxes
_FAINT = 0.8  # mean score of a page that stands upside down is below
_INNER = 0.12  # of a box's height is margin, above and below
_STEEP = math.tan(math.radians(15))
#: Letters in place of digits in a number, and digits in place of letters; which of both, a check character must prove.
_AS_DIGITS = str.maketrans("OoQDlI|!iZzSsB", "00001111122558")
_ALIKE = ("0ODQ", "1IL", "2Z", "5S", "8B", "6G", "4A", "7T", "UV", "CG", "MN", "XK", "EF", "PR", "WN", "YV")
_NUMBER = re.compile(r"(?<=[号码][码:：])(\s*[:：]?\s*)([0-9OoQDlI|!iZzSsB ]{8,26})(?![0-9A-Za-z])")
_TAX_ID = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z|!]{18}(?![0-9A-Za-z])")
_SIGN = re.compile(r"(?<![A-Za-z])[YV￥羊半](?=-?\d[\d,]*[.。]\d\d)")
_POINT = re.compile(r"(?<=\d)\s*[。·]\s*(?=\d\d(?!\d))")
#: A label that is printed downwards beside its block lends the first character to the words that it touches.
_MARKED = re.compile(r"[购买销售货方单位](?=\s*(?:名|纳税人识别号|统一社会信用|地\s*址|开户行))")
_KEY_FIELDS = ("number", "issue_date", "total", "amount", "seller_tax_id", "buyer_tax_id")


def not_read(*, has_code: bool) -> Finding:
    """Where no letters are read, said once for each file."""
    text = _("The letters in this picture were not read, only its QR code. Please type the other fields.")
    if not has_code:
        text = _("The letters in this picture were not read. Please type the fields from it.")
    return Finding("ocr.not_run", Severity.INFO, "", Message(text))


def failed() -> Finding:
    """The reader gave up."""
    text = _("The letters in this picture could not be read in time. Please type the fields from it.")
    return Finding("ocr.failed", Severity.WARNING, "", Message(text))


def rationed(letters: Letters, most: int) -> Letters:
    """The same for so many pictures; the rest of a file stays unread."""
    left = iter(range(most))

    def some(picture: Image.Image) -> Sequence[Seen]:
        if next(left, None) is None:
            raise Unread
        return letters(picture)

    return some


@dataclass(frozen=True, slots=True)
class Lettering:
    """What the letters of a picture say: an invoice, if it is one, and the plain text."""

    found: Found | None = None
    text: str = ""
    score: float = 0.0
    is_tall: bool = False  # most of its words run downwards: the picture lies on its side


def read(picture: Image.Image, letters: Letters, *, turn: int | None = None, page: int = 1) -> Lettering:
    """The face in a picture; `turn` (degrees, as its code stands) spares the search for the side that is up."""
    first = _read(picture, letters, turn or 0, page)
    if turn is not None or first.found:
        return first
    others = (90, 270) if first.is_tall else (180,) if 0 < first.score < _FAINT else ()
    turned = [_read(picture, letters, other, page) for other in others]
    return max((first, *turned), key=lambda one: (one.found is not None, one.score))


def _read(picture: Image.Image, letters: Letters, turn: int, page: int) -> Lettering:
    upright = picture.rotate(turn, expand=True) if turn % 360 else picture
    scale = min(_LONG_SIDE / max(upright.size), 2.0 if max(upright.size) < _SHORT_SIDE else 1.0)
    size = max(1, round(upright.width * scale)), max(1, round(upright.height * scale))
    seen = letters(upright if size == upright.size else upright.resize(size, Image.Resampling.BICUBIC))[:_MOST]
    frame = _Frame.of(seen, size)
    pieces = [piece for box in seen for piece in _pieces(box, frame)]
    sheet = spans.laid_out(pieces)
    score = fmean(box.score for box in seen) if seen else 0.0
    values, lines = face.read(pieces)
    text = spans.plain(sheet.rows)
    if not values:
        return Lettering(None, text, score, _is_tall(seen))
    values, lines = _consistent(values, lines)
    shown = places.found(sheet, values)
    sure = _sure(values, shown)
    on_page = places.framed(shown, lambda span: frame.place(span, page, turn))
    return Lettering(_found(values, lines, sure, on_page), text, score)


def _is_tall(seen: Sequence[Seen]) -> bool:
    words = [box for box in seen if len(box.text) > 2]
    tall = [box for box in words if _height(box) > 1.5 * abs(box.corners[1][0] - box.corners[0][0])]
    return len(tall) > len(words) / 2


def _height(box: Seen) -> float:
    return abs(box.corners[3][1] - box.corners[0][1])


def _found(
    values: Mapping[str, Value], lines: tuple[Line, ...], sure: dict[str, float], on_page: dict[str, Place]
) -> Found:
    text = _("Read from the picture without certainty. Compare it with the paper.")
    doubts = tuple(
        Finding("ocr.unsure", Severity.WARNING, name, Message(text))
        for name in _KEY_FIELDS
        if sure.get(name, 1.0) < UNSURE
    )
    return Found(Source.OCR, values, lines, doubts, sure, on_page)


@dataclass(frozen=True, slots=True)
class _Frame:
    """How the rows of a sheet lie in the picture: their slope, and how much it grows from one row to the next.

    A sheet taken from the side has rows that run apart like a fan.
    """

    width: int
    height: int
    slope: float = 0.0
    fan: float = 0.0

    @classmethod
    def of(cls, seen: Sequence[Seen], size: tuple[int, int]) -> _Frame:
        """By the upper and lower edges of the long boxes."""
        width, height = size
        edges = [edge for box in seen for edge in _edges(box)]
        if len(edges) < 3:
            return cls(width, height)
        middle = median(slope for _, slope, _ in edges)
        near = [(y - height / 2, slope, weight) for y, slope, weight in edges if abs(slope - middle) < 0.05]
        total = sum(weight for *_, weight in near)
        mean_y = sum(y * weight for y, _, weight in near) / total
        mean = sum(slope * weight for _, slope, weight in near) / total
        spread = sum(weight * (y - mean_y) ** 2 for y, _, weight in near)
        fan = sum(weight * (y - mean_y) * (slope - mean) for y, slope, weight in near) / spread if spread else 0.0
        return cls(width, height, mean - fan * mean_y, fan)

    def straight(self, x: float, y: float) -> tuple[float, float]:
        """A point of the picture on the sheet."""
        across, down = x - self.width / 2, y - self.height / 2
        return across + self.slope * down, down - (self.slope + self.fan * down) * across

    def back(self, x: float, y: float) -> tuple[float, float]:
        """The reverse, in parts of the picture."""
        across, down = x, y
        for _round in range(4):
            across, down = x - self.slope * down, y + (self.slope + self.fan * down) * across
        return across / self.width + 0.5, down / self.height + 0.5

    def place(self, span: Span, page: int, turn: int) -> Place | None:
        """Where a span stands in the picture before it was turned."""
        corners = [self.back(x, y) for x in (span.x0, span.x1) for y in (span.y0, span.y1)]
        return places.box(page, [_unturned(point, turn % 360) for point in corners])


def _unturned(point: tuple[float, float], turn: int) -> tuple[float, float]:
    """A point of a picture that was turned by `turn` degrees against the clock, before that."""
    x, y = point
    return {90: (1 - y, x), 180: (1 - x, 1 - y), 270: (y, 1 - x)}.get(turn, point)


def _edges(box: Seen) -> Iterator[tuple[float, float, float]]:
    """Height, slope and length of the upper and the lower edge of a long box."""
    upper_left, upper_right, lower_right, lower_left = box.corners
    for (x0, y0), (x1, y1) in ((upper_left, upper_right), (lower_left, lower_right)):
        length = x1 - x0
        if length > 4 * abs(lower_left[1] - upper_left[1]) and abs(y1 - y0) < _STEEP * length:
            yield (y0 + y1) / 2, (y1 - y0) / length, length


def _pieces(box: Seen, frame: _Frame) -> Iterator[Span]:
    """A box as a span of the sheet; words that run downwards character by character, as a page has them."""
    corners = [frame.straight(x, y) for x, y in box.corners]
    left, right = fmean((corners[0][0], corners[3][0])), fmean((corners[1][0], corners[2][0]))
    top, bottom = fmean((corners[0][1], corners[1][1])), fmean((corners[2][1], corners[3][1]))
    text = _mended(box.text.strip())
    if len(text) > 1 and bottom - top > 1.2 * (right - left):
        step = (bottom - top) / len(text)
        for index, char in enumerate(text):
            yield Span(char, left, top + index * step, right, top + (index + 1) * step, box.score)
        return
    inner = _INNER * (bottom - top)
    whole = Span(text, left, top + inner, right, bottom - inner, box.score)
    mark = _MARKED.match(text)
    yield from (places.part(whole, 0, 1), places.part(whole, 1, len(text))) if mark else (whole,)


def _mended(text: str) -> str:
    """What can't be otherwise: digits of a number beside its label, tax numbers by their checks, the sign of money."""
    text = _NUMBER.sub(lambda m: m[1] + m[2].translate(_AS_DIGITS), text)
    text = _TAX_ID.sub(lambda m: mended_tax_id(m.group()), text)
    return _POINT.sub(".", _SIGN.sub("¥", text))


def mended_tax_id(text: str) -> str:
    """The only number with both checks right that one or two look-alikes away stands; else `text` in capitals."""
    plain = text.upper().replace("|", "1").replace("!", "1").translate(str.maketrans("OIZS", "0125"))
    if has_right_checks(plain):
        return plain
    once = set(_looking_like(plain))
    fitting = {other for other in once if has_right_checks(other)}
    if not fitting:
        fitting = {other for one in once for other in _looking_like(one) if has_right_checks(other)}
    return fitting.pop() if len(fitting) == 1 else plain


def _looking_like(text: str) -> Iterator[str]:
    for index, char in enumerate(text):
        for group in _ALIKE:
            if char in group:
                yield from (text[:index] + other + text[index + 1 :] for other in group if other != char)


def _consistent(values: dict[str, Value], lines: tuple[Line, ...]) -> tuple[dict[str, Value], tuple[Line, ...]]:
    """Without words that contradict three figures, and without goods lines that don't make the sums: misread, both."""
    amount, tax, total = (values.get(name) for name in ("amount", "tax", "total"))
    words = from_words(str(values.get("total_in_words", "")))
    if total is not None and words != total:
        values = {name: value for name, value in values.items() if name != "total_in_words"}
    known = [line.amount for line in lines if line.amount is not None]
    taxes = [line.tax for line in lines if line.tax is not None]
    fits = len(known) == len(lines) and sum(known) == amount and (tax is None or sum(taxes) == tax)
    return values, lines if fits else ()


def _sure(values: Mapping[str, Value], shown: Mapping[str, Span]) -> dict[str, float]:
    """Field → trust: as certain as its letters, more when a check or the sums prove it, little when a check fails."""
    trust = TRUST[Source.OCR]
    sure = {name: round(trust * (shown[name].sure if name in shown else 0.7), 3) for name in values}
    for name in _proved(values):
        sure[name] = max(sure[name], _PROVED)
    for name in ("seller_tax_id", "buyer_tax_id"):
        if name in values and not has_right_checks(str(values[name])):
            sure[name] = _DOUBTED
    number = str(values["number"])
    if len(number) == 20 and not ((parts := split_number(number)) and parts.region):
        sure["number"] = _DOUBTED
    return sure


def _proved(values: Mapping[str, Value]) -> Iterator[str]:
    for name in ("seller_tax_id", "buyer_tax_id"):
        if has_right_checks(str(values.get(name, ""))):
            yield name
    amount, tax, total = (values.get(name) for name in ("amount", "tax", "total"))
    words = from_words(str(values.get("total_in_words", "")))
    if total is not None and words == total:
        yield from ("total", "total_in_words")
    if amount is not None and tax is not None and amount + tax == total:  # type: ignore[operator]
        yield from ("amount", "tax", "total")
