"""The arithmetic of the bars."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from kb.status.uptime import BEIJING, DAYS, Span, reckon

NOW = dt.datetime(2026, 11, 25, 10, tzinfo=BEIJING)
LONG_AGO = dt.date(2020, 1, 1)
HOUR = dt.timedelta(hours=1)


def span(hours_ago: float, hours: float | None, impact: str = "outage") -> Span:
    since = NOW - hours_ago * HOUR
    return Span(since, None if hours is None else since + hours * HOUR, impact)


def test_an_outage_costs_its_time_and_a_disruption_none() -> None:
    whole = dt.timedelta(days=89, hours=10)  # up to this morning
    found = reckon([span(48, 2), span(30, 3, "degraded")], watched_since=LONG_AGO, now=NOW)
    assert found.share == Decimal(str((1 - 2 * HOUR / whole) * 100)).quantize(Decimal("0.01"), "ROUND_FLOOR")
    assert (found.incidents, found.watched) == (2, 90)
    assert [day for day in found.days if day] == ["outage", "degraded"]
    assert found.days[-3] == "outage"


def test_two_outages_at_once_cost_their_time_once() -> None:
    one = reckon([span(10, 4)], watched_since=LONG_AGO, now=NOW)
    assert reckon([span(10, 4), span(9, 2)], watched_since=LONG_AGO, now=NOW).share == one.share


def test_one_second_is_never_a_hundred_per_cent() -> None:
    assert reckon([span(1, 1 / 3600)], watched_since=LONG_AGO, now=NOW).share == Decimal("99.99")


def test_days_before_it_was_watched_are_told_as_such() -> None:
    found = reckon([span(24 * 80, 1), span(3, None)], watched_since=NOW.date() - dt.timedelta(days=1), now=NOW)
    assert (found.watched, found.incidents) == (2, 1)
    assert found.days == (None,) * 88 + ("", "outage")
    assert found.share == Decimal("91.17")  # 3 of 34 hours


@given(
    st.lists(
        st.tuples(st.integers(0, 4000), st.none() | st.integers(0, 4000), st.sampled_from(["outage", "degraded"]))
    ),
    st.dates(LONG_AGO, dt.date(2026, 11, 25)),
)
def test_it_is_always_a_share_of_ninety_days(given_: list[tuple[int, int | None, str]], since: dt.date) -> None:
    spans = [span(ago, None if hours is None else min(hours, ago), impact) for ago, hours, impact in given_]
    found = reckon(spans, watched_since=since, now=NOW)
    assert len(found.days) == DAYS
    assert 0 <= found.share <= 100
    assert 1 <= found.watched <= DAYS
    assert (found.share == 100) or any(s.impact == "outage" for s in spans)
    assert found.incidents <= len(spans)
    assert sum(day is None for day in found.days) == DAYS - found.watched


def test_what_is_not_watched_yet_has_lost_nothing() -> None:
    now = dt.datetime(2026, 11, 20, 12, tzinfo=BEIJING)
    found = reckon((), watched_since=now.date() + dt.timedelta(days=1), now=now)
    assert (found.share, found.watched) == (Decimal(100), 0)
