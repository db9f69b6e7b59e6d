"""Does what is behind the process answer, and does the work get done? Read by /readyz, /metrics and people."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.db.models import Count, Min
from django.utils import timezone

from helpdesk import broker
from helpdesk.celery import app
from tickets.evidence.models import Evidence
from tickets.models import Event, Ticket
from tickets.notifications.models import Notification

logger = logging.getLogger(__name__)
LATE = dt.timedelta(minutes=5)  # work that waits longer has no worker, or one that is stuck
ROOM = 2 * settings.EVIDENCE_MAX_BYTES  # on the disk of the data folder

#: Kind of work → (its rows that could be done now, the column that tells since when).
WORK: Mapping[str, tuple[Callable[[], Any], str]] = {
    "events": (lambda: Event.objects.filter(delivered_at=None), "at"),
    "files": (lambda: Evidence.objects.unfinished(), "created_at"),
    "mails": (lambda: Notification.objects.due(), "next_attempt_at"),
}


def database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return ""


def message_broker() -> str:
    broker.knock(app)
    return ""


def storage() -> str:
    default_storage.exists("readyz")  # whether it answers is the question, not what
    return ""


def disk() -> str:
    free = free_bytes()
    return "" if free >= ROOM else f"{free // 2**20} MB free, {ROOM // 2**20} needed"


def queue() -> str:
    """The oldest piece of work of each kind is young enough: the presence of a worker proves nothing."""
    late = [f"{name} wait for {age:.0f} s" for name, (_, age) in backlog().items() if age > LATE.total_seconds()]
    return ", ".join(late)


#: Part → a function that says what is wrong with it, "" when nothing is; an exception is wrong too.
PROBES: Mapping[str, Callable[[], str]] = {
    "database": database,
    "broker": message_broker,
    "storage": storage,
    "disk": disk,
    "queue": queue,
}


def probe() -> dict[str, str]:
    """Part → "ok" or what is wrong, in words that tell a stranger nothing of the house."""
    found: dict[str, str] = {}
    for name, ask in PROBES.items():
        is_blind = name == "queue" and found["database"] != "ok"  # would wait as long as the database did
        found[name] = "unknown" if is_blind else _asked(name, ask)
    return found


def _asked(name: str, ask: Callable[[], str]) -> str:
    try:
        return ask() or "ok"
    except Exception as error:  # whatever it is, the part doesn't answer
        logger.warning("%s: %s", name, error)
        return "down"


def free_bytes() -> int:
    return shutil.disk_usage(settings.HOME).free


def backlog() -> dict[str, tuple[int, float]]:
    """Kind of work → (how much waits, seconds that the oldest has waited)."""
    now, found = timezone.now(), {}
    for name, (rows, since) in WORK.items():
        waiting = rows().aggregate(count=Count("pk"), oldest=Min(since))
        age = (now - waiting["oldest"]).total_seconds() if waiting["oldest"] else 0.0
        found[name] = (waiting["count"], max(0.0, age))
    return found


def metrics() -> Iterator[str]:
    """Lines of Prometheus' text format."""
    yield from _gauge("helpdesk_ready", "part", {name: int(said == "ok") for name, said in probe().items()})
    yield from _gauge("helpdesk_disk_free_bytes", "", {"": free_bytes()})
    waiting = backlog()
    yield from _gauge("helpdesk_waiting", "work", {name: count for name, (count, _) in waiting.items()})
    yield from _gauge("helpdesk_waiting_seconds", "work", {name: round(age, 1) for name, (_, age) in waiting.items()})
    failed = Notification.objects.filter(state=Notification.State.FAILED).count()
    yield from _gauge("helpdesk_mails_failed", "", {"": failed})
    tickets = dict(Ticket.objects.order_by().values_list("status").annotate(Count("pk")))
    yield from _gauge("helpdesk_tickets", "status", tickets)


def _gauge(name: str, label: str, values: Mapping[str, float]) -> Iterator[str]:
    yield f"# TYPE {name} gauge"
    for key, value in values.items():
        yield f'{name}{{{label}="{key}"}} {value}' if label else f"{name} {value}"
