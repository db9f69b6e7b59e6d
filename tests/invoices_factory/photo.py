"""Pictures of invoices: a clean scan, and what a telephone makes of it."""

from __future__ import annotations

import io

from PIL import Image, ImageDraw, ImageFilter

from tests.invoices_factory import qr
from tests.invoices_factory.face import HEIGHT, QR_SIDE, WIDTH, faces
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


def photo(invoice: Invoice, *, turn: float = 0.0, blur: float = 0.0, quality: int = 80, kind: str = "JPEG") -> bytes:
    """A picture file, turned by `turn` degrees, blurred by `blur` pixels, saved at that JPEG quality."""
    image = scan(invoice)
    if turn:
        image = image.rotate(turn, expand=True, fillcolor=200, resample=Image.Resampling.BICUBIC)
    if blur:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    out = io.BytesIO()
    image.save(out, kind, **({"quality": quality} if kind in ("JPEG", "WEBP") else {}))
    return out.getvalue()
