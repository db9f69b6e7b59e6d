"""Writing, reviewing, publishing articles, and what readers say of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from accounts.access import require
from accounts.models import LANGUAGES, User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, LostRace, NotNow, Stale
from helpdesk.common.masking import mask
from helpdesk.common.messages import Message, gettext_noop
from kb import index, markup, scope
from kb.lifecycle import ARCHIVED, DRAFT, LIFECYCLE, PUBLISHED, SCHEDULED, SUPERSEDED
from kb.models import Article, ArticleEvent, Audience, Category, Deflection, Feedback, FormerAddress, Revision

MAX_BODY = 100_000
TEXT = ("title", "summary", "body", "keywords", "sources")
REVIEW_EVERY = dt.timedelta(days=180)  # an article is checked again, unless somebody sets another day
RESERVED = ("search", "suggest", "category", "files", "feed.atom")  # pages beside the articles
FARTHEST = dt.timedelta(days=366)  # that a publication may be put off


def record(
    article: Article, kind: str, *, by: User | None, revision: Revision | None = None, **data: Any
) -> ArticleEvent:
    """The history of an article; call it inside the transaction of the change."""
    return ArticleEvent.objects.create(
        article=article, kind=kind, actor=by, at=timezone.now(), revision=revision, data=data
    )


def _wrong(field: str, code: str, text: str, **params: object) -> FieldError:
    return FieldError(field, code, Message(text, params))


def texts(given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a revision from what was typed or read: text without the space around it, the scope cleaned."""
    values = {name: given.get(name, "") if name == "body" else given.get(name, "").strip() for name in TEXT}
    return values | {"scope": scope.clean(given.get("scope") or {})}


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
    check_slug(slug)
    try:
        with transaction.atomic():
            article = Article.objects.create(slug=slug, category=category, audience=audience, created_by=by)
            record(article, "article.created", by=by, audience=audience)
    except IntegrityError:
        text = gettext_noop("There is an article with this address already.")
        raise Invalid(errors=[_wrong("slug", "taken", text)]) from None
    return article


def check_slug(slug: str, *, article: Article | None = None) -> None:
    """Raise Invalid for an address that is a page's, or was another article's: its old links lead there."""
    former = FormerAddress.objects.filter(slug=slug)
    if slug in RESERVED or (former.exclude(article=article) if article else former).exists():
        raise Invalid(errors=[_wrong("slug", "taken", gettext_noop("This address is in use. Choose another one."))])


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
    *, article: Article, language: str, text: Mapping[str, Any], reason: str, by: User, version: int = 0
) -> Revision:
    """The open text of a language: made from the published one at the first save, then kept under a version.

    Whoever saves what is in review or approved takes it back into the draft: nobody approves what was not read.
    `text` holds TEXT and `scope`. Raises Forbidden, Invalid, Stale.
    """
    require(by, Permission.KB_EDIT)
    values = texts(text)
    _check(language=language, title=values["title"], body=values["body"])
    with transaction.atomic():
        open_ = Revision.objects.filter(article=article, language=language, status__in=LIFECYCLE.open_states).first()
        if open_ is None:
            return _new_draft(article, language, values, reason=reason, by=by)
        if open_.version != version:
            raise Stale
        if open_.status != DRAFT:
            perform(revision=open_, action="withdraw", by=by)
        rows = Revision.objects.filter(pk=open_.pk, version=open_.version, status=DRAFT)
        changed = {**values, "reason": reason[:300], "author": by, "updated_at": timezone.now()}
        if not rows.update(version=F("version") + 1, **changed):
            raise Stale
        open_.writers.add(by)
        open_.refresh_from_db()
    return open_


def hand_in(
    *, article: Article, language: str, text: Mapping[str, Any], reason: str, by: User, version: int = 0
) -> Revision:
    """Save and submit, or neither. Raises as both do."""
    with transaction.atomic():
        draft = save_draft(article=article, language=language, text=text, reason=reason, by=by, version=version)
        return perform(revision=draft, action="submit", by=by)


def _new_draft(article: Article, language: str, values: dict[str, Any], *, reason: str, by: User) -> Revision:
    last = Revision.objects.filter(article=article, language=language).aggregate(last=Max("number"))["last"] or 0
    try:
        with transaction.atomic():
            made = Revision.objects.create(
                article=article, language=language, number=last + 1, reason=reason[:300], author=by, **values
            )
    except IntegrityError:
        raise LostRace from None
    made.writers.add(by)
    record(article, "revision.drafted", by=by, revision=made, number=made.number)
    return made


def restore(*, revision: Revision, reason: str, by: User) -> Revision:
    """An old text as a new draft. Raises Forbidden, NotNow while another draft of the language is open."""
    article, language = revision.article, revision.language
    if article.revisions.filter(language=language, status__in=LIFECYCLE.open_states).exists():
        text = gettext_noop("There is a draft already. Publish it or take from here what you need.")
        raise NotNow(Message(text), code="draft_open")
    values = {name: getattr(revision, name) for name in (*TEXT, "scope")}
    return save_draft(article=article, language=language, text=values, reason=reason, by=by)


