"""A picture of a file's page, made anew from the pixels: nothing that hid in the original comes through."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from helpdesk.common.errors import Missing
from tickets.evidence.models import Evidence
from tickets.evidence.services import open_file
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.parse import pdf

LONG_SIDE = 1600
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def can_show(evidence: Evidence) -> bool:
    return evidence.media_type.startswith("image/") or evidence.media_type == "application/pdf"


def render(evidence: Evidence, *, page: int = 1) -> bytes:
    """JPEG of one page, its long side at most LONG_SIDE. Raises Missing for other files, NotNow while unchecked."""
    if not can_show(evidence):
        raise Missing
    with open_file(evidence) as source:
        data = source.read()
    picture = _page(data, page) if evidence.media_type == "application/pdf" else _picture(data)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _page(data: bytes, number: int) -> Image.Image:
    try:
        found = pdf.page_picture(data, number, LONG_SIDE)
    except Refused as error:
        raise Missing from error
    if found is None:
        raise Missing
    return found


def _picture(data: bytes) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                if picture.width * picture.height > Limits().pixels:
                    raise Missing
                picture.draft("RGB", (LONG_SIDE, LONG_SIDE))
                clear = picture.convert("RGBA")
                clear.thumbnail((LONG_SIDE, LONG_SIDE))
    except (OSError, ValueError, SyntaxError, TypeError, Image.DecompressionBombError) as error:
        raise Missing from error
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("RGB")
