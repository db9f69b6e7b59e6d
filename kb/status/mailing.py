"""Who is told by mail: subscribing with a confirmation, unsubscribing, and the mails of each event.

The row of a mail is the promise; it is leased first and marked after, so that a crash in between sends the same
Message-ID again. Links are signed, and name the row and its address: they end with either.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F
from django.forms import ValidationError
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.emails import folded, is_plain
from accounts.models import LANGUAGES
from helpdesk.common.errors import FieldError, Invalid, Missing
from helpdesk.common.mailing import LEASE, setback
from helpdesk.common.messages import Message, gettext_noop
from helpdesk.common.rest import is_resting
from kb.models import Audience
from kb.status import words
from kb.status.models import StatusEvent, StatusMail, Subscriber

logger = logging.getLogger(__name__)
SALT = "kb.status.subscriber"
CONFIRM_WITHIN = dt.timedelta(days=7)
ASK_AGAIN = dt.timedelta(minutes=10)
SWEEP_SECONDS, BATCH, GRACE = 45, 200, dt.timedelta(seconds=15)

#: Called with the id of a mail after the commit; filled by tasks.py. The sweep makes up a lost call.
ON_COMMIT: list[Callable[[int], None]] = []


def subscribe(*, email: str, topics: Collection[str], language: str) -> None:
    """Ask an address to confirm. Says nothing of whether it is known, and mails the same one only now and then."""
    address = folded(email)
    try:
        validate_email(address)
    except ValidationError:
        address = ""
    if not address or not is_plain(address) or len(address) > 254:
        wrong = Message(gettext_noop("This is no e-mail address."))
        raise Invalid(errors=[FieldError("email", "invalid", wrong)])
    chosen = [topic.value for topic in words.Topic if topic in topics]
    if not chosen:
        wrong = Message(gettext_noop("Choose at least one."))
        raise Invalid(errors=[FieldError("topics", "required", wrong)])
    values = {"topics": chosen, "language": language if language in dict(LANGUAGES) else LANGUAGES[0][0]}
    with transaction.atomic():
        row, is_new = Subscriber.objects.get_or_create(email=address, defaults=values)
        if not row.confirmed_at:
            Subscriber.objects.filter(pk=row.pk).update(**values)
            _ask(row, is_new=is_new)


def _ask(row: Subscriber, *, is_new: bool) -> None:
    now = timezone.now()
    before = StatusMail.objects.filter(subscriber=row, event=None, created_at__lt=now - ASK_AGAIN)
    if not is_new and not before.delete()[0]:
        return
    mail = StatusMail.objects.create(subscriber=row, next_attempt_at=now)
    for start in ON_COMMIT:
        transaction.on_commit(partial(start, mail.pk), robust=True)


def token_of(row: Subscriber) -> str:
    return signing.dumps([row.pk, row.email], salt=SALT)


def subscriber_of(token: str) -> Subscriber:
    """The reverse; Missing when the link is not ours, or its subscription is gone."""
    try:
        pk, email = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        raise Missing(Message(gettext_noop("This link is not valid any more."))) from None
    row = Subscriber.objects.filter(pk=pk, email=email).first()
    if row is None:
        raise Missing(Message(gettext_noop("This link is not valid any more.")))
    return row


def confirm(*, token: str) -> Subscriber:
    """From now on the address is told; a second time changes nothing."""
    row = subscriber_of(token)
    Subscriber.objects.filter(pk=row.pk, confirmed_at=None).update(confirmed_at=timezone.now())
    return row


def unsubscribe(*, token: str) -> None:
    """Forget the address, and with it what was still to be mailed."""
    subscriber_of(token).delete()


# Mails


def fan_out(event_id: int) -> int:
    """Write the mails of an event, once for each subscriber; all of it or nothing. Returns how many."""
    with transaction.atomic():
        rows = StatusEvent.objects.select_for_update(of=("self",)).select_related("announcement")
        event = rows.filter(pk=event_id, delivered_at=None).first()
        if event is None:
            return 0
        topic, now = words.topic_of(event.kind), timezone.now()
        told = event.announcement is None or event.announcement.audience == Audience.PUBLIC
        people = Subscriber.objects.filter(confirmed_at__lte=event.at) if told else Subscriber.objects.none()
        mails = [
            StatusMail(event=event, subscriber_id=pk, next_attempt_at=now)
            for pk, topics in people.values_list("pk", "topics")
            if topic in topics
        ]
        StatusMail.objects.bulk_create(mails, batch_size=500, ignore_conflicts=True)
        event.delivered_at = now
        event.save(update_fields=["delivered_at"])
    return len(mails)


def send(mail_id: int) -> bool:
    """Send one mail that is due."""
    if is_resting("mail"):
        return False
    now = timezone.now()
    due = StatusMail.objects.filter(pk=mail_id, state=StatusMail.State.PENDING, next_attempt_at__lte=now)
    if not due.update(next_attempt_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    about = ("subscriber", "event__incident", "event__update", "event__maintenance", "event__announcement")
    row = StatusMail.objects.select_related(*about).filter(pk=mail_id).first()
    if row is None:  # unsubscribed at this moment
        return False
    try:
        compose(row).send()
    except Exception as error:  # any failure of a mail server is a reason to try again later
        why, wait = setback(error, attempts=row.attempts, since=row.created_at)
        failed = {"state": StatusMail.State.FAILED} if wait is None else {"next_attempt_at": now + wait}
        StatusMail.objects.filter(pk=row.pk).update(error=why[:300], **failed)
        logger.warning("status mail %s: %s", row.pk, error)
        return False
    StatusMail.objects.filter(pk=row.pk).update(state=StatusMail.State.SENT, sent_at=timezone.now(), error="")
    return True


def compose(row: StatusMail) -> EmailMessage:
    """The mail in the subscriber's language, with the one click to end it (RFC 8058)."""
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ") or "localhost"
    token = token_of(row.subscriber)
    leave = settings.SITE_URL + reverse("status_unsubscribe", args=[token])
    headers = {"Message-ID": f"<status-{row.pk}@{host}>", "Auto-Submitted": "auto-generated"}
    with translation.override(row.subscriber.language):
        context: dict[str, Any] = {"leave": leave}
        if row.event is None:
            subject = _("Please confirm your subscription")
            context["url"] = settings.SITE_URL + reverse("status_confirm", args=[token])
            text = render_to_string("kb/status/confirm.txt", context)
        else:
            headers |= {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
            about, update = row.event.about, row.event.update
            subject = _(words.EVENT_LABELS[row.event.kind]) % {"title": about.name}
            context |= {"subject": subject, "about": about, "text": update.text if update else about.text}
            context["url"] = settings.SITE_URL + _path(row.event)
            text = render_to_string("kb/status/mail.txt", context)
    return EmailMessage(" ".join(subject.split()), text, to=[row.subscriber.email], headers=headers)


def _path(event: StatusEvent) -> str:
    if event.incident_id:
        return reverse("status_incident", args=[event.incident_id])
    return reverse("announcement", args=[event.announcement_id]) if event.announcement_id else reverse("status")


def sweep() -> int:
    """Write and send what a lost message left behind; forget who never confirmed. Returns how many were sent."""
    now, end, done = timezone.now(), time.monotonic() + SWEEP_SECONDS, 0
    Subscriber.objects.filter(confirmed_at=None, created_at__lt=now - CONFIRM_WITHIN).delete()
    waiting = StatusEvent.objects.filter(delivered_at=None, at__lt=now - GRACE)
    for event_id in list(waiting.values_list("pk", flat=True)[:BATCH]):
        fan_out(event_id)
    due = StatusMail.objects.filter(state=StatusMail.State.PENDING, next_attempt_at__lte=now)
    for pk in list(due.order_by("next_attempt_at").values_list("pk", flat=True)[:BATCH]):
        if time.monotonic() > end:
            break
        done += send(pk)
    return done
