"""Mail goes out here: right after the commit, and again by the sweep while pending."""

from __future__ import annotations

from celery import shared_task

from helpdesk.common.dispatch import hand_to_broker
from tickets.notifications import reminders, services


@shared_task
def send(notification_id: int) -> bool:
    return services.send(notification_id)


@shared_task
def sweep() -> int:
    """Reminders whose moment has come, then the mails of all."""
    reminders.sweep()
    return services.sweep()


def start(notification_id: int) -> None:
    """Ask the worker; a broker that is down costs nothing but time, the sweep comes round."""
    hand_to_broker(send, notification_id)


services.ON_COMMIT.append(start)
