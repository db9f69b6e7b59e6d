"""PURE. What is said of one row of a list, and of its numbers as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise
from typing import Any

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Finding, Invoice, Severity
from tickets.invoices.sheets import Row
from tickets.invoices.validate import BLOCKING, validate


class Result(StrEnum):
    """What becomes of a row: OK and WARNING go into the ticket, the others stay out."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    DUPLICATE = "duplicate"


RESULT_LABELS: Mapping[Result, str] = {
    Result.OK: _("Can be filed"),
    Result.WARNING: _("Please check"),
    Result.ERROR: _("Wrong, stays out"),
    Result.DUPLICATE: _("Double, stays out"),
}
TONES: Mapping[Result, str] = {
    Result.OK: "success", Result.WARNING: "warning", Result.ERROR: "danger", Result.DUPLICATE: "neutral",
}  # fmt: skip
FILED = (Result.OK, Result.WARNING)

#: The fields of a row that become an item of the ticket.
FIELDS = (
    "kind", "code", "number", "digital_number", "issue_date", "amount", "tax", "total", "seller_name", "seller_tax_id",
    "buyer_name", "buyer_tax_id", "check_code",
)  # fmt: skip
_MONEY = ("amount", "tax", "total")
_NO_NUMBER = _("This row has no invoice number.")
_TWICE = _("The same invoice as in row %(row)s.")
_KNOWN = _("Your open ticket %(ticket)s holds this invoice already.")


@dataclass(frozen=True, slots=True)
class Judged:
    """A row with its result; `key` tells invoices apart, `claim` and `findings` are JSON."""

    position: int
    key: str
    seller: str
    result: Result
    claim: dict[str, str] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)


def judge(row: Row, *, now: dt.datetime) -> Judged:
    """What cells and rules say of a row alone; hints are left out, for nobody reads fifty thousand of them."""
    invoice = row.invoice
    said = [*row.findings, *(f for f in validate(invoice, now=now) if f.severity != Severity.INFO)]
    wrong = {f.field for f in row.findings if f.severity == Severity.ERROR}
    key = invoice.identity or invoice.number
    if not key and not wrong & {"number", "digital_number"}:
        said.insert(0, Finding("number.missing", Severity.ERROR, "number", Message(_NO_NUMBER)))
    is_error = bool(wrong) or not key or any(f.code in BLOCKING and f.severity == Severity.ERROR for f in said)
    result = Result.ERROR if is_error else Result.WARNING if said else Result.OK
    return Judged(row.position, key, invoice.seller_tax_id, result, claim_of(invoice), [_as_json(f) for f in said])


def doubled(row: Judged, *, before: int = 0, ticket: str = "") -> Judged:
    """The row as the double of row `before`, or of an invoice of the enterprise's own open `ticket`."""
    text = Message(_TWICE, {"row": before}) if before else Message(_KNOWN, {"ticket": ticket})
    code = "double.row" if before else "double.ticket"
    told = _as_json(Finding(code, Severity.ERROR, "number", text))
    return Judged(row.position, row.key, row.seller, Result.DUPLICATE, row.claim, [told, *row.findings])


def claim_of(invoice: Invoice) -> dict[str, str]:
    """The known fields as JSON; money in plain digits, days ISO."""
    known = {name: getattr(invoice, name) for name in FIELDS}
    plain = {
        name: f"{value:f}" if isinstance(value, Decimal) else str(value)
        for name, value in known.items()
        if value is not None
    }
    return {name: text for name, text in plain.items() if text}


def columns_of(claim: Mapping[str, str]) -> dict[str, Any]:
    """The reverse of `claim_of`, as the values of an item's columns."""
    values: dict[str, Any] = dict(claim)
    for name in _MONEY:
        if name in values:
            values[name] = Decimal(values[name])
    if "issue_date" in values:
        values["issue_date"] = dt.date.fromisoformat(values["issue_date"])
    return values


def _as_json(finding: Finding) -> dict[str, Any]:
    params = {n: v if isinstance(v, int) else str(v) for n, v in finding.message.params.items()}
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "text": finding.message.text,
        "params": params,
    }


# Holes in the numbers

NEAR = 50  # further apart, two numbers are not of one series
SERIES = 5  # fewer tell nothing


@dataclass(frozen=True, slots=True)
class Gap:
    """Numbers that are not in the list although their neighbours are: `first` to `last`, `count` of them."""

    seller: str
    first: str
    last: str
    count: int


def gaps(numbers: Iterable[tuple[str, str]]) -> Iterator[Gap]:
    """The holes in each seller's series, from (seller, number as digits), in any order and with doubles.

    A series is five or more numbers of one seller and one length, each less than NEAR from the next, of which at least
    half of the stretch is there: an issuer numbers its invoices one after the other, and a hole may be one forgotten.
    """
    series: list[int] = []
    last = ("", 0)
    for seller, length, number in sorted({(s, len(n), int(n)) for s, n in numbers if n.isdecimal()}):
        if series and ((seller, length) != last or number - series[-1] >= NEAR):
            yield from _holes(last, series)
            series = []
        last = (seller, length)
        series.append(number)
    yield from _holes(last, series)


def _holes(of: tuple[str, int], series: list[int]) -> Iterator[Gap]:
    if len(series) < SERIES or len(series) * 2 < series[-1] - series[0] + 1:
        return
    seller, length = of
    for one, two in pairwise(series):
        if two - one > 1:
            yield Gap(seller, str(one + 1).zfill(length), str(two - 1).zfill(length), two - one - 1)
