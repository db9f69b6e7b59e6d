"""What readers are shown of the board, from the database alone and by a constant number of queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language

from kb.querysets import audiences
from kb.status import words
from kb.status.models import Announcement, Component, Incident, Maintenance
from kb.status.uptime import BEIJING, DAYS, Span, Uptime, reckon

if TYPE_CHECKING:
    from kb.status.querysets import Reader

NEWS = 5
KEPT = 10  # seconds that every page shows the same open incidents
CACHED = "status:notices"


@dataclass(frozen=True, slots=True)
class Outage:
    """An open incident as other pages need it: to warn, to explain a missing record, to offer for a ticket."""

    pk: int
    title: str
    title_en: str
    impact: str
    status: str
    started_at: dt.datetime
    expected_at: dt.datetime | None
    kinds: tuple[str, ...]
    situations: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.title_en if self.title_en and get_language() == "en" else self.title

    @property
    def lang(self) -> str:
        return "en" if self.title_en and get_language() == "en" else "zh-Hans"

    @property
    def condition(self) -> words.Condition:
        return words.CONDITIONS[self.impact]

    def fits(self, *, situation: str, kinds: Iterable[str]) -> bool:
        """Whether it may explain a case; what it doesn't restrict fits every case."""
        known = {kind for kind in kinds if kind}
        is_kind = not self.kinds or not known.isdisjoint(self.kinds)
        return is_kind and (not self.situations or situation in self.situations)


def outages() -> list[Outage]:
    """The open incidents, the latest first."""
    return _notices()[0]


def banners(user: Reader) -> list[Announcement]:
    """The announcements above every help page that are addressed to the reader."""
    mine, today = audiences(user), _today()
    found = [one for one in _notices()[1] if one.audience in mine and one.effective_from <= today]
    return [one for one in found if one.effective_until is None or one.effective_until >= today]


def _notices() -> tuple[list[Outage], list[Announcement]]:
    """Both, kept for some seconds: every page asks."""
    found: tuple[list[Outage], list[Announcement]] | None = cache.get(CACHED)
    if found is None:
        loud = Announcement.objects.current(_today()).filter(is_banner=True)
        found = [_outage(row) for row in Incident.objects.open()], list(loud)
        cache.set(CACHED, found, KEPT)
    return found


def _outage(row: Incident) -> Outage:
    names = ("pk", "title", "title_en", "impact", "status", "started_at", "expected_at")
    given = {name: getattr(row, name) for name in names}
    return Outage(**given, kinds=tuple(row.kinds), situations=tuple(row.situations))


def _today() -> dt.date:
    return timezone.now().astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True)
class Row:
    """One component as it is now, and its last days."""

    component: Component
    condition: words.Condition
    uptime: Uptime

    @property
    def share(self) -> str:
        return f"{self.uptime.share} %"

    @property
    def strokes(self) -> list[tuple[str, str]]:
        """The bar as one path for each state of a day: (class, what to draw); trouble stands higher than none."""
        lines: dict[str, list[str]] = {}
        for place, day in enumerate(self.uptime.days):
            state = "none" if day is None else day or "normal"
            top = {"none": 20, "normal": 8}.get(state, 0)
            lines.setdefault(state, []).append(f"M{place * 5 + 2} {top}V28")
        return [(state, "".join(drawn)) for state, drawn in lines.items()]


@dataclass(frozen=True, slots=True)
class Board:
    """The whole page."""

    groups: Sequence[tuple[str, Sequence[Row]]]  # msgid, rows
    worst: words.Condition
    incidents: Sequence[Incident]
    maintenance: Sequence[Maintenance]
    announcements: Sequence[Announcement]
    at: dt.datetime


def board(user: Reader) -> Board:
    """Everything of the status page."""
    now = timezone.now()
    recent = Incident.objects.since(now - dt.timedelta(days=DAYS)).prefetch_related("components", "updates")
    incidents = list(recent)
    planned = list(Maintenance.objects.ahead(now).prefetch_related("components"))
    rows = [_row(component, incidents, planned, now) for component in Component.objects.all()]
    order = list(words.CONDITIONS.values())
    news = Announcement.objects.visible_to(user).current(_today())
    rows.sort(key=lambda row: list(words.Group).index(words.Group(row.component.group)))
    groups = groupby(rows, key=lambda row: row.component.group)
    return Board(
        groups=[(words.GROUP_LABELS[words.Group(group)], list(own)) for group, own in groups],
        worst=max((row.condition for row in rows), key=order.index, default=order[0]),
        incidents=[one for one in incidents if one.state.is_open],
        maintenance=planned,
        announcements=list(news[:NEWS]),
        at=now,
    )


def _row(component: Component, incidents: Iterable[Incident], planned: Iterable[Maintenance], now: dt.datetime) -> Row:
    own = [one for one in incidents if component in one.components.all()]
    spans = [Span(one.started_at, one.resolved_at, one.impact) for one in own]
    open_ = {one.impact for one in own if one.state.is_open}
    works = any(one.starts_at <= now and component in one.components.all() for one in planned)
    name = next((i for i in (words.Impact.OUTAGE, words.Impact.DEGRADED) if i in open_), None)
    condition = words.CONDITIONS[name or ("maintenance" if works else "normal")]
    return Row(component, condition, reckon(spans, watched_since=component.watched_since, now=now))


def month(first: dt.date) -> tuple[list[Incident], list[Maintenance]]:
    """What began in a month of Beijing, the latest first."""
    start = dt.datetime.combine(first, dt.time(), BEIJING)
    end = dt.datetime.combine((first + dt.timedelta(days=32)).replace(day=1), dt.time(), BEIJING)
    incidents = Incident.objects.filter(started_at__gte=start, started_at__lt=end)
    works = Maintenance.objects.filter(starts_at__gte=start, starts_at__lt=end)
    return list(incidents.prefetch_related("components")), list(works.prefetch_related("components"))
