"""FOLLOWER. From an event to the people it concerns; sending, once for each event, person and channel."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.http import say, unpack
from helpdesk.common.mailing import LEASE, setback
from helpdesk.common.messages import Message as Text
from helpdesk.common.rest import is_resting
from tickets.models import Event, Message, Ticket
from tickets.notifications import rules
from tickets.notifications.models import Channel, Notification, Preference
from tickets.notifications.queries import renew_unread, unread_count

logger = logging.getLogger(__name__)
SWEEP_SECONDS = 45  # half of a task's time
BATCH = 200

#: Called with the notification id after the commit; set by tasks.py. The sweep makes up a lost call.
ON_COMMIT: list[Callable[[int], None]] = []

#: Called with a mail that was given up and why, in that transaction; filled by tickets/followers.py.
ON_FAILURE: list[Callable[[Notification, str], None]] = []


def notify(event: Event) -> None:
    """Write the notifications of an event; the unique key makes a second call the same ones."""
    for rule in rules.RULES.get(event.kind, ()):
        if rule.to in (rules.DESK, rules.MINDERS):
            for colleague in _colleagues(rule, event):
                tell(colleague, rule.topic, event=event)
            continue
        person = _recipient(rule, event)
        own = person is not None and person.pk == event.actor_id and not rule.is_receipt
        if person is None or own or not person.is_active:
            continue
        tell(person, rule.topic, event=event)


def _colleagues(rule: rules.Rule, event: Event) -> list[User]:
    """The people of the desk whom a rule means."""
    if rule.to == rules.DESK:
        return list(User.objects.holding(Permission.TICKET_TRIAGE))
    assignee = event.ticket.assignee
    if assignee and not (assignee.is_active and _may_read(assignee, event.ticket)):
        assignee = None
    found = [assignee] if assignee else []
    if not assignee or event.data.get("supervisors"):
        found += User.objects.holding(Permission.SLA_EDIT).exclude(pk=event.ticket.assignee_id)
    return found


def tell(person: User, topic: str, **about: Any) -> None:
    """Write one notification for each channel the person wants; `about` is what tells it from others."""
    for channel in _channels(person, topic):
        row, is_new = Notification.objects.get_or_create(
            **about, recipient=person, channel=channel, defaults={"next_attempt_at": timezone.now()}
        )
        if channel == Channel.EMAIL and is_new:
            for start in ON_COMMIT:
                transaction.on_commit(partial(start, row.pk), robust=True)


def _renew(user_id: int) -> None:
    renew_unread(user_id)
    transaction.on_commit(partial(renew_unread, user_id), robust=True)  # for who has counted before the commit


def subject(notification: Notification) -> str:
    """The line a person reads, in the active language."""
    event = notification.event
    if event is None:
        return say(unpack(notification.reminder.text)) if notification.reminder else ""
    for rule in rules.RULES.get(event.kind, ()):
        if _recipient_id(rule, event) == notification.recipient_id or len(rules.RULES[event.kind]) == 1:
            values = {
                "ticket": event.ticket.number,
                "number": event.data.get("number", ""),
                "count": event.data.get("count", ""),
            }
            return say(Text(rule.text, values))
    return str(event.ticket)


def send(notification_id: int) -> bool:
    """Send one e-mail that is due. Leased first, marked after: a crash in between sends the same Message-ID again."""
    if is_resting("mail"):
        return False
    now = timezone.now()
    due = Notification.objects.due().filter(pk=notification_id)
    if not due.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    rows = Notification.objects.select_related("event__ticket__organisation", "reminder", "recipient")
    row = rows.get(pk=notification_id)
    if row.event and not _may_read(row.recipient, row.event.ticket):
        _close(row, "no longer allowed to see the ticket")
        return False
    try:
        compose(row).send()
    except Exception as error:  # any failure of a mail server is a reason to try again later
        _failed(row, error)
        return False
    Notification.objects.filter(pk=row.pk).update(state=Notification.State.SENT, sent_at=timezone.now(), error="")
    return True


def compose(row: Notification) -> EmailMessage:
    """The mail in the recipient's language; its Message-ID names event and person, so a resend is the same mail."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    headers = {"Message-ID": f"<{_mail_id(row)}@{host}>", "Auto-Submitted": "auto-generated"}
    with translation.override(row.recipient.language or settings.LANGUAGE_CODE):
        line = subject(row)
        context = {"line": line, "url": f"{settings.SITE_URL}{row.url}", "person": row.recipient}
        if row.event:
            ticket = row.event.ticket
            headers["References"] = f"<ticket-{ticket.pk}@{host}>"
            place = "desk/tickets" if row.recipient.can(Permission.TICKET_VIEW) else "tickets"
            context |= {"ticket": ticket, "body": _words(row.event)}
            context["missing_url"] = _missing_url(row.event, row.recipient)
            context["url"] = f"{settings.SITE_URL}/{place}/{ticket.number}/"
        text = render_to_string("email/notification.txt", context)
    return EmailMessage(" ".join(line.splitlines()), text, to=[row.recipient.email], headers=headers)


