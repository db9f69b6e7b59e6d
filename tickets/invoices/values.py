"""PURE. The cells of one line as the values of an invoice, with what is wrong with each."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from helpdesk.common.inputs import clean_text
from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.amounts import parse_money
from tickets.invoices.cells import Bad, Cell, shown
from tickets.invoices.identifiers import excel_damage, fold, halve_width
from tickets.invoices.kinds import normalise_kind
from tickets.invoices.model import Finding, Invoice, Severity

#: Text field → most characters that are kept; longer identifiers are told.
TEXTS = {"code": 12, "number": 20, "digital_number": 20, "seller_tax_id": 20, "buyer_tax_id": 20, "check_code": 20}
NAMES, MONEY, MAX_NAME = ("seller_name", "buyer_name"), ("amount", "tax", "total"), 300
_EXACT = 1e15  # a float holds no more digits
_ABSENT = frozenset({"", "-", "--", "—", "***", "/"})
_FIRST_SERIAL, _LAST_SERIAL = 36_526, 73_050  # 2000-01-01 to 2099-12-31 as a spreadsheet counts days
_DAY_ZERO = dt.date(1899, 12, 30)
_YMD = re.compile(r"([12][0-9]{3})(?:[-./年]\s*([0-9]{1,2})[-./月]\s*([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))")
_TIME = re.compile(r"(?:[\sT]\s*|(?<=日))[0-9]{1,2}(?::|时)[0-9]{1,2}.*$|(?<=^[0-9]{8})[0-9]{6}$")
_MONTHS = ("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ENGLISH = re.compile(
    r"(?:([0-9]{1,2})[\s-]+([a-z]{3})[a-z]*\.?|([a-z]{3})[a-z]*\.?\s+([0-9]{1,2}),?)[\s,-]+([12][0-9]{3})"
)
_BRACKETED = re.compile(r"\((.+)\)")

_LOST = _("The number was stored as a number and has lost digits. Format the column as text and export again.")
_NO_VALUE = _("This cell holds %(text)s instead of a value. Copy the column and paste it as values.")
_NO_DAY = _("“%(text)s” is no date. Write it as 2026-01-31.")
_NO_MONEY = _("“%(text)s” is no amount. Write it as 1234.50.")
_NO_KIND = _("We don't know the kind “%(text)s”. The number alone will do.")
_TOO_LONG = _("At most %(limit)s characters.")


def invoice_of(values: Mapping[str, Cell]) -> tuple[Invoice, tuple[Finding, ...]]:
    """The invoice that the cells of a line say, field → cell, and what can't be read; such a field stays unknown.

    Identifiers are folded; a number whose digits a spreadsheet has lost is refused and never repaired.
    """
    told: list[Finding] = []
    known: dict[str, Any] = {}
    for name, cell in values.items():
        if cell is None or cell == "":
            continue
        if isinstance(cell, Bad):
            given = "=…" if cell.text == "=" else cell.text
            told.append(_wrong("cell.error", name, _NO_VALUE, text=given))
        elif name in TEXTS:
            known[name] = _identifier(name, cell, told)
        elif name in MONEY:
            known[name] = _money(name, cell, told)
        elif name in NAMES:
            known[name] = clean_text(shown(cell)).strip()[:MAX_NAME]
        elif name == "issue_date":
            known[name] = _issued(cell, told)
        elif name == "kind":
            known[name] = _kind(shown(cell), told)
    return Invoice(**known), tuple(told)


def _wrong(code: str, name: str, words: str, **params: object) -> Finding:
    severity = Severity.WARNING if code == "kind.unknown" else Severity.ERROR
    return Finding(code, severity, name, Message(words, params))


def _identifier(name: str, cell: Cell, told: list[Finding]) -> str:
    if isinstance(cell, float | int) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        told.append(_wrong("number.excel", name, _LOST))
        return ""
    text = fold(shown(cell)).lstrip("'`")
    if text in _ABSENT:
        return ""
    if name != "check_code" and excel_damage(text):
        whole = re.fullmatch(r"([0-9]{1,15})\.0+", text)
        if whole is None:
            told.append(_wrong("number.excel", name, _LOST))
            return ""
        text = whole[1]
    if len(text) > TEXTS[name]:
        told.append(_wrong("cell.long", name, _TOO_LONG, limit=TEXTS[name]))
        return ""
    return clean_text(text)


def _money(name: str, cell: Cell, told: list[Finding]) -> Decimal | None:
    """Yuan; brackets are a minus, as accountants write, and a number of a sheet is rounded of its float's noise."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        value = Decimal(repr(cell)) if abs(cell) < _EXACT else None
        cents = round(value, 2) if value is not None and value.is_finite() else None
        if cents is not None and value is not None and abs(cents - value) < Decimal("0.000001"):
            return cents
    else:
        text = halve_width(shown(cell)).strip()
        if text in _ABSENT:
            return None
        text = text.upper().removeprefix("RMB").removeprefix("CNY").removesuffix("元")
        inner = _BRACKETED.fullmatch(text.strip())
        amount = parse_money(inner[1] if inner else text)
        if amount is not None:
            return -amount if inner else amount
    told.append(_wrong("amount.form", name, _NO_MONEY, text=shown(cell)[:40]))
    return None


def _issued(cell: Cell, told: list[Finding]) -> dt.date | None:
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    text = halve_width(shown(cell)).strip()
    if text in _ABSENT:
        return None
    day = day_of(text)
    if day is None:
        told.append(_wrong("date.form", "issue_date", _NO_DAY, text=text[:40]))
    return day


@lru_cache(maxsize=4096)
def day_of(text: str) -> dt.date | None:
    """A day as people, exports and spreadsheets write it, with or without a time; None for what can be read two ways.

    2026-1-2, 2026/01/02, 2026.1.2, 2026年1月2日, 20260102, 2 Jan 2026, Jan 2, 2026, 46024 (serial of a spreadsheet).
    """
    bare = _TIME.sub("", text.strip()).strip()
    serial = re.fullmatch(r"([0-9]{5})(?:\.[0-9]+)?", bare)
    if serial:
        count = int(serial[1])
        return _DAY_ZERO + dt.timedelta(days=count) if _FIRST_SERIAL <= count <= _LAST_SERIAL else None
    if found := _YMD.fullmatch(bare):
        year, *parts = (int(part) for part in found.groups() if part)
        return _day(year, *parts)
    if found := _ENGLISH.fullmatch(bare.lower()):
        name = found[2] or found[3]
        return _day(int(found[5]), _MONTHS.index(name) if name in _MONTHS else 0, int(found[1] or found[4]))
    return None


def _day(year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _kind(text: str, told: list[Finding]) -> str:
    kind = _kind_of(text)
    if not kind and text.strip() not in _ABSENT:
        told.append(_wrong("kind.unknown", "kind", _NO_KIND, text=text.strip()[:40]))
    return kind


_kind_of = lru_cache(maxsize=1024)(normalise_kind)
