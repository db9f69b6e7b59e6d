"""The one door to rows: what a person may see of tickets. Every method ends in `.none()` for strangers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.permissions import Permission
from tickets.lifecycle import LIFECYCLE
from tickets.vocabulary import Outcome, Visibility

if TYPE_CHECKING:
    from accounts.models import User


class TenantQuerySet(models.QuerySet[Any]):
    """Rows that belong to an enterprise by way of `organisation_path`."""

    organisation_path = "ticket__organisation"

    def visible_to(self, user: User) -> Self:
        """Everything for the desk, own enterprises' rows for a member, nothing for anybody else."""
        if not getattr(user, "is_authenticated", False):
            return self.none()
        if user.can(Permission.TICKET_VIEW):
            return self
        own = user.organisation_ids()
        return self.filter(**{f"{self.organisation_path}__in": own}) if own else self.none()


class TicketQuerySet(TenantQuerySet):
    organisation_path = "organisation"

    def open(self) -> Self:
        return self.filter(status__in=LIFECYCLE.open_states)

    def for_list(self) -> Self:
        """With what a list row shows, in one query."""
        return self.select_related("organisation", "requester", "assignee")

    def for_queue(self) -> Self:
        """With what a row of the desk's queue shows, and no more."""
        shown = ("number", "subject", "status", "symptom", "priority", "due_at", "updated_at")
        names = ("organisation__name", "assignee__name", "assignee__email")
        return self.select_related("organisation", "assignee").only(*shown, *names)

    def by_due(self) -> Self:
        """Due first, then the oldest; a keyset page needs the total order."""
        return self.order_by(F("due_at").asc(nulls_last=True), "pk")


class TicketInvoiceQuerySet(TenantQuerySet):
    def unsettled(self) -> Self:
        return self.filter(outcome=Outcome.OPEN)

    def same_invoice(self, *, identity: str, number: str) -> Self:
        """Invoices with that identity, or with that number while either side lacks the code."""
        if not identity and not number:
            return self.none()
        match = Q(identity=identity) if identity else Q()
        if number and not identity:
            match = Q(number=number)
        elif number and len(number) == 8:
            match |= Q(number=number, identity="")
        return self.filter(match)

    def in_open_tickets(self) -> Self:
        return self.filter(ticket__status__in=LIFECYCLE.open_states)


class EventQuerySet(TenantQuerySet):
    def visible_to(self, user: User) -> Self:
        """The desk sees all events; an enterprise the public ones of its own tickets."""
        rows = super().visible_to(user)
        if getattr(user, "is_authenticated", False) and user.can(Permission.TICKET_VIEW):
            return rows
        return rows.filter(is_public=True)


class MessageQuerySet(TenantQuerySet):
    def visible_to(self, user: User) -> Self:
        """Internal notes exist for the desk alone."""
        rows = super().visible_to(user)
        if getattr(user, "is_authenticated", False) and user.can(Permission.TICKET_VIEW):
            return rows
        return rows.filter(visibility=Visibility.PUBLIC)
