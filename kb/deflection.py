"""Deflection: sittings with articles that ended without a ticket. What counts is said here, and on the page in words.

A sitting begins when a reader opens an article and lasts 72 hours; every article opened in them belongs to it. Once it
is over, a task writes down how it ended and forgets who it was. The first of these that holds is its outcome:

filed        a ticket was filed in it, whatever was said before
solved       the reader said that an article solved it
half_filled  a ticket form was begun in it, and lies there half-filled
left         the one article was reached from outside the service: a reader who never came back, or a machine
quiet        none of these: no ticket within 72 hours

Deflected are solved and quiet; half_filled and left are counted apart. The desk's own readings are not counted.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import TruncWeek
from django.http import HttpRequest
from django.utils import timezone

from accounts.permissions import Permission
from helpdesk.common.http import digest_of_account, digest_of_browser, has_been_here, visitor
from kb.models import Article, Deflection
from kb.queries import by_the_way
from kb.visit_models import Outcome, Place, Visit

WINDOW = dt.timedelta(hours=72)
BEFORE = dt.timedelta(minutes=10)  # "this solved it" on a page that then leads to the article
BATCH = 200  # readers that are counted at a time
WEEKS = 26
_ROBOT = re.compile(r"bot|crawl|spider|slurp|curl|wget|python", re.IGNORECASE)
_FROM = (
    ("/kb/search/", Place.SEARCH),
    ("/kb/", Place.ARTICLE),
    ("/diagnose/", Place.DIAGNOSIS),
    ("/check/", Place.CHECK),
    ("/tickets/new/", Place.TICKET_FORM),
    ("/tickets/", Place.TICKET),
)

#: (since, until) → (account, moment) of tickets filed, and of forms that lie half-filled; told by who knows them.
Told = Callable[[dt.datetime, dt.datetime], Iterable[tuple[int, dt.datetime]]]
FILED: list[Told] = []
HALF_FILLED: list[Told] = []


def note(request: HttpRequest, article: Article) -> None:
    """One row for an article that was opened; none for the desk, for robots that say so."""
    if request.user.is_authenticated and request.user.can(Permission.KB_READ_STAFF):
        return
    if not _ROBOT.search(request.headers.get("user-agent", "")):
        with by_the_way():
            Visit.objects.create(visitor=visitor(request), article=article, place=_place(request), at=timezone.now())


def _place(request: HttpRequest) -> str:
    """The page of this service that led here, by its address."""
    came = urlsplit(request.headers.get("referer", ""))
    if came.netloc != request.get_host():
        return Place.OUTSIDE
    if request.GET.get("q"):
        return Place.SUGGEST
    return next((place for path, place in _FROM if came.path.startswith(path)), Place.PAGE)


def recognise(request: HttpRequest) -> None:
    """Who has signed in to file a ticket is the reader from before."""
    if request.user.is_authenticated and has_been_here(request):
        mine = Visit.objects.filter(visitor=digest_of_browser(request))
        mine.update(visitor=digest_of_account(request.user.pk))


# Counting


class Seen(NamedTuple):
    """A row of Visit, as counting needs it."""

    visitor: str
    at: dt.datetime
    pk: int
    place: str


@dataclass(frozen=True, slots=True)
class Sitting:
    """What a reader opened within 72 hours."""

    visits: Sequence[Seen]

    @property
    def first(self) -> Seen:
        return self.visits[0]

    @property
    def end(self) -> dt.datetime:
        return self.first.at + WINDOW

    def holds(self, moments: Iterable[dt.datetime], early: dt.timedelta = dt.timedelta()) -> bool:
        return any(self.first.at - early <= at < self.end for at in moments)


def sittings(visits: Iterable[Seen]) -> Iterator[Sitting]:
    """The visits of one reader, in their order, by sitting."""
    mine: list[Seen] = []
    for visit in visits:
        if mine and visit.at >= mine[0].at + WINDOW:
            yield Sitting(mine)
            mine = []
        mine.append(visit)
    if mine:
        yield Sitting(mine)


def outcome(
    sitting: Sitting, *, filed: Iterable[dt.datetime], solved: Iterable[dt.datetime], begun: Iterable[dt.datetime]
) -> str:
    """The first that holds, as above."""
    if sitting.holds(filed):
        return Outcome.FILED
    if sitting.holds(solved, early=BEFORE):
        return Outcome.SOLVED
    if any(at >= sitting.first.at for at in begun):  # it may have been touched again since
        return Outcome.HALF_FILLED
    return Outcome.LEFT if [visit.place for visit in sitting.visits] == [Place.OUTSIDE] else Outcome.QUIET


def roll_up() -> int:
    """Count the sittings that are over, a batch of readers at a time; safe to run twice. Returns how many."""
    ended = timezone.now() - WINDOW
    open_ = Visit.objects.exclude(visitor="")
    readers = open_.filter(at__lte=ended).order_by("visitor").values_list("visitor", flat=True).distinct()[:BATCH]
    rows = open_.filter(visitor__in=list(readers)).order_by("visitor", "at", "pk")
    found = [Seen(*row) for row in rows.values_list("visitor", "at", "pk", "place")]
    if not found:
        return 0
    since, until = min(visit.at for visit in found) - BEFORE, timezone.now()
    filed, begun = (_told(asked, since, until) for asked in (FILED, HALF_FILLED))
    solved = _solved({visit.visitor for visit in found}, since)
    done = 0
    for reader, visits in groupby(found, key=lambda visit: visit.visitor):
        for sitting in sittings(visits):
            if sitting.first.at <= ended:
                how = outcome(sitting, filed=filed[reader], solved=solved[reader], begun=begun[reader])
                done += _close(sitting, how)
    return done


def _told(asked: Iterable[Told], since: dt.datetime, until: dt.datetime) -> Mapping[str, list[dt.datetime]]:
    found: dict[str, list[dt.datetime]] = defaultdict(list)
    for ask in asked:
        for account, at in ask(since, until):
            found[digest_of_account(account)].append(at)
    return found


def _solved(readers: set[str], since: dt.datetime) -> Mapping[str, list[dt.datetime]]:
    found: dict[str, list[dt.datetime]] = defaultdict(list)
    rows = Deflection.objects.filter(visitor__in=readers, created_at__gte=since)
    for reader, at in rows.values_list("visitor", "created_at"):
        found[reader].append(at)
    return found


def _close(sitting: Sitting, how: str) -> int:
    first = sitting.first
    with transaction.atomic():
        mine = Visit.objects.filter(visitor=first.visitor, at__gte=first.at, at__lt=sitting.end)
        opened = min(len(sitting.visits), 32_767)
        counted = mine.filter(pk=first.pk).update(visitor="", outcome=how, opened=opened)
        mine.update(visitor="", outcome=how)
    return counted


def forget() -> None:
    """Take away what is older than READING_LOG_DAYS."""
    Visit.objects.filter(at__lt=timezone.now() - dt.timedelta(days=settings.READING_LOG_DAYS)).delete()


# Figures

COUNTS = {name: Count("pk", filter=Q(outcome=name)) for name in Outcome.values}


def weeks(place: str = "") -> list[dict[str, Any]]:
    """The figures of each week, the newest first, by the day on which the sitting began."""
    monday = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    since = monday - dt.timedelta(days=monday.weekday(), weeks=WEEKS - 1)
    rows = _counted().filter(at__gte=since)
    if place in Place.values:
        rows = rows.filter(place=place)
    found = rows.annotate(week=TruncWeek("at")).values("week").annotate(**COUNTS).order_by("-week")
    return [{"week": row["week"].date(), **_figures(row)} for row in found]


def places() -> list[dict[str, Any]]:
    """The same by the page on which the sitting began."""
    labels = dict(Place.choices)
    rows = _counted().values("place").annotate(**COUNTS).order_by("place")
    return [{"place": row["place"], "label": labels[row["place"]], **_figures(row)} for row in rows]


def total(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The sum of such rows."""
    summed: dict[str, int] = dict.fromkeys(Outcome.values, 0)
    for row in rows:
        summed = {name: value + row[name] for name, value in summed.items()}
    return _figures(summed)


def _counted() -> Any:
    return Visit.objects.filter(opened__isnull=False)


def _figures(row: Mapping[str, Any]) -> dict[str, Any]:
    """The outcomes with the share of those deflected, in whole per cent; None where nothing is to be divided."""
    counts = {name: row[name] for name in Outcome.values}
    deflected = counts["solved"] + counts["quiet"]
    weighed = deflected + counts["filed"]
    return counts | {
        "sittings": sum(counts.values()),
        "deflected": deflected,
        "share": (200 * deflected + weighed) // (2 * weighed) if weighed else None,
    }
