"""Who may see which learning path, and what of others' learning."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.permissions import Permission
from kb.querysets import audiences

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User


class PathQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Published paths of the person's audiences; every path for their editors."""
        if user is None or not user.is_authenticated:
            return self.none()
        if user.can(Permission.TRAINING_EDIT):
            return self
        return self.live().filter(audience__in=audiences(user))

    def live(self) -> Self:
        """Paths with a published edition."""
        published = models.Q(editions__published_at__isnull=False, editions__ended_at=None)
        return self.filter(published).distinct()


class EditionQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Published editions of the person's audiences; drafts for editors alone."""
        if user is None or not user.is_authenticated:
            return self.none()
        if user.can(Permission.TRAINING_EDIT):
            return self
        return self.live().filter(path__audience__in=audiences(user))

    def live(self) -> Self:
        return self.filter(published_at__isnull=False, ended_at=None)

    def draft(self) -> Self:
        return self.filter(published_at=None)


class OwnQuerySet(models.QuerySet[Any]):
    """Rows of one person: attempts."""

    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """The own ones; all for who manages the training."""
        if user is None or not user.is_authenticated:
            return self.none()
        return self if user.can(Permission.TRAINING_MANAGE) else self.filter(person=user.pk)


class MentorshipQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """Those that the person is part of; all for who manages the training."""
        if user is None or not user.is_authenticated:
            return self.none()
        if user.can(Permission.TRAINING_MANAGE):
            return self
        return self.filter(models.Q(trainee=user.pk) | models.Q(mentor=user.pk))

    def current(self) -> Self:
        return self.filter(ended_at=None)
