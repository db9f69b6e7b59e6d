"""Who may see which reconciliation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from accounts.permissions import Permission
from tickets.querysets import TenantQuerySet

if TYPE_CHECKING:
    from accounts.models import User


class ReconciliationQuerySet(TenantQuerySet):
    organisation_path = "organisation"
    own_path = ""

    def visible_to(self, user: User) -> Self:
        """Members see their enterprises' own; the desk those of which a ticket was made."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        own = user.organisation_ids()
        mine = self.filter(**{f"{self.organisation_path}__in": own})
        if not user.can(Permission.TICKET_VIEW):
            return mine
        filed = self.filter(**{f"{self.own_path}tickets__isnull": False})
        return (mine | filed).distinct()

    def unfinished(self) -> Self:
        """What a worker still has to do."""
        return self.filter(state__in=("waiting", "running"))


class PageQuerySet(ReconciliationQuerySet):
    organisation_path = "reconciliation__organisation"
    own_path = "reconciliation__"
