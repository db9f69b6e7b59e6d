"""One update answers all: right after it was posted, and again by the sweep."""

from __future__ import annotations

from celery import shared_task

from helpdesk.common.dispatch import hand_to_broker
from kb.status import services as board
from tickets.incidents import services


@shared_task
def pass_on(update_id: int) -> int:
    return services.pass_on(update_id)


@shared_task
def sweep() -> int:
    return services.sweep()


def start(update_id: int) -> None:
    """Ask the worker; a broker that is down costs nothing but time, the sweep comes round."""
    hand_to_broker(pass_on, update_id)


board.ON_UPDATE.append(start)
