"""The way out and the circuit breaker, apart from what they are used for."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.common import outbound
from helpdesk.common.breaker import Breaker
from helpdesk.common.outbound import Fault, Limits, Request
from tests.checks import gateway

LIMITS = Limits(connect=1, read=1, total=3, attempts=1)


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[outbound.Call]:
    """What the log would have been told."""
    found: list[outbound.Call] = []
    monkeypatch.setattr(outbound, "RECORDERS", [found.append])
    return found


def fault(url: str, **more: Any) -> str:
    with pytest.raises(Fault) as failed:
        outbound.ask(Request("test", "GET", url, **more), LIMITS)
    return failed.value.code


@pytest.mark.parametrize(
    "url", ["ftp://gateway.example/", "file:///etc/passwd", "gateway.example", "https:///x", "https://u:p@gateway.example/"]
)  # fmt: skip
def test_an_address_that_is_none(url: str, told: list[outbound.Call]) -> None:
    assert fault(url) == "bad_address"
    assert [call.fault for call in told] == ["bad_address"]
    assert "p@" not in told[0].url


def test_every_attempt_is_told(told: list[outbound.Call]) -> None:
    with gateway.closed() as url:
        request = Request("test", "GET", f"{url}/?token=secret", may_be_private=True)
        with pytest.raises(Fault) as failed:
            outbound.ask(request, Limits(connect=1, read=1, total=3, attempts=3), pause=lambda seconds: None)
    assert failed.value.attempts == 3
    assert [(call.attempt, call.fault) for call in told] == [(1, "connect"), (2, "connect"), (3, "connect")]
    assert "secret" not in repr(told)


def test_a_whole_that_is_over_is_not_begun() -> None:
    with pytest.raises(Fault) as failed:
        outbound.left(time.monotonic() - 1, 5)
    assert failed.value.code == "timeout_total"
    assert outbound.left(time.monotonic() + 10, None) > 9
    assert outbound.left(time.monotonic() + 10, 2) == 2


def test_a_name_that_resolves_too_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    from concurrent.futures import Future

    class Never:
        def submit(self, *_: Any, **__: Any) -> Future[Any]:
            return Future()

    monkeypatch.setattr(outbound, "_resolvers", Never())
    with pytest.raises(Fault) as failed:
        outbound.addresses("gateway.example", 443, 0.01)
    assert (failed.value.code, failed.value.detail) == ("resolve", "too slow")


@given(st.text(max_size=12) | st.integers(-10, 10**9).map(str))
def test_how_long_it_asks_us_to_wait(text: str) -> None:
    seconds = outbound._seconds(text)
    assert 0 <= seconds <= 86_400
    assert (seconds == 0) == (
        not text.strip() or (text.strip().isascii() and text.strip().isdecimal() and int(text) == 0)
    )


@given(st.ip_addresses())
def test_what_may_be_reached_from_outside_may_be_from_within(address: Any) -> None:
    if outbound.may_reach(address, may_be_private=False):
        assert address.is_global
        assert not address.is_link_local
        assert outbound.may_reach(address, may_be_private=True)


# The breaker


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    class Clock:
        now = dt.datetime(2026, 11, 24, 9, tzinfo=dt.UTC)

        def __call__(self) -> dt.datetime:
            return self.now

    found = Clock()
    monkeypatch.setattr("django.utils.timezone.now", found)
    return found


def test_it_opens_after_failures_in_a_row_alone() -> None:
    breaker = Breaker("a", after=3)
    for _ in range(2):
        breaker.failed()
    breaker.succeeded()
    for _ in range(2):
        breaker.failed()
    assert breaker.admits()
    breaker.failed()
    assert not breaker.admits()
    assert Breaker("b", after=3).admits()  # another one


def test_each_failure_after_the_rest_doubles_it(clock: Any) -> None:
    breaker, rests = Breaker("c", after=1, rest=60, longest=600), []
    for _ in range(6):
        assert breaker.admits()
        assert not breaker.admits() or not rests  # after a rest one asks first
        breaker.failed()
        until = breaker.rests_until()
        assert until is not None
        rests.append((until - clock.now).total_seconds())
        clock.now = until
    assert rests == [60, 120, 240, 480, 600, 600]
    breaker.succeeded()
    assert breaker.admits()
    assert breaker.admits()


def test_it_rests_as_long_as_the_other_side_asks_within_reason(clock: Any) -> None:
    breaker = Breaker("d")
    breaker.failed(rest=90)
    assert breaker.rests_until() == clock.now + dt.timedelta(seconds=90)
    breaker.succeeded()
    breaker.failed(rest=10**6)
    assert breaker.rests_until() == clock.now + dt.timedelta(hours=1)
