"""Pictures of invoices: a clean scan, and what a telephone makes of it."""

from __future__ import annotations

import functools
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.invoices_factory import qr
from tests.invoices_factory.face import HEIGHT, QR_SIDE, WIDTH, Page, faces
from tests.invoices_factory.numbers import qr_text
from tickets.invoices.model import Invoice

_DOTS = 8  # pixels in a mm, about 200 dpi


def scan(invoice: Invoice, *, code: str | None = None) -> Image.Image:
    """The first page as a flatbed sees it; `code` replaces the text of the QR code, "" leaves it out.

    The lettering is bars, for only the code can be read without character recognition.
    """
    page = faces(invoice)[0]
    image = Image.new("L", (int(WIDTH * _DOTS), int(HEIGHT * _DOTS)), 255)
    draw = ImageDraw.Draw(image)
    for piece in page.pieces():
        x, y, size = piece.x * _DOTS, piece.y * _DOTS, piece.size * _DOTS
        draw.line([(x, y + size * 0.7), (x + len(piece.text) * size * 0.6, y + size * 0.7)], fill=90, width=3)
    text = qr_text(invoice) if code is None else code
    if text and page.qr:
        side = int(QR_SIDE * _DOTS)
        image.paste(qr.picture(text).resize((side, side)), (int(page.qr[0] * _DOTS), int(page.qr[1] * _DOTS)))
    return image


#: Where packages of the fonts with Chinese put them; a picture with lettering needs one.
FONTS = tuple(
    Path("/usr/share/fonts") / place
    for place in (
        "opentype/noto/NotoSansCJK-Regular.ttc", "truetype/wqy/wqy-zenhei.ttc", "truetype/wqy/wqy-microhei.ttc",
        "truetype/arphic/uming.ttc",
    )
)  # fmt: skip
_MONOSPACED = 7  # the face of the collection that draws the mainland's forms, Latin at half their width


def has_letters() -> bool:
    """Whether this machine has a font to write Chinese with."""
    return any(path.exists() for path in FONTS)


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = next(path for path in FONTS if path.exists())
    return ImageFont.truetype(path, size, index=_MONOSPACED if "CJK" in path.name else 0)


def printed(invoice: Invoice, *, page: Page | None = None, code: str | None = None, dots: int = _DOTS) -> Image.Image:
    """The first page, or `page`, in letters and rules, `dots` pixels in a mm; `code` as in `scan`."""
    face = page or faces(invoice)[0]
    image = Image.new("L", (int(WIDTH * dots), int(HEIGHT * dots)), 255)
    draw = ImageDraw.Draw(image)
    for x0, y0, x1, y1 in face.rules:
        draw.line([(x0 * dots, y0 * dots), (x1 * dots, y1 * dots)], fill=120, width=2)
    for piece in face.pieces():
        _written(draw, piece.text, piece.x * dots, piece.y * dots, piece.size * dots)
    text = qr_text(invoice) if code is None else code
    if text and face.qr:
        side = int(QR_SIDE * dots)
        image.paste(qr.picture(text).resize((side, side)), (int(face.qr[0] * dots), int(face.qr[1] * dots)))
    return image


def _written(draw: ImageDraw.ImageDraw, text: str, x: float, y: float, size: float) -> None:
    """Character by character, as wide as the layout says: half for what is not Chinese."""
    font = _font(round(size * 0.95))
    for char in text:
        draw.text((x, y + 0.88 * size), char, font=font, fill=30, anchor="ls")
        x += size if ord(char) > 0x2E7F else size / 2


def paper(lines: Sequence[str], *, dots: int = _DOTS) -> Image.Image:
    """A page of lines of text that is no invoice."""
    image = Image.new("L", (int(WIDTH * dots), int(HEIGHT * dots)), 255)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        _written(draw, line, 15 * dots, (15 + 6 * row) * dots, 3.2 * dots)
    return image


def taken(image: Image.Image, *, turn: float = 0.0, blur: float = 0.0, quality: int = 80, kind: str = "JPEG") -> bytes:
    """The picture file that a telephone makes of a sheet: turned, blurred, saved at that JPEG quality."""
    if turn:
        image = image.rotate(turn, expand=True, fillcolor=200, resample=Image.Resampling.BICUBIC)
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    out = io.BytesIO()
    image.save(out, kind, **({"quality": quality} if kind in ("JPEG", "WEBP") else {}))
    return out.getvalue()


def photo(invoice: Invoice, *, turn: float = 0.0, blur: float = 0.0, quality: int = 80, kind: str = "JPEG") -> bytes:
    """A picture file of `scan`, turned by `turn` degrees, blurred by `blur` pixels, saved at that JPEG quality."""
    return taken(scan(invoice), turn=turn, blur=blur, quality=quality, kind=kind)
