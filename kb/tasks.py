"""What the knowledge base does by itself: publish in time, remind of checks, count how readers fared, forget."""

from __future__ import annotations

from celery import shared_task

from kb import deflection, queries, services, upkeep


@shared_task
def sweep() -> int:
    return services.publish_due() + upkeep.remind()


@shared_task
def forget() -> int:
    deflection.forget()
    return queries.forget()


@shared_task
def count() -> int:
    return deflection.roll_up()
