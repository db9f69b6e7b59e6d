"""When to look again."""

from __future__ import annotations

import datetime as dt

from tickets.checks.rules import BEIJING, DIFFERS, FOUND, NOT_FOUND, UNAVAILABLE, Tried, advise, earliest, tries_left

NOW = dt.datetime(2026, 11, 24, 15, 0, tzinfo=BEIJING)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
LAST_WEEK = NOW.date() - dt.timedelta(days=7)


def miss(ago: dt.timedelta, site: str = "public") -> Tried:
    return Tried(site, NOT_FOUND, NOW - ago)


def test_an_invoice_of_today_waits_for_tomorrow_morning() -> None:
    advice = advise([], issue_date=NOW.date(), now=NOW)
    assert advice.next_at == dt.datetime(2026, 11, 25, 9, tzinfo=BEIJING)


def test_nobody_has_looked_so_look_now() -> None:
    assert advise([], issue_date=LAST_WEEK, now=NOW).next_at == NOW


def test_a_miss_asks_for_two_hours_of_patience() -> None:
    assert advise([miss(HOUR)], issue_date=LAST_WEEK, now=NOW).next_at == NOW + HOUR


def test_an_outage_counts_neither_as_a_try_nor_as_a_miss() -> None:
    down = Tried("public", UNAVAILABLE, NOW)
    assert tries_left([down], NOW) == 5
    assert advise([down], issue_date=LAST_WEEK, now=NOW).next_at == NOW + HOUR / 2


def test_five_tries_today_send_to_tomorrow() -> None:
    tried = [miss(dt.timedelta(minutes=m)) for m in (10, 20, 30, 40, 50)]
    assert tries_left(tried, NOW) == 0
    assert advise(tried, issue_date=NOW.date() - DAY, now=NOW).next_at == dt.datetime(2026, 11, 25, 9, tzinfo=BEIJING)


def test_tries_of_yesterday_and_of_other_places_do_not_count() -> None:
    assert tries_left([miss(DAY), miss(HOUR, "buyer")], NOW) == 5


def test_the_day_is_beijings() -> None:
    just_before_midnight = Tried("public", NOT_FOUND, dt.datetime(2026, 11, 23, 15, 59, tzinfo=dt.UTC))
    just_after = Tried("public", NOT_FOUND, dt.datetime(2026, 11, 23, 16, 0, tzinfo=dt.UTC))
    assert tries_left([just_before_midnight, just_after], NOW) == 4


def test_three_misses_on_different_days_end_the_waiting() -> None:
    tried = [miss(3 * DAY), miss(2 * DAY), miss(HOUR)]
    assert advise(tried, issue_date=LAST_WEEK, now=NOW).next_at is None


def test_a_found_record_ends_the_looking() -> None:
    advice = advise([miss(DAY), Tried("public", FOUND, NOW)], issue_date=LAST_WEEK, now=NOW)
    assert advice.next_at is None


def test_a_record_that_differs_is_compared_not_looked_up_again() -> None:
    assert advise([Tried("buyer", DIFFERS, NOW)], issue_date=LAST_WEEK, now=NOW).next_at is None


def test_silence_after_silence_is_asked_ever_more_seldom() -> None:
    silent = [Tried("authority", UNAVAILABLE, NOW - HOUR * n) for n in range(6)]
    waits = [advise(silent[:n], issue_date=LAST_WEEK, now=NOW).next_at - NOW for n in range(1, 7)]  # type: ignore[operator]
    assert waits == [HOUR / 2, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 8 * HOUR]
    heard = [*silent[:2], miss(2 * HOUR, "authority"), *silent[3:]]
    assert advise(heard, issue_date=LAST_WEEK, now=NOW).next_at == NOW + HOUR


def test_reported_missing_again_it_is_looked_up_at_once_but_tries_stay_used() -> None:
    tried = [miss(2 * HOUR), Tried("public", FOUND, NOW - HOUR)]
    advice = advise(tried, issue_date=LAST_WEEK, now=NOW, since=NOW - HOUR / 2)
    assert (advice.next_at, advice.tries_left) == (NOW, 3)
    assert "again" in advice.reason.text
    assert advise(tried, issue_date=LAST_WEEK, now=NOW, since=NOW - 2 * HOUR).next_at is None


def test_from_when_on_a_source_may_be_asked_again() -> None:
    def at(*tried: Tried, **more: dt.datetime) -> dt.datetime | None:
        return earliest(tried, issue_date=LAST_WEEK, now=NOW, **more)

    found = Tried("buyer", FOUND, NOW - HOUR)
    assert at() == NOW
    assert at(miss(HOUR)) == NOW + HOUR
    assert at(miss(3 * DAY), miss(2 * DAY), miss(3 * HOUR)) == NOW  # the ladder has ended; something was cleared up
    assert at(Tried("authority", UNAVAILABLE, NOW)) == NOW + HOUR / 2
    assert at(Tried("buyer", DIFFERS, NOW)) == NOW + 2 * HOUR
    assert at(found) is None
    assert at(found, since=NOW) == NOW
    tomorrow = dt.datetime(2026, 11, 25, 9, tzinfo=BEIJING)
    assert earliest([miss(HOUR)], issue_date=NOW.date(), now=NOW) == tomorrow
