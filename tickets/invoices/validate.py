"""PURE. VALIDATORS: what rules say of one invoice, typed or read.

Contract: a validator takes the invoice and the moment (aware) and yields findings; it is silent about what is unknown.
ERROR means that the data can't be right, WARNING that somebody should look again, INFO that it is worth knowing. Only
the codes of BLOCKING refuse a field. Adding a rule is one function and one line. Figures are those of
the upload rules of 乐企 (数电票接口 V4.000 §2.2.4.2): a line's price to 0.01 yuan, its tax to 0.06, the sum of all
taxes to 1.27.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import lru_cache

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.amounts import from_words, in_words, is_money
from tickets.invoices.identifiers import (
    check_code,
    check_number,
    check_tax_id,
    code_kind,
    code_year,
    fold,
    split_number,
)
from tickets.invoices.kinds import CHECK, KINDS
from tickets.invoices.model import Finding, Invoice, Line, Severity

#: Findings that can't be true of any invoice, so the field is refused; all others are facts for triage.
BLOCKING = frozenset({"number.form", "number.excel", "code.form", "tax_id.form", "date.future", "amount.form"})

Validator = Callable[[Invoice, dt.datetime], Iterator[Finding]]
BEIJING = dt.timezone(dt.timedelta(hours=8))
CENT, LINE_TAX, ALL_TAX = Decimal("0.01"), Decimal("0.06"), Decimal("1.27")
#: Rates in force since 2019, and the reduced ones of small taxpayers.
RATES = frozenset(map(Decimal, ("0.13", "0.09", "0.06", "0.05", "0.04", "0.03", "0.02", "0.015", "0.01", "0.005", "0")))
_FREE = ("免税", "不征税", "零税率", "普通零税率", "出口免税", "***", "")
_WRONG = (".form", ".excel")
MOST_LINES = 2000  # of one invoice are looked at
_ON_MARGIN = "差额征税"  # in the remark: taxed on the margin, so amount by rate isn't the tax
_WITH_FUND = "61"  # an air ticket's total
_FIFTH = {"51": "9", "61": "8"}  # digit of the number of a ticket


def _error(code: str, field: str, text: str, suggestion: str = "", **params: object) -> Finding:
    return Finding(code, Severity.ERROR, field, Message(text, params), suggestion)


def _warning(code: str, field: str, text: str, suggestion: str = "", **params: object) -> Finding:
    return Finding(code, Severity.WARNING, field, Message(text, params), suggestion)


def _info(code: str, field: str, text: str, **params: object) -> Finding:
    return Finding(code, Severity.INFO, field, Message(text, params))


def identifiers(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """Form, shape, region and checksums of numbers; checksums warn only, living numbers with wrong ones are known."""
    checks = (
        ("number", check_number), ("digital_number", check_number), ("code", check_code),
        ("seller_tax_id", check_tax_id), ("buyer_tax_id", check_tax_id),
    )  # fmt: skip
    for field, check in checks:
        for slip in check(getattr(invoice, field)):
            yield Finding(slip.code, _severity(slip.code), field, slip.message, slip.suggestion)
    if re.fullmatch("[0-9]{8}", fold(invoice.digital_number)):
        yield _error("number.form", "digital_number", _("A digital invoice number has 20 digits."))
    check_digits = fold(invoice.check_code)
    if check_digits and not re.fullmatch("[0-9]{6}|[0-9]{20}", check_digits):
        yield _warning("check_code.form", "check_code", _("A check code has 20 digits; its last six are enough."))


def _severity(code: str) -> Severity:
    if code.endswith(_WRONG):
        return Severity.ERROR
    return Severity.INFO if code == "tax_id.organisation" else Severity.WARNING  # sole traders have such numbers


def number_of_kind(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """Digital invoices have 20 digits and no code, all others eight beside a code."""
    kind = KINDS.get(invoice.kind)
    number, code = fold(invoice.number), fold(invoice.code)
    if kind is None or not re.fullmatch("[0-9]{8}|[0-9]{20}", number):
        return
    if len(number) != kind.number_length and not (kind.has_code and kind.is_digital):
        text = _("An invoice of this kind has a number of %(count)s digits. Check the kind or the number.")
        yield _error("number.kind", "number", text, count=kind.number_length)
    elif kind.has_code and not code:
        yield _warning("code.missing", "code", _("An invoice of this kind has an invoice code too."))
    elif not kind.has_code and code:
        yield _warning("code.extra", "code", _("A digital invoice has no invoice code. Leave it empty."))
    if _FIFTH.get(kind.code, number[4]) != number[4]:
        text = _("The fifth digit of the number of such a ticket is %(digit)s.")
        yield _warning("number.channel", "number", text, digit=_FIFTH[kind.code])
    said = code_kind(code)
    if said and not kind.is_digital and {said, kind.code} not in ({kind.code}, {"10", "14"}):
        yield _warning("code.kind", "kind", _("By its code this is an invoice of another kind."), said)


def number_year(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """A 20-digit number begins with the year of issue; a printed code isn't younger than its invoice."""
    for field in ("number", "digital_number"):
        parts = split_number(fold(getattr(invoice, field)))
        if parts and not invoice.issue_date and parts.year > now.astimezone(BEIJING).year:
            text = _("The number was made for %(year)s, a year that has not begun.")
            yield _error("number.year", field, text, year=str(parts.year))
        if parts and invoice.issue_date and parts.year != invoice.issue_date.year:
            text = _("The number was made for %(year)s, the invoice is dated %(dated)s. One of both is wrong.")
            yield _error("number.year", field, text, year=str(parts.year), dated=str(invoice.issue_date.year))
    printed = code_year(fold(invoice.code))
    if printed and invoice.issue_date and printed > invoice.issue_date.year:
        text = _("The invoice code is of %(year)s, the invoice is dated %(dated)s.")
        yield _warning("code.year", "code", text, year=str(printed), dated=str(invoice.issue_date.year))


