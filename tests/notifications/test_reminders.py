"""A reminder is told once, at its moment, in the service and by mail, whatever happens to broker or worker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from helpdesk.common.errors import Invalid, NotNow
from helpdesk.common.messages import Message
from tests.races import at_once
from tickets.notifications import reminders, services, tasks
from tickets.notifications.models import Notification, Reminder

pytestmark = pytest.mark.django_db(transaction=True)
HOUR = dt.timedelta(hours=1)
TEXT = Message("Time to look for invoice %(number)s again", {"number": "26112000000012345678"})
URL = "/diagnose/?at=2026-11-25T10%3A00&who=issuer"


def wish(by: User, *, at: dt.datetime | None = None, url: str = URL) -> Reminder:
    return reminders.remind(at=at or timezone.now() + HOUR, text=TEXT, url=url, by=by)


def come(reminder: Reminder) -> None:
    """Its moment has come."""
    Reminder.objects.filter(pk=reminder.pk).update(at=timezone.now() - HOUR)


def test_nothing_is_told_before_its_moment(alice: User) -> None:
    wish(alice)
    assert reminders.sweep() == 0
    assert not Notification.objects.exists()


def test_it_is_told_once_in_service_and_by_mail(alice: User, settings: Any) -> None:
    settings.SITE_URL = "https://help.example"
    come(wish(alice))
    tasks.sweep()
    tasks.sweep()
    assert sorted(n.channel for n in Notification.objects.all()) == ["email", "in_app"]
    assert [m.to for m in mail.outbox] == [[alice.email]]
    assert "26112000000012345678" in mail.outbox[0].subject
    assert f"https://help.example{URL}" in mail.outbox[0].body
    assert "None" not in mail.outbox[0].body
    assert mail.outbox[0].extra_headers["Message-ID"].startswith("<reminder-")


def test_a_lost_mark_changes_nothing(alice: User) -> None:
    made = wish(alice)
    come(made)
    reminders.ring(made.pk)
    Reminder.objects.update(rung_at=None)  # as if the process had died between
    reminders.ring(made.pk)
    services.sweep()
    assert (Notification.objects.count(), len(mail.outbox)) == (2, 1)


def test_the_mail_is_in_the_readers_language_and_can_be_switched_off(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="en")
    services.choose(user=bob, choices={("reminder", "email"): False})
    for person in (alice, bob):
        come(wish(person))
    tasks.sweep()
    assert [m.subject for m in mail.outbox] == ["Time to look for invoice 26112000000012345678 again"]
    assert Notification.objects.filter(recipient=bob).count() == 1


def test_whoever_has_left_is_told_nothing(alice: User) -> None:
    come(wish(alice))
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert reminders.sweep() == 1
    assert not Notification.objects.exists()


def test_the_same_wish_twice_is_one_and_there_is_a_limit(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    at = timezone.now() + HOUR
    assert wish(alice, at=at) == wish(alice, at=at)
    monkeypatch.setattr(reminders, "MAX_WAITING", 1)
    assert wish(alice, at=at)
    with pytest.raises(NotNow):
        wish(alice, url="/diagnose/")


@pytest.mark.parametrize("away", [-HOUR, dt.timedelta(days=500)])
def test_a_moment_that_has_passed_or_is_far_is_refused(alice: User, away: dt.timedelta) -> None:
    with pytest.raises(Invalid):
        wish(alice, at=timezone.now() + away)


def test_two_sweeps_at_once_tell_it_once(alice: User) -> None:
    made = wish(alice)
    come(made)
    at_once(*[lambda: reminders.ring(made.pk)] * 4)
    services.sweep()
    assert (Notification.objects.count(), len(mail.outbox)) == (2, 1)


def test_the_inbox_shows_what_is_told_and_what_is_to_come(
    client_of: Callable[[User | None], Client], alice: User, bob: User
) -> None:
    come(wish(alice, url="/diagnose/?who=door"))
    waiting = wish(alice)
    tasks.sweep()
    page = client_of(alice).get("/notifications/").content.decode()
    assert "/diagnose/?who=door" in page
    assert f"/notifications/reminders/{waiting.pk}/cancel/" in page
    cancel = f"/notifications/reminders/{waiting.pk}/cancel/"
    assert client_of(bob).post(cancel).status_code == 404
    assert client_of(alice).post(cancel).status_code == 302
    assert client_of(alice).post(cancel).status_code == 404
    assert Reminder.objects.waiting().count() == 0


def test_the_api_tells_reminders_too(api_of: Callable[[User | None], APIClient], alice: User) -> None:
    come(wish(alice))
    tasks.sweep()
    row = api_of(alice).get("/api/v1/notifications/").json()["results"][0]
    assert (row["kind"], row["ticket"], row["read_at"]) == ("reminder", None, None)
    assert "26112000000012345678" in row["text"]


def test_the_diagnosis_asks_for_one(client_of: Callable[[User | None], Client], alice: User) -> None:
    query = "who=public&issued=today"
    answer = client_of(alice).post(f"/diagnose/remind/?{query}")
    made = Reminder.objects.get(user=alice)
    assert answer.url == made.url
    assert made.at > timezone.now()
    assert client_of(alice).post("/diagnose/remind/?who=door&door=login").status_code == 302  # nothing to wait for
    assert Reminder.objects.count() == 1
