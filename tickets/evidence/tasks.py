"""Reading of files: right after the upload, and again by the sweep while unfinished."""

from __future__ import annotations

import uuid

from celery import shared_task

from helpdesk.common.dispatch import hand_to_broker
from tickets.evidence import services

SECONDS = 300  # a log of 200 MB takes about one of CPU; below services.LEASE


@shared_task(soft_time_limit=SECONDS, time_limit=SECONDS + 30)
def extract(evidence_id: str) -> bool:
    return services.extract(evidence_id)


@shared_task(soft_time_limit=SECONDS, time_limit=SECONDS + 30)
def sweep() -> int:
    return services.sweep()


def start(evidence_id: uuid.UUID) -> None:
    """Ask the worker; a broker that is down costs nothing but time, the sweep comes round."""
    hand_to_broker(extract, str(evidence_id))


services.ON_COMMIT.append(start)
