"""Working time against a minute-by-minute oracle."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.sla.clock import BEIJING, Calendar, add_working, working_between
from tickets.sla.services import calendar_of

MINUTE = dt.timedelta(minutes=1)
HOLIDAY, MAKE_UP = dt.date(2026, 10, 1), dt.date(2026, 10, 10)  # a Thursday off, a Saturday worked
CALENDAR = Calendar(exceptions={HOLIDAY: False, MAKE_UP: True})


def is_working(moment: dt.datetime, calendar: Calendar = CALENDAR) -> bool:
    local = moment.astimezone(BEIJING)
    return calendar.is_worked(local.date()) and any(b <= local.time() < e for b, e in calendar.intervals)


def slow_add(start: dt.datetime, minutes: int, calendar: Calendar = CALENDAR) -> dt.datetime:
    """Minute by minute, without a thought."""
    moment = start
    while minutes or not is_working(moment, calendar):
        if is_working(moment, calendar):
            minutes -= 1
        moment += MINUTE
        if not minutes and is_working(moment - MINUTE, calendar):
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
@given(start=moments, length=st.integers(0, 60_000), most=st.integers(0, 3000))
def test_counting_may_stop_when_it_is_enough(start: dt.datetime, length: int, most: int) -> None:
    end, enough = start + length * MINUTE, most * MINUTE
    whole, counted = working_between(start, end, CALENDAR), working_between(start, end, CALENDAR, enough=enough)
    assert counted == whole if whole < enough else enough <= counted <= whole


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


#: Stretches of the real calendar in which everything happens: the turn of the year, the spring festival, the golden
#: week, all with make-up working days, and a year whose holidays nobody has published yet.
STRETCHES = [
    dt.date(2025, 12, 29),
    dt.date(2026, 2, 11),
    dt.date(2025, 9, 26),
    dt.date(2026, 12, 28),
    dt.date(2028, 9, 28),
]


@settings(max_examples=60, deadline=None)
@given(
    first=st.sampled_from(STRETCHES),
    offset=st.integers(0, 9 * 24 * 60),
    minutes=st.integers(1, 900),
    zone=st.sampled_from([dt.UTC, BEIJING, dt.timezone(dt.timedelta(hours=-11))]),
)
def test_the_published_calendar_agrees_with_counting_minutes(
    first: dt.date, offset: int, minutes: int, zone: dt.timezone
) -> None:
    calendar = calendar_of(first.year)
    start = (dt.datetime.combine(first, dt.time(), BEIJING) + offset * MINUTE).astimezone(zone)
    assert add_working(start, minutes * MINUTE, calendar) == slow_add(start, minutes, calendar)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Any calendar with at least one working hour in a week: one to three intervals, odd weekends, odd exceptions."""
    cuts = draw(st.lists(st.integers(0, 24 * 60 - 1), min_size=2, max_size=6, unique=True).map(sorted))
    times = [dt.time(cut // 60, cut % 60) for cut in cuts]
    intervals = tuple(zip(times[::2], times[1::2], strict=False))
    days = draw(st.frozensets(st.integers(0, 6), min_size=1))
    odd = st.dates(dt.date(2026, 9, 28), dt.date(2026, 10, 14))
    return Calendar(intervals, days, draw(st.dictionaries(odd, st.booleans(), max_size=6)))


@settings(max_examples=60, deadline=None)
@given(calendar=calendars(), start=moments, minutes=st.integers(1, 300))
def test_any_calendar_agrees_with_counting_minutes(calendar: Calendar, start: dt.datetime, minutes: int) -> None:
    due = add_working(start, minutes * MINUTE, calendar)
    assert working_between(start, due, calendar) == minutes * MINUTE
    if due - start < dt.timedelta(days=10):  # the oracle is slow
        assert due == slow_add(start, minutes, calendar)


@settings(deadline=None)
@given(start=moments, one=st.integers(0, 900), more=st.integers(0, 900), seconds=st.integers(0, 59))
def test_more_work_is_never_due_earlier(start: dt.datetime, one: int, more: int, seconds: int) -> None:
    start += dt.timedelta(seconds=seconds)
    first = add_working(start, one * MINUTE, CALENDAR)
    assert start <= first <= add_working(start, (one + more) * MINUTE, CALENDAR)
    if one:
        assert add_working(first, more * MINUTE, CALENDAR) >= first


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (dt.date(2026, 1, 1), False),  # a Thursday
        (dt.date(2026, 1, 4), True),  # a Sunday, worked in exchange
        (dt.date(2026, 2, 14), True),  # a Saturday before the festival
        (dt.date(2026, 2, 23), False),  # a Monday
        (dt.date(2026, 10, 10), True),
        (dt.date(2026, 10, 11), False),
        (dt.date(2030, 10, 1), True),  # a Tuesday of a year that is not published: weekends alone
        (dt.date(2030, 10, 5), False),
    ],
)
def test_the_calendar_is_the_published_one(day: dt.date, is_worked: bool) -> None:
    assert calendar_of(day.year).is_worked(day) == is_worked


def test_the_old_years_calendar_reaches_into_the_new_one() -> None:
    eve = dt.datetime(2025, 12, 31, 17, tzinfo=BEIJING)
    assert add_working(eve, dt.timedelta(hours=2), calendar_of(2025)) == dt.datetime(2026, 1, 4, 10, tzinfo=BEIJING)
