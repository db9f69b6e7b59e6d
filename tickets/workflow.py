"""The only writers of history, status and outcome: `record()`, `perform()` and `settle()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from helpdesk.common.errors import FieldError, Forbidden, Invalid, LostRace
from helpdesk.common.lifecycle import Transition
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import lifecycle
from tickets.models import Event, Ticket, TicketInvoice
from tickets.vocabulary import Outcome

#: Guard name → a function that raises NotNow; filled by tickets/guards.py. A name without an entry refuses by KeyError.
GUARDS: dict[str, Callable[[Ticket], None]] = {}

#: Called with the event id once the transaction is committed; set by tickets/tasks.py. A lost call is made up by the sweep.
ON_COMMIT: list[Callable[[int], None]] = []

_STAMPS = {lifecycle.RESOLVED: "resolved_at", lifecycle.CLOSED: "closed_at"}


def record(ticket: Ticket, kind: str, *, by: User | None, public: bool, data: Mapping[str, Any] | None = None) -> Event:
    """Write what happened in the caller's transaction and announce it after the commit."""
    with transaction.atomic():
        event = Event.objects.create(
            ticket=ticket, kind=kind, actor=by, at=timezone.now(), is_public=public, data=dict(data or {})
        )
        for announce in ON_COMMIT:
            transaction.on_commit(lambda announce=announce: announce(event.pk), robust=True)
    return event


def allowed(ticket: Ticket, user: User) -> tuple[Transition, ...]:
    """The actions `user` may start on `ticket` now, guards apart."""
    return lifecycle.LIFECYCLE.allowed(ticket.status, user.permissions(ticket.organisation_id))


def perform(
    ticket: Ticket, action: str, *, by: User | None, data: Mapping[str, Any] | None = None, **changes: Any
) -> Event:
    """Move `ticket` along the table and write the event; `changes` are further columns of the same UPDATE.

    Raises Missing (no such action), Forbidden, NotNow, Invalid (an input that the action needs), LostRace. `by=None` is
    the service itself, which needs no permission.
    """
    transition = lifecycle.LIFECYCLE.find(action)
    if by is not None and not by.can(transition.permission, ticket.organisation_id):  # type: ignore[arg-type]
        raise Forbidden(permission=transition.permission)
    lifecycle.LIFECYCLE.check(action, ticket.status)
    given = {**(data or {}), **changes}
    if absent := [name for name in transition.needs if not given.get(name)]:
        raise Invalid(errors=[FieldError(n, "required", Text(gettext_noop("This is needed."))) for n in absent])
    old = ticket.status
    with transaction.atomic():
        for guard in transition.guards:
            GUARDS[guard](ticket)
        _move(ticket, transition, changes)
        moved = {**(data or {}), "from": old, "to": transition.target}
        return record(ticket, transition.event, by=by, public=transition.public, data=moved)


def _move(ticket: Ticket, transition: Transition, changes: Mapping[str, Any]) -> None:
    """UPDATE … WHERE status = old: correct under a race on any database; LostRace when another was first."""
    now = timezone.now()
    values = {**changes, "status": transition.target, "updated_at": now}
    if transition.target in _STAMPS:
        values[_STAMPS[transition.target]] = now
    changed = Ticket.objects.filter(pk=ticket.pk, status=ticket.status).update(version=F("version") + 1, **values)
    if not changed:
        raise LostRace
    for name, value in values.items():
        setattr(ticket, name, value)
    ticket.version += 1


def settle(invoice: TicketInvoice, outcome: Outcome, *, reason: str, by: User | None) -> None:
    """Write how the matter of one invoice ended, and its event; LostRace when it had ended already."""
    values = {"outcome": outcome.value, "outcome_reason": reason, "outcome_at": timezone.now()}
    with transaction.atomic():
        rows = TicketInvoice.objects.filter(pk=invoice.pk, outcome=Outcome.OPEN)
        if not rows.update(version=F("version") + 1, **values):
            raise LostRace
        data = {"invoice": invoice.pk, "number": invoice.number, "reason": reason}
        record(invoice.ticket, f"invoice.{outcome.value}", by=by, public=True, data=data)
    for name, value in values.items():
        setattr(invoice, name, value)


def unsettle(invoice: TicketInvoice, *, reason: str, by: User | None) -> None:
    """Open the matter of one invoice again: "still missing"."""
    values = {"outcome": Outcome.OPEN.value, "outcome_reason": "", "outcome_at": None}
    with transaction.atomic():
        rows = TicketInvoice.objects.filter(pk=invoice.pk).exclude(outcome=Outcome.OPEN)
        if not rows.update(version=F("version") + 1, **values):
            raise LostRace
        data = {"invoice": invoice.pk, "number": invoice.number, "reason": reason}
        record(invoice.ticket, "invoice.missing_again", by=by, public=True, data=data)
    for name, value in values.items():
        setattr(invoice, name, value)
