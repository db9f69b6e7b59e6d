"""The QR code of an invoice as a grid of dark and light."""

from __future__ import annotations

import io

import qrcode
from PIL import Image


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
