"""The one door to papers and their templates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models

from accounts.permissions import Permission
from tickets.papers.words import PAPERS
from tickets.querysets import TenantQuerySet

if TYPE_CHECKING:
    from accounts.models import User
    from tickets.models import Ticket

OWN = [paper.kind for paper in PAPERS if paper.for_enterprise]


class TemplateQuerySet(models.QuerySet[Any]):
    """Whoever edits templates sees their versions."""

    def visible_to(self, user: User) -> Self:
        return self if user.can(Permission.PAPER_EDIT) else self.none()

    def newest_first(self, kind: str, language: str) -> Self:
        return self.filter(kind=kind, language=language).order_by("-number")


class PaperQuerySet(TenantQuerySet):
    """The desk sees all papers; an enterprise those that it signs."""

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user)._shown_to(user)

    def of(self, ticket: Ticket, user: User) -> Self:
        return super().of(ticket, user)._shown_to(user)

    def _shown_to(self, user: User) -> Self:
        return self if user.can(Permission.TICKET_VIEW) else self.filter(template__kind__in=OWN)
