"""A picture of a file's page, made anew from the pixels: nothing that hid in the original comes through."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageDraw

from helpdesk.common.errors import Missing
from tickets.evidence.facts import place_of
from tickets.evidence.models import Evidence
from tickets.evidence.services import open_file
from tickets.invoices import packed
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.logs.lines import Tally, blocks
from tickets.invoices.parse import pdf
from tickets.invoices.parse.image import turn_of
from tickets.invoices.unpack import Budget

LONG_SIDE, CLOSE_SIDE = 1600, 2400  # pixels of a page, and of one of which a part is shown
LINES = 500  # of a log
MARK = (200, 30, 30)
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def can_show(evidence: Evidence) -> bool:
    return evidence.media_type.startswith("image/") or evidence.media_type == "application/pdf"


def first_lines(data: bytes, name: str) -> str:
    """The beginning of the first text log in a file, at most LINES lines."""
    for source in packed.sources(data, name, Budget(Limits())):
        for block in blocks(source.chunks, source.encoding, Tally()):
            return "".join(block.text.splitlines(keepends=True)[:LINES])
    return ""


def render(evidence: Evidence, *, page: int = 1) -> bytes:
    """JPEG of one page, its long side at most LONG_SIDE. Raises Missing for other files, NotNow while unchecked."""
    return _jpeg(_shown(evidence, page, LONG_SIDE))


def marked(evidence: Evidence, *, name: str, nth: int = 0) -> bytes:
    """JPEG of the part of a page in which a field of the nth invoice stands, framed. Raises as `render` does."""
    found = place_of(evidence, name, nth)
    if found is None or found.place is None:
        raise Missing
    place = found.place
    picture = _shown(evidence, place.page, CLOSE_SIDE).convert("RGB")
    width, height = picture.size
    left, top, right, bottom = place.x0 * width, place.y0 * height, place.x1 * width, place.y1 * height
    margin = max(4.0, 0.15 * (bottom - top))
    frame = (left - margin, top - margin, right + margin, bottom + margin)
    ImageDraw.Draw(picture).rectangle(frame, outline=MARK, width=3)
    return _jpeg(picture.crop(_around(frame, width, height)))


def _around(frame: tuple[float, ...], width: int, height: int) -> tuple[int, int, int, int]:
    """A strip four times as wide as high with the frame in its middle, as far as the picture reaches."""
    left, top, right, bottom = frame
    wide = min(float(width), max(1.2 * (right - left), 8 * (bottom - top), 0.3 * width))
    high = min(float(height), max(wide / 4, 1.6 * (bottom - top)))
    x = min(max(0.0, (left + right - wide) / 2), width - wide)
    y = min(max(0.0, (top + bottom - high) / 2), height - high)
    return round(x), round(y), max(round(x) + 1, round(x + wide)), max(round(y) + 1, round(y + high))


def _shown(evidence: Evidence, page: int, long_side: int) -> Image.Image:
    if not can_show(evidence):
        raise Missing
    with open_file(evidence) as source:
        data = source.read()
    return _page(data, page, long_side) if evidence.media_type == "application/pdf" else _picture(data, long_side)


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _page(data: bytes, number: int, long_side: int) -> Image.Image:
    try:
        found = pdf.page_picture(data, number, long_side)
    except Refused as error:
        raise Missing from error
    if found is None:
        raise Missing
    return found


def _picture(data: bytes, long_side: int) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                if picture.width * picture.height > Limits().pixels:
                    raise Missing
                picture.draft("RGB", (long_side, long_side))
                turn = turn_of(picture)
                clear = picture.convert("RGBA")
                clear.thumbnail((long_side, long_side))
    except (OSError, ValueError, SyntaxError, TypeError, Image.DecompressionBombError) as error:
        raise Missing from error
    white = Image.new("RGBA", clear.size, "white")
    flat = Image.alpha_composite(white, clear).convert("RGB")
    return flat.transpose(turn) if turn else flat
