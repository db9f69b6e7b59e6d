"""The log of questions and of readings: one cheap row a question, and never a reason why a page fails."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import Organisation
from helpdesk.common.inputs import clean_text
from helpdesk.common.masking import mask
from helpdesk.common.text import MAX_QUERY, is_number, normalise
from kb import search
from kb.models import Article
from kb.query_models import Query, Reading
from kb.querysets import audiences

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Reader = User | AnonymousUser | None

Place, Strength, Outcome = Query.Place, Query.Strength, Query.Outcome

FOLLOWS = dt.timedelta(days=1)  # what comes later has another reason
READINGS_KEPT = dt.timedelta(days=730)
BATCH = 5000  # rows that go at a time
logger = logging.getLogger(__name__)


def scrubbed(q: str, user: Reader) -> str:
    """A question in its searched form without numbers, companies, and the names of who asks."""
    text = clean_text(q)[:MAX_QUERY]
    return normalise("[number]" if is_number(text) else mask(text, names=_names(user)))[:MAX_QUERY]


def _names(user: Reader) -> list[str]:
    if user is None or not user.is_authenticated:
        return []
    mine = Organisation.objects.filter(pk__in=user.organisation_ids()) if user.organisation_ids() else ()
    return [user.name, *(organisation.name for organisation in mine)]


@contextmanager
def by_the_way() -> Iterator[None]:
    """A database that is too busy to take a note still answers the reader."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        logger.warning("query log: %s", error)


def record(*, q: str, user: Reader, language: str, place: str, hits: Sequence[search.Hit]) -> str:
    """Note a question and how it was answered; the name under which `opened` and `followed` know it."""
    text, token = scrubbed(q, user), secrets.token_urlsafe(9)
    strength = Strength.NONE if not hits else Strength.WEAK if search.is_weak(hits) else Strength.GOOD
    with by_the_way():
        Query.objects.create(
            token=token,
            text=text,
            language=language,
            audience=audiences(user)[-1],
            place=place,
            results=len(hits),
            strength=strength,
        )
    return token


def picked(*, q: str, user: Reader, language: str, article: Article) -> str:
    """Note what was typed when somebody opened a suggestion: the question itself was never sent."""
    token = secrets.token_urlsafe(9)
    with by_the_way():
        Query.objects.create(
            token=token,
            text=scrubbed(q, user),
            language=language,
            audience=audiences(user)[-1],
            place=Place.SUGGEST,
            results=1,
            strength=Strength.GOOD,
            article=article,
            outcome=Outcome.OPENED,
        )
    return token


def opened(*, token: str, article: Article) -> None:
    """The asker looked at an article."""
    _go_on(token, (Outcome.LEFT, Outcome.OPENED), outcome=Outcome.OPENED, article=article)


def solved(*, token: str, article: Article) -> None:
    """The asker said that an article was the answer."""
    _go_on(token, (Outcome.LEFT, Outcome.OPENED), outcome=Outcome.SOLVED, article=article)


def filed(*, token: str) -> None:
    """The asker filed a ticket, whatever was read before."""
    _go_on(token, tuple(Outcome), outcome=Outcome.FILED)


def _go_on(token: str, before: tuple[str, ...], **after: object) -> None:
    if not 0 < len(token) <= 16:
        return
    with by_the_way():
        recent = Query.objects.filter(pk=token, created_at__gte=timezone.now() - FOLLOWS)
        recent.filter(outcome__in=before).update(**after)


def read(*, article: Article, language: str) -> None:
    """Count a reading of today."""
    today = {"article": article, "language": language, "day": timezone.localdate()}
    with by_the_way():
        if not Reading.objects.filter(**today).update(count=F("count") + 1):
            Reading.objects.bulk_create([Reading(**today)], ignore_conflicts=True)
            Reading.objects.filter(**today).update(count=F("count") + 1)


def forget() -> int:
    """Take away what is older than QUERY_LOG_DAYS, a batch at a time; how many questions went."""
    now = timezone.now()
    old = Query.objects.filter(created_at__lt=now - dt.timedelta(days=settings.QUERY_LOG_DAYS))
    gone, _rows = Query.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()
    Reading.objects.filter(day__lt=(now - READINGS_KEPT).date()).delete()
    return gone
