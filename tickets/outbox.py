"""The outbox: every event reaches every follower at least once, whatever happens to broker or worker."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from tickets.models import Event

logger = logging.getLogger(__name__)
GRACE = dt.timedelta(seconds=15)  # younger events are left to the task that the commit started
BATCH = 500

#: React to an event, never change a status; idempotent, for the sweep may call again. Filled by tickets/followers.py.
FOLLOWERS: list[Callable[[Event], None]] = []


def deliver(event_id: int) -> None:
    """Let every follower see the event once, then mark it; all of it or nothing."""
    with transaction.atomic():
        event = (
            Event.objects.select_related("ticket", "ticket__organisation", "actor")
            .select_for_update(of=("self",), skip_locked=True)
            .filter(pk=event_id, delivered_at=None)
            .first()
        )
        if event is None:
            return
        for follow in FOLLOWERS:
            follow(event)
        event.delivered_at = timezone.now()
        event.save(update_fields=["delivered_at"])


def sweep() -> int:
    """Deliver what the broker lost; one bad event doesn't stop the others. Returns how many were delivered."""
    waiting = Event.objects.filter(delivered_at=None, at__lt=timezone.now() - GRACE).order_by("pk")
    done = 0
    for event_id in list(waiting.values_list("pk", flat=True)[:BATCH]):
        try:
            deliver(event_id)
            done += 1
        except Exception:
            logger.exception("event %s stays in the outbox", event_id)
    return done
