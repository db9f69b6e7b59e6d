"""Who may see which file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from accounts.permissions import Permission
from tickets.querysets import TenantQuerySet
from tickets.vocabulary import Visibility

if TYPE_CHECKING:
    from accounts.models import User
    from tickets.models import Ticket

PUBLIC = Q(visibility=Visibility.PUBLIC)


class EvidenceQuerySet(TenantQuerySet):
    organisation_path = "organisation"

    def visible_to(self, user: User) -> Self:
        """The desk sees files of tickets, a member its enterprise's public ones, a person its own uploads."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        mine = Q(uploaded_by=user)
        if user.can(Permission.TICKET_VIEW):
            return self.filter(mine | Q(ticket__isnull=False))
        own = user.organisation_ids()
        shared = Q(ticket__organisation__in=own) & PUBLIC
        return self.filter((mine & (Q(ticket=None) | Q(ticket__organisation__in=own))) | shared)

    def of(self, ticket: Ticket, user: User) -> Self:
        rows = super().of(ticket, user)
        return rows if user.can(Permission.TICKET_VIEW) else rows.filter(Q(uploaded_by=user) | PUBLIC)

    def unattached(self) -> Self:
        return self.filter(ticket=None)

    def unfinished(self) -> Self:
        """What a worker still has to read."""
        return self.filter(state__in=("received", "scanning"))
