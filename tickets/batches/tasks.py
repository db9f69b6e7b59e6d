"""Lists of invoices: checked and filed right after the click, and taken up again by the sweep."""

from __future__ import annotations

import uuid

from celery import shared_task

from helpdesk.common.dispatch import hand_to_broker
from tickets.batches import services
from tickets.batches import work as worker
from tickets.batches.models import Batch
from tickets.evidence import services as evidence


@shared_task
def work(batch_id: int) -> bool:
    more = worker.work(batch_id)
    if more:  # the next slice is a task of its own: no list holds a worker for longer than a task may last
        start(batch_id)
    return more


@shared_task
def sweep() -> int:
    return worker.sweep()


def start(batch_id: int) -> None:
    """Ask the worker; a broker that is down costs nothing but time, the sweep comes round."""
    hand_to_broker(work, batch_id)


def go_on(evidence_id: uuid.UUID) -> None:
    """The file of a list has been read."""
    for batch_id in Batch.objects.at_work().filter(evidence=evidence_id).values_list("pk", flat=True):
        start(batch_id)


services.ON_COMMIT.append(start)
evidence.ON_FINISH.append(go_on)
