"""The sweep of proposals: a deadline that has come nearer is no event, so nothing else would make them anew."""

from __future__ import annotations

from celery import shared_task

from tickets.triage import services


@shared_task
def sweep() -> int:
    return services.sweep()
