"""Writing, reviewing, publishing articles, and what readers say of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max
from django.utils import timezone

from accounts.access import require
from accounts.models import LANGUAGES, User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, LostRace, NotNow, Stale
from helpdesk.common.masking import mask
from helpdesk.common.messages import Message, gettext_noop
from kb import index
from kb.lifecycle import ARCHIVED, DRAFT, IN_REVIEW, LIFECYCLE, PUBLISHED, SUPERSEDED
from kb.models import Article, ArticleEvent, Audience, Category, Deflection, Feedback, Revision

MAX_BODY = 100_000
TEXT = ("title", "summary", "body", "keywords")


def record(
    article: Article, kind: str, *, by: User | None, revision: Revision | None = None, **data: Any
) -> ArticleEvent:
    """The history of an article; call it inside the transaction of the change."""
    return ArticleEvent.objects.create(
        article=article, kind=kind, actor=by, at=timezone.now(), revision=revision, data=data
    )


def _wrong(field: str, code: str, text: str, **params: object) -> FieldError:
    return FieldError(field, code, Message(text, params))


def _check(*, language: str, title: str, body: str) -> None:
    errors = []
    if language not in dict(LANGUAGES):
        errors.append(_wrong("language", "unknown", gettext_noop("Choose one of the list.")))
    if not title.strip():
        errors.append(_wrong("title", "required", gettext_noop("This is needed.")))
    if len(title) > 200:
        errors.append(_wrong("title", "too_long", gettext_noop("At most %(limit)s characters."), limit=200))
    if not body.strip():
        errors.append(_wrong("body", "required", gettext_noop("Please write something.")))
    if len(body) > MAX_BODY:
        errors.append(_wrong("body", "too_long", gettext_noop("At most %(limit)s characters."), limit=MAX_BODY))
    if errors:
        raise Invalid(errors=errors)


def create_article(*, slug: str, category: Category, audience: str, by: User) -> Article:
    """A new subject, without a text yet. Raises Forbidden, Invalid."""
    require(by, Permission.KB_EDIT)
    if audience not in Audience.values:
        raise Invalid(errors=[_wrong("audience", "required", gettext_noop("Choose who may read it."))])
    try:
        with transaction.atomic():
            article = Article.objects.create(slug=slug, category=category, audience=audience, created_by=by)
            record(article, "article.created", by=by, audience=audience)
    except IntegrityError:
        text = gettext_noop("There is an article with this address already.")
        raise Invalid(errors=[_wrong("slug", "taken", text)]) from None
    return article


def classify(*, article: Article, category: Category, audience: str, by: User, version: int) -> Article:
    """Another category or audience; the index follows at once, so that nothing leaks in between."""
    require(by, Permission.KB_EDIT)
    if audience not in Audience.values:
        raise Invalid(errors=[_wrong("audience", "required", gettext_noop("Choose who may read it."))])
    with transaction.atomic():
        rows = Article.objects.filter(pk=article.pk, version=version)
        if not rows.update(category=category, audience=audience, version=F("version") + 1):
            raise Stale
        article.refresh_from_db()
        for revision in article.revisions.filter(status=PUBLISHED).select_related("article__category"):
            index.drop(article, revision.language)
            index.put(revision)
        record(article, "article.classified", by=by, audience=audience, category=category.slug)
    return article


def save_draft(
    *, article: Article, language: str, text: dict[str, str], reason: str, by: User, version: int = 0
) -> Revision:
    """The open text of a language: made from the published one at the first save, then kept under a version.

    `text` holds TEXT. Raises Forbidden, Invalid, NotNow (it is in review), Stale.
    """
    require(by, Permission.KB_EDIT)
    values = {name: text.get(name, "").strip() if name != "body" else text.get(name, "") for name in TEXT}
    _check(language=language, title=values["title"], body=values["body"])
    with transaction.atomic():
        open_ = Revision.objects.filter(article=article, language=language, status__in=(DRAFT, IN_REVIEW)).first()
        if open_ is None:
            return _new_draft(article, language, values, reason=reason, by=by)
        if open_.status == IN_REVIEW:
            raise NotNow(Message(gettext_noop("This text is in review. Wait for it, or have it sent back.")))
        rows = Revision.objects.filter(pk=open_.pk, version=version, status=DRAFT)
        changed = {**values, "reason": reason[:300], "author": by, "updated_at": timezone.now()}
        if not rows.update(version=F("version") + 1, **changed):
            raise Stale
        open_.refresh_from_db()
    return open_


def _new_draft(article: Article, language: str, values: dict[str, str], *, reason: str, by: User) -> Revision:
    last = Revision.objects.filter(article=article, language=language).aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            made = Revision.objects.create(
                article=article, language=language, number=last + 1, reason=reason[:300], author=by, **values
            )
    except IntegrityError:
        raise LostRace from None
    record(article, "revision.drafted", by=by, revision=made, number=made.number)
    return made


def perform(*, revision: Revision, action: str, by: User, reason: str = "") -> Revision:
    """Move a text along its table. Approving publishes it, replaces the text before and indexes it, all or nothing.

    Raises Missing, Forbidden, NotNow (wrong state, the own text), Invalid (a reason is needed), LostRace.
    """
    transition = LIFECYCLE.find(action)
    require(by, transition.permission)  # type: ignore[arg-type]
    LIFECYCLE.check(action, revision.status)
    if "reason" in transition.needs and not reason.strip():
        raise Invalid(errors=[_wrong("reason", "required", gettext_noop("This is needed."))])
    if "another_person" in transition.guards and revision.author_id == by.pk:
        text = gettext_noop("You wrote this text yourself. Another person has to approve it.")
        raise NotNow(Message(text), code="four_eyes")
    article = revision.article
    with transaction.atomic():
        if action == "approve":
            _supersede(revision, by=by)
        changes = {"reviewer": by, "published_at": timezone.now()} if action == "approve" else {}
        _move(revision, transition.target, **changes)
        record(article, transition.event, by=by, revision=revision, reason=reason.strip()[:500])
        if transition.target == PUBLISHED:
            index.put(revision)
        elif transition.target == ARCHIVED:
            index.drop(article, revision.language)
    return revision


def _supersede(revision: Revision, *, by: User) -> None:
    live = Revision.objects.filter(article=revision.article_id, language=revision.language, status=PUBLISHED).first()
    if live is not None:
        _move(live, SUPERSEDED)
        record(revision.article, "revision.superseded", by=by, revision=live)


def _move(revision: Revision, status: str, **changes: Any) -> None:
    """UPDATE … WHERE status = old; LostRace when another was first."""
    rows = Revision.objects.filter(pk=revision.pk, status=revision.status)
    if not rows.update(status=status, version=F("version") + 1, updated_at=timezone.now(), **changes):
        raise LostRace
    revision.refresh_from_db()


# Content that comes as files


def import_article(
    *,
    slug: str,
    language: str,
    category: Category,
    audience: str,
    text: dict[str, str],
    sources: str = "",
    review_by: dt.date | None = None,
) -> bool:
    """Publish a text as it comes, once; what a person has edited since is never overwritten. True when it changed."""
    values = {name: text.get(name, "") for name in TEXT}
    _check(language=language, title=values["title"], body=values["body"])
    if audience not in Audience.values:
        raise Invalid(errors=[_wrong("audience", "unknown", gettext_noop("Choose one of the list."))])
    with transaction.atomic():
        given = {"category": category, "audience": audience, "sources": sources, "review_by": review_by}
        article, _new = Article.objects.get_or_create(slug=slug, defaults=given)
        mine = Revision.objects.filter(article=article, language=language)
        live = mine.filter(status=PUBLISHED).first()
        if mine.exclude(author=None).exists() or (live and all(getattr(live, n) == v for n, v in values.items())):
            return False
        if live is not None:
            _move(live, SUPERSEDED)
        number = (mine.aggregate(last=Max("number"))["last"] or 0) + 1
        revision = Revision.objects.create(
            article=article, language=language, number=number, status=PUBLISHED, published_at=timezone.now(), **values
        )
        record(article, "revision.imported", by=None, revision=revision)
        index.put(revision)
    return True


def category_of(slug: str) -> Category:
    """The category of that name, made when it is new."""
    found, _new = Category.objects.get_or_create(slug=slug, defaults={"title_zh": slug, "title_en": slug})
    return found


def draft_from_ticket(
    *, slug: str, title: str, body: str, names: Sequence[str], category: Category, language: str, by: User
) -> Revision:
    """A staff article in draft from the words of a ticket, without names and numbers."""
    with transaction.atomic():
        article = create_article(slug=slug, category=category, audience=Audience.STAFF, by=by)
        text = {"title": mask(title, names=names)[:200], "body": mask(body, names=names)[:MAX_BODY]}
        return save_draft(article=article, language=language, text=text, reason="", by=by)


# Readers


def record_feedback(
    *, article: Article, language: str, visitor: str, is_helpful: bool, reason: str = "", text: str = ""
) -> Feedback:
    """One vote a visitor; voting again changes it. Texts are kept without names and numbers."""
    if reason and reason not in Feedback.Reason.values:
        raise Invalid(errors=[_wrong("reason", "unknown", gettext_noop("Choose one of the list."))])
    values = {
        "language": language,
        "is_helpful": is_helpful,
        "reason": "" if is_helpful else reason,
        "text": mask(text.strip())[:1000],
    }
    row, _new = Feedback.objects.update_or_create(article=article, visitor=visitor, defaults=values)
    return row


def record_deflection(*, article: Article, visitor: str, user: User | None, place: str, context: str) -> Deflection:
    """ "This solved it": the article ended a search or a half-written ticket; twice within an hour is once."""
    since = timezone.now() - dt.timedelta(hours=1)
    same = Deflection.objects.filter(article=article, visitor=visitor, place=place, created_at__gte=since).first()
    if same is not None:
        return same
    person = user if user is not None and user.is_authenticated else None
    return Deflection.objects.create(
        article=article, visitor=visitor, user=person, place=place[:20], context=mask(context)[:300]
    )
