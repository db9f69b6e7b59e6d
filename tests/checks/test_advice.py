"""When the next look-up of a case is advised: kept beside the case, and gone when nothing is left to look up."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation, User
from tests.cases import a_ticket, an_invoice, looked_up
from tickets import outbox, services
from tickets.checks import services as checks
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha, an_invoice(), an_invoice())


def advised(ticket: Ticket) -> dt.datetime | None:
    for event in Event.objects.filter(ticket=ticket, delivered_at=None).order_by("pk"):
        outbox.deliver(event.pk)
    return Ticket.objects.get(pk=ticket.pk).advised_until


def test_a_new_case_can_be_looked_up_at_once(ticket: Ticket) -> None:
    assert abs(advised(ticket) - timezone.now()) < dt.timedelta(minutes=1)  # type: ignore[operator]


def test_an_invoice_of_today_waits_for_tomorrow(alice: User, alpha: Organisation) -> None:
    ticket = a_ticket(alice, alpha, an_invoice(issue_date=timezone.localdate()))
    assert advised(ticket).astimezone(checks.rules.BEIJING).hour == 9  # type: ignore[union-attr]


def test_the_first_invoice_that_is_worth_a_look_counts(ticket: Ticket, ann: User) -> None:
    one, two = ticket.invoices.all()
    services.look_up(invoice=one, told=looked_up("not_found", ago=dt.timedelta(hours=1)), by=ann)
    services.look_up(invoice=two, told=looked_up("not_found"), by=ann)
    left = advised(ticket) - timezone.now()  # type: ignore[operator]
    assert dt.timedelta(minutes=58) < left <= dt.timedelta(hours=1)
    services.look_up(invoice=one, told=looked_up("found"), by=ann)
    assert advised(ticket) - timezone.now() > dt.timedelta(minutes=118)  # type: ignore[operator]
    services.set_aside(invoice=two, reason="已红冲", by=ann)
    assert advised(ticket) is None


def test_an_ended_case_is_looked_up_no_more_until_it_is_missing_again(ticket: Ticket, alice: User, ann: User) -> None:
    for invoice in ticket.invoices.all():
        services.look_up(invoice=invoice, told=looked_up("found"), by=ann)
    services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "sync_delay", "resolution": "已同步"})
    assert advised(ticket) is None
    services.act(ticket=ticket, action="reopen", by=alice, data={"body": "又没了"})
    for invoice in ticket.invoices.all():
        services.look_up(invoice=invoice, told=looked_up("not_found", site="issuer"), by=ann)
    assert advised(ticket) > timezone.now()  # type: ignore[operator]
    services.act(ticket=Ticket.objects.get(), action="withdraw", by=alice)
    assert advised(ticket) is None


def test_the_order_of_delivery_does_not_matter(ticket: Ticket, ann: User) -> None:
    services.look_up(invoice=ticket.invoices.all()[0], told=looked_up("found"), by=ann)
    services.look_up(invoice=ticket.invoices.all()[1], told=looked_up("not_found"), by=ann)
    wanted = advised(ticket)
    events = list(Event.objects.filter(ticket=ticket))
    for seed in range(4):
        random.Random(seed).shuffle(events)
        with transaction.atomic():
            for event in events:
                checks.follow_ladder(event)
        assert Ticket.objects.get().advised_until == wanted
