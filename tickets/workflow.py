"""The only writers of history, status and outcome: `record()`, `perform()` and `settle()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from helpdesk.common.errors import FieldError, Invalid, LostRace
from helpdesk.common.lifecycle import Lifecycle, Transition
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets.models import Event, Ticket, TicketInvoice
from tickets.vocabulary import Outcome


class Stateful(Protocol):
    """A row that a transition table moves: a ticket, or the backfill of one of its invoices."""

    pk: Any
    status: str
    version: int
    lifecycle: Lifecycle

    @property
    def case(self) -> Ticket: ...


#: Guard name → a function of the row and the person that raises NotNow; filled by guards.py of the rooms. A name
#: without an entry refuses by KeyError.
GUARDS: dict[str, Callable[[Any, User | None], None]] = {}

#: Called with the event id once the transaction is committed; set by tickets/tasks.py. The sweep makes up a lost call.
ON_COMMIT: list[Callable[[int], None]] = []


def record(ticket: Ticket, kind: str, *, by: User | None, public: bool, data: Mapping[str, Any] | None = None) -> Event:
    """Write what happened in the caller's transaction and announce it after the commit."""
    with transaction.atomic():
        event = Event.objects.create(
            ticket=ticket, kind=kind, actor=by, at=timezone.now(), is_public=public, data=dict(data or {})
        )
        for announce in ON_COMMIT:
            transaction.on_commit(partial(announce, event.pk), robust=True)
    return event


def allowed(row: Stateful, user: User) -> tuple[Transition, ...]:
    """The actions `user` may start on `row` now, guards apart."""
    return row.lifecycle.allowed(row.status, user.permissions(row.case.organisation_id))


def hold(row: Stateful) -> None:
    """Lock the row until the transaction ends and bring its status up to date: whoever comes next sees what we did."""
    rows = type(row)._default_manager.select_for_update(no_key=True)  # type: ignore[attr-defined]
    row.status = rows.values_list("status", flat=True).get(pk=row.pk)


def may_start(row: Stateful, action: str, *, by: User | None) -> Transition:
    """The transition, when person and state allow it; asked before the input, so that a wrong person learns nothing.

    Raises Missing (no such action), Forbidden, NotNow. `by=None` is the service itself, which needs no permission.
    """
    transition = row.lifecycle.find(action)
    if by is not None:
        require(by, transition.permission, row.case.organisation_id)  # type: ignore[arg-type]
    return row.lifecycle.check(action, row.status)


def perform(
    row: Stateful,
    action: str,
    *,
    by: User | None,
    data: Mapping[str, Any] | None = None,
    told: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Event:
    """Move `row` along its table and write the event; `changes` are further columns of the same UPDATE.

    `data` is the input, and what the history tells of it unless `told` says it in other words. Raises what `may_start`
    raises, Invalid (an input that the action needs), NotNow (a guard), LostRace.
    """
    transition = may_start(row, action, by=by)
    given = dict(data or {})
    require_inputs(transition, {**given, **changes})
    old = row.status
    with transaction.atomic():
        if transition.guards:  # what a guard has seen stays so until the commit
            hold(row)
            if row.status != old:
                raise LostRace
        for guard in transition.guards:
            GUARDS[guard](row, by)
        _move(row, transition, changes)
        moved = {**(given if told is None else told), "from": old, "to": transition.target}
        return record(row.case, transition.event, by=by, public=transition.public, data=moved)


def require_inputs(transition: Transition, given: Mapping[str, Any]) -> None:
    """Raise Invalid with every input that the action needs and hasn't got."""
    if absent := [name for name in transition.needs if not given.get(name)]:
        raise Invalid(errors=[FieldError(n, "required", Text(gettext_noop("This is needed."))) for n in absent])


def _move(row: Stateful, transition: Transition, changes: Mapping[str, Any]) -> None:
    """UPDATE … WHERE status = old: correct under a race on any database; LostRace when another was first."""
    now = timezone.now()
    values = {**changes, "status": transition.target, "updated_at": now}
    if transition.stamp:
        values[transition.stamp] = now
    rows = type(row)._default_manager.filter(pk=row.pk, status=row.status)  # type: ignore[attr-defined]
    if not rows.update(version=F("version") + 1, **values):
        raise LostRace
    for name, value in values.items():
        setattr(row, name, value)
    row.version += 1


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


def settle_many(ticket: Ticket, invoices: Any, outcome: Outcome, *, reason: str, by: User | None) -> int:
    """The same for the open ones of `invoices`, rows of `ticket`; how many there were.

    One event tells of all, by their positions: an event for each of fifty thousand would bury the history, and call
    every follower as often.
    """
    values = {"outcome": outcome.value, "outcome_reason": reason, "outcome_at": timezone.now()}
    return _change_many(ticket, invoices.filter(outcome=Outcome.OPEN), f"invoices.{outcome.value}", values, by=by)


def unsettle_many(ticket: Ticket, invoices: Any, *, reason: str, by: User | None) -> int:
    """Open the matter of many invoices again."""
    values = {"outcome": Outcome.OPEN.value, "outcome_reason": "", "outcome_at": None}
    done = invoices.exclude(outcome=Outcome.OPEN)
    return _change_many(ticket, done, "invoices.missing_again", values, by=by, reason=reason)


def _change_many(
    ticket: Ticket, rows: Any, kind: str, values: Mapping[str, Any], *, by: User | None, reason: str = ""
) -> int:
    with transaction.atomic():
        hold(ticket)  # the rows that are told are those that change
        positions = list(rows.order_by("position").values_list("position", flat=True))
        if not positions:
            return 0
        rows.update(version=F("version") + 1, **values)
        told = {
            "count": len(positions),
            "positions": stretches(positions),
            "reason": reason or values["outcome_reason"],
        }
        record(ticket, kind, by=by, public=True, data=told)
    return len(positions)


def stretches(positions: Sequence[int]) -> str:
    """Ascending positions as people write them, "1-3, 7": fifty thousand in a row are nine characters."""
    found: list[list[int]] = []
    for position in positions:
        if found and found[-1][-1] == position - 1:
            found[-1][1:] = [position]
        else:
            found.append([position])
    return ", ".join("-".join(map(str, stretch)) for stretch in found)


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