def wrote(*, revision: Revision, person: User) -> bool:
    """Whether the text is the person's own, be it in part."""
    return revision.author_id == person.pk or revision.writers.filter(pk=person.pk).exists()


def perform(
    *,
    revision: Revision,
    action: str,
    by: User,
    reason: str = "",
    publish_at: dt.datetime | None = None,
    replaced_by: Article | None = None,
) -> Revision:
    """Move a text along its table. Approving publishes it, replaces the text before and indexes it, all or nothing.

    Raises Missing, Forbidden, NotNow (wrong state, the own text), Invalid (a reason or a time is needed), LostRace.
    """
    transition = LIFECYCLE.find(action)
    require(by, transition.permission)  # type: ignore[arg-type]
    LIFECYCLE.check(action, revision.status)
    if "reason" in transition.needs and not reason.strip():
        raise Invalid(errors=[_wrong("reason", "required", gettext_noop("This is needed."))])
    if "publish_at" in transition.needs:
        _check_time(publish_at)
    if "another_person" in transition.guards and wrote(revision=revision, person=by):
        text = gettext_noop("You wrote this text yourself. Another person has to approve it.")
        raise NotNow(Message(text), code="four_eyes")
    if "described" in transition.guards and any(not alt for alt, _address in markup.images(revision.body)):
        raise Invalid(errors=[_wrong("body", "image_alt", gettext_noop("Describe each picture: ![what it shows](…)."))])
    with transaction.atomic():
        if transition.target == PUBLISHED:
            _publish(revision, by=by, reviewer=by)
        else:
            _move(revision, transition.target, **_changes(transition.target, by, publish_at))
        if transition.target == ARCHIVED:
            index.drop(revision.article, revision.language)
            Article.objects.filter(pk=revision.article_id).update(replaced_by=replaced_by)
        told = {"publish_at": publish_at.isoformat()} if publish_at and transition.target == SCHEDULED else {}
        record(revision.article, transition.event, by=by, revision=revision, reason=reason.strip()[:500], **told)
    return revision


def _check_time(at: dt.datetime | None) -> None:
    now = timezone.now()
    if at is None:
        raise Invalid(errors=[_wrong("publish_at", "required", gettext_noop("This is needed."))])
    if not now < at < now + FARTHEST:
        text = gettext_noop("Choose a time that is still to come, within a year.")
        raise Invalid(errors=[_wrong("publish_at", "out_of_range", text)])


def _changes(target: str, by: User, publish_at: dt.datetime | None) -> dict[str, Any]:
    """What a move keeps beside the status: an approval holds for the text that was read, and goes with it."""
    if target == SCHEDULED:
        return {"reviewer": by, "publish_at": publish_at}
    return {"reviewer": None, "publish_at": None} if target == DRAFT else {}


def _publish(revision: Revision, *, by: User | None, reviewer: User | None) -> None:
    _supersede(revision, by=by)
    _move(revision, PUBLISHED, reviewer=reviewer, published_at=timezone.now(), publish_at=None)
    next_check = timezone.localdate() + REVIEW_EVERY
    rows = Article.objects.filter(pk=revision.article_id)
    rows.update(verified_at=timezone.now(), replaced_by=None)
    rows.filter(Q(review_by=None) | Q(review_by__lt=next_check)).update(review_by=next_check)
    index.put(revision)


def publish_due() -> int:
    """Publish what was approved for a time that has come; safe to run twice, and beside itself. Returns how many."""
    due = Revision.objects.filter(status=SCHEDULED, publish_at__lte=timezone.now()).order_by("publish_at", "pk")
    done = 0
    for revision in due.select_related("article__category", "reviewer")[:100]:
        try:
            with transaction.atomic():
                _publish(revision, by=None, reviewer=revision.reviewer)
                record(revision.article, "revision.published", by=None, revision=revision)
        except LostRace:  # sent back, taken back, or published by another worker in this moment
            continue
        done += 1
    return done


def _supersede(revision: Revision, *, by: User | None) -> None:
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
    text: Mapping[str, Any],
    review_by: dt.date | None = None,
) -> bool:
    """Publish a text as it comes, once; what a person has edited since is never overwritten. True when it changed."""
    values = texts(text)
    _check(language=language, title=values["title"], body=values["body"])
    if audience not in Audience.values:
        raise Invalid(errors=[_wrong("audience", "unknown", gettext_noop("Choose one of the list."))])
    with transaction.atomic():
        given = {"category": category, "audience": audience, "review_by": review_by}
        former = FormerAddress.objects.filter(slug=slug).select_related("article").first()
        article = former.article if former else Article.objects.get_or_create(slug=slug, defaults=given)[0]
        mine = Revision.objects.filter(article=article, language=language)
        live = mine.filter(status=PUBLISHED).first()
        if mine.exclude(author=None).exists() or (live and _same(live, values)):
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


def _same(live: Revision, values: Mapping[str, Any]) -> bool:
    """Blank lines around a text get lost on the way through a file; they are no change."""
    return all(getattr(live, name) == value for name, value in values.items() if name != "body") and (
        live.body.strip() == values["body"].strip()
    )


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
        "handled_by": None,
        "handled_at": None,
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
