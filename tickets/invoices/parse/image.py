"""PURE. Invoices in a picture, by their QR codes."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

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
    picture = opened(source.data, source.limits)
    found = next((seen for attempt in _attempts(picture) if (seen := codes.invoices(attempt))), [])
    return Parsed(tuple((one,) for one in found))


def _attempts(picture: Image.Image) -> Iterator[Image.Image]:
    """As it is; then what helps a faint code, and one of few pixels."""
    yield picture
    yield ImageOps.autocontrast(picture.filter(ImageFilter.UnsharpMask(4, 200, 0)), cutoff=2)
    if max(picture.size) <= _LONG_SIDE / 2:
        yield picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.BICUBIC)


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
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture.convert("L")
    clear = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    clear.thumbnail((_LONG_SIDE, _LONG_SIDE))  # before anything is copied: a pixel has four bytes here
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("L")
