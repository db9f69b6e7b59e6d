"""The one door to rows: what a person may see of tickets. Every method ends in `.none()` for strangers."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Count, F, Q

from accounts.permissions import Permission
from tickets.invoices.matching import is_same
from tickets.invoices.model import Invoice
from tickets.lifecycle import LIFECYCLE
from tickets.vocabulary import Outcome, Visibility

if TYPE_CHECKING:
    from accounts.models import User
    from tickets.models import Ticket


#: (model, for the desk, at most) → SQL and its parameters, with these keys in place of the ticket's and the person's.
_COMPILED: dict[tuple[Any, bool, int | None], tuple[str, tuple[Any, ...]]] = {}
_STAND_INS = (-1, -2)


def _is_desk(user: User) -> bool:
    return bool(getattr(user, "is_authenticated", False)) and user.can(Permission.TICKET_VIEW)


def _may_see(ticket: Ticket, user: User) -> bool:
    return _is_desk(user) or user.can(Permission.ORG_TICKET_VIEW, ticket.organisation_id)


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

    def of(self, ticket: Ticket, user: User) -> Self:
        """The same rows as `visible_to` of one ticket, whose enterprise is known: no join asks for it again."""
        return self.filter(ticket=ticket) if _may_see(ticket, user) else self.none()

    def rows_of(self, ticket: Ticket, user: User, most: int | None = None) -> list[Any]:
        """The rows of `of` as a list, the first `most` of them.

        Its SQL is compiled once for the desk and once for enterprises: building it takes the ORM longer than answering
        it takes the database, and every view of a ticket asks for all of these rows.
        """
        if not _may_see(ticket, user):
            return []
        key = (self.model, _is_desk(user), most)
        if key not in _COMPILED:
            of_any, for_any = copy.copy(ticket), copy.copy(user)
            of_any.pk, for_any.pk = _STAND_INS
            _COMPILED[key] = self.of(of_any, for_any)[:most].query.sql_with_params()
        sql, given = _COMPILED[key]
        wanted = dict(zip(_STAND_INS, (ticket.pk, user.pk), strict=True))
        return list(self.model._default_manager.raw(sql, [wanted.get(value, value) for value in given]))


class TicketQuerySet(TenantQuerySet):
    organisation_path = "organisation"

    def open(self) -> Self:
        return self.filter(status__in=LIFECYCLE.open_states)

    def holding(self, claims: Sequence[Invoice]) -> Self:
        """Those with one of the same invoices, by all that both sides know of it."""
        numbers = {number for claim in claims for number in (claim.number, claim.digital_number) if number}
        if not numbers:
            return self.none()
        near = self.filter(Q(invoices__number__in=numbers) | Q(invoices__digital_number__in=numbers))
        names = ("code", "number", "digital_number")
        rows = near.values_list("pk", *(f"invoices__{name}" for name in names)).order_by()
        known = [(pk, Invoice(**dict(zip(names, values, strict=True)))) for pk, *values in rows]
        same = {pk for pk, invoice in known if any(is_same(invoice, claim) for claim in claims)}
        return self.filter(pk__in=same).order_by("pk")

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

    def outcomes(self) -> dict[str, int]:
        """How many there are, and how many of each outcome: "all", "open", "found", "set_aside"."""
        states = {"open": Outcome.OPEN, "found": Outcome.FOUND, "set_aside": Outcome.SET_ASIDE}
        each = {name: Count("pk", filter=Q(outcome=outcome)) for name, outcome in states.items()}
        return self.aggregate(all=Count("pk"), **each)

    def in_open_tickets(self) -> Self:
        return self.filter(ticket__status__in=LIFECYCLE.open_states)


class EventQuerySet(TenantQuerySet):
    """The desk sees all events; an enterprise the public ones of its own tickets."""

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user)._shown_to(user)

    def of(self, ticket: Ticket, user: User) -> Self:
        return super().of(ticket, user)._shown_to(user)

    def _shown_to(self, user: User) -> Self:
        return self if _is_desk(user) else self.filter(is_public=True)


class MessageQuerySet(TenantQuerySet):
    """Internal notes exist for the desk alone."""

    def visible_to(self, user: User) -> Self:
        return super().visible_to(user)._shown_to(user)

    def of(self, ticket: Ticket, user: User) -> Self:
        return super().of(ticket, user)._shown_to(user)

    def _shown_to(self, user: User) -> Self:
        return self if _is_desk(user) else self.filter(visibility=Visibility.PUBLIC)
