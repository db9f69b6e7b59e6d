"""Rules that people confirm to have read. The next published text asks again; the marks are those of learning paths."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import NotNow, Stale
from helpdesk.common.messages import Message, gettext_noop
from kb.lifecycle import PUBLISHED
from kb.models import Article, Revision
from kb.services import record
from kb.training.models import ReadMark

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Reader(NamedTuple):
    """Somebody of the desk, and the mark on a text that is published now."""

    person: User
    mark: ReadMark | None


def ask(*, article: Article, is_asked: bool, by: User, version: int) -> Article:
    """Whether readers confirm that they have read it. Raises Forbidden, Stale."""
    require(by, Permission.KB_EDIT)
    with transaction.atomic():
        rows = Article.objects.filter(pk=article.pk, version=version)
        if not rows.update(must_confirm=is_asked, version=F("version") + 1):
            raise Stale
        article.refresh_from_db()
        record(article, "article.confirmation_changed", by=by, is_asked=is_asked)
    return article


def confirm(*, article: Article, revision: int, by: User) -> ReadMark:
    """ "I have read version N"; twice is once. Raises NotNow for another text, and where none is asked."""
    with transaction.atomic():
        live = Revision.objects.select_for_update().filter(pk=revision, article=article, status=PUBLISHED).first()
        if live is None or not article.must_confirm:
            text = gettext_noop("Another version has been published. Read that one, then confirm it.")
            raise NotNow(Message(text), code="other_version")
        return ReadMark.objects.get_or_create(person=by, revision=live)[0]


def marked(user: User | AnonymousUser, texts: Collection[Revision]) -> ReadMark | None:
    """The reader's mark on one of these texts, the languages of an article."""
    if not user.is_authenticated:
        return None
    rows = ReadMark.objects.filter(person=user, revision__in=[text.pk for text in texts])
    return rows.select_related("revision").order_by("-at").first()


def waiting(user: User) -> Any:
    """Articles that the person still has to confirm."""
    marks = ReadMark.objects.filter(person=user, revision__article=OuterRef("pk"), revision__status=PUBLISHED)
    texts = Revision.objects.filter(article=OuterRef("pk"), status=PUBLISHED)
    return Article.objects.visible_to(user).filter(Exists(texts), ~Exists(marks), must_confirm=True).order_by("slug")


def readers(article: Article) -> list[Reader]:
    """Everybody at the desk who may read it, those without a mark first."""
    marks = ReadMark.objects.filter(revision__article=article, revision__status=PUBLISHED)
    by_person = {mark.person_id: mark for mark in marks.select_related("revision").order_by("at")}
    staff = User.objects.holding(Permission.KB_READ_STAFF).order_by("name", "pk")
    found = [Reader(person, by_person.get(person.pk)) for person in staff]
    return sorted(found, key=lambda reader: reader.mark is not None)


def others(article: Article) -> int:
    """How many readers outside the desk have confirmed what is published now."""
    marks = ReadMark.objects.filter(revision__article=article, revision__status=PUBLISHED)
    staff = User.objects.holding(Permission.KB_READ_STAFF)
    return marks.exclude(person__in=staff.values("pk")).values("person").distinct().count()
