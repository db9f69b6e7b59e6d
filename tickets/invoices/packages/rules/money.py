"""PURE. Rules of arithmetic, in Decimal, with the tolerances of the upload check."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.amounts import from_words, in_words
from tickets.invoices.model import Severity
from tickets.invoices.packages import bases
from tickets.invoices.packages.contract import Batch, Bill, Hit, Item, rule

CENT, LINE_TAX, ALL_TAX = Decimal("0.01"), Decimal("0.06"), Decimal("1.27")
#: Rates in force; which ones the tax side takes is not published in one place, so another one is a warning.
RATES = frozenset(map(Decimal, ("0.13", "0.09", "0.06", "0.05", "0.03", "0.02", "0.015", "0.01", "0")))


def _yuan(value: Decimal) -> str:
    return f"{value.quantize(CENT, ROUND_HALF_UP):f}"


def _off(field: str, line: int, given: Decimal, due: Decimal) -> Hit:
    return Hit(field, line, _yuan(due), {"given": _yuan(given), "due": _yuan(due), "off": _yuan(given - due)})


@rule("amount.sum", Severity.ERROR, _("Amount and tax are %(due)s, the total says %(given)s."), bases.CHECKS)
def amount_sum(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """hjje + hjse = jshj, to the cent."""
    if bill.amount is None or bill.tax is None or bill.total is None:
        return
    if bill.amount + bill.tax != bill.total:
        yield _off("total", -1, bill.total, bill.amount + bill.tax)


@rule("words.total", Severity.ERROR, _("The total in words is not the total in figures."), bases.LAYOUT)
def words_total(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """The amount in words says the total."""
    if bill.total_in_words and bill.total is not None and from_words(bill.total_in_words) != bill.total:
        yield Hit("total_in_words", suggestion=in_words(bill.total))


def _added_up(bill: Bill, field: str) -> Iterator[Hit]:
    """The lines' figures of `field` against the bill's own, when every line has one."""
    said: Decimal | None = getattr(bill, field)
    figures = [figure for row in bill.rows if (figure := getattr(row, field)) is not None]
    if said is None or bill.is_cut or not figures or len(figures) != len(bill.rows):
        return
    due = sum(figures, Decimal(0))
    if abs(due - said) > CENT:
        yield _off(field, -1, said, due)


@rule("lines.amount", Severity.ERROR, _("The lines add up to %(due)s, the amount says %(given)s."), bases.CHECKS)
def lines_amount(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """|Σje − hjje| ≤ 0.01"""
    return _added_up(bill, "amount")


@rule(
    "lines.tax",
    Severity.WARNING,
    _("The lines' taxes add up to %(due)s, the tax says %(given)s."),
    bases.ARITHMETIC,
)
def lines_tax(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """|Σse − hjse| ≤ 0.01, which follows from what the fields mean."""
    return _added_up(bill, "tax")


@rule(
    "lines.rounding", Severity.ERROR,
    _("Over all lines, amount times rate is %(due)s, the tax %(given)s: %(off)s yuan apart, 1.27 are allowed."),
    bases.RULES,
)  # fmt: skip
def lines_rounding(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """|Σ(je·slv) − Σse| ≤ 1.27; lines that are wrong by themselves are told as lines."""
    if bill.on_margin or bill.is_cut:
        return
    due = given = Decimal(0)
    for row in bill.rows:
        expected = _expected(row)
        if expected is None:
            continue
        if row.tax is None or abs(expected - row.tax) > LINE_TAX:
            return
        due, given = due + expected, given + row.tax
    if abs(due - given) > ALL_TAX:
        yield _off("tax", -1, given, due)


def _expected(row: Item) -> Decimal | None:
    """je·slv; None for a line without a rate, or with one that is no fraction."""
    if row.amount is None or row.rate is None or row.rate >= 1:
        return None
    return row.amount * row.rate


@rule(
    "line.price", Severity.ERROR,
    _("Quantity times price is %(due)s, the amount says %(given)s: %(off)s yuan apart, 0.01 is allowed."), bases.CHECKS,
)  # fmt: skip
def line_price(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """|dj·sl − je| ≤ 0.01"""
    for index, row in enumerate(bill.rows):
        if row.quantity is None or row.unit_price is None or row.amount is None:
            continue
        due = row.quantity * row.unit_price
        if abs(due - row.amount) > CENT:
            yield _off("amount", index, row.amount, due)


@rule(
    "line.tax", Severity.ERROR,
    _("Amount times rate is %(due)s, the tax says %(given)s: %(off)s yuan apart, 0.06 are allowed."), bases.RULES,
)  # fmt: skip
def line_tax(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """|je·slv − se| ≤ 0.06; what is taxed on its margin has a rule of its own."""
    if bill.on_margin:
        return
    for index, row in enumerate(bill.rows):
        due = _expected(row)
        if due is not None and row.tax is not None and abs(due - row.tax) > LINE_TAX:
            yield _off("tax", index, row.tax, due)


@rule(
    "line.gross",
    Severity.WARNING,
    _("Amount and tax are %(due)s, with tax the line says %(given)s."),
    bases.ARITHMETIC,
)
def line_gross(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """|je + se − hsje| ≤ 0.01, which follows from what the fields mean."""
    for index, row in enumerate(bill.rows):
        if row.amount is None or row.tax is None or row.gross is None:
            continue
        if abs(row.amount + row.tax - row.gross) > CENT:
            yield _off("gross", index, row.gross, row.amount + row.tax)


@rule(
    "margin.lines",
    Severity.ERROR,
    _("An invoice taxed on its margin has one line, not %(count)s."),
    bases.RULES,
)
def margin_lines(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """差额征税: one line only."""
    if bill.on_margin and len(bill.rows) > 1:
        yield Hit("rows", params={"count": len(bill.rows)})


@rule(
    "margin.deduction", Severity.WARNING, _("The invoice is taxed on its margin and names no deduction."), bases.RULES
)
def margin_deduction(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """差额征税 without 扣除额."""
    told = any(hit.field == "deduction" for _code, hit in bill.slips)
    if bill.margin and not told and bill.deduction is None and all(row.deduction is None for row in bill.rows):
        yield Hit("margin")


@rule(
    "margin.tax", Severity.ERROR,
    _("On its margin the tax is %(due)s, the line says %(given)s: %(off)s yuan apart, 0.06 are allowed."), bases.RULES,
)  # fmt: skip
def margin_tax(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """|(hsje − kce) / (1 + slv) · slv − se| ≤ 0.06"""
    for index, row in enumerate(bill.rows if len(bill.rows) == 1 else ()):
        deduction = bill.deduction if row.deduction is None else row.deduction
        if deduction is None or row.gross is None or row.tax is None or row.rate is None or row.rate >= 1:
            continue
        due = (row.gross - deduction) / (1 + row.rate) * row.rate
        if abs(due - row.tax) > LINE_TAX:
            yield _off("tax", index, row.tax, due)


@rule("line.rate", Severity.WARNING, _("%(rate)s is no usual tax rate."), bases.RULES)
def line_rate(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """One of RATES."""
    for index, row in enumerate(bill.rows):
        if row.rate is not None and row.rate not in RATES:
            fraction = row.rate / 100
            meant = f"{fraction.normalize():f}" if row.rate >= 1 and fraction in RATES else ""
            yield Hit("rate", index, meant, {"rate": f"{row.rate:f}"})


HEAD = (amount_sum, lines_amount, lines_tax, lines_rounding)
LINE = (line_price, line_tax, line_gross, line_rate)
MARGIN = (margin_lines, margin_deduction, margin_tax)
