"""The QR code of an invoice as a grid of dark and light."""

from __future__ import annotations

import io
import struct

import qrcode
from PIL import Image, ImageChops


def grid(text: str) -> list[list[bool]]:
    """Rows of modules with a quiet zone of four; version 5, level M as 《数字化电子发票版式及XML规范》 §六 asks."""
    code = qrcode.QRCode(version=5, error_correction=qrcode.constants.ERROR_CORRECT_M, border=4)
    code.add_data(text)
    code.make(fit=True)
    return [[bool(cell) for cell in row] for row in code.get_matrix()]


def picture(text: str, scale: int = 6) -> Image.Image:
    """Black on white, `scale` pixels a module."""
    rows = grid(text)
    image = Image.new("L", (len(rows), len(rows)), 255)
    image.putdata([0 if cell else 255 for row in rows for cell in row])
    return image.resize((len(rows) * scale, len(rows) * scale), Image.Resampling.NEAREST)


def png(text: str, scale: int = 6) -> bytes:
    """The picture as PNG."""
    out = io.BytesIO()
    picture(text, scale).save(out, "PNG")
    return out.getvalue()


def jbig2(text: str, scale: int = 6, *, order: str = "sequential") -> bytes:
    """The picture as JBIG2: one generic region in MMR, which is the coding of facsimile group 4 (ITU-T T.88, 6.2.6).

    `order` is that of the file: "sequential", "random", or "bare" for segments without a file around them.
    """
    image = ImageChops.invert(picture(text, scale)).convert("1")
    tiff = io.BytesIO()
    image.save(tiff, "TIFF", compression="group4")
    with Image.open(tiff) as again:
        (place,), (length,) = again.tag_v2[273], again.tag_v2[279]
    fax = tiff.getvalue()[place : place + length]
    page = struct.pack(">IIIIBH", image.width, image.height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", image.width, image.height, 0, 0, 0, 1) + fax
    bodies = ((48, page), (38, region), (49, b""), (51, b""))
    heads = [
        struct.pack(">IBBBI", number, kind, 0, int(kind != 51), len(body)) for number, (kind, body) in enumerate(bodies)
    ]
    if order == "random":
        return b"\x97JB2\r\n\x1a\n" + b"\x00" + struct.pack(">I", 1) + b"".join(heads) + page + region
    segments = b"".join(head + body for head, (_, body) in zip(heads, bodies, strict=True))
    return segments if order == "bare" else b"\x97JB2\r\n\x1a\n" + b"\x01" + struct.pack(">I", 1) + segments
