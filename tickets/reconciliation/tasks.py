"""Reconciliations: right after both lists are in, and again by the sweep while unfinished."""

from __future__ import annotations

from celery import shared_task

from helpdesk.common.dispatch import hand_to_broker
from tickets.reconciliation import services

#: Two lists of 100,000 rows take 20 seconds of CPU; a busy machine has less of it than time goes by.
LIMITS = {"soft_time_limit": 280, "time_limit": 300}


@shared_task(**LIMITS)
def run(pk: int) -> bool:
    return services.run(pk)


@shared_task(**LIMITS)
def sweep() -> int:
    return services.sweep()


def start(pk: int) -> None:
    """Ask the worker; a broker that is down costs nothing but time, the sweep comes round."""
    hand_to_broker(run, pk)


services.ON_COMMIT.append(start)
