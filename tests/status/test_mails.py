"""Subscribing with a confirmation, mails of events, and ending it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from helpdesk.common.errors import Invalid
from kb.status import mailing, services
from kb.status.models import StatusEvent, StatusMail, Subscriber
from tests.status.cases import an_incident, news_for


@pytest.fixture
def committed(django_capture_on_commit_callbacks: Any) -> Callable[[], Any]:
    return lambda: django_capture_on_commit_callbacks(execute=True)


def subscriber(email: str = "reader@x.example", *topics: str, language: str = "zh-hans") -> Subscriber:
    mailing.subscribe(email=email, topics=topics or ("status",), language=language)
    row = Subscriber.objects.get(email=email)
    mailing.confirm(token=mailing.token_of(row))
    StatusMail.objects.filter(event=None).delete()
    return row


def link(text: str, page: str) -> str:
    found = re.search(rf"https?://[^/\s]+(/status/{page}/\S+/)", text)
    assert found, text
    return found[1]


def test_nothing_is_sent_before_the_click_and_nothing_after_the_end(client: Client, sam: User, committed: Any) -> None:
    with committed():
        answer = client.post("/status/subscribe/", {"email": "Reader@X.example", "topics": "status"})
    assert answer.status_code == 200
    (asked,) = mail.outbox
    assert asked.to == ["reader@x.example"]
    with committed():
        incident = services.open_incident(given=an_incident(), by=sam)
    assert len(mail.outbox) == 1
    address = link(str(asked.body), "confirm")
    client.get(address)  # a program that opens links confirms nothing
    assert not Subscriber.objects.filter(confirmed_at__isnull=False).exists()
    assert "已订阅" in client.post(address).content.decode()
    with committed():
        services.post_update(incident=incident, action="identify", body="网关已切换", by=sam)
    told = mail.outbox[-1]
    assert told.subject == "已定位：乐企上传超时"
    assert "网关已切换" in told.body
    assert told.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    leave = link(told.extra_headers["List-Unsubscribe"].strip("<>"), "unsubscribe")
    strict = Client(enforce_csrf_checks=True)  # as a mail program posts
    assert strict.post(leave, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Subscriber.objects.exists()
    assert client.get(address).status_code == client.get(leave).status_code == 404


def test_the_answer_tells_nobody_who_is_subscribed(client: Client, committed: Any) -> None:
    subscriber()
    mail.outbox.clear()
    pages = []
    for email in ("reader@x.example", "other@x.example"):
        with committed():
            page = client.post("/status/subscribe/", {"email": email, "topics": "status"}).content.decode()
        pages.append(re.sub(r"csrf\S+|value=\"\w{64}\"", "", page.replace(email, "")))
    assert pages[0] == pages[1]
    assert [m.to for m in mail.outbox] == [["other@x.example"]]
    with committed():  # again within minutes: no second mail
        client.post("/status/subscribe/", {"email": "other@x.example", "topics": "status"})
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(("email", "topics"), [("nobody", ["status"]), ("a@x.example", []), ("a@x.example\n", ["x"])])
def test_what_cannot_be_subscribed(email: str, topics: list[str], client: Client) -> None:
    with pytest.raises(Invalid):
        mailing.subscribe(email=email, topics=topics, language="en")
    answer = client.post("/status/subscribe/", {"email": email, "topics": topics})
    assert answer.status_code == 422


def test_each_is_told_once_of_the_own_topics_in_the_own_language(sam: User, committed: Any) -> None:
    subscriber("status@x.example", language="en")
    subscriber("news@x.example", "announcements")
    mail.outbox.clear()
    with committed():
        services.open_incident(given=an_incident(), by=sam)
        services.announce(given=news_for("public"), by=sam)
        services.announce(given=news_for("enterprises"), by=sam)
    assert [(m.to[0], m.subject) for m in mail.outbox] == [
        ("status@x.example", "Incident: Leqi uploads time out"),
        ("news@x.example", "公告：乐企 V4.000 启用"),
    ]
    for event in StatusEvent.objects.all():
        mailing.fan_out(event.pk)
    mailing.sweep()
    assert len(mail.outbox) == 2


def test_a_failing_server_is_tried_again_and_a_refused_address_is_not(sam: User, monkeypatch: Any) -> None:
    subscriber("a@x.example")
    services.open_incident(given=an_incident(), by=sam)
    StatusEvent.objects.update(at=timezone.now() + dt.timedelta(seconds=1))
    mailing.fan_out(StatusEvent.objects.get().pk)
    row = StatusMail.objects.get()
    answers: list[Exception] = [OSError("down"), SMTPRecipientsRefused({"a@x.example": (550, b"no such user")})]

    def refuse(*_args: Any, **_more: Any) -> int:
        raise answers.pop(0)

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    assert not mailing.send(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == ("pending", "down")
    assert row.next_attempt_at > timezone.now()
    assert not mailing.send(row.pk)  # not due yet
    StatusMail.objects.update(next_attempt_at=timezone.now())
    cache.clear()  # the server's rest is over
    assert not mailing.send(row.pk)
    row.refresh_from_db()
    assert (row.state, row.error) == ("failed", "550 no such user")


def test_who_never_confirms_is_forgotten() -> None:
    mailing.subscribe(email="late@x.example", topics=["status"], language="en")
    Subscriber.objects.update(created_at=timezone.now() - dt.timedelta(days=8))
    mailing.sweep()
    assert not Subscriber.objects.exists()
