"""A person's own reminders: asked for now, told at their moment like any other notification."""

from __future__ import annotations

import datetime as dt
import hashlib

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from helpdesk.common.errors import FieldError, Invalid, NotNow
from helpdesk.common.http import pack
from helpdesk.common.messages import Message, gettext_noop
from tickets.notifications.models import Reminder
from tickets.notifications.services import tell

TOPIC = "reminder"
MAX_WAITING = 50  # of one person
FARTHEST = dt.timedelta(days=400)
BATCH = 200


def remind(*, at: dt.datetime, text: Message, url: str, by: User) -> Reminder:
    """Tell `by` at that moment; the same `url` at the same moment is one reminder. Raises Invalid, NotNow."""
    now = timezone.now()
    if not now < at < now + FARTHEST:
        raise Invalid(errors=[FieldError("at", "range", Message(gettext_noop("This moment has passed already.")))])
    key = hashlib.sha256(f"{at.isoformat()} {url}".encode()).hexdigest()
    mine = Reminder.objects.visible_to(by)
    if not mine.filter(key=key).exists() and mine.waiting().count() >= MAX_WAITING:
        raise NotNow(Message(gettext_noop("You have %(limit)s reminders already."), {"limit": MAX_WAITING}))
    made, _new = Reminder.objects.get_or_create(user=by, key=key, defaults={"at": at, "text": pack(text), "url": url})
    return made  # type: ignore[no-any-return]


def cancel(*, reminder: Reminder, by: User) -> None:
    """Forget one that hasn't been told yet; once told there is nothing to cancel."""
    Reminder.objects.visible_to(by).waiting().filter(pk=reminder.pk).delete()


def ring(reminder_id: int) -> bool:
    """Tell one reminder whose moment has come, once; whoever has left is told nothing."""
    with transaction.atomic():
        rows = Reminder.objects.due().select_related("user")
        reminder = rows.select_for_update(of=("self",), skip_locked=True).filter(pk=reminder_id).first()
        if reminder is None:
            return False
        if reminder.user.is_active:
            tell(reminder.user, TOPIC, reminder=reminder)
        return bool(Reminder.objects.due().filter(pk=reminder_id).update(rung_at=timezone.now()))


def sweep() -> int:
    """Tell all whose moment has come; returns how many."""
    due = Reminder.objects.due().order_by("at")
    return sum(ring(pk) for pk in list(due.values_list("pk", flat=True)[:BATCH]))
