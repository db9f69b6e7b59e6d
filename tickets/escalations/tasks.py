"""The sweep of the clocks: that time passes is no event."""

from __future__ import annotations

from celery import shared_task

from tickets.escalations import services


@shared_task
def sweep() -> int:
    return services.sweep()
