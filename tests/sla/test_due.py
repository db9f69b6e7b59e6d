"""When the desk owes its next move, as the events of a case tell it."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Organisation, User
from tests.cases import a_ticket, looked_up
from tests.sla.conftest import MONDAY
from tickets import outbox, services
from tickets.models import Event, Ticket
from tickets.sla.services import follow_clock
from tickets.triage import services as triage

pytestmark = pytest.mark.django_db


def due(ticket: Ticket) -> dt.datetime | None:
    for event in Event.objects.filter(ticket=ticket, delivered_at=None).order_by("pk"):
        outbox.deliver(event.pk)
    return Ticket.objects.get(pk=ticket.pk).due_at


def at(*, day: int = 0, hour: int, minute: int = 0) -> dt.datetime:
    return MONDAY + dt.timedelta(days=day, hours=hour - 9, minutes=minute)


@pytest.fixture
def ticket(clock: Any, alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


def test_a_new_ticket_is_due_within_a_working_day(ticket: Ticket) -> None:
    assert due(ticket) == at(hour=18)


def test_an_enterprise_that_asks_again_does_not_put_its_answer_off(ticket: Ticket, alice: User, clock: Any) -> None:
    clock(hour=16)
    services.comment(ticket=ticket, body="还没有消息吗？", by=alice)
    assert due(ticket) == at(hour=18)


def test_an_answer_of_the_desk_starts_the_clock_anew(ticket: Ticket, ann: User, clock: Any) -> None:
    clock(hour=11)
    services.comment(ticket=ticket, body="正在核实", by=ann)
    assert due(ticket) == at(day=1, hour=11)


def test_an_internal_note_is_no_answer(ticket: Ticket, ann: User, clock: Any) -> None:
    clock(hour=11)
    services.comment(ticket=ticket, body="问过同事", by=ann, visibility="internal")
    assert due(ticket) == at(hour=18)


def test_a_higher_priority_counts_from_the_same_moment(ticket: Ticket, ann: User, clock: Any) -> None:
    due(ticket)
    clock(hour=10)
    services.update(ticket=ticket, changes={"priority": 1}, by=ann, version=ticket.version)
    assert due(ticket) == at(hour=11)


def test_another_queue_wins_no_time(ticket: Ticket, ann: User, clock: Any) -> None:
    due(ticket)
    clock(hour=17)
    services.update(ticket=ticket, changes={"queue": "data"}, by=ann, version=ticket.version)
    assert due(ticket) == at(hour=18)


def test_the_clock_stands_while_the_enterprise_is_asked(ticket: Ticket, alice: User, ann: User, clock: Any) -> None:
    services.act(ticket=ticket, action="ask", by=ann, data={"body": "请补充日志"})
    assert due(ticket) is None
    clock(day=2, hour=14)
    services.comment(ticket=ticket, body="已补充", by=alice)
    assert due(Ticket.objects.get(pk=ticket.pk)) == at(day=3, hour=13, minute=30) + dt.timedelta(minutes=30)


def test_the_clock_stands_while_the_authority_has_it_and_ends_with_the_case(
    ticket: Ticket, alice: User, ann: User, clock: Any
) -> None:
    services.act(ticket=ticket, action="accept", by=ann)
    services.act(ticket=ticket, action="refer", by=ann)
    assert due(ticket) is None
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "sync_delay", "resolution": "已同步"})
    assert due(ticket) is None
    clock(day=1, hour=10, minute=30)
    services.act(ticket=ticket, action="reopen", by=alice, data={"body": "又没了"})
    assert due(ticket) == at(day=2, hour=10, minute=30)


def test_the_triage_decision_counts_from_itself_in_its_priority(ticket: Ticket, ann: User, clock: Any) -> None:
    due(ticket)
    clock(hour=10)
    triage.decide(proposal=ticket.proposals.get(), values={"priority": 2}, by=ann)
    assert due(ticket) == at(hour=15, minute=30)


def test_the_due_time_does_not_depend_on_the_order_of_delivery(
    ticket: Ticket, alice: User, ann: User, clock: Any
) -> None:
    clock(hour=10)
    services.act(ticket=ticket, action="ask", by=ann, data={"body": "请补充日志"})
    clock(hour=11)
    services.comment(ticket=ticket, body="已补充", by=alice)
    clock(hour=14)
    services.comment(ticket=Ticket.objects.get(pk=ticket.pk), body="收到", by=ann)
    events = list(Event.objects.filter(ticket=ticket).select_related("ticket"))
    wanted = at(day=1, hour=14)
    for seed in range(6):
        random.Random(seed).shuffle(events)
        Ticket.objects.filter(pk=ticket.pk).update(due_at=None)
        with transaction.atomic():
            for event in [*events, events[0]]:
                follow_clock(event)
        assert Ticket.objects.get(pk=ticket.pk).due_at == wanted
