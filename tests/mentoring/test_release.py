"""What a trainee writes waits for the mentor; the enterprise sees nothing of it before."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, NotNow
from kb.training import people
from tests.access.world import picture
from tests.cases import a_ticket
from tickets import services
from tickets.evidence.models import Evidence
from tickets.mentoring.models import HeldReply
from tickets.mentoring.services import send_back
from tickets.models import Event, Message, Ticket
from tickets.notifications.services import inbox, notify
from tickets.releasing import release
from tickets.sla.services import mark_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(alice: User, alpha: Organisation, abe: User, ann: User, sam: User) -> Ticket:
    """Of Alpha; Abe is a trainee and Ann his mentor."""
    people.assign_mentor(trainee=abe, mentor=ann, by=sam)
    return a_ticket(alice, alpha)


def heard(ticket: Ticket, user: User) -> list[str]:
    return list(Message.objects.visible_to(user).filter(ticket=ticket).values_list("body", flat=True))


def last(ticket: Ticket, kind: str) -> Event:
    return Event.objects.filter(ticket=ticket, kind=kind).latest("pk")


def held(sent: Any) -> HeldReply:
    assert isinstance(sent, HeldReply)
    return sent


def test_the_enterprise_sees_nothing_before_the_release(ticket: Ticket, abe: User, ann: User, alice: User) -> None:
    file = picture(abe)
    waits = held(services.comment(ticket=ticket, body="请重新上传", by=abe, evidence_ids=[file.pk]))
    assert heard(ticket, alice) == heard(ticket, ann) == []
    assert not Evidence.objects.visible_to(alice).filter(pk=file.pk).exists()
    assert not Event.objects.visible_to(alice).filter(ticket=ticket, kind__startswith="reply.").exists()
    assert not [event for event in ticket.events.all() if mark_of(event).replies]
    release(held=waits, words={"body": "请重新上传"}, by=ann)
    assert heard(ticket, alice) == ["请重新上传"]
    assert Evidence.objects.visible_to(alice).get(pk=file.pk).message.author == abe
    event = last(ticket, "ticket.commented")
    assert (event.actor, event.data["released_by"], event.is_public) == (abe, ann.pk, True)
    released = HeldReply.objects.get(pk=waits.pk).decided_at
    assert released is not None
    assert [mark_of(one).at >= released for one in ticket.events.all() if mark_of(one).replies] == [True]


def test_a_changed_reply_keeps_both_texts_and_tells_the_trainee(
    ticket: Ticket, abe: User, ann: User, alice: User
) -> None:
    waits = held(services.comment(ticket=ticket, body="明天再查", by=abe))
    notify(last(ticket, "reply.held"))
    assert inbox(user=ann).count() == 1
    release(held=waits, words={"body": "请您明天再查"}, by=ann)
    assert heard(ticket, alice) == ["请您明天再查"]
    assert (waits.words, waits.released, waits.is_changed) == ({"body": "明天再查"}, {"body": "请您明天再查"}, True)
    notify(last(ticket, "reply.released_changed"))
    assert [row.event.kind for row in inbox(user=abe)] == ["reply.released_changed"]


def test_a_reply_is_sent_back_with_a_reason(ticket: Ticket, abe: User, ann: User, alice: User) -> None:
    waits = held(services.comment(ticket=ticket, body="不知道", by=abe))
    with pytest.raises(Invalid):
        send_back(held=waits, reason=" ", by=ann)
    send_back(held=waits, reason="请先查一次", by=ann)
    assert heard(ticket, alice) == []
    notify(last(ticket, "reply.returned"))
    assert inbox(user=abe).count() == 1
    with pytest.raises(NotNow):
        release(held=waits, words=waits.words, by=ann)


def test_an_action_waits_with_its_words(ticket: Ticket, abe: User, ann: User, alice: User) -> None:
    waits = held(services.act(ticket=ticket, action="ask", by=abe, data={"body": "请补充日志"}))
    ticket.refresh_from_db()
    assert (ticket.status, heard(ticket, alice)) == ("new", [])
    release(held=waits, words={"body": "请补充日志"}, by=ann)
    ticket.refresh_from_db()
    assert (ticket.status, heard(ticket, alice)) == ("waiting_enterprise", ["请补充日志"])
    assert last(ticket, "ticket.asked").data["released_by"] == ann.pk


def test_a_resolution_waits_and_a_move_without_words_does_not(
    alice: User, alpha: Organisation, ticket: Ticket, abe: User, ann: User
) -> None:
    services.act(ticket=ticket, action="accept", by=abe)
    ticket.refresh_from_db()
    assert ticket.status == "open"
    bare = Ticket.objects.get(pk=ticket.pk)
    for invoice in bare.invoices.all():
        services.set_aside(invoice=invoice, reason="重复", by=ann)
    told = {"cause": "sync_delay", "resolution": "已同步"}
    waits = held(services.act(ticket=bare, action="resolve", by=abe, data=told))
    assert waits.words == {"resolution": "已同步"}
    release(held=waits, words={"resolution": "现已同步"}, by=ann)
    bare.refresh_from_db()
    assert (bare.status, bare.resolution) == ("resolved", "现已同步")


def test_internal_notes_and_others_are_not_held(ticket: Ticket, abe: User, ann: User, alice: User) -> None:
    assert isinstance(services.comment(ticket=ticket, body="内部", by=abe, visibility="internal"), Message)
    assert isinstance(services.comment(ticket=ticket, body="您好", by=ann), Message)
    assert isinstance(services.comment(ticket=ticket, body="谢谢", by=alice), Message)
    assert not HeldReply.objects.exists()


def test_only_the_mentor_or_a_supervisor_releases(
    ticket: Ticket, abe: User, ann: User, sam: User, olga: User, alice: User
) -> None:
    waits = held(services.comment(ticket=ticket, body="您好", by=abe))
    for stranger in (abe, olga, alice):
        with pytest.raises(Forbidden):
            release(held=waits, words=waits.words, by=stranger)
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldReply.objects.filter(pk=waits.pk).update(decided_by=abe)
    seen = {user: HeldReply.objects.visible_to(user).exists() for user in (abe, ann, sam, olga, alice)}
    assert seen == {abe: True, ann: True, sam: True, olga: False, alice: False}
    pair = abe.mentorships.get()
    people.end_mentorship(mentorship=pair, by=sam)
    with pytest.raises(Forbidden):
        release(held=waits, words=waits.words, by=ann)
    release(held=waits, words=waits.words, by=sam)
    assert isinstance(services.comment(ticket=ticket, body="您好", by=abe), Message)


def test_two_releases_send_one_message(ticket: Ticket, abe: User, ann: User, sam: User, alice: User) -> None:
    waits = held(services.comment(ticket=ticket, body="您好", by=abe))
    again = HeldReply.objects.get(pk=waits.pk)
    release(held=waits, words=waits.words, by=ann)
    with pytest.raises(NotNow):
        release(held=again, words=waits.words, by=sam)
    assert heard(ticket, alice) == ["您好"]


def test_a_closed_ticket_keeps_the_reply_waiting(ticket: Ticket, abe: User, ann: User, alice: User) -> None:
    waits = held(services.comment(ticket=ticket, body="您好", by=abe))
    services.act(ticket=ticket, action="withdraw", by=alice)
    with pytest.raises(NotNow):
        release(held=waits, words=waits.words, by=ann)
    assert HeldReply.objects.waiting().filter(pk=waits.pk).exists()


def test_a_mentor_is_somebody_else_who_answers_alone(
    ticket: Ticket, abe: User, ann: User, sam: User, rita: User
) -> None:
    for trainee, mentor in ((ann, ann), (ann, abe), (ann, rita), (rita, ann)):
        with pytest.raises(Invalid):
            people.assign_mentor(trainee=trainee, mentor=mentor, by=sam)
    with pytest.raises(Forbidden):
        people.assign_mentor(trainee=abe, mentor=ann, by=ann)


def test_pages_and_api_say_that_it_waits(
    ticket: Ticket,
    abe: User,
    ann: User,
    alice: User,
    client_of: Callable[..., Client],
    api_of: Callable[..., APIClient],
) -> None:
    url = f"/desk/tickets/{ticket.number}/"
    page = client_of(abe).post(f"{url}reply/", {"body": "您好", "visibility": "public"}, follow=True)
    assert "等待导师放行" in page.content.decode()
    answer = api_of(abe).post(f"/api/v1/tickets/{ticket.number}/messages/", {"body": "再见"}, format="json")
    assert (answer.status_code, answer.data["words"]) == (202, {"body": "再见"})
    asked = api_of(abe).post(f"/api/v1/tickets/{ticket.number}/actions/ask/", {"body": "日志"}, format="json")
    assert asked.status_code == 202
    mentor = client_of(ann)
    assert mentor.get("/desk/replies/").content.decode().count(ticket.number) == 3
    first = HeldReply.objects.earliest("pk")
    assert mentor.post(f"/desk/replies/{first.pk}/", {"body": " "}).status_code == 422
    assert mentor.post(f"/desk/replies/{first.pk}/", {"body": "您好！"}).status_code == 302
    assert mentor.post(f"/desk/replies/{first.pk}/", {"body": "您好"}).status_code == 409
    assert heard(ticket, alice) == ["您好！"]
    assert "您好！" in mentor.get(f"/desk/replies/{first.pk}/").content.decode()
