"""Whatever was tried, the advice never wastes a try and never sends anybody into the past."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from tickets.checks.rules import (
    BEIJING,
    DIFFERS,
    FOUND,
    NOT_FOUND,
    PUBLIC,
    PUBLIC_TRIES,
    SYNC,
    UNAVAILABLE,
    Tried,
    advise,
    earliest,
    tries_left,
)

START = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
moments = st.integers(0, 6 * 24 * 60).map(lambda minute: START + dt.timedelta(minutes=minute))
tried_ = st.builds(
    Tried,
    st.sampled_from([PUBLIC, PUBLIC, "buyer", "issuer"]),
    st.sampled_from([NOT_FOUND, NOT_FOUND, NOT_FOUND, UNAVAILABLE, DIFFERS, FOUND]),
    moments,
)
issued = st.none() | st.dates(dt.date(2026, 11, 1), dt.date(2026, 11, 27))


@given(st.lists(tried_, max_size=14), moments)
def test_tries_are_counted_in_beijing_days(tried: list[Tried], now: dt.datetime) -> None:
    midnight = now.astimezone(BEIJING).replace(hour=0, minute=0)
    used = 0
    for one in tried:
        inside = midnight <= one.at < midnight + dt.timedelta(days=1)
        used += inside and one.site == PUBLIC and one.outcome in {NOT_FOUND, DIFFERS, FOUND}
    assert tries_left(tried, now) == max(0, PUBLIC_TRIES - used)


@given(st.lists(tried_, max_size=14), issued, moments)
def test_the_advice_is_sound(tried: list[Tried], issue_date: dt.date | None, now: dt.datetime) -> None:
    past = [one for one in tried if one.at <= now]
    advice = advise(past, issue_date=issue_date, now=now)
    last = max(past, key=lambda one: one.at, default=None)
    assert str(advice.reason)
    assert advice.tries_left == tries_left(past, now)
    if last and last.outcome == FOUND:
        assert advice.next_at is None
    if advice.next_at is None:
        assert past
        return
    assert advice.next_at >= now
    if issue_date:
        assert advice.next_at.astimezone(BEIJING).date() > issue_date
    if last and last.outcome == NOT_FOUND:
        assert advice.next_at - last.at >= SYNC
    if last and last.site == PUBLIC and advice.tries_left == 0:
        assert tries_left(past, advice.next_at) == PUBLIC_TRIES


@given(issued, moments)
def test_giving_up_takes_misses_on_different_days(issue_date: dt.date | None, now: dt.datetime) -> None:
    """Three misses within a day are impatience, not proof."""
    hours = [Tried("buyer", NOT_FOUND, now - dt.timedelta(hours=hour)) for hour in (1, 5, 23)]
    assert advise(hours, issue_date=issue_date, now=now).next_at is not None


@given(st.lists(tried_, max_size=14), issued, moments, moments)
def test_nothing_from_before_a_new_report_counts_but_the_tries(
    tried: list[Tried], issue_date: dt.date | None, now: dt.datetime, since: dt.datetime
) -> None:
    past = [one for one in tried if one.at <= now]
    fresh = [one for one in past if one.at >= since]
    told = advise(past, issue_date=issue_date, now=now, since=since)
    assert told.tries_left == tries_left(past, now)
    if told.tries_left == PUBLIC_TRIES:  # used-up tries postpone, whenever they were used
        assert told.next_at == advise(fresh, issue_date=issue_date, now=now).next_at
    assert earliest(past, issue_date=issue_date, now=now, since=since) == earliest(
        fresh, issue_date=issue_date, now=now
    )


@given(st.lists(tried_, max_size=14), issued, moments)
def test_a_person_never_has_to_wait_longer_than_the_ladder(
    tried: list[Tried], issue_date: dt.date | None, now: dt.datetime
) -> None:
    past = [one for one in tried if one.at <= now]
    may, advice = earliest(past, issue_date=issue_date, now=now), advise(past, issue_date=issue_date, now=now)
    if may is None:
        assert advice.next_at is None
    else:
        assert may >= now
        assert advice.next_at is None or may <= advice.next_at
