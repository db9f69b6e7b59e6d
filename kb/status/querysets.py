"""Who may see which rows of the board: incidents and maintenance are everybody's, announcements have an audience."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from django.db import models
from django.db.models import Q

from accounts.permissions import Permission
from kb.querysets import audiences
from kb.status.lifecycle import LIFECYCLE

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Reader: TypeAlias = User | AnonymousUser | None


def may(user: Reader, permission: Permission) -> bool:
    return user is not None and user.is_authenticated and user.can(permission)


class PublicQuerySet(models.QuerySet[Any]):
    """Rows for everybody, signed in or not."""

    def visible_to(self, user: Reader) -> Self:
        return self.all()


class IncidentQuerySet(PublicQuerySet):
    def open(self) -> Self:
        return self.filter(status__in=LIFECYCLE.open_states)

    def since(self, moment: dt.datetime) -> Self:
        """Those that go on, or have ended after `moment`."""
        return self.filter(Q(resolved_at=None) | Q(resolved_at__gte=moment))


class MaintenanceQuerySet(PublicQuerySet):
    def ahead(self, now: dt.datetime) -> Self:
        """Under way or planned, the next first."""
        return self.filter(cancelled_at=None, ends_at__gt=now).order_by("starts_at", "pk")


class AnnouncementQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Reader) -> Self:
        """What is addressed to the reader; what was withdrawn only for those who announce."""
        if may(user, Permission.ANNOUNCE):
            return self.all()
        return self.filter(audience__in=audiences(user), withdrawn_at=None)

    def current(self, today: dt.date) -> Self:
        """Not withdrawn, and not over."""
        over = Q(effective_until__isnull=False, effective_until__lt=today)
        return self.filter(withdrawn_at=None).exclude(over)
