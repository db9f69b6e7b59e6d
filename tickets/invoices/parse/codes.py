"""PURE. QR codes in a picture, and what an invoice's code says."""

from __future__ import annotations

import zxingcpp
from PIL import Image

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Finding, Severity, Source, Value
from tickets.invoices.parse.contract import Found
from tickets.invoices.parse.names import clean
from tickets.invoices.qr import crc_fits, parse_qr

MAX_CODES = 8
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


def texts(picture: Image.Image) -> list[str]:
    """The texts of the QR codes in a picture."""
    codes = zxingcpp.read_barcodes(picture, formats=_QR)
    return [clean(code.text) for code in codes[:MAX_CODES]]


def invoices(picture: Image.Image) -> list[Found]:
    """What each invoice code in a picture says; codes of shops and links are passed over."""
    found: dict[object, Found] = {}
    for text in texts(picture):
        values = parse_qr(text)
        if values and values.get("number"):
            key = (values.get("code"), values["number"])
            found.setdefault(key, Found(Source.QR, _fields(values), findings=doubts(text)))
    return list(found.values())


def doubts(text: str) -> tuple[Finding, ...]:
    """A checksum that doesn't fit: the code was altered, or its issuer reckons otherwise."""
    if crc_fits(text) is not False:
        return ()
    message = Message(_("The checksum of the QR code doesn't fit. Compare its data with the invoice."))
    return (Finding("qr.crc", Severity.WARNING, "", message),)


def _fields(values: dict[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if value not in ("", None)}
