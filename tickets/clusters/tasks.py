"""The sweep of clusters: what the outbox has lost, and what two tickets at one moment have missed."""

from __future__ import annotations

from celery import shared_task

from tickets.clusters import services


@shared_task
def sweep() -> int:
    return services.sweep()
