"""People are told once, in their language, whatever happens to broker, worker or mail server."""

from __future__ import annotations

import datetime as dt
import email
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.core.cache import cache
from django.test import Client
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


def test_whoever_files_a_ticket_gets_a_receipt(alice: User, alpha: Organisation) -> None:
    made = a_ticket(alice, alpha)
    assert [m.to for m in mail.outbox] == [[alice.email]]
    assert made.number in mail.outbox[0].subject


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


# A real mail server on loopback, in each of its moods


class Server:
    """`mood` is its answer to the recipient and to the mail; `drop` hangs up after it has taken the mail."""

    def __init__(self, port: int) -> None:
        self.rcpt = self.data = "250 OK"
        self.drop = False
        self.taken: list[str] = []
        self.port = port
        self.controller: Controller | None = None

    def start(self) -> None:
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self.controller.start()

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.data.startswith("250"):
            self.taken.append(str(email.message_from_bytes(envelope.content)["Message-ID"]))
        if self.drop:
            server.transport.abort()
        return self.data


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", port, 3
    server = Server(port)
    yield server
    if server.controller:
        server.controller.stop()


def the_mail() -> Notification:
    return Notification.objects.get(channel="email")


def an_hour_later() -> None:
    cache.clear()  # the server's rest is over too
    Notification.objects.filter(state="pending").update(next_attempt_at=timezone.now())


def test_mail_waits_for_a_server_that_is_down_and_goes_out_once(ticket: Ticket, ann: User, server: Server) -> None:
    services.comment(ticket=ticket, body="ok", by=ann)
    assert (the_mail().state, the_mail().attempts) == ("pending", 1)
    assert notifications.sweep() == 0
    an_hour_later()
    server.start()
    assert notifications.sweep() == 1
    assert notifications.sweep() == 0
    assert server.taken == [f"<event-{the_mail().event_id}-{the_mail().recipient_id}@localhost>"]


def test_a_server_that_is_down_is_asked_by_one_mail_and_not_by_all(ticket: Ticket, ann: User, server: Server) -> None:
    for body in ("一", "二", "三"):
        services.comment(ticket=ticket, body=body, by=ann)
    notifications.sweep()
    assert sorted(Notification.objects.filter(channel="email").values_list("attempts", flat=True)) == [0, 0, 1]
    an_hour_later()
    server.start()
    assert notifications.sweep() == 3
    assert len(set(server.taken)) == len(server.taken) == 3


def test_a_refusal_for_the_moment_is_tried_again_ever_more_rarely(ticket: Ticket, ann: User, server: Server) -> None:
    server.start()
    server.data = "451 try later"
    services.comment(ticket=ticket, body="ok", by=ann)
    waits = []
    for _turn in range(9):
        waits.append(round((the_mail().next_attempt_at - timezone.now()).total_seconds() / 60))
        an_hour_later()
        notifications.sweep()
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert the_mail().state == "pending"
    server.data = "250 OK"
    an_hour_later()
    assert notifications.sweep() == 1
    assert len(server.taken) == 1


def test_a_mail_taken_by_a_server_that_hangs_up_is_sent_again_as_the_same(
    ticket: Ticket, ann: User, server: Server
) -> None:
    server.start()
    server.drop = True
    services.comment(ticket=ticket, body="ok", by=ann)
    assert the_mail().state == "pending"
    server.drop = False
    an_hour_later()
    assert notifications.sweep() == 1
    assert len(server.taken) == 2
    assert len(set(server.taken)) == 1


@pytest.mark.parametrize("step", ["rcpt", "data"])
def test_a_refusal_for_good_is_told_to_the_desk_and_not_to_the_enterprise(
    step: str, ticket: Ticket, alice: User, ann: User, server: Server, client_of: Callable[[User], Client]
) -> None:
    server.start()
    setattr(server, step, "550 no such person")
    services.comment(ticket=ticket, body="ok", by=ann)
    assert (the_mail().state, the_mail().attempts) == ("failed", 1)
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert alice.email in page
    assert "550 no such person" in page
    assert "550" not in client_of(alice).get(f"/tickets/{ticket.number}/").content.decode()
    an_hour_later()
    assert notifications.sweep() == 0


def test_a_mail_is_given_up_after_days_and_not_before(ticket: Ticket, ann: User, server: Server) -> None:
    services.comment(ticket=ticket, body="ok", by=ann)
    for days, state in ((4, "pending"), (6, "failed")):
        Notification.objects.update(created_at=timezone.now() - dt.timedelta(days=days))
        an_hour_later()
        notifications.sweep()
        assert the_mail().state == state
    assert Event.objects.filter(ticket=ticket, kind="mail.failed", is_public=False).count() == 1
