"""PURE. Invoices in a picture, by their QR codes."""

from __future__ import annotations

import io
import warnings

from PIL import Image, UnidentifiedImageError

from tickets.invoices.limits import Limits, Refused
from tickets.invoices.parse import codes
from tickets.invoices.parse.contract import Input, Parsed

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
#: What Pillow raises on damaged input.
_DAMAGE = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
)
_LONG_SIDE = 3200  # more doesn't help a code that a person can see on the paper


def parse(source: Input) -> Parsed:
    """The invoices whose QR codes are in the picture."""
    return Parsed(tuple((found,) for found in codes.invoices(opened(source.data, source.limits))))


def opened(data: bytes, limits: Limits) -> Image.Image:
    """The first frame in grey; its size is checked before a pixel is decoded. Raises Refused."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of large pictures; the limit here is ours
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                width, height = picture.size
                if width * height > limits.pixels:
                    raise Refused("image.pixels")
                picture.draft("L", (_LONG_SIDE, _LONG_SIDE))  # JPEG decodes straight to the smaller size
                grey = _flat(picture)
        grey.thumbnail((_LONG_SIDE, _LONG_SIDE))
    except _DAMAGE as error:
        raise Refused("image.broken") from error
    except Image.DecompressionBombError as error:
        raise Refused("image.pixels") from error
    return grey


def _flat(picture: Image.Image) -> Image.Image:
    """Grey on white: a transparent background would turn black and hide the code."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        clear = picture.convert("RGBA")
        white = Image.new("RGBA", clear.size, "white")
        return Image.alpha_composite(white, clear).convert("L")
    return picture.convert("L")
