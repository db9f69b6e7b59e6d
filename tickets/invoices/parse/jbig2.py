"""PURE. Bilevel pictures in JBIG2 (ITU-T T.88), as OFD writers keep codes; drawn by the decoder of PDFium."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import closing

import pypdfium2 as pdfium
from PIL import Image

from tickets.invoices.limits import Limits, Refused

MAGIC = b"\x97JB2\r\n\x1a\n"
_PAGE, _END_OF_PAGE, _END_OF_FILE = 48, 49, 51  # types of segments (7.3)
_SEGMENTS, _LONG_SIDE = 1000, 3200
_UNKNOWN = 0xFFFFFFFF


def opened(data: bytes, limits: Limits) -> Image.Image:
    """The first page in grey; its size is checked before a pixel is decoded. Raises Refused."""
    try:
        segments = list(_segments(data))
        kept = b"".join(head + body for kind, head, body in segments if kind not in (_END_OF_PAGE, _END_OF_FILE))
        width, height = struct.unpack(">II", next(body for kind, _, body in segments if kind == _PAGE)[:8])
    except (struct.error, IndexError, StopIteration) as error:
        raise Refused("image.broken") from error
    if not 0 < width * height <= limits.pixels:
        raise Refused("image.pixels" if width * height else "image.broken")
    try:
        with closing(pdfium.PdfDocument(_wrapped(kept, width, height))) as document:
            scale = min(1.0, _LONG_SIDE / max(width, height))
            return document[0].render(scale=scale, grayscale=True).to_pil()
    except pdfium.PdfiumError as error:  # pragma: no cover  it draws what it can of every damage that we know
        raise Refused("image.broken") from error


def _segments(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """(type, header, data) of each segment, whichever way the file orders them (Annex D)."""
    at, is_random = 0, False
    if data.startswith(MAGIC):
        is_random = not data[8] & 1
        at = 9 if data[8] & 2 else 13
    heads: list[tuple[int, bytes, int]] = []
    for _ in range(_SEGMENTS):
        kind, end, length = _head(data, at)
        head, at = data[at:end], end
        if is_random:
            heads.append((kind, head, length))
            if kind == _END_OF_FILE:
                break
            continue
        yield kind, head, data[at : at + length]
        at += length
        if kind == _END_OF_FILE or at >= len(data):
            return
    for kind, head, length in heads:
        yield kind, head, data[at : at + length]
        at += length


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Type, end of the header and length of the data of the segment whose header starts at `at` (7.2)."""
    number, flags, count = struct.unpack_from(">IBB", data, at)
    end, count = at + 6, count >> 5
    if count == 7:
        count = struct.unpack_from(">I", data, at + 5)[0] & 0x1FFFFFFF
        end = at + 9 + (count + 8) // 8
    end += count * (1 if number <= 256 else 2 if number <= 65536 else 4) + (4 if flags & 0x40 else 1)
    length = struct.unpack_from(">I", data, end)[0]
    if length == _UNKNOWN:
        raise Refused("image.broken")
    return flags & 0x3F, end + 4, length


def _wrapped(segments: bytes, width: int, height: int) -> bytes:
    """A PDF of one page that is this picture: PDF takes the segments as they are, without header and ends."""
    draw = b"%d 0 0 %d 0 0 cm /I Do" % (width, height)
    picture = (
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/BitsPerComponent 1/ColorSpace/DeviceGray"
        b"/Filter/JBIG2Decode/Length %d>>stream\n%b\nendstream" % (width, height, len(segments), segments)
    )
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>"
        % (width, height),
        b"<</Length %d>>stream\n%b\nendstream" % (len(draw), draw),
        picture,
    ]
    out, places = bytearray(b"%PDF-1.5\n"), []
    for number, text in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj%b\nendobj\n" % (number, text)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out) + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, start)
