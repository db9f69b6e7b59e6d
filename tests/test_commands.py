"""The management commands: what they make, what they leave alone, and what they refuse."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from accounts.models import Organisation, User
from kb.models import Article, Revision
from tests.conftest import PASSWORD
from tickets import lifecycle, numbers, services
from tickets.backfill import lifecycle as backfill
from tickets.backfill.models import Backfill
from tickets.models import Event, Message, Ticket, TicketInvoice

pytestmark = pytest.mark.django_db


def demo(settings: Any, password: str = PASSWORD) -> None:
    settings.DEMO = True
    call_command("load_demo", password=password, verbosity=0)


def test_the_demo_shows_tickets_in_every_hand(settings: Any) -> None:
    demo(settings)
    shown = set(Ticket.objects.values_list("status", flat=True))
    assert shown == {lifecycle.NEW, lifecycle.OPEN, lifecycle.WAITING, lifecycle.RESOLVED}
    assert {b.status for b in Backfill.objects.all()} == {backfill.MATERIALS, backfill.REKEYING}
    assert all(numbers.parse(ticket.number) for ticket in Ticket.objects.all())


def test_the_demo_loads_once_and_takes_the_new_password(settings: Any) -> None:
    demo(settings)
    before = Ticket.objects.count(), User.objects.count(), Event.objects.count()
    demo(settings, "another-password")
    assert (Ticket.objects.count(), User.objects.count(), Event.objects.count()) == before
    assert User.objects.get(email="rita@desk.example").check_password("another-password")


def test_no_demo_people_where_strangers_come_in(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError):
        call_command("load_demo", password=PASSWORD)
    assert not User.objects.exists()


def test_the_load_is_whole_and_the_next_ticket_fits_in(alice: User, alpha: Organisation, ann: User) -> None:
    call_command("load_sample", tickets=60, organisations=3, seed=7)
    assert Ticket.objects.count() == 60
    assert all(numbers.parse(ticket.number) for ticket in Ticket.objects.all())
    counted = Ticket.objects.annotate(claims=Count("invoices", distinct=True), steps=Count("events", distinct=True))
    assert all(ticket.claims and ticket.steps for ticket in counted)
    assert Message.objects.exists()
    assert all(i.outcome == "found" for i in TicketInvoice.objects.filter(ticket__status=lifecycle.RESOLVED))
    new = services.NewTicket(subject="after the load", symptom="other")
    made = services.submit(new=new, organisation=alpha, by=alice)
    assert numbers.parse(made.number)


def test_the_same_seed_gives_the_same_load(ann: User) -> None:
    call_command("load_sample", tickets=20, organisations=2, seed=3)
    first = list(Ticket.objects.order_by("pk").values_list("subject", "status", "priority"))
    Ticket.objects.all().delete()
    call_command("load_sample", tickets=20, organisations=2, seed=3)
    second = list(Ticket.objects.order_by("pk").values_list("subject", "status", "priority"))
    assert [row[1:] for row in first] == [row[1:] for row in second]


def test_fill_counts_what_is_there() -> None:
    call_command("load_sample", tickets=5, organisations=2)
    call_command("load_sample", tickets=8, organisations=2, fill=True)
    assert Ticket.objects.count() == 8


def test_sample_articles_can_be_found_and_come_once() -> None:
    for _turn in range(2):
        call_command("load_sample", tickets=0, organisations=1, articles=3)
    assert Article.objects.count() == Revision.objects.count() == 3


def test_a_taken_port_is_said_before_anything_is_touched(settings: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings.HOST, settings.PORT = taken.getsockname()
        with pytest.raises(CommandError, match="PORT="):
            call_command("serve")
