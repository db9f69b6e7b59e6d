"""Keeping what is published right: new addresses, checks by their date and the mails about them, dead links."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, Stale
from helpdesk.common.messages import Message, gettext_noop
from kb import index, markup
from kb.lifecycle import PUBLISHED
from kb.models import Article, Attachment, Audience, FormerAddress, Revision
from kb.services import REVIEW_EVERY, check_slug, record

logger = logging.getLogger(__name__)
AHEAD = dt.timedelta(days=14)  # before review_by the article is called due
FARTHEST = dt.timedelta(days=3 * 366)


def _invalid(field: str, code: str, text: str) -> Invalid:
    return Invalid(errors=[FieldError(field, code, Message(text))])


def rename(*, article: Article, slug: str, by: User, version: int) -> Article:
    """Another address; the old one leads on to it for good. Raises Forbidden, Invalid, Stale."""
    require(by, Permission.KB_EDIT)
    before = article.slug
    if slug == before:
        return article
    check_slug(slug, article=article)
    try:
        with transaction.atomic():
            FormerAddress.objects.filter(slug=slug, article=article).delete()
            rows = Article.objects.filter(pk=article.pk, version=version)
            if not rows.update(slug=slug, version=F("version") + 1):
                raise Stale
            FormerAddress.objects.create(slug=before, article=article)
            article.refresh_from_db()
            for revision in article.revisions.filter(status=PUBLISHED).select_related("article__category"):
                index.put(revision)
            record(article, "article.renamed", by=by, before=before, slug=slug)
    except IntegrityError:
        raise _invalid("slug", "taken", gettext_noop("There is an article with this address already.")) from None
    return article


def moved(slug: str) -> Article | None:
    """The article that had this address before."""
    found = FormerAddress.objects.filter(slug=slug).select_related("article").first()
    return found.article if found else None


def verify(*, article: Article, by: User, version: int, review_by: dt.date | None = None) -> Article:
    """ "Checked, still right": moves the date of the next check. Raises Forbidden, Invalid, Stale."""
    require(by, Permission.KB_EDIT)
    today = timezone.localdate()
    review_by = review_by or today + REVIEW_EVERY
    if not today < review_by <= today + FARTHEST:
        raise _invalid("review_by", "out_of_range", gettext_noop("Choose a day that is still to come, within 3 years."))
    with transaction.atomic():
        rows = Article.objects.filter(pk=article.pk, version=version)
        if not rows.update(verified_at=timezone.now(), review_by=review_by, version=F("version") + 1):
            raise Stale
        article.refresh_from_db()
        record(article, "article.verified", by=by, review_by=review_by.isoformat())
    return article


def due() -> Any:
    """Published articles whose check is near or past, the most urgent first."""
    rows = Article.objects.filter(revisions__status=PUBLISHED, review_by__lte=timezone.localdate() + AHEAD)
    return rows.distinct().order_by("review_by", "slug")


def remind() -> int:
    """One mail to each owner about what has come due, once for each date. Returns how many articles were told of."""
    waiting = due().filter(Q(reminded_for=None) | ~Q(reminded_for=F("review_by")))
    told = 0
    if not waiting.exists():
        return told
    everybody: list[User] = list(User.objects.holding(Permission.KB_EDIT))
    mine: dict[User, list[Article]] = defaultdict(list)
    for article in waiting[:200]:
        owner = _owner(article)
        for person in [owner] if owner is not None and owner in everybody else everybody:
            mine[person].append(article)
    with transaction.atomic():
        for article in {article for articles in mine.values() for article in articles}:
            fresh = Article.objects.filter(pk=article.pk, review_by=article.review_by)
            told += fresh.exclude(reminded_for=article.review_by).update(reminded_for=article.review_by)
        if told:  # a fault of the mail undoes the marks, and the next sweep tries again
            for person, articles in mine.items():
                _send(person, articles)
    return told


def _owner(article: Article) -> User | None:
    """Who wrote the published text last; nobody for what came as a file."""
    live = article.revisions.filter(status=PUBLISHED).select_related("author").order_by("-published_at").first()
    return live.author if live else None


def _send(person: User, articles: list[Article]) -> None:
    with translation.override(person.language or settings.LANGUAGE_CODE):
        context = {"person": person, "articles": articles, "address": settings.SITE_URL + reverse("desk_kb_upkeep")}
        send_mail(_("Articles to check again"), render_to_string("kb/due.txt", context), None, [person.email])


# Links and pictures


class Fault(NamedTuple):
    """What is wrong with a link or picture of a published text."""

    text: Revision
    code: str
    address: str


FAULTS = {
    "missing": gettext_noop("There is no such article"),
    "archived": gettext_noop("That article is archived"),
    "renamed": gettext_noop("That article has a new address"),
    "hidden": gettext_noop("Readers of this article may not see that one"),
    "no_alt": gettext_noop("The picture has no description"),
    "no_file": gettext_noop("There is no such file of this article"),
}
_WIDE = {Audience.PUBLIC: 0, Audience.ENTERPRISES: 1, Audience.STAFF: 2}
_ARTICLE = re.compile(r"^/kb/([^/?#]+)/?(?:[?#].*)?$")
_FILE = re.compile(r"^/kb/files/([0-9a-f]+)/")


def faults() -> list[Fault]:
    """Of all published texts, by article; five queries whatever their number."""
    live = set(Revision.objects.published().values_list("article", flat=True))
    known = {a.slug: (a.audience, a.pk in live) for a in Article.objects.all()}
    former = set(FormerAddress.objects.values_list("slug", flat=True))
    files = set(Attachment.objects.values_list("article", "key"))
    texts = Revision.objects.published().select_related("article").order_by("article__slug", "language")
    found: list[Fault] = []
    for text in texts.iterator(200):
        found += [Fault(text, code, address) for code, address in _links(text, known, former)]
        found += [Fault(text, code, address) for code, address in _files(text, files)]
    return found


def _links(text: Revision, known: dict[str, tuple[str, bool]], former: set[str]) -> Iterator[tuple[str, str]]:
    for address in markup.links(text.body):
        match = _ARTICLE.match(address)
        slug = match.group(1) if match else ""
        if not slug or slug == "search":
            continue
        if slug in known:
            audience, is_live = known[slug]
            if not is_live:
                yield "archived", address
            elif _WIDE[Audience(audience)] > _WIDE[Audience(text.article.audience)]:
                yield "hidden", address
        else:
            yield ("renamed" if slug in former else "missing"), address


def _files(text: Revision, files: set[tuple[int, str]]) -> Iterator[tuple[str, str]]:
    pictures = markup.images(text.body)
    yield from (("no_alt", address) for alt, address in pictures if not alt)
    for address in [*markup.links(text.body), *(address for _alt, address in pictures)]:
        match = _FILE.match(address)
        if match and (text.article_id, match.group(1)) not in files:
            yield "no_file", address
