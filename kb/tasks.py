"""What the knowledge base does by itself: publish what was approved for a time."""

from __future__ import annotations

from celery import shared_task

from kb import services


@shared_task
def sweep() -> int:
    return services.publish_due()
