"""PURE. One cell of a package: its raw value as the type of its field, or what is wrong with it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.amounts import parse_money
from tickets.invoices.identifiers import fold, halve_width
from tickets.invoices.packages.contract import Field, Form
from tickets.invoices.validate import BEIJING, rate_of

Value = str | Decimal | dt.datetime | None
SHOWN = 40  # characters of a value in a message
_BAD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffd-\uffff]")
_WORDS = frozenset(("免税", "不征税", "零税率", "普通零税率", "出口免税", "*", "***"))
_LOST = 15  # digits that survive in a number of most programs


class Figure(str):
    """A number of JSON as it was written: no digit is lost, and no huge one is ever computed."""

    __slots__ = ()


class Constant(str):
    """NaN or Infinity, which JSON doesn't have."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Slip:
    """What is wrong with a cell: the code of a field rule and what its message names."""

    code: str
    params: Mapping[str, object]
    suggestion: str = ""


def shown(raw: object) -> str:
    """A value for a message: short, and without what no page can hold."""
    return _BAD.sub("�", str(raw)[: SHOWN + 1]) if len(str(raw)) <= SHOWN else _BAD.sub("�", str(raw)[:SHOWN]) + "…"


def _text(text: str) -> str:
    return text


def _money_or_stars(text: str) -> Decimal | None:
    return Decimal(text) if text.strip("*") else None


def _rate_or_word(text: str) -> Decimal | None:
    return None if text in _WORDS else rate_of(text)


def _time(text: str) -> dt.datetime | None:
    return dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=BEIJING)


def _day(text: str) -> dt.datetime | None:
    return dt.datetime.strptime(text[:10], "%Y-%m-%d").replace(tzinfo=BEIJING)


_MONEY = r"-?[0-9]{1,16}(?:\.[0-9]{1,2})?"
#: Form → its pattern and how a text that fits becomes a value; ValueError says that it is none after all (30 February).
FORMS: Mapping[Form, tuple[re.Pattern[str], Callable[[str], Value]]] = {
    Form.TEXT: (re.compile(r".*", re.DOTALL), _text),
    Form.DIGITS: (re.compile(r"[0-9]+"), _text),
    Form.MONEY: (re.compile(_MONEY), Decimal),
    Form.MONEY_OR_STARS: (re.compile(rf"{_MONEY}|\*{{1,3}}"), _money_or_stars),
    Form.FIGURE: (re.compile(r"-?[0-9]{1,25}(?:\.[0-9]{1,24})?"), Decimal),
    Form.POSITION: (re.compile(r"[0-9]{1,8}"), Decimal),
    Form.RATE: (re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,6})?"), Decimal),
    Form.RATE_OR_WORD: (
        re.compile(rf"[0-9]{{1,2}}(?:\.[0-9]{{1,4}})?\s*%?|{'|'.join(re.escape(word) for word in sorted(_WORDS))}"),
        _rate_or_word,
    ),
    Form.TIME: (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"), _time),
    Form.DAY: (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?: [0-9]{2}:[0-9]{2}:[0-9]{2})?"), _day),
}
FORM_TEXTS: Mapping[Form, str] = {
    Form.TEXT: _("a text"),
    Form.DIGITS: _("digits only"),
    Form.MONEY: _("an amount in yuan with at most 16 digits before and two behind the point"),
    Form.MONEY_OR_STARS: _("an amount in yuan with at most 16 digits before and two behind the point"),
    Form.FIGURE: _("a number with a point, without an exponent"),
    Form.POSITION: _("a whole number"),
    Form.RATE: _("a rate as a fraction, such as 0.13"),
    Form.RATE_OR_WORD: _("a rate such as 0.13 or 13%, or a word for untaxed"),
    Form.TIME: _("a time such as 2026-11-24 09:30:00"),
    Form.DAY: _("a day such as 2026-11-24"),
}
_FIGURES = frozenset((Form.MONEY, Form.FIGURE, Form.POSITION, Form.RATE))


def read(field: Field, raw: object) -> tuple[Value, Slip | None]:
    """The value of a cell and what is wrong with it; a value that is wrong comes back empty."""
    if raw is None or raw == "":
        return _nothing(field)
    if not isinstance(raw, str) or isinstance(raw, Constant):
        return _empty(field), Slip("field.type", {"value": shown(raw)})
    text = str(raw)
    if not text.strip():
        return _nothing(field)
    if _BAD.search(text):
        return _empty(field), Slip("field.charset", {"value": shown(text)})
    if field.longest and len(text) > field.longest:
        return _empty(field), Slip("field.length", {"count": len(text), "limit": field.longest})
    return _fitting(field, text, quoted=not isinstance(raw, Figure))


def _empty(field: Field) -> Value:
    """Text fields stay "", all others None."""
    return "" if field.form in (Form.TEXT, Form.DIGITS) else None


def _nothing(field: Field) -> tuple[Value, Slip | None]:
    return _empty(field), Slip("field.missing", {}) if field.required else None


def _fitting(field: Field, text: str, *, quoted: bool) -> tuple[Value, Slip | None]:
    pattern, make = FORMS[field.form]
    if field.choices:
        if text in field.choices:
            return text, None
        return "", Slip("field.choice", {"value": shown(text), "allowed": " / ".join(sorted(field.choices))})
    if not pattern.fullmatch(text):
        return _empty(field), _misshapen(field, text)
    try:
        value = make(text)
    except ValueError:
        return None, _misshapen(field, text)
    if not quoted and field.form not in _FIGURES and len(text) > _LOST:
        return value, Slip("field.quotes", {"value": shown(text)}, f'"{shown(text)}"')
    return value, None


def _misshapen(field: Field, text: str) -> Slip:
    params = {"value": shown(text), "form": Message(FORM_TEXTS[field.form])}
    return Slip("field.form", params, _repaired(field.form, text))


def _repaired(form: Form, text: str) -> str:
    """What was probably meant, when it has the right form; it is shown, never applied."""
    if form in (Form.MONEY, Form.MONEY_OR_STARS):
        value = parse_money(text)
        meant = "" if value is None else f"{value:f}"
    elif form == Form.RATE:
        rate = rate_of(halve_width(text))
        meant = "" if rate is None else f"{rate:f}"
    elif form in (Form.DIGITS, Form.POSITION):
        meant = fold(text)
    else:
        meant = halve_width(text).strip()
    return meant if len(meant) <= SHOWN and meant != text and FORMS[form][0].fullmatch(meant) else ""
