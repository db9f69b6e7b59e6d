"""The tax side's deadlines: what is published, and the rule that says the rest."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.sla.clock import BEIJING, Calendar
from tickets.sla.deadlines import (
    FILING,
    PUBLISHED,
    UPLOAD,
    Deadline,
    Kind,
    Lot,
    deadlines_of,
    filing_day,
    late_fee,
    late_fee_of,
    month_close,
    next_filing_day,
)
from tickets.sla.services import calendar_of


def filing_deadline(today: dt.date, calendar: Calendar) -> dt.date:
    return next_filing_day(today, PUBLISHED, lambda year: calendar)[0]


def test_the_rule_finds_every_deadline_that_was_published() -> None:
    assert [filing_day(day, {}, calendar_of) for day in sorted(FILING)] == [(day, True) for day in sorted(FILING)]


def test_what_is_published_wins_over_the_rule() -> None:
    assert filing_deadline(dt.date(2026, 10, 16), Calendar()) == dt.date(2026, 10, 26)


@pytest.mark.parametrize(
    ("off", "due"),
    [
        ((), dt.date(2027, 6, 15)),  # a Tuesday
        ((9, 10), dt.date(2027, 6, 15)),  # two days off change nothing
        ((8, 9, 10), dt.date(2027, 6, 18)),  # three days off add three working days
        ((15, 16, 17), dt.date(2027, 6, 18)),  # only what lies up to the 15th counts
        ((9, 10, 11), dt.date(2027, 6, 22)),  # with the weekend they are five
    ],
)
def test_days_off_before_the_fifteenth_move_it(off: tuple[int, ...], due: dt.date) -> None:
    calendar = Calendar(exceptions={dt.date(2027, 6, number): False for number in off})
    assert filing_deadline(dt.date(2027, 6, 1), calendar) == due


@given(st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31)))
def test_the_next_deadline_is_ahead_worked_and_near(today: dt.date) -> None:
    calendar = calendar_of(today.year)
    due = filing_deadline(today, calendar)
    assert today <= due <= today + dt.timedelta(days=45)
    assert calendar.is_worked(due)
    assert due.day >= 15
    assert filing_deadline(due, calendar) == due


@given(st.dates(dt.date(2020, 1, 1), dt.date(2035, 12, 31)))
def test_the_month_closes_on_the_13th_of_the_next(issued: dt.date) -> None:
    closes = month_close(issued)
    months = (closes.year - issued.year) * 12 + closes.month - issued.month
    assert (months, closes.day, closes.hour, closes.tzinfo) == (1, 13, 0, BEIJING)


OURS, THEIRS = "91110108MA01ABCD5T", "91310115MA1K4EXAM3"
DAYS = st.dates(dt.date(2025, 1, 1), dt.date(2027, 12, 31))
RANGE = dt.datetime(2025, 1, 1), dt.datetime(2027, 12, 1)  # noqa: DTZ001  the zone is put on in the test
LOTS = st.builds(
    Lot, st.none() | DAYS, st.sampled_from(["81", "82"]), st.sampled_from([OURS, THEIRS, ""]), st.just(OURS),
    st.integers(1, 5), st.integers(-100, 10**7).map(lambda cents: Decimal(cents) / 100),
)  # fmt: skip


def slow_deadlines(lots: list[Lot], now: dt.datetime) -> list[Deadline]:
    """The same, minute by minute of what people would say: one clock after the other, then counted."""
    every = []
    for lot in lots:
        ours = lot.seller_tax_id == OURS
        if ours and lot.issue_date:
            start = dt.datetime(lot.issue_date.year, lot.issue_date.month, lot.issue_date.day, tzinfo=BEIJING)
            for kind, at in (
                (Kind.UPLOAD, start + UPLOAD), (Kind.MONTH_CLOSE, month_close(lot.issue_date)),
                (Kind.YEAR_END, dt.datetime(lot.issue_date.year + 1, 1, 1, tzinfo=BEIJING)),
            ):  # fmt: skip
                every += [(at, kind, False)] * lot.count if at > now else []
        if ours or lot.kind == "81":
            day = now.astimezone(BEIJING).date()
            while filing_day(day, PUBLISHED, calendar_of)[0] != day:
                day += dt.timedelta(days=1)
            at = dt.datetime(day.year, day.month, day.day, tzinfo=BEIJING) + dt.timedelta(days=1)
            every += [(at, Kind.FILING, filing_day(day, PUBLISHED, calendar_of)[1])] * lot.count
    return [Deadline(k, at, every.count((at, k, e)), e) for at, k, e in sorted(set(every))]


@given(st.lists(LOTS, max_size=5), st.datetimes(*RANGE))
def test_the_deadlines_are_those_of_a_slow_reckoning(lots: list[Lot], moment: dt.datetime) -> None:
    now = moment.replace(tzinfo=dt.UTC)
    found = deadlines_of(lots, tax_id=OURS, now=now, table=PUBLISHED, calendars=calendar_of)
    assert found == slow_deadlines(lots, now)
    assert all(one.at > now and one.label for one in found)


@given(st.decimals(0, 10**6, places=2), st.integers(-5, 400))
def test_the_late_fee_is_that_of_a_day_by_day_sum(tax: Decimal, days: int) -> None:
    slow = sum((tax * 5 / 10_000 for _day in range(days)), Decimal())
    assert abs(late_fee(tax, days, Decimal("0.0005")) - slow) <= Decimal("0.005")


@pytest.mark.parametrize("day", [dt.date.min, dt.date(1, 12, 31), dt.date(9999, 12, 31), dt.date(9998, 12, 31)])
def test_a_claim_of_the_first_or_last_day_of_time_breaks_nothing(day: dt.date) -> None:
    told = {"tax_id": OURS, "table": PUBLISHED, "calendars": calendar_of}
    lots = [Lot(day, "81", OURS, THEIRS, 1, Decimal(1000))]
    now = dt.datetime(2026, 10, 28, tzinfo=dt.UTC)
    assert Kind.FILING in [one.kind for one in deadlines_of(lots, now=now, **told)]
    assert late_fee_of(lots, today=now.date(), rate=Decimal("0.0005"), **told)


def test_what_an_issuer_owes_counts_from_the_month_after() -> None:
    told = {"tax_id": OURS, "table": PUBLISHED, "calendars": calendar_of, "rate": Decimal("0.0005")}
    sold = Lot(dt.date(2026, 9, 10), "82", OURS, THEIRS, 1, Decimal(1000))
    fee = late_fee_of([sold], today=dt.date(2026, 10, 28), **told)
    assert fee
    assert (fee.days, fee.so_far, fee.daily, fee.day) == (2, Decimal("1.00"), Decimal("0.50"), dt.date(2026, 11, 16))
    bought = Lot(dt.date(2026, 9, 10), "81", THEIRS, OURS, 1, Decimal(1000))
    fee = late_fee_of([bought], today=dt.date(2026, 10, 28), **told)
    assert fee
    assert (fee.days, fee.so_far) == (0, 0)
    assert late_fee_of([Lot(None, "82", THEIRS, OURS, 1, Decimal(5))], today=dt.date(2026, 10, 28), **told) is None
    undated = late_fee_of([Lot(None, "82", OURS, THEIRS, 1, Decimal(5))], today=dt.date(2026, 10, 28), **told)
    assert undated
    assert undated.days == 0
