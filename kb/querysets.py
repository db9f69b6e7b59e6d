"""Who may read which article."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.permissions import Permission
from kb.lifecycle import PUBLISHED

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


class ArticleQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Published articles of the reader's audiences; editors and reviewers see the unpublished too."""
        rows = self.filter(audience__in=audiences(user))
        if (
            user is not None
            and user.is_authenticated
            and (user.can(Permission.KB_EDIT) or user.can(Permission.KB_REVIEW))
        ):
            return rows
        return rows.filter(revisions__status=PUBLISHED).distinct()


class RevisionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Published texts of the reader's audiences; every text for editors and reviewers."""
        rows = self.filter(article__audience__in=audiences(user))
        if (
            user is not None
            and user.is_authenticated
            and (user.can(Permission.KB_EDIT) or user.can(Permission.KB_REVIEW))
        ):
            return rows
        return rows.filter(status=PUBLISHED)

    def published(self) -> Self:
        return self.filter(status=PUBLISHED)
