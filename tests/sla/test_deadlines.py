"""The tax side's deadlines: what is published, and the rule that says the rest."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.sla import deadlines
from tickets.sla.clock import BEIJING, Calendar
from tickets.sla.deadlines import FILING, filing_deadline, month_close
from tickets.sla.services import calendar_of


def test_the_rule_finds_every_deadline_that_was_published(monkeypatch: pytest.MonkeyPatch) -> None:
    published = sorted(FILING)
    monkeypatch.setattr(deadlines, "FILING", set())
    assert [filing_deadline(day.replace(day=1), calendar_of(day.year)) for day in published] == published


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
