"""What the knowledge base lacks: questions without a good answer, articles that don't help, texts that grow old."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Exists, F, IntegerField, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import require
from accounts.models import LANGUAGES
from accounts.permissions import Permission
from kb.lifecycle import PUBLISHED
from kb.models import Article, Deflection, Feedback, Revision
from kb.queries import Outcome, Strength
from kb.query_models import Handled, Query, Reading
from kb.visit_models import Rejection

if TYPE_CHECKING:
    from accounts.models import User

DAYS = 90  # that the pages look back
SELDOM = 4  # one opened article in so many askings is too few
ASKED = 3  # times, before a question without clicks says anything
VOTES = 3  # before a share of them says anything
HEALTH = 50  # articles in each list

#: Slugs → in how many tickets each was the answer; whoever knows tickets registers it.
USED: list[Callable[[Collection[str]], Mapping[str, int]]] = []

ORDERS = ("reads", "helpful", "unhelpful", "solved", "filed", "unsolved", "irrelevant")


def _since() -> dt.datetime:
    return timezone.now() - dt.timedelta(days=DAYS)


def _count(*outcomes: str) -> Count:
    return Count("pk", filter=Q(outcome__in=outcomes))


def summary() -> dict[str, int]:
    """How many questions there were, and what became of them; one query."""
    found: dict[str, int] = Query.objects.filter(created_at__gte=_since()).aggregate(
        asked=Count("pk"),
        empty=Count("pk", filter=Q(strength=Strength.NONE)),
        weak=Count("pk", filter=Q(strength=Strength.WEAK)),
        opened=_count(Outcome.OPENED, Outcome.SOLVED),
        solved=_count(Outcome.SOLVED),
        filed=_count(Outcome.FILED),
    )
    return found


def backlog(language: str = "") -> Any:
    """Questions that nothing or too little answers, those first that were most often left so. Numbers are none.

    What an editor has dealt with counts anew from then on.
    """
    dealt = Handled.objects.filter(text=OuterRef("text"), language=OuterRef("language"), at__gte=OuterRef("created_at"))
    rows = Query.objects.filter(~Exists(dealt), created_at__gte=_since()).exclude(text="[number]").exclude(text="")
    if language:
        rows = rows.filter(language=language)
    grouped = rows.values("text", "language").annotate(
        asked=Count("pk"),
        empty=Count("pk", filter=Q(strength=Strength.NONE)),
        weak=Count("pk", filter=Q(strength=Strength.WEAK)),
        opened=Count("pk", filter=Q(article__isnull=False)),
        solved=_count(Outcome.SOLVED),
        filed=_count(Outcome.FILED),
        last=Max("created_at"),
    )
    ignored = Q(asked__gte=ASKED) & Q(opened__lt=F("asked") / SELDOM)
    lacking = grouped.filter(Q(empty__gt=0) | Q(weak__gt=0) | ignored)
    return lacking.annotate(unanswered=F("asked") - F("opened")).order_by("-unanswered", "-last", "text", "language")


def deal(*, text: str, language: str, by: User) -> None:
    """An editor has answered a question, or decided that it is none; it leaves the backlog until it is asked again."""
    require(by, Permission.KB_EDIT)
    Handled.objects.create(text=text[:200], language=language[:10], by=by, at=timezone.now())


def _of_article(rows: Any, count: Any) -> Coalesce:
    counted = rows.filter(article=OuterRef("pk")).order_by().values("article").annotate(n=count).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def numbers(user: User, order: str = "") -> Any:
    """Published articles with their reads, votes, and what followed; one query for a page of them."""
    since = _since()
    votes = Feedback.objects.filter(created_at__gte=since)
    filed = Query.objects.filter(created_at__gte=since, outcome=Outcome.FILED)
    turned_down = Rejection.objects.filter(created_at__gte=since)
    rows = _published(user).annotate(
        reads=_of_article(Reading.objects.filter(day__gte=since.date()), Sum("count")),
        helpful=_of_article(votes.filter(is_helpful=True), Count("pk")),
        unhelpful=_of_article(votes.filter(is_helpful=False), Count("pk")),
        solved=_of_article(Deflection.objects.filter(created_at__gte=since), Count("pk")),
        filed=_of_article(filed, Count("pk")),
        unsolved=_of_article(turned_down.filter(reason=Rejection.Reason.RELATED), Count("pk")),
        irrelevant=_of_article(turned_down.filter(reason=Rejection.Reason.UNRELATED), Count("pk")),
    )
    return rows.order_by(f"-{order if order in ORDERS else ORDERS[0]}", "slug")


def used(slugs: Collection[str]) -> dict[str, int]:
    """In how many tickets each article was the answer."""
    found: dict[str, int] = dict.fromkeys(slugs, 0)
    for ask in USED:
        for slug, count in ask(slugs).items():
            found[slug] = found.get(slug, 0) + count
    return found


def health(user: User) -> dict[str, Any]:
    """What asks for an editor's eye: past its date, voted down, in one language alone. A query each."""
    rows = _published(user)
    texts = Revision.objects.filter(article=OuterRef("pk"), status=PUBLISHED)
    alone = [~Exists(texts.filter(language=code)) for code, _name in LANGUAGES]
    voted = rows.annotate(
        votes=Count("feedback", distinct=True),
        helpful=Count("feedback", filter=Q(feedback__is_helpful=True), distinct=True),
    )
    return {
        "overdue": rows.filter(review_by__lt=timezone.localdate()).order_by("review_by", "slug")[:HEALTH],
        "disliked": voted.filter(votes__gte=VOTES, helpful__lt=F("votes") / 2.0).order_by("helpful", "slug")[:HEALTH],
        "untranslated": rows.filter(Q(*alone, _connector=Q.OR)).order_by("slug")[:HEALTH],
    }


def _published(user: User) -> Any:
    texts = Revision.objects.filter(article=OuterRef("pk"), status=PUBLISHED)
    return Article.objects.visible_to(user).filter(Exists(texts))
