"""PURE. QR codes in a picture, and what an invoice's code says."""

from __future__ import annotations

import zxingcpp
from PIL import Image

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Finding, Place, Severity, Source
from tickets.invoices.parse.contract import Found
from tickets.invoices.parse.names import clean
from tickets.invoices.parse.places import box
from tickets.invoices.qr import crc_fits, parse_qr

MAX_CODES = 8
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def invoices(picture: Image.Image, *, page: int = 1) -> list[Found]:
    """What each invoice code in a picture says; codes of shops and links are passed over."""
    return [found for found, _turn in turned(picture, page=page)]


def turned(picture: Image.Image, *, page: int = 1) -> list[tuple[Found, int]]:
    """The same, each with the degrees against the clock that would set the picture upright."""
    found: dict[object, tuple[Found, int]] = {}
    for code in zxingcpp.read_barcodes(picture, formats=_QR)[:MAX_CODES]:
        text = clean(code.text)
        values = {name: value for name, value in parse_qr(text).items() if value not in ("", None)}
        if not values.get("number"):
            continue
        place = _place(code.position, picture, page)
        on_page = {name: place for name in values if place and name != "kind"}
        one = Found(Source.QR, values, findings=doubts(text), places=on_page)
        found.setdefault((values.get("code"), values["number"]), (one, round(code.orientation / 90) * 90 % 360))
    return list(found.values())


def _place(position: zxingcpp.Position, picture: Image.Image, page: int) -> Place | None:
    corners = (position.top_left, position.top_right, position.bottom_right, position.bottom_left)
    return box(page, [(corner.x / picture.width, corner.y / picture.height) for corner in corners])


def doubts(text: str) -> tuple[Finding, ...]:
    """A checksum that doesn't fit: the code was altered, or its issuer reckons otherwise."""
    if crc_fits(text) is not False:
        return ()
    message = Message(_("The checksum of the QR code doesn't fit. Compare its data with the invoice."))
    return (Finding("qr.crc", Severity.WARNING, "", message),)
