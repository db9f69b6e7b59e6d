"""PURE. Rules about single cells: there, of the right type, form and length. What is wrong was found while reading."""

from __future__ import annotations

from collections.abc import Iterator

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Severity
from tickets.invoices.packages import bases
from tickets.invoices.packages.contract import Batch, Bill, Check, Hit, Rule, rule


def _slips(code: str) -> Check:
    def check(bill: Bill, batch: Batch) -> Iterator[Hit]:
        return (hit for slip, hit in bill.slips if slip == code)

    return check


def _cell(code: str, severity: Severity, text: str) -> Rule:
    return Rule(code, severity, text, bases.FIELDS, _slips(code))


missing = _cell("field.missing", Severity.ERROR, _("%(name)s is required and missing."))
kind = _cell("field.type", Severity.ERROR, _("%(name)s must be a text or a number, not %(value)s."))
charset = _cell("field.charset", Severity.ERROR, _("%(name)s holds characters that can't be read: %(value)s"))
length = _cell("field.length", Severity.ERROR, _("%(name)s has %(count)s characters; at most %(limit)s are allowed."))
form = _cell("field.form", Severity.ERROR, _("%(name)s is “%(value)s”; it must be %(form)s."))
choice = _cell("field.choice", Severity.ERROR, _("%(name)s is “%(value)s”; allowed are %(allowed)s."))
quotes = _cell("field.quotes", Severity.WARNING, _("%(name)s stands without quotes. Many programs lose digits then."))
twice = _cell("field.twice", Severity.WARNING, _("“%(value)s” stands in it more than once; the last one counts."))


@rule("lines.missing", Severity.ERROR, _("The invoice has no lines."), bases.FIELDS)
def lines_missing(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """At least one goods line."""
    if not bill.rows and not bill.is_cut:
        yield Hit("rows")


@rule(
    "remark.length", Severity.ERROR, _("The remark of a red invoice may have %(limit)s characters, not %(count)s."),
    bases.FIELDS,
)  # fmt: skip
def remark_length(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """A red invoice shares its remark with the words that name the blue one."""
    if bill.is_red and len(bill.remark) > RED_REMARK:
        yield Hit("remark", params={"count": len(bill.remark), "limit": RED_REMARK})


RED_REMARK = 382
CELLS = (missing, kind, charset, length, form, choice, quotes, twice)