def issue_date(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """Not in the future; today and older than five years the verification site doesn't answer."""
    day, today = invoice.issue_date, now.astimezone(BEIJING).date()
    if day is None:
        return
    if day > today:
        yield _error("date.future", "issue_date", _("The issue date lies in the future."))
    elif day == today:
        text = _("Issued today: the verification site answers from the next day on.")
        yield _info("date.today", "issue_date", text)
    elif (day.year + 5, day.month, day.day) < (today.year, today.month, today.day):
        text = _("Older than five years: the verification site doesn't answer for it any more.")
        yield _info("date.old", "issue_date", text)


def money(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """Amount, tax and total are money, have one sign, and add up; an air ticket's total holds the airport fund too."""
    known = {name: getattr(invoice, name) for name in ("amount", "tax", "total") if getattr(invoice, name) is not None}
    for name, value in known.items():
        if not is_money(value):
            yield _error("amount.form", name, _("Not an amount of money in yuan with at most two decimals."))
            return
    if len({value > 0 for value in known.values() if value}) > 1:
        yield _error("amount.sign", "total", _("Amount, tax and total don't have the same sign."))
    elif len(known) == 3 and invoice.kind != _WITH_FUND and known["amount"] + known["tax"] != known["total"]:
        total = known["amount"] + known["tax"]
        text = _("Amount and tax are %(sum)s, the total says %(total)s.")
        yield _error("amount.sum", "total", text, f"{total:f}", sum=f"{total:.2f}", total=f"{known['total']:.2f}")
    elif {"amount", "tax"} <= set(known) and not invoice.lines:
        yield from _whole_rate(known["amount"], known["tax"])


def _whole_rate(amount: Decimal, tax: Decimal) -> Iterator[Finding]:
    """Without lines only the highest rate bounds the tax."""
    if abs(tax) > abs(amount) * max(RATES) + ALL_TAX:
        yield _warning("tax.rate", "tax", _("The tax is higher than the highest rate allows."))


def words(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """The total in Chinese words says the same as in figures."""
    if not invoice.total_in_words or invoice.total is None or not is_money(invoice.total):
        return
    said = from_words(invoice.total_in_words)
    if said is None:
        yield _warning("words.form", "total_in_words", _("The amount in words can't be read."), in_words(invoice.total))
    elif said != invoice.total:
        text = _("In words the total is %(words)s, in figures %(total)s.")
        yield _error("words.total", "total_in_words", text, words=f"{said:.2f}", total=f"{invoice.total:.2f}")


def parties(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """Seller and buyer are two, and a deductible invoice names its buyer's number."""
    seller, buyer = fold(invoice.seller_tax_id), fold(invoice.buyer_tax_id)
    if seller and seller == buyer:
        yield _warning("party.same", "buyer_tax_id", _("Seller and buyer have the same tax number."))
    if invoice.kind in {"01", "08", "81", "85"} and invoice.buyer_name and not buyer:
        text = _("A special invoice needs the buyer's tax number.")
        yield _warning("buyer.missing", "buyer_tax_id", text)


def red(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """A red invoice is negative and names the blue one that it offsets."""
    figure = _sound(invoice.total) or _sound(invoice.amount)
    if invoice.is_red and figure and figure > 0:
        yield _error("red.sign", "total", _("A red invoice has negative amounts."))
    if invoice.is_red and not invoice.original_number:
        yield _info("red.original", "original_number", _("The blue invoice that this red one offsets isn't named."))


def asked_by_look_up(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """What a look-up of this kind will ask for and nobody has said yet."""
    kind = KINDS.get(invoice.kind)
    if kind and kind.asks == CHECK and not invoice.check_code and (invoice.number or invoice.lines):
        text = _("A look-up of this kind asks for the last six digits of the check code.")
        yield _info("check_code.missing", "check_code", text)


def lines(invoice: Invoice, now: dt.datetime) -> Iterator[Finding]:
    """Each line, and the sums over all of them; what is taxed on its margin has another tax than amount by rate."""
    is_on_margin = _ON_MARGIN in invoice.remark
    above = Line()
    for index, line in enumerate(invoice.lines[:MOST_LINES]):
        yield from _line(f"lines[{index}]", line, above)
        if not is_on_margin:
            yield from _line_tax(f"lines[{index}]", line)
        above = line
    yield from _sums(invoice, is_on_margin=is_on_margin)


def _line(place: str, line: Line, above: Line) -> Iterator[Finding]:
    if line.quantity is not None and line.unit_price is not None and line.amount is not None:
        off = line.quantity * line.unit_price - line.amount
        if abs(off) > CENT:
            text = _("Quantity times price differs from the amount by %(off)s yuan.")
            yield _warning("line.price", f"{place}.amount", text, off=f"{off:.2f}")
    rate = rate_of(line.tax_rate)
    if rate is None and line.tax_rate not in _FREE:
        yield _warning("line.rate", f"{place}.tax_rate", _("“%(rate)s” is no tax rate."), rate=line.tax_rate[:20])
    elif rate is not None and rate not in RATES:
        yield _warning("line.rate", f"{place}.tax_rate", _("“%(rate)s” is no usual tax rate."), rate=line.tax_rate[:20])
    if line.classification and not re.fullmatch("[0-9]{19}", line.classification):
        yield _warning("line.classification", f"{place}.classification", _("A tax category code has 19 digits."))
    if line.role == "01" and (above.role, above.name, above.tax_rate) != ("02", line.name, line.tax_rate):
        yield _warning("line.discount", place, _("A discount stands right behind the line that it belongs to."))


def _line_tax(place: str, line: Line) -> Iterator[Finding]:
    off = _off(line)
    if abs(off) > LINE_TAX:
        text = _("Amount times rate differs from the tax by %(off)s yuan.")
        yield _warning("line.tax", f"{place}.tax", text, off=f"{off:.2f}")


def _off(line: Line) -> Decimal:
    """Amount by rate less the tax of a line; 0 when one of them isn't known."""
    rate = rate_of(line.tax_rate)
    if rate is None or line.amount is None or line.tax is None:
        return Decimal(0)
    return line.amount * rate - line.tax


@lru_cache(maxsize=256)
def rate_of(text: str) -> Decimal | None:
    """A rate as printed, "13%" or "0.13", as a fraction; None for everything else."""
    found = re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]{1,4})?)\s*(%?)", text.strip())
    if found is None:
        return None
    value = Decimal(found[1])
    return value / 100 if found[2] else value if value < 1 else None


def _sums(invoice: Invoice, *, is_on_margin: bool) -> Iterator[Finding]:
    """A warning only: a line that a reader has missed shows here first."""
    amounts = [line.amount for line in invoice.lines if line.amount is not None]
    amount, tax = _sound(invoice.amount), _sound(invoice.tax)
    if amounts and amount is not None and len(amounts) == len(invoice.lines):
        off = sum(amounts, Decimal()) - amount
        if abs(off) > CENT:
            text = _("The lines add up to %(off)s yuan more than the amount says.")
            yield _warning("lines.amount", "amount", text, off=f"{off:.2f}")
    taxes = [line.tax for line in invoice.lines if line.tax is not None]
    if taxes and tax is not None:
        off = sum(taxes, Decimal()) - tax
        if abs(off) > CENT:
            text = _("The taxes of the lines add up to %(off)s yuan more than the tax says.")
            yield _warning("lines.tax", "tax", text, off=f"{off:.2f}")
    off = sum(map(_off, invoice.lines), Decimal())
    if abs(off) > ALL_TAX and not is_on_margin:
        text = _("Over all lines, amount times rate differs from the tax by %(off)s yuan.")
        yield _warning("lines.rounding", "tax", text, off=f"{off:.2f}")


def _sound(value: Decimal | None) -> Decimal | None:
    """The value when it is money; what is none is told once, by `money`."""
    return value if value is not None and is_money(value) else None


VALIDATORS: list[Validator] = [
    identifiers,
    number_of_kind,
    number_year,
    issue_date,
    money,
    words,
    parties,
    red,
    asked_by_look_up,
    lines,
]


def validate(invoice: Invoice, *, now: dt.datetime) -> tuple[Finding, ...]:
    """Everything the rules have to say, in the order of VALIDATORS; `now` is aware."""
    return tuple(finding for validator in VALIDATORS for finding in validator(invoice, now))
