"""PURE. Working time: two intervals a day, holidays, and make-up working days (调休)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

BEIJING = dt.timezone(dt.timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Calendar:
    """`exceptions` maps a day to whether it is worked; other days follow `weekdays` (0 is Monday).

    `intervals` are the worked hours of a day in Beijing time, in order and without overlap.
    """

    intervals: tuple[tuple[dt.time, dt.time], ...] = ((dt.time(9), dt.time(12)), (dt.time(13, 30), dt.time(18)))
    weekdays: frozenset[int] = frozenset(range(5))
    exceptions: Mapping[dt.date, bool] = field(default_factory=dict)

    def is_worked(self, day: dt.date) -> bool:
        return self.exceptions.get(day, day.weekday() in self.weekdays)


def add_working(start: dt.datetime, amount: dt.timedelta, calendar: Calendar) -> dt.datetime:
    """The moment at which `amount` of working time has passed since `start` (aware); in `start`'s zone.

    Zero from outside working hours gives the next moment at which work begins.
    """
    moment = start.astimezone(BEIJING)
    left = amount
    day = moment.date()
    for _ in range(3660):  # ten years without a working day is a calendar without work
        if calendar.is_worked(day):
            for begins, ends in calendar.intervals:
                begin = max(moment, dt.datetime.combine(day, begins, BEIJING))
                end = dt.datetime.combine(day, ends, BEIJING)
                if begin >= end:
                    continue
                if begin + left <= end:
                    return (begin + left).astimezone(start.tzinfo)
                left -= end - begin
        day += dt.timedelta(days=1)
    raise ValueError("the calendar has no working time")


def working_between(
    start: dt.datetime, end: dt.datetime, calendar: Calendar, *, enough: dt.timedelta = dt.timedelta.max
) -> dt.timedelta:
    """Working time from `start` to `end` (both aware); zero when `end` is not later. Counting stops at `enough`."""
    first, last = start.astimezone(BEIJING), end.astimezone(BEIJING)
    if first >= last:
        return dt.timedelta()
    if first.date() == last.date():
        return _worked(first, last, calendar)
    night = dt.datetime.combine(first.date() + dt.timedelta(days=1), dt.time(), BEIJING)
    dawn = dt.datetime.combine(last.date(), dt.time(), BEIJING)
    total, whole, day = _worked(first, night, calendar), _whole(calendar.intervals), night.date()
    while day < last.date() and total < enough:
        if calendar.is_worked(day):
            total += whole
        day += _DAY
    return total if total >= enough else total + _worked(dawn, last, calendar)


_DAY = dt.timedelta(days=1)


@lru_cache(maxsize=16)
def _whole(intervals: tuple[tuple[dt.time, dt.time], ...]) -> dt.timedelta:
    """The working time of a day."""
    return sum((_since_midnight(ends) - _since_midnight(begins) for begins, ends in intervals), dt.timedelta())


def _worked(first: dt.datetime, last: dt.datetime, calendar: Calendar) -> dt.timedelta:
    """Working time of the day of `first`, up to `last`."""
    day, total = first.date(), dt.timedelta()
    if calendar.is_worked(day):
        for begins, ends in calendar.intervals:
            lower = max(first, dt.datetime.combine(day, begins, BEIJING))
            upper = min(last, dt.datetime.combine(day, ends, BEIJING))
            total += max(dt.timedelta(), upper - lower)
    return total


def _since_midnight(time: dt.time) -> dt.timedelta:
    return dt.timedelta(hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond)
