"""Delivery of events to the followers: right after the commit, and again by the sweep while undelivered."""

from __future__ import annotations

from celery import shared_task

from helpdesk.common.dispatch import hand_to_broker
from tickets import outbox, workflow


@shared_task
def deliver(event_id: int) -> None:
    outbox.deliver(event_id)


@shared_task
def sweep() -> int:
    return outbox.sweep()


def announce(event_id: int) -> None:
    """Ask the worker; a broker that is down costs nothing but time, the sweep comes round."""
    hand_to_broker(deliver, event_id)


workflow.ON_COMMIT.append(announce)
