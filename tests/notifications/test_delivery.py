"""People are told once, in their language, whatever happens to broker, worker or mail server."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from tests.cases import a_ticket, looked_up
from tickets import outbox, services, workflow
from tickets.models import Event, Ticket
from tickets.notifications import services as notifications
from tickets.notifications.models import Notification

pytestmark = pytest.mark.django_db(transaction=True)
LATER = dt.timedelta(hours=2)


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    made = a_ticket(alice, alpha)
    mail.outbox.clear()
    Notification.objects.all().delete()
    return made


def test_the_requester_is_told_in_service_and_by_mail(ticket: Ticket, alice: User, ann: User) -> None:
    services.comment(ticket=ticket, body="请先等两小时再查", by=ann)
    assert [n.channel for n in Notification.objects.order_by("channel")] == ["email", "in_app"]
    assert mail.outbox[0].to == [alice.email]
    assert "请先等两小时再查" in mail.outbox[0].body
    assert ticket.number in mail.outbox[0].subject


def test_an_internal_note_is_never_mailed(ticket: Ticket, ann: User) -> None:
    services.comment(ticket=ticket, body="内部：疑似批次问题", by=ann, visibility="internal")
    assert mail.outbox == []
    assert not Notification.objects.exists()


def test_nobody_is_told_of_their_own_doing(ticket: Ticket, alice: User, ann: User) -> None:
    services.assign(ticket=ticket, assignee=ann, by=ann)
    services.comment(ticket=ticket, body="补充说明", by=alice)
    assert {n.recipient_id for n in Notification.objects.all()} == {ann.pk}


def test_the_mail_is_in_the_readers_language(ticket: Ticket, alice: User, ann: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="en")
    services.comment(ticket=ticket, body="ok", by=ann)
    assert "new answer" in mail.outbox[0].subject


def test_a_person_can_choose(ticket: Ticket, alice: User, ann: User) -> None:
    notifications.choose(user=alice, choices={("answered", "email"): False})
    services.comment(ticket=ticket, body="ok", by=ann)
    assert [n.channel for n in Notification.objects.all()] == ["in_app"]


def test_a_found_record_is_told(ticket: Ticket, alice: User, ann: User) -> None:
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    told = notifications.inbox(user=alice).get()
    assert ticket.invoices.get().number in notifications.subject(told)


def test_who_has_left_the_enterprise_is_told_nothing(ticket: Ticket, alice: User, ann: User) -> None:
    Membership.objects.filter(user=alice).delete()
    services.comment(ticket=ticket, body="ok", by=ann)
    assert not Notification.objects.exists()


def test_a_second_delivery_changes_nothing(ticket: Ticket, ann: User) -> None:
    services.comment(ticket=ticket, body="ok", by=ann)
    event = Event.objects.latest("pk")
    Event.objects.filter(pk=event.pk).update(delivered_at=None)
    outbox.deliver(event.pk)
    assert (Notification.objects.count(), len(mail.outbox)) == (2, 1)


def test_a_lost_broker_message_is_made_up_by_the_sweep(
    ticket: Ticket, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow, "ON_COMMIT", [])
    services.comment(ticket=ticket, body="ok", by=ann)
    assert not Notification.objects.exists()
    Event.objects.update(at=timezone.now() - LATER)
    assert outbox.sweep() >= 1
    assert (Notification.objects.count(), len(mail.outbox)) == (2, 1)


def test_mail_that_could_not_go_out_goes_out_later_as_the_same_mail(
    ticket: Ticket, ann: User, settings: Any, free_port: int
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port, 3
    services.comment(ticket=ticket, body="ok", by=ann)
    row = Notification.objects.get(channel="email")
    assert (row.state, row.attempts) == ("pending", 1)
    assert notifications.sweep() == 0
    Notification.objects.update(next_attempt_at=timezone.now())
    with inbox_on(free_port) as received:
        assert notifications.sweep() == 1
        assert notifications.sweep() == 0
    assert [m["message-id"] for m in received] == [f"<event-{row.event_id}-{row.recipient_id}@localhost>"]


class _Inbox(list[dict[str, str]]):
    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        import email

        self.append({k.lower(): v for k, v in email.message_from_bytes(envelope.content).items()})
        return "250 OK"


class inbox_on:
    """A real SMTP server on loopback for the length of a block."""

    def __init__(self, port: int) -> None:
        self.inbox = _Inbox()
        self.controller = Controller(self.inbox, hostname="127.0.0.1", port=port)

    def __enter__(self) -> _Inbox:
        self.controller.start()
        return self.inbox

    def __exit__(self, *exc: object) -> None:
        self.controller.stop()


@pytest.fixture
def free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
