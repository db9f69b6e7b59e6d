"""What the knowledge base does by itself: publish what was approved for a time, forget old questions."""

from __future__ import annotations

from celery import shared_task

from kb import queries, services


@shared_task
def sweep() -> int:
    return services.publish_due()


@shared_task
def forget() -> int:
    return queries.forget()
