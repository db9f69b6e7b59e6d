"""Look-ups that start by themselves: right after somebody asked for one, and by the sweep when their time has come."""

from __future__ import annotations

from celery import shared_task

from helpdesk.common.dispatch import hand_to_broker
from tickets.rechecks import services


@shared_task
def run(invoice_id: int) -> None:
    services.run(invoice_id)


@shared_task
def sweep() -> int:
    return services.sweep()


def start(invoice_id: int) -> None:
    """Ask the worker; a broker that is down costs nothing but time, the sweep comes round."""
    hand_to_broker(run, invoice_id)


services.ON_COMMIT.append(start)
