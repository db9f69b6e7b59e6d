"""How a deadline presses: against a reckoning minute by minute, and at its thresholds to the second."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.sla.clock import BEIJING, Calendar
from tickets.sla.deadlines import Deadline, Kind
from tickets.sla.services import calendar_of
from tickets.sla.urgency import HIGH_WITHIN, REVIEW, URGENT_WITHIN, next_change, pressing
from tickets.vocabulary import Priority

MINUTE, HOUR = dt.timedelta(minutes=1), dt.timedelta(hours=1)
#: Around the National Day week, a make-up day, the turn of the year and a plain month.
STARTS = st.sampled_from([(2026, 9, 22), (2026, 10, 8), (2026, 12, 29), (2027, 6, 1)])
MINUTES = st.integers(0, 14 * 24 * 60)


def slow(deadlines: list[Deadline], now: dt.datetime, calendar: Calendar) -> list[tuple[Kind, int, Priority]]:
    """Count the worked minutes one by one: kind, minutes, priority of all that presses."""
    found = []
    for one in deadlines:
        count, moment = 0, now
        while moment < one.at and count <= 24 * 60:
            time = moment.astimezone(BEIJING).time()
            at_work = any(begins <= time < ends for begins, ends in calendar.intervals)
            count += calendar.is_worked(moment.astimezone(BEIJING).date()) and at_work
            moment += MINUTE
        if count <= 24 * 60:
            found.append((one.kind, count, Priority.URGENT if count <= 8 * 60 else Priority.HIGH))
    return found


def told(deadlines: list[Deadline], now: dt.datetime, calendar: Calendar) -> list[tuple[Kind, int, Priority]]:
    return [(p.deadline.kind, p.left // MINUTE, p.priority) for p in pressing(deadlines, now=now, calendar=calendar)]


def case(start: tuple[int, int, int], after: int, ends: list[tuple[int, Kind]]) -> tuple[dt.datetime, list[Deadline]]:
    now = dt.datetime(*start, tzinfo=BEIJING) + after * MINUTE
    return now, sorted((Deadline(kind, now + (more + 1) * MINUTE) for more, kind in ends), key=lambda one: one.at)


ENDS = st.lists(st.tuples(MINUTES, st.sampled_from(Kind)), max_size=3)


@settings(max_examples=40)
@given(STARTS, st.integers(0, 3000), ENDS)
def test_what_presses_is_what_a_count_of_minutes_says(
    start: tuple[int, int, int], after: int, ends: list[tuple[int, Kind]]
) -> None:
    now, deadlines = case(start, after, ends)
    calendar = calendar_of(now.year)
    assert told(deadlines, now, calendar) == slow(deadlines, now, calendar)
    urgency = [priority for _kind, _left, priority in told(deadlines, now, calendar)]
    assert urgency == sorted(urgency)


@given(STARTS, st.integers(0, 3000), ENDS)
def test_nothing_changes_before_the_next_change(
    start: tuple[int, int, int], after: int, ends: list[tuple[int, Kind]]
) -> None:
    now, deadlines = case(start, after, ends)
    calendar = calendar_of(now.year)

    def level(moment: dt.datetime) -> list[tuple[Deadline, Priority]]:
        ahead = [one for one in deadlines if one.at > moment]
        return [(p.deadline, p.priority) for p in pressing(ahead, now=moment, calendar=calendar)]

    until = next_change(deadlines, now=now, calendar=calendar)
    assert now < until <= now + REVIEW
    moments = [now + step * 10 * MINUTE for step in range(145)] + [until - dt.timedelta(microseconds=1)]
    assert all(level(moment) == level(now) for moment in moments if moment < until)
    assert until == now + REVIEW or level(until) != level(now) or any(one.at == until for one in deadlines)


WEDNESDAY = dt.datetime(2027, 6, 16, tzinfo=BEIJING)  # a plain week: 7.5 hours a day


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (dt.datetime(2027, 6, 11, 9, tzinfo=BEIJING), Priority.HIGH),  # Friday: 22.5 hours
        (dt.datetime(2027, 6, 10, 16, 30, tzinfo=BEIJING), Priority.HIGH),  # 24 hours
        (dt.datetime(2027, 6, 10, 16, 29, 59, tzinfo=BEIJING), None),
        (dt.datetime(2027, 6, 14, 17, 30, tzinfo=BEIJING), Priority.URGENT),  # 8 hours
        (dt.datetime(2027, 6, 14, 17, 29, 59, tzinfo=BEIJING), Priority.HIGH),
        (dt.datetime(2027, 6, 15, 23, tzinfo=BEIJING), Priority.URGENT),  # after work: none is left
    ],
)
def test_every_kind_presses_at_its_thresholds(kind: Kind, now: dt.datetime, wanted: Priority | None) -> None:
    assert (URGENT_WITHIN, HIGH_WITHIN) == (8 * HOUR, 24 * HOUR)
    for zone in (BEIJING, dt.UTC):
        found = list(pressing([Deadline(kind, WEDNESDAY)], now=now.astimezone(zone), calendar=Calendar()))
        assert [one.priority for one in found] == ([wanted] if wanted else [])


def test_a_change_is_known_by_the_second() -> None:
    deadlines = [Deadline(Kind.UPLOAD, WEDNESDAY), Deadline(Kind.YEAR_END, WEDNESDAY + 200 * REVIEW)]

    def change(*moment: int) -> dt.datetime:
        return next_change(deadlines, now=dt.datetime(*moment, tzinfo=BEIJING), calendar=Calendar())  # type: ignore[misc]

    assert change(2027, 6, 10, 9) == dt.datetime(2027, 6, 10, 16, 30, tzinfo=BEIJING)
    assert change(2027, 6, 10, 16, 30) == dt.datetime(2027, 6, 11, 16, 30, tzinfo=BEIJING)
    assert change(2027, 6, 14, 9) == dt.datetime(2027, 6, 14, 17, 30, tzinfo=BEIJING)
    assert change(2027, 6, 15, 9) == WEDNESDAY
