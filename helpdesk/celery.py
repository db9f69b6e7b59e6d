"""The Celery application; tasks live beside their services."""

import os

from celery import Celery

from helpdesk import broker  # noqa: F401  takes the place of kombu's filesystem transport

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")
app = Celery("helpdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    ["tickets", "tickets.evidence", "tickets.notifications", "tickets.rechecks", "tickets.batches", "kb", "kb.status"]
)