def _mail_id(row: Notification) -> str:
    return f"event-{row.event_id}-{row.recipient_id}" if row.event_id else f"reminder-{row.reminder_id}"


def sweep() -> int:
    """Send what is due; returns how many were sent."""
    end, done = time.monotonic() + SWEEP_SECONDS, 0
    due = Notification.objects.due().order_by("next_attempt_at")
    for pk in list(due.values_list("pk", flat=True)[:BATCH]):
        if time.monotonic() > end:
            break
        done += send(pk)
    return done


def inbox(*, user: User) -> QuerySet[Notification]:
    """What the person was told in the service, newest first."""
    rows: QuerySet[Notification] = Notification.objects.visible_to(user).filter(channel=Channel.IN_APP)
    return rows.select_related("event__ticket", "event__actor", "reminder").order_by("-pk")


def mark_read(*, user: User, up_to: int | None = None, ticket: Ticket | None = None) -> int:
    """Mark the person's notifications read: all up to one, or those of one ticket."""
    unread = unread_count(user)
    if not unread:  # most pages: a look instead of a write
        return 0
    rows = Notification.objects.visible_to(user).unread()
    if up_to is not None:
        rows = rows.filter(pk__lte=up_to)
    if ticket is not None:
        rows = rows.filter(event__ticket=ticket)
    read = int(rows.update(read_at=timezone.now()))
    user._unread = unread - read  # type: ignore[attr-defined]
    _renew(user.pk)
    return read


def choose(*, user: User, choices: Mapping[tuple[str, str], bool]) -> None:
    """Keep the person's choice for each (topic, channel)."""
    with transaction.atomic():
        for (topic, channel), is_on in choices.items():
            if topic in rules.TOPICS and channel in Channel.values:
                Preference.objects.update_or_create(user=user, topic=topic, channel=channel, defaults={"is_on": is_on})


def choices_of(*, user: User) -> dict[tuple[str, str], bool]:
    """(topic, channel) → on, defaults included."""
    chosen = {(p.topic, p.channel): p.is_on for p in Preference.objects.filter(user=user)}
    return {
        (topic, channel): chosen.get((topic, channel), channel in rules.DEFAULTS[topic])
        for topic in rules.TOPICS
        for channel in Channel.values
    }


def _recipient_id(rule: rules.Rule, event: Event) -> int | None:
    ticket = event.ticket
    if rule.to == rules.PERSON:
        return event.data.get("person")
    return ticket.requester_id if rule.to == rules.REQUESTER else ticket.assignee_id


def _recipient(rule: rules.Rule, event: Event) -> User | None:
    """The person, as long as the ticket may still be read by them."""
    ticket = event.ticket
    if rule.to == rules.PERSON:
        person = User.objects.filter(pk=event.data.get("person")).first()
    else:
        person = ticket.requester if rule.to == rules.REQUESTER else ticket.assignee
    if person is None or (rule.topic == "answered" and not event.data.get("by_desk")):
        return None
    if rule.topic == "customer" and event.data.get("by_desk"):
        return None
    return person if _may_read(person, ticket) else None


def _may_read(person: User, ticket: Ticket) -> bool:
    return bool(Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists())


def _channels(person: User, topic: str) -> Iterator[str]:
    chosen = {p.channel: p.is_on for p in Preference.objects.filter(user=person, topic=topic)}
    for channel in Channel.values:
        if chosen.get(channel, channel in rules.DEFAULTS[topic]):
            yield channel


def _missing_url(event: Event, person: User) -> str:
    """Where the enterprise says that a record which was found is not there after all."""
    if event.kind != "invoice.found" or person.can(Permission.TICKET_VIEW):
        return ""
    return f"{settings.SITE_URL}/checks/{event.data['invoice']}/still-missing/"


def _words(event: Event) -> str:
    """The public message that the event brought, if any."""
    if event.kind == "check.due":
        return "\n".join(event.data.get("numbers", ()))
    message_id = event.data.get("message")
    found = Message.objects.filter(pk=message_id, visibility="public").first() if message_id else None
    return (
        found.body
        if found
        else str(
            event.data.get("reason") or event.ticket.resolution
            if event.kind == "ticket.resolved"
            else event.data.get("reason") or ""
        )
    )


def _failed(row: Notification, error: Exception) -> None:
    """Again later; what is refused for good or too old people have to see."""
    why, wait = setback(error, attempts=row.attempts, since=row.created_at)
    if wait is None:
        _give_up(row, why)
        return
    values = {"next_attempt_at": timezone.now() + wait, "error": why[:300]}
    Notification.objects.filter(pk=row.pk).update(**values)
    logger.warning("mail %s waits %s: %s", row.pk, wait, error)


def _give_up(row: Notification, why: str) -> None:
    """Keep the failure, and tell those who can do something about it."""
    with transaction.atomic():
        if _close(row, why):
            for tell in ON_FAILURE:
                tell(row, why)


def _close(row: Notification, why: str) -> bool:
    pending = Notification.objects.filter(pk=row.pk, state=Notification.State.PENDING)
    return bool(pending.update(state=Notification.State.FAILED, error=why[:300]))
