"""FOLLOWER. Keeps the likeness of each ticket, counts those that share one, and calls the desk past the threshold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone

from accounts.models import User
from tickets import workflow
from tickets.clusters import rules
from tickets.clusters.models import Alarm, Signature
from tickets.clusters.rules import Likeness
from tickets.evidence.models import Evidence
from tickets.invoices.logs import main_code
from tickets.invoices.reading_json import from_json
from tickets.models import Event, Ticket
from tickets.sla.clock import BEIJING

#: Events after which a ticket may be like others than before.
NEWS = frozenset({"ticket.submitted", "ticket.changed", "triage.decided", "evidence.read", "batch.filed"})
WINDOW = dt.timedelta(hours=24)
DAYS = 14
BATCH = 200
WEIGHED = 200  # invoices of a ticket whose kinds are looked at


def follow_likeness(event: Event) -> None:
    """FOLLOWER. The ticket's likeness anew, and the alarm if it was the last straw."""
    if event.kind in NEWS:
        alarm(key=sign(ticket=event.ticket).key)


def sign(*, ticket: Ticket) -> Signature:
    """The likeness of a ticket, made or brought up to date."""
    files = Evidence.objects.filter(ticket=ticket, reading__isnull=False)
    kinds = ticket.invoices.values_list("kind", flat=True)[:WEIGHED]
    like = Likeness(ticket.symptom, rules.kind_of(kinds), ticket.software, ticket.software_version, code_of(files))
    values = {name: getattr(like, name) for name in ("symptom", "kind", "software", "version", "code", "key")}
    values |= {"organisation_id": ticket.organisation_id, "created_at": ticket.created_at}
    values["day"] = ticket.created_at.astimezone(BEIJING).date()
    return Signature.objects.update_or_create(ticket=ticket, defaults=values)[0]


def code_of(files: Iterable[Evidence]) -> str:
    """The code that files are known by: what their logs say of the most telling kind."""
    logs = [from_json(file.reading).log for file in files if file.log and file.reading]
    return main_code([fact for log in logs if log for fact in log.facts])


def alarm(*, key: str) -> Alarm | None:
    """Call the desk when enough enterprises share a likeness; once for each cluster and day, whoever comes first."""
    now = timezone.now()
    day = now.astimezone(BEIJING).date()
    rows = Signature.objects.filter(key=key, created_at__gte=now - WINDOW)
    enterprises = rows.aggregate(n=Count("organisation", distinct=True))["n"]
    latest = rows.select_related("ticket").order_by("-created_at", "-pk").first()
    if latest is None or not rules.is_alarming(latest.likeness, enterprises, settings.SAME_PROBLEM_ALARM):
        return None
    with transaction.atomic():
        values = {"ticket": latest.ticket, "enterprises": enterprises}
        made, is_new = Alarm.objects.get_or_create(key=key, day=day, defaults=values)
        if not is_new:
            return None
        told = {"key": key, "count": enterprises, "code": latest.code, "what": str(latest)}
        workflow.record(latest.ticket, "cluster.alarm", by=None, public=False, data=told)
    return made


def sweep() -> int:
    """Sign what has no likeness yet, and alarm what two tickets at the same moment have missed; how many alarms."""
    now = timezone.now()
    since = now - dt.timedelta(days=DAYS)
    for ticket in Ticket.objects.filter(signature=None, created_at__gte=since).order_by("pk")[:BATCH]:
        sign(ticket=ticket)
    recent = Signature.objects.filter(created_at__gte=now - WINDOW).values("key").order_by()
    many = recent.annotate(n=Count("organisation", distinct=True)).filter(n__gte=settings.SAME_PROBLEM_ALARM)
    known = Alarm.objects.filter(day=now.astimezone(BEIJING).date()).values("key")
    return sum(alarm(key=row["key"]) is not None for row in many.exclude(key__in=known)[:BATCH])


def others(*, like: Likeness, organisations: Iterable[int]) -> int:
    """How many other enterprises an enterprise is told of that filed the same in 24 hours; 0: none told."""
    if not like.is_telling:
        return 0
    rows = Signature.objects.filter(key=like.key, created_at__gte=timezone.now() - WINDOW)
    rows = rows.exclude(organisation__in=list(organisations))
    return rules.told(rows.aggregate(n=Count("organisation", distinct=True))["n"])


def clusters(*, user: User, limit: int = 50) -> list[dict[str, Any]]:
    """The clusters of the last days that the desk sees, of most enterprises first, each with its days. Two queries."""
    since = timezone.now() - dt.timedelta(days=DAYS)
    rows = Signature.objects.visible_to(user).filter(created_at__gte=since).order_by()
    shown = {"tickets": Count("pk"), "enterprises": Count("organisation", distinct=True), "last": Max("created_at")}
    names = {name: Max(name) for name in ("software", "version")}  # one way to write what is the same
    found = rows.values("key", "symptom", "kind", "code").annotate(**shown, **names).filter(tickets__gte=2)
    best = list(found.order_by("-enterprises", "-tickets", "key")[:limit])
    days: dict[str, dict[dt.date, int]] = {}
    for row in rows.filter(key__in=[b["key"] for b in best]).values("key", "day").annotate(n=Count("pk")):
        days.setdefault(row["key"], {})[row["day"]] = row["n"]
    today = timezone.now().astimezone(BEIJING).date()
    span = [today - dt.timedelta(days=back) for back in range(DAYS - 1, -1, -1)]
    return [{**row, "days": [(day, days[row["key"]].get(day, 0)) for day in span]} for row in best]


def beside(*, ticket: Ticket, user: User, limit: int = 6) -> list[Signature]:
    """Other tickets with the same problem of the last days, newest first."""
    own: Signature | None = getattr(ticket, "signature", None)
    if own is None or not own.likeness.is_telling:
        return []
    since = timezone.now() - dt.timedelta(days=DAYS)
    rows = Signature.objects.visible_to(user).filter(key=own.key, created_at__gte=since).exclude(pk=own.pk)
    return list(rows.select_related("ticket", "organisation").order_by("-created_at", "-pk")[:limit])
