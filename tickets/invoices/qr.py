"""PURE. What the QR code of an invoice says, and whether its check fits (数字化电子发票版式及XML规范 V5.002 §六).

The text is `01,kind,code,number,amount,day,check code,CRC`. Programs vary it: full-width commas, blanks, dashes in the
day, no CRC, no place for an empty code. So the parts are told by their forms and their order, not by their places.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from tickets.invoices.amounts import parse_money
from tickets.invoices.identifiers import code_kind, halve_width
from tickets.invoices.kinds import GROSS, KINDS
from tickets.invoices.model import Value

MAX_TEXT = 300

_INVOICE = re.compile(
    r"01,(?P<kind>[0-9]{2}),(?:(?P<code>[0-9]{10}|[0-9]{12})?,)?(?P<number>[0-9]{20}|[0-9]{8}),{1,2}"
    r"(?P<money>[^,]*),(?P<day>[0-9]{8}|[0-9]{4}-[0-9]{2}-[0-9]{2})(?P<rest>(?:,[^,]*){0,4})"
)
_CHECKED = re.compile(r"(?P<body>.*),\s*(?P<crc>[0-9A-Fa-f]{4})[\s,]*", re.DOTALL)
_DIGITAL: Mapping[str, str] = {"31": "81", "32": "82", "33": "83", "34": "84"}
_ON_PAPER: Mapping[str, str] = {"31": "85", "32": "86", "33": "87", "34": "88"}  # the same, beside a code


def parse_qr(text: str) -> dict[str, Value]:
    """Field of an Invoice → value; {} for the codes of shops, links and everything else."""
    found = _INVOICE.fullmatch("".join(halve_width(text[:MAX_TEXT]).split()))
    kind = _kind(found) if found else ""
    if found is None or not kind:
        return {}
    check = next((part for part in found["rest"].split(",") if re.fullmatch("[0-9]{6}|[0-9]{20}", part)), "")
    is_digital = KINDS[kind].is_digital and len(check) == 20
    given: dict[str, Value | None] = {
        "kind": kind,
        "code": found["code"],
        "number": found["number"],
        "issue_date": _day(found["day"]),
        "total" if KINDS[kind].asks == GROSS else "amount": parse_money(found["money"]),
        "digital_number" if is_digital else "check_code": check,
    }
    return {name: value for name, value in given.items() if value is not None and value != ""}


def crc_fits(text: str) -> bool | None:
    """Whether the check at the end belongs to the text before it; None when there is none, or no invoice.

    The specification names one CRC and issuers compute another: CRC-16/UMTS over everything up to the last comma, or
    without that comma; railway tickets CRC-16/MODBUS. Any of them counts.
    """
    found = _CHECKED.fullmatch(halve_width(text[:MAX_TEXT]).strip())
    if found is None or not parse_qr(text):
        return None
    bodies = {found["body"], "".join(found["body"].split())}
    forms = [form.encode(errors="replace") for body in bodies for form in (f"{body},", body)]
    return int(found["crc"], 16) in {crc(form) for form in forms for crc in (_umts, _modbus)}


def _kind(found: re.Match[str]) -> str:
    """fplx; the code names a toll invoice that the QR code calls an ordinary electronic one."""
    printed = found["kind"]
    kind = (_ON_PAPER if found["code"] else _DIGITAL).get(printed, printed)
    if kind == "10" and code_kind(found["code"] or "") == "14":
        return "14"
    return kind if kind in KINDS else ""


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _umts(data: bytes) -> int:
    """Polynomial 8005, start 0, most significant bit first."""
    crc = 0
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005 if crc & 0x8000 else crc << 1) & 0xFFFF
    return crc


def _modbus(data: bytes) -> int:
    """Polynomial 8005 reflected, start FFFF."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA001 if crc & 1 else crc >> 1
    return crc
