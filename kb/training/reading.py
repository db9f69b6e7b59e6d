"""What a person sees of the paths: articles in their order, what is read, how the quiz stands."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import get_language

from accounts.models import User
from kb.models import Revision
from kb.reading import in_language
from kb.training.models import Attempt, Completion, Edition, Path, ReadMark, Waiver
from kb.training.rights import required_of


@dataclass(frozen=True, slots=True)
class Stop:
    """One article of a path that the person may read."""

    slug: str
    text: Revision
    is_read: bool
    is_changed: bool  # read before, in an earlier text


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a person has come on one edition of a path."""

    path: Path
    edition: Edition
    stops: tuple[Stop, ...]
    attempts: tuple[Attempt, ...]  # the newest first
    completion: Completion | None  # the newest of any edition
    is_waived: bool
    is_required: bool  # today, by a role of the person

    @property
    def read(self) -> int:
        return sum(stop.is_read for stop in self.stops)

    @property
    def total(self) -> int:
        """Articles, and the quiz as one more step."""
        return len(self.stops) + bool(self.edition.questions)

    @property
    def done(self) -> int:
        return self.total if self.is_valid else self.read

    @property
    def is_read(self) -> bool:
        return self.read == len(self.stops)

    @property
    def is_valid(self) -> bool:
        """Completed, in an edition that still counts."""
        return self.completion is not None and self.completion.edition.number >= self.path.renewed_from

    @property
    def needs_renewal(self) -> bool:
        return self.completion is not None and not self.is_valid

    @property
    def is_overdue(self) -> bool:
        return self.is_required and not self.is_valid and not self.is_waived

    @property
    def next(self) -> Stop | None:
        """The first article that is not read."""
        return next((stop for stop in self.stops if not stop.is_read), None)

    @property
    def open_attempt(self) -> Attempt | None:
        return next((a for a in self.attempts if not a.finished_at and a.edition_id == self.edition.pk), None)

    @property
    def retry_at(self) -> dt.datetime | None:
        """When the quiz may be taken again after the last failed attempt at this edition."""
        last = next((a for a in self.attempts if a.finished_at and a.edition_id == self.edition.pk), None)
        if last is None or last.has_passed or not last.finished_at:
            return None
        return last.finished_at + dt.timedelta(hours=self.edition.retry_hours)

    @property
    def waits(self) -> bool:
        return bool(self.retry_at and self.retry_at > timezone.now())


def live_of(user: User) -> list[Edition]:
    """The published editions that the person may take, those for the own roles first."""
    rows = Edition.objects.visible_to(user).live().select_related("path").prefetch_related("steps")
    mine = [row for row in rows.order_by("path__slug") if row.path.audience != "staff" or user.is_desk]
    return sorted(mine, key=lambda row: not is_for(row.path, user))


def is_for(path: Path, user: User) -> bool:
    """Whether the path is meant for the person by their roles."""
    if path.audience == "staff":
        return bool(user.is_desk and (not path.roles or user.roles & set(path.roles)))
    return bool(user.organisation_ids())


def progress_of(edition: Edition, user: User) -> Progress:
    return progresses([edition], user)[0]


def progresses(editions: Iterable[Edition], user: User) -> list[Progress]:
    """The progress on each; the same number of queries for one and for twenty."""
    editions = list(editions)
    paths = [edition.path_id for edition in editions]
    articles = {step.article_id for edition in editions for step in edition.steps.all()}
    texts = Revision.objects.visible_to(user).published().filter(article__in=articles).select_related("article")
    by_article: dict[int, list[Revision]] = defaultdict(list)
    for text in texts.defer("body"):
        by_article[text.article_id].append(text)
    marks = ReadMark.objects.filter(person=user, revision__article__in=articles)
    read: dict[int, set[int]] = defaultdict(set)
    for article, revision in marks.values_list("revision__article", "revision"):
        read[article].add(revision)
    done = Completion.objects.filter(person=user, edition__path__in=paths).select_related("edition").order_by("at")
    completions = {completion.edition.path_id: completion for completion in done}
    attempts: dict[int, list[Attempt]] = defaultdict(list)
    for attempt in Attempt.objects.filter(person=user, edition__path__in=paths).select_related("edition"):
        attempts[attempt.edition.path_id].append(attempt)
    waived = set(Waiver.objects.filter(person=user, path__in=paths).values_list("path", flat=True))
    required = set().union(*required_of(user.roles).values())
    return [
        Progress(
            edition.path,
            edition,
            tuple(_stops(edition, by_article, read)),
            tuple(attempts[edition.path_id]),
            completions.get(edition.path_id),
            edition.path_id in waived,
            edition.path_id in required,
        )
        for edition in editions
    ]


def _stops(edition: Edition, texts: dict[int, list[Revision]], read: dict[int, set[int]]) -> Iterable[Stop]:
    """An article that is archived, or not for the person, is no step."""
    for step in edition.steps.all():
        if found := texts.get(step.article_id):
            marked, shown = read[step.article_id], {text.pk for text in found}
            text = in_language(found, get_language() or "")[0]
            yield Stop(text.article.slug, text, bool(marked & shown), bool(marked) and not marked & shown)
