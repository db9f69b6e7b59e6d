"""The time of the service, in the hands of a test."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest

MONDAY = dt.datetime(2026, 11, 23, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets the time of the service: `clock(day=1, hour=10)` is Tuesday at ten."""

    def at(*, day: int = 0, hour: int = 9, minute: int = 0) -> None:
        moment = MONDAY + dt.timedelta(days=day, hours=hour - 9, minutes=minute)
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    at()
    return at
