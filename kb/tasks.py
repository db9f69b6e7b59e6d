"""What the knowledge base does by itself: publish by the time, remind of checks, forget old questions."""

from __future__ import annotations

from celery import shared_task

from kb import queries, services, upkeep


@shared_task
def sweep() -> int:
    return services.publish_due() + upkeep.remind()


@shared_task
def forget() -> int:
    return queries.forget()
