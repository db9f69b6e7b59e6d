"""Who may read which article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F

from accounts.permissions import Permission
from kb.lifecycle import ARCHIVED, PUBLISHED

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


def audiences(user: User | AnonymousUser | None) -> tuple[str, ...]:
    """The audiences a reader belongs to; a search restricts its query to these."""
    if user is None or not user.is_authenticated:
        return ("public",)
    if user.can(Permission.KB_READ_STAFF):
        return ("public", "enterprises", "staff")
    return ("public", "enterprises") if user.organisation_ids() else ("public",)


def _works(user: User | AnonymousUser | None) -> bool:
    """Whether the reader sees what isn't published."""
    if user is None or not user.is_authenticated:
        return False
    return user.can(Permission.KB_EDIT) or user.can(Permission.KB_REVIEW)


class ArticleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Published articles of the reader's audiences; editors and reviewers see the unpublished too."""
        rows = self.filter(audience__in=audiences(user))
        return rows if _works(user) else rows.filter(revisions__status=PUBLISHED).distinct()

    def gone_for(self, user: User | AnonymousUser | None) -> Self:
        """Articles that the reader could read once, and that are archived in every language."""
        rows = self.filter(audience__in=audiences(user), revisions__status=ARCHIVED)
        return rows.exclude(revisions__status=PUBLISHED).distinct()


class RevisionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Published texts of the reader's audiences; every text for editors and reviewers."""
        rows = self.filter(article__audience__in=audiences(user))
        return rows if _works(user) else rows.filter(status=PUBLISHED)

    def published(self) -> Self:
        return self.filter(status=PUBLISHED)


class AttachmentQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Files that a published text of their article refers to; all of them for editors and reviewers."""
        rows = self.filter(article__audience__in=audiences(user))
        return rows if _works(user) else rows.published()

    def published(self) -> Self:
        named = {"article__revisions__status": PUBLISHED, "article__revisions__body__contains": F("key")}
        return self.filter(**named).distinct()


class RemarkQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Editors and reviewers alone."""
        return self.filter(revision__article__audience__in=audiences(user)) if _works(user) else self.none()
