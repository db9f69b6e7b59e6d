"""PURE. The clocks of the tax side that decide how urgent a missing invoice is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from itertools import groupby

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.kinds import DEDUCTIBLE
from tickets.sla.clock import BEIJING, Calendar

#: An issuer's upload has to follow within 48 hours of issuing (乐企 V4.000, §"上传").
UPLOAD = dt.timedelta(hours=48)
#: On the 13th at midnight the server closes the month before; what isn't uploaded then has to be issued again.
MONTH_CLOSES = 13
#: Last days of monthly filing as published for 2026 (税总办征科函〔2025〕64号).
FILING = {
    dt.date(2026, month, day)
    for month, day in (
        (1, 20), (2, 24), (3, 16), (4, 20), (5, 22), (6, 15), (7, 15), (8, 17), (9, 15), (10, 26), (11, 16), (12, 15)
    )
}  # fmt: skip


def _rule(year: int, month: int, calendar: Calendar) -> dt.date:
    """The 15th; a run of three or more days off before it adds as many working days, and it never ends on a day off."""
    days = [dt.date(year, month, number) for number in range(1, 16)]
    runs = [len(list(run)) for is_worked, run in groupby(days, calendar.is_worked) if not is_worked]
    more, day = sum(length for length in runs if length >= 3), days[-1]
    while more or not calendar.is_worked(day):
        day += dt.timedelta(days=1)
        more -= more > 0 and calendar.is_worked(day)
    return day


def month_close(issued: dt.date) -> dt.datetime:
    """When the month of an invoice issued on `issued` is closed for uploads (aware, Beijing)."""
    year, month = (issued.year + 1, 1) if issued.month == 12 else (issued.year, issued.month + 1)
    return dt.datetime(year, month, MONTH_CLOSES, tzinfo=BEIJING)


class Kind(StrEnum):
    """The clocks that a missing invoice runs against."""

    UPLOAD = "upload"  # 乐企 V4.000: less than 48 h from issuing to uploading
    MONTH_CLOSE = "month_close"  # 乐企 V4.000 §4.2.1: the server closes last month on the 13th at 00:00
    YEAR_END = "year_end"  # 乐企 §1.2.1: a number is used in the year that it begins with
    FILING = "filing"  # VAT law in force from 2026-01-01, Art. 30: within 15 days after the period


KIND_LABELS: Mapping[str, str] = {
    Kind.UPLOAD: _("Upload within 48 hours of issuing"),
    Kind.MONTH_CLOSE: _("The month closes for uploads"),
    Kind.YEAR_END: _("Numbers of this year end"),
    Kind.FILING: _("Last day of filing"),
}

#: Last day of filing by the first of its month.
Table = Mapping[dt.date, dt.date]
#: The calendar for the months of a year.
Calendars = Callable[[int], Calendar]
PUBLISHED: Table = {day.replace(day=1): day for day in FILING}


@dataclass(frozen=True, slots=True)
class Lot:
    """Missing invoices that share day, kind and parties; `tax` in yuan."""

    issue_date: dt.date | None
    kind: str  # fplx code
    seller_tax_id: str
    buyer_tax_id: str
    count: int = 1
    tax: Decimal = Decimal()


@dataclass(frozen=True, slots=True)
class Deadline:
    """`at` is the first moment that is too late (aware); `is_estimated`: by the rule, not published."""

    kind: Kind
    at: dt.datetime
    invoices: int = 1
    is_estimated: bool = False

    @property
    def label(self) -> str:
        """msgid."""
        return KIND_LABELS[self.kind]


def filing_day(month: dt.date, table: Table, calendars: Calendars) -> tuple[dt.date, bool]:
    """The last day of filing in the month of `month`, and whether it is reckoned by the rule."""
    day = table.get(month.replace(day=1))
    return (day, False) if day else (_rule(month.year, month.month, calendars(month.year)), True)


def next_filing_day(today: dt.date, table: Table, calendars: Calendars) -> tuple[dt.date, bool]:
    """The same of the first deadline from `today` on."""
    found = filing_day(today, table, calendars)
    return found if found[0] >= today else filing_day(_next_month(today), table, calendars)


def _next_month(day: dt.date) -> dt.date:
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)


def deadlines_of(
    lots: list[Lot], *, tax_id: str, now: dt.datetime, table: Table, calendars: Calendars
) -> list[Deadline]:
    """What is ahead of an enterprise with these missing invoices, the nearest first; the same moment stands once."""
    found: dict[tuple[dt.datetime, Kind, bool], int] = {}
    for lot in lots:
        for one in _clocks(lot, tax_id, now.astimezone(BEIJING), table, calendars):
            key = (one.at, one.kind, one.is_estimated)
            found[key] = found.get(key, 0) + one.invoices
    return [Deadline(kind, at, count, estimated) for (at, kind, estimated), count in sorted(found.items())]


def _clocks(lot: Lot, tax_id: str, now: dt.datetime, table: Table, calendars: Calendars) -> Iterator[Deadline]:
    issues = bool(tax_id) and lot.seller_tax_id == tax_id
    if issues and lot.issue_date and lot.issue_date.year < dt.MAXYEAR:
        moments = {
            Kind.UPLOAD: _midnight(lot.issue_date) + UPLOAD,
            Kind.MONTH_CLOSE: month_close(lot.issue_date),
            Kind.YEAR_END: _midnight(dt.date(lot.issue_date.year + 1, 1, 1)),
        }
        yield from (Deadline(kind, at, lot.count) for kind, at in moments.items() if at > now)
    if issues or lot.kind in DEDUCTIBLE:
        day, is_estimated = next_filing_day(now.date(), table, calendars)
        yield Deadline(Kind.FILING, _midnight(day + dt.timedelta(days=1)), lot.count, is_estimated)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BEIJING)


@dataclass(frozen=True, slots=True)
class LateFee:
    """What paying late would cost: `daily` yuan for each day after `day`; `so_far` of issuers whose day is over."""

    tax: Decimal
    day: dt.date
    daily: Decimal
    so_far: Decimal
    days: int


def late_fee(tax: Decimal, days: int, rate: Decimal) -> Decimal:
    """`tax` × `rate` a day × `days` in yuan, half a cent up (征管法 §32: from the day after the deadline on)."""
    return (tax * rate * max(0, days)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def late_fee_of(
    lots: list[Lot], *, tax_id: str, today: dt.date, table: Table, calendars: Calendars, rate: Decimal
) -> LateFee | None:
    """The estimate for what hangs on the missing invoices; None when no tax does.

    What the enterprise issued is due in the month after; what it deducts costs it nothing before the next deadline.
    """
    ahead, _estimated = next_filing_day(today, table, calendars)
    total, so_far, most = Decimal(), Decimal(), 0
    for lot in lots:
        issues = bool(tax_id) and lot.seller_tax_id == tax_id
        if lot.tax <= 0 or not (issues or lot.kind in DEDUCTIBLE):
            continue
        total += lot.tax
        if issues and lot.issue_date and lot.issue_date.year < dt.MAXYEAR:
            due, _by_rule = filing_day(_next_month(lot.issue_date), table, calendars)
            days = max(0, (today - due).days)
            so_far, most = so_far + late_fee(lot.tax, days, rate), max(most, days)
    return LateFee(total, ahead, late_fee(total, 1, rate), so_far, most) if total else None
