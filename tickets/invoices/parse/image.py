"""PURE. Invoices in a picture, by their QR codes and, where somebody reads them, by their letters."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator

from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from tickets.invoices.limits import Limits, Refused
from tickets.invoices.parse import codes, lettering, papers
from tickets.invoices.parse.contract import Input, Parsed, Unread

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
_ORIENTATION = 0x0112  # how a telephone says which side was up
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # fmt: skip
_LONG_SIDE = 3200  # more doesn't help a code that a person can see on the paper


def parse(source: Input) -> Parsed:
    """The invoices of a picture: what their codes say, and of a single one what its letters say."""
    picture = opened(source.data, source.limits)
    found = next((hits for attempt in _attempts(picture) if (hits := codes.turned(attempt))), [])
    invoices = tuple((one,) for one, _turn in found)
    if source.letters is None:
        return Parsed(invoices, (lettering.not_read(has_code=bool(found)),))
    if len(found) > 1:
        return Parsed(invoices)
    try:
        seen = lettering.read(picture, source.letters, turn=found[0][1] if found else None)
    except Unread:
        return Parsed(invoices, (lettering.failed(),))
    if seen.found is None:
        return Parsed(invoices, (), "" if found else papers.named(seen.text))
    return Parsed(((*(one for one, _turn in found), seen.found),))


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
                turn = turn_of(picture)
                grey = _flat(picture)
        grey.thumbnail((_LONG_SIDE, _LONG_SIDE))
    except _DAMAGE as error:
        raise Refused("image.broken") from error
    except Image.DecompressionBombError as error:
        raise Refused("image.pixels") from error
    return grey.transpose(turn) if turn else grey


def turn_of(picture: Image.Image) -> Image.Transpose | None:
    """How a picture has to be turned for the side to be up that the telephone says; None when it is."""
    return _TURNS.get(picture.getexif().get(_ORIENTATION, 1))


def _flat(picture: Image.Image) -> Image.Image:
    """Grey on white: a transparent background would turn black and hide the code."""
    if picture.mode not in ("RGBA", "LA", "PA") and "transparency" not in picture.info:
        return picture.convert("L")
    clear = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    clear.thumbnail((_LONG_SIDE, _LONG_SIDE))  # before anything is copied: a pixel has four bytes here
    white = Image.new("RGBA", clear.size, "white")
    return Image.alpha_composite(white, clear).convert("L")
