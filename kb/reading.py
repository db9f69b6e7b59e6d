"""What readers are shown: categories with their counts, an article in the right language, what is near it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.models import Count, Min, Q
from django.urls import reverse

from accounts.models import LANGUAGES
from kb import search
from kb.lifecycle import ARCHIVED
from kb.models import Article, Category, Revision
from kb.querysets import audiences

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Reader = User | AnonymousUser


def named(category: Category, language: str) -> dict[str, Any]:
    """A category in the reader's language."""
    short = "en" if language == "en" else "zh"
    return {
        "slug": category.slug,
        "icon": category.icon,
        "title": getattr(category, f"title_{short}"),
        "description": getattr(category, f"description_{short}"),
        "count": getattr(category, "count", 0),
        "is_situation": category.is_situation,
        "above": named(category.parent, language) if category.parent_id and category.parent else None,
    }


def categories(user: Reader, language: str) -> list[dict[str, Any]]:
    """The categories that hold something for the reader, themselves or below them, as a tree; one query."""
    published = Q(articles__audience__in=audiences(user), articles__revisions__status="published")
    rows: Any = Category.objects.annotate(count=Count("articles", filter=published, distinct=True))
    known = {row.pk: row for row in rows}
    shown: set[int] = set()
    for row in known.values():
        row.parent = known.get(row.parent_id)
        if row.count or row.is_situation:
            shown |= {one.pk for one in _line(row, known)}
    ordered = sorted(known.values(), key=lambda row: [(one.position, one.slug) for one in _line(row, known)])
    return [named(row, language) for row in ordered if row.pk in shown]


DEEPEST = 5  # levels of the tree


def _line(category: Category, known: Mapping[Any, Any]) -> list[Any]:
    """A category and those above it, from the top."""
    line = [category]
    while line[0].parent_id in known and len(line) < DEEPEST:
        line.insert(0, known[line[0].parent_id])
    return line


def listed(user: Reader, language: str, **narrow: Any) -> list[Revision]:
    """Published texts, each article once: in the reader's language, else in the other."""
    rows = Revision.objects.visible_to(user).published().filter(**narrow)
    rows = rows.select_related("article__category").order_by("article__category__position", "article__slug", "language")
    return in_language(rows, language)


def in_language(rows: Any, language: str) -> list[Revision]:
    """One text an article: the reader's language first."""
    chosen: dict[int, Revision] = {}
    for row in rows:
        if row.article_id not in chosen or row.language == language:
            chosen[row.article_id] = row
    return list(chosen.values())


def newest(user: Reader, language: str, limit: int = 6) -> list[Revision]:
    rows = Revision.objects.visible_to(user).published().select_related("article__category")
    return in_language(rows.order_by("-published_at", "-pk")[: limit * 3], language)[:limit]


def article(user: Reader, slug: str, language: str) -> tuple[Revision, Sequence[Revision]] | None:
    """The text to show and all published ones of that article."""
    rows = list(
        Revision.objects.visible_to(user)
        .published()
        .filter(article__slug=slug)
        .select_related("article__category__parent", "reviewer")
    )
    if not rows:
        return None
    return next((row for row in rows if row.language == language), rows[0]), rows


TOGETHER = dt.timedelta(hours=1)  # texts published within it came as one


def is_behind(text: Revision, original: Revision | None) -> bool:
    """Whether a translation is older than the text in the first language."""
    if original is None or original.pk == text.pk or not (text.published_at and original.published_at):
        return False
    return original.published_at > text.published_at + TOGETHER


def behind(user: Reader) -> list[Revision]:
    """Translations that are older than what they translate."""
    rows = Revision.objects.visible_to(user).published().defer("body").select_related("article")
    texts: list[Revision] = list(rows.order_by("article__slug"))
    originals = {text.article_id: text for text in texts if text.language == LANGUAGES[0][0]}
    return [text for text in texts if is_behind(text, originals.get(text.article_id))]


def gone(user: Reader, slug: str, language: str) -> tuple[Revision, Revision | None] | None:
    """What readers had last of an article that is archived, and the text to read instead."""
    found = Article.objects.gone_for(user).select_related("replaced_by").filter(slug=slug).first()
    if found is None:
        return None
    rows = found.revisions.filter(status=ARCHIVED).select_related("article__category").order_by("number")
    after = article(user, found.replaced_by.slug, language) if found.replaced_by else None
    return in_language(rows, language)[0], after[0] if after else None


def related(user: Reader, text: Revision, language: str, limit: int = 5) -> list[search.Hit]:
    """Others that share terms with the text, those of its category first."""
    near = search.near(text, user=user, language=language)
    return sorted(near, key=lambda hit: hit.category != text.article.category.slug)[:limit]


def address(text: Revision) -> str:
    """Where a text stands in its own language, for machines."""
    return f"{settings.SITE_URL}{reverse('kb_article', args=[text.article.slug])}?lang={text.language}"


IN_FEED = 30


def in_feed(language: str, category: str = "") -> list[Revision]:
    """The texts for everybody that changed last, with `first_at`, when their article was first published."""
    rows = Revision.objects.visible_to(None).published().annotate(first_at=Min("article__revisions__published_at"))
    if category:
        rows = rows.filter(article__category__slug=category)
    rows = rows.select_related("article__category").order_by("-published_at", "-pk")
    return in_language(rows[: IN_FEED * len(LANGUAGES)], language)[:IN_FEED]


def on_the_map() -> list[tuple[str, list[Revision]]]:
    """Each article for everybody with its texts, by address; one query."""
    rows = Revision.objects.visible_to(None).published().defer("body").select_related("article")
    rows = rows.order_by("article__slug", "language")
    return [(slug, list(texts)) for slug, texts in groupby(rows, key=lambda text: text.article.slug)]
