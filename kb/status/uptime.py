"""PURE. From incidents to what a component was like on each day, and how much of the time it was there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from kb.status.words import Impact

BEIJING = dt.timezone(dt.timedelta(hours=8))
DAYS = 90
DAY = dt.timedelta(days=1)
_WORST_LAST = ("", Impact.DEGRADED.value, Impact.OUTAGE.value)


@dataclass(frozen=True, slots=True)
class Span:
    """One incident of a component; without an end it goes on. Moments are aware."""

    since: dt.datetime
    until: dt.datetime | None
    impact: str


@dataclass(frozen=True, slots=True)
class Uptime:
    """The last days of one component, oldest first: None is a day before it was watched, "" one without trouble."""

    days: tuple[str | None, ...]
    watched: int
    share: Decimal  # per cent
    incidents: int


def reckon(spans: Sequence[Span], *, watched_since: dt.date, now: dt.datetime, days: int = DAYS) -> Uptime:
    """Days are Beijing's. Only an outage counts as time lost; a disruption counts as an incident."""
    today = now.astimezone(BEIJING).date()
    first = max(watched_since, today - (days - 1) * DAY)
    start = min(_midnight(first), now)
    near = [span for span in spans if (span.until or now) >= start and span.since <= now]
    shown = [today - back * DAY for back in range(days - 1, -1, -1)]
    return Uptime(
        days=tuple(None if day < first else _worst(near, day, now) for day in shown),
        watched=max(0, (today - first).days + 1),
        share=_share(near, start, now),
        incidents=len(near),
    )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), BEIJING)


def _worst(spans: Iterable[Span], day: dt.date, now: dt.datetime) -> str:
    start, end = _midnight(day), _midnight(day + DAY)
    found = [s.impact for s in spans if s.since < end and (s.since >= start or (s.until or now) > start)]
    return max(found, key=_WORST_LAST.index, default="")


def _share(spans: Iterable[Span], start: dt.datetime, now: dt.datetime) -> Decimal:
    """Rounded down, so that a lost second never reads as 100 %."""
    whole = (now - start) / dt.timedelta(microseconds=1)
    if whole <= 0:
        return Decimal(100)
    out = sorted((max(s.since, start), min(s.until or now, now)) for s in spans if s.impact == Impact.OUTAGE)
    lost, reached = dt.timedelta(), start
    for since, until in out:  # two outages at once cost their time once
        lost += max(dt.timedelta(), until - max(since, reached))
        reached = max(reached, until)
    left = Decimal(100) * (1 - Decimal(lost / dt.timedelta(microseconds=1)) / Decimal(whole))
    return left.quantize(Decimal("0.01"), ROUND_FLOOR)
