"""Numbers of invoices, amounts in words and the text of the QR code: an oracle of its own beside the product's."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random

from tickets.invoices.model import Invoice

DIGITAL = ("81", "82", "83", "84", "51", "61")
DIGITAL_PAPER = ("85", "86", "87", "88")
CHECKED = ("04", "10", "11", "14")  # kinds whose look-up asks for the 校验码
#: fplx → field 2 of the QR code (《数字化电子发票版式及XML规范》V5.002 §六; legacy kinds as printed).
QR_KIND = {
    "81": "31", "82": "32", "83": "33", "84": "34", "85": "31", "86": "32", "87": "33", "88": "34",
}  # fmt: skip
_LEGACY_TAIL = {"04": "04", "08": "13", "10": "11", "11": "06", "14": "12", "15": "17"}
_PROVINCES = ("12", "13", "31", "32", "33", "37", "44", "51", "95")


def digital_number(rng: Random, day: dt.date, kind: str = "82", region: str = "") -> str:
    """Twenty digits: year, region, channel, serial."""
    region = region or ("11" if rng.random() < 0.6 else rng.choice(_PROVINCES))
    channel = {"51": "91", "61": "80"}.get(kind) or rng.choice(("20", "20", "70", "72", "71"))
    return f"{day:%y}{region}{channel}{rng.randrange(1, 10**13):013d}1"


def invoice_code(rng: Random, day: dt.date, kind: str) -> str:
    """Ten or twelve digits of Beijing whose classification is `kind`."""
    if kind in ("01", "02", "85"):
        return f"1100{day:%y}{rng.randint(1, 3)}{'7' if kind == '02' else '1'}{rng.randint(1, 3)}0"
    if kind in ("03", "87", "88"):
        return f"11100{day:%y}2{rng.randint(1, 9)}{rng.randint(1, 6)}{rng.randint(1, 9)}{rng.randint(1, 9)}"
    return f"01100{day:%y}{rng.randint(1, 9):03d}{_LEGACY_TAIL.get(kind, '04')}"


_FIGURES, _PLACES = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")


def words(amount: Decimal, yuan: str = "圆") -> str:
    """The amount in capital numerals, below 10 ** 12, as the faces of invoices print it."""
    cents = int(abs(amount) * 100)
    whole, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    text = _whole(whole) + yuan if whole or not cents else ""
    if jiao:
        text += ("零" if whole and whole % 10 == 0 else "") + _FIGURES[jiao] + "角"
    elif fen and whole:
        text += "零"
    text += _FIGURES[fen] + "分" if fen else "整"
    return ("（负数）" if amount < 0 else "") + text


def _whole(number: int) -> str:
    if not number:
        return "零"
    text = ""
    for size, name in ((10**8, "亿"), (10**4, "万"), (1, "")):
        group, number = divmod(number, size)
        if group:
            gap = text and (group < 1000 or text.endswith("零"))
            text = text.rstrip("零") + ("零" if gap else "") + _group(group) + name
        elif text and number:
            text = text.rstrip("零") + "零"
    return text


def _group(number: int) -> str:
    text = ""
    for place in (3, 2, 1, 0):
        digit = number // 10**place % 10
        if digit:
            text += _FIGURES[digit] + _PLACES[place]
        elif text and number % 10**place and not text.endswith("零"):
            text += "零"
    return text


def crc_umts(data: bytes) -> int:
    """CRC-16/UMTS, bit by bit: polynomial 8005, start 0, not reflected."""
    crc = 0
    for byte in data:
        for bit in range(7, -1, -1):
            top = crc >> 15 ^ byte >> bit & 1
            crc = (crc << 1 & 0xFFFF) ^ (0x8005 if top else 0)
    return crc


def crc_modbus(data: bytes) -> int:
    """CRC-16/MODBUS, bit by bit: polynomial 8005 reflected, start FFFF."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def qr_text(invoice: Invoice, *, crc: bool | str = True, comma: bool = False) -> str:
    """What the QR code of this invoice says; `crc` False leaves the check out, a text replaces it."""
    if invoice.kind in DIGITAL_PAPER:
        number, check = invoice.number, invoice.digital_number if invoice.kind == "86" else ""
    else:
        number, check = invoice.number, invoice.check_code
    money = invoice.total if invoice.kind in (*DIGITAL, "15", "88") else invoice.amount
    fields = ["01", QR_KIND.get(invoice.kind, invoice.kind), invoice.code, number, f"{money:.2f}"]
    body = ",".join([*fields, f"{invoice.issue_date:%Y%m%d}", check]) + ","
    if isinstance(crc, str):
        tail = crc
    elif invoice.kind == "51":
        tail = f"{crc_modbus(body.encode()):04x}"
    else:
        tail = f"{crc_umts(body.encode()):04X}"
    return body + (tail if crc else "") + ("," if comma else "")
