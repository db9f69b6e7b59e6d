"""Working time against a minute-by-minute oracle."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.sla.clock import BEIJING, Calendar, add_working, working_between

MINUTE = dt.timedelta(minutes=1)
HOLIDAY, MAKE_UP = dt.date(2026, 10, 1), dt.date(2026, 10, 10)  # a Thursday off, a Saturday worked
CALENDAR = Calendar(exceptions={HOLIDAY: False, MAKE_UP: True})


def is_working(moment: dt.datetime) -> bool:
    local = moment.astimezone(BEIJING)
    return CALENDAR.is_worked(local.date()) and any(b <= local.time() < e for b, e in CALENDAR.intervals)


def slow_add(start: dt.datetime, minutes: int) -> dt.datetime:
    moment = start
    while minutes or not is_working(moment):
        if is_working(moment):
            minutes -= 1
        moment += MINUTE
        if not minutes and is_working(moment - MINUTE):
            return moment
    return moment


moments = st.integers(0, 16 * 24 * 60).map(lambda m: dt.datetime(2026, 9, 28, tzinfo=BEIJING) + m * MINUTE)


@settings(max_examples=60, deadline=None)
@given(start=moments, minutes=st.integers(1, 1200))
def test_adding_working_time_agrees_with_counting_minutes(start: dt.datetime, minutes: int) -> None:
    assert add_working(start, minutes * MINUTE, CALENDAR) == slow_add(start, minutes)


@settings(max_examples=60, deadline=None)
@given(start=moments, length=st.integers(0, 3000))
def test_working_time_between_agrees_with_counting_minutes(start: dt.datetime, length: int) -> None:
    end = start + length * MINUTE
    counted = sum(is_working(start + i * MINUTE) for i in range(length))
    assert working_between(start, end, CALENDAR) == counted * MINUTE


@settings(max_examples=60, deadline=None)
@given(start=moments, minutes=st.integers(1, 1200))
def test_what_was_added_lies_between(start: dt.datetime, minutes: int) -> None:
    assert working_between(start, add_working(start, minutes * MINUTE, CALENDAR), CALENDAR) == minutes * MINUTE


def test_zero_from_the_weekend_is_the_next_moment_of_work() -> None:
    saturday = dt.datetime(2026, 9, 26, 12, tzinfo=BEIJING)
    assert add_working(saturday, dt.timedelta(), CALENDAR) == dt.datetime(2026, 9, 28, 9, tzinfo=BEIJING)


def test_the_answer_keeps_the_zone_of_the_question() -> None:
    start = dt.datetime(2026, 9, 28, 1, tzinfo=dt.UTC)
    assert add_working(start, MINUTE, CALENDAR).tzinfo is dt.UTC


def test_a_calendar_without_work_says_so() -> None:
    with pytest.raises(ValueError, match="no working time"):
        add_working(dt.datetime(2026, 1, 1, tzinfo=BEIJING), MINUTE, Calendar(weekdays=frozenset()))
