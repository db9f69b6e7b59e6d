"""PURE. Rules of blue and red invoices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Severity
from tickets.invoices.packages import bases
from tickets.invoices.packages.contract import Batch, Bill, Hit, rule
from tickets.invoices.packages.rules.goods import DISCOUNT

_RED_FIELDS = ("original_number", "red_form", "red_form_id")


def _signs(bill: Bill, sign: int) -> Iterator[Hit]:
    """Where an amount doesn't have `sign`: the first of the invoice, else those of its lines. A tax may be 0."""
    given = {"amount": bill.amount, "total": bill.total}
    wrong = [field for field, value in given.items() if value is not None and value * sign <= 0]
    if bill.tax is not None and bill.tax * sign < 0:
        wrong.append("tax")
    yield from (Hit(field) for field in wrong[:1])
    for index, row in enumerate(() if wrong else bill.rows):
        if row.role != DISCOUNT and row.amount is not None and row.amount * sign <= 0:
            yield Hit("amount", index)


@rule("blue.sign", Severity.ERROR, _("Amounts of a blue invoice are greater than 0."), bases.RULES)
def blue_sign(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Greater than 0, but for discounts, which are less."""
    if bill.colour != "blue":
        return
    yield from _signs(bill, 1)
    for index, row in enumerate(bill.rows):
        if row.role == DISCOUNT and row.amount is not None and row.amount >= 0:
            yield Hit("amount", index)


@rule("red.sign", Severity.ERROR, _("Amounts of a red invoice are less than 0."), bases.RULES)
def red_sign(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Less than 0."""
    if bill.is_red:
        yield from _signs(bill, -1)


@rule("red.missing", Severity.ERROR, _("A red invoice names the blue one and its confirmation."), bases.FIELDS)
def red_missing(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """dylzfphm, hzqrxxdbh and hzqrduuid."""
    if bill.is_red:
        yield from (Hit(field) for field in _RED_FIELDS if not getattr(bill, field))


@rule("red.original", Severity.ERROR, _("A red invoice names the blue one."), bases.LAYOUT)
def red_original(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """RedEInvoice/OriginalInvoiceCode."""
    if bill.is_red and not bill.original_number:
        yield Hit("original_number")


@rule("red.extra", Severity.ERROR, _("A blue invoice leaves the fields of red ones empty."), bases.FIELDS)
def red_extra(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """The same three fields."""
    if bill.colour == "blue":
        yield from (Hit(field) for field in _RED_FIELDS if getattr(bill, field))


@rule(
    "red.number", Severity.ERROR,
    _("The number of the blue invoice has 20 digits, or is its code and number written together."), bases.FIELDS,
)  # fmt: skip
def red_number(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """20 digits, or 10 or 12 and 8."""
    if bill.is_red and bill.original_number and not re.fullmatch("[0-9]{18}|[0-9]{20}", bill.original_number):
        yield Hit("original_number")


SIGNS = (blue_sign, red_sign)
