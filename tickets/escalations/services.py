"""Warnings before a promise is due and escalations once it is broken: once each, in working hours alone."""

from __future__ import annotations

import datetime as dt
import logging

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tickets import workflow
from tickets.models import Ticket
from tickets.sla import services as sla
from tickets.sla.models import Escalation, Watch
from tickets.sla.policy import Policy
from tickets.sla.steps import Kind, Step, at_work
from tickets.vocabulary import Priority

logger = logging.getLogger(__name__)
BATCH = 200
LATER = dt.timedelta(hours=1)


def sweep() -> int:
    """Look at each ticket whose moment has come; returns how many people's steps were taken.

    Each moves its own next moment on, and one that fails waits an hour and holds up no other.
    """
    now, done = timezone.now(), 0
    due = Watch.objects.filter(look_at__lte=now).order_by("look_at", "pk")
    for ticket_id in list(due.values_list("ticket_id", flat=True)[:BATCH]):
        try:
            done += look(ticket_id)
        except Exception:
            logger.exception("the clock of ticket %s waits", ticket_id)
            Watch.objects.filter(ticket_id=ticket_id).update(look_at=now + LATER)
    return done


def look(ticket_id: int) -> int:
    """Reckon the clock of one ticket anew and take the steps whose moment has come; a second call takes none."""
    now = timezone.now()
    with transaction.atomic():
        rows = Ticket.objects.select_for_update(of=("self",), no_key=True).select_related("organisation")
        ticket = rows.get(pk=ticket_id)
        ahead = sla.derive(ticket)
        clock = sla.read_clock(ticket) if ahead else None
        if clock is None or not ahead:
            return 0
        if (morning := at_work(now, clock.calendar)) > now:  # the sweep came late: nobody is woken
            Watch.objects.filter(ticket=ticket).update(look_at=max(morning, ahead[0].at))
            return 0
        come = [step for step in ahead if step.at <= now]
        broken = {step.goal for step in come if step.kind == Kind.BREACH}
        for step in come:
            is_late = step.kind == Kind.WARNING and step.goal in broken  # a warning after the breach says nothing
            _take(ticket, step, clock.policy, is_told=not is_late)
        sla.derive(ticket)
    return len(come)


def _take(ticket: Ticket, step: Step, policy: Policy, *, is_told: bool) -> None:
    """Keep the step and do what the policy says. Nobody is told twice: the row of the ticket is held."""
    Escalation.objects.create(
        ticket=ticket, goal=step.goal, kind=step.kind, since=step.since, due_at=step.due, at=timezone.now()
    )
    if not is_told:
        return
    told = {"goal": step.goal, "due": step.due}
    if step.kind == Kind.WARNING:
        workflow.record(ticket, "sla.warned", by=None, public=False, data=told)
        return
    told["supervisors"] = policy.tells_supervisors
    workflow.record(ticket, "sla.breached", by=None, public=False, data=told)
    if policy.raises_priority:
        _raise(ticket)


def _raise(ticket: Ticket) -> None:
    """One step more urgent, by nobody; the clock counts from the same start."""
    old = ticket.priority
    if old <= Priority.URGENT:
        return
    ticket.priority = old - 1
    rows = Ticket.objects.filter(pk=ticket.pk)
    rows.update(priority=ticket.priority, version=F("version") + 1, updated_at=timezone.now())
    data = {"changed": {"priority": [old, ticket.priority]}}
    workflow.record(ticket, "ticket.changed", by=None, public=False, data=data)
