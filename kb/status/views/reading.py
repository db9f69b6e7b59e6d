"""Pages of the board for readers; no account is needed, and nothing outside the database is asked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from helpdesk.common import markdown
from helpdesk.common.feeds import atom
from kb.status import reading, words
from kb.status.models import Announcement, Incident, StatusEvent
from kb.status.uptime import BEIJING

IN_FEED, PAGE = 30, 20


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """What works and what doesn't, now and in the last 90 days."""
    context = {"board": reading.board(request.user), "topics": words.TOPIC_LABELS.items()}
    return render(request, "kb/status/board.html", context)


@require_safe
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident with all its updates."""
    rows = Incident.objects.visible_to(request.user).prefetch_related("components", "updates")
    return render(request, "kb/status/incident.html", {"incident": get_object_or_404(rows, pk=pk)})


@require_safe
def history(request: HttpRequest) -> HttpResponse:
    """Incidents and maintenance of one month."""
    this = timezone.now().astimezone(BEIJING).date().replace(day=1)
    try:
        first = dt.date.fromisoformat(request.GET.get("month", "") + "-01")
    except ValueError:
        first = this
    first = min(max(first, dt.date(2000, 1, 1)), this)
    incidents, works = reading.month(first)
    context = {
        "first": first,
        "incidents": incidents,
        "maintenance": works,
        "before": first - dt.timedelta(days=1),
        "after": (first + dt.timedelta(days=32)).replace(day=1) if first < this else None,
    }
    return render(request, "kb/status/history.html", context)


@require_safe
def announcements(request: HttpRequest) -> HttpResponse:
    """News for the reader, the newest first."""
    rows = Announcement.objects.visible_to(request.user).filter(withdrawn_at=None)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return render(request, "kb/status/announcements.html", {"page": page, "today": timezone.localdate()})


@require_safe
def announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """One announcement with its source."""
    found = get_object_or_404(Announcement.objects.visible_to(request.user), pk=pk)
    context = {"announcement": found, "html": markdown.render(found.text)}
    return render(request, "kb/status/announcement.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    """Incidents, their updates and maintenance, as Atom."""
    rows = StatusEvent.objects.visible_to(request.user).exclude(announcement__isnull=False)
    rows = rows.filter(kind__in=words.EVENT_LABELS).select_related("incident", "maintenance", "update")
    items = [_item(event) for event in rows.order_by("-at", "-pk")[:IN_FEED]]
    return atom(request, _("Status"), reverse("status"), items)


def _item(event: StatusEvent) -> dict[str, Any]:
    about = event.about
    text = event.update.text if event.update else about.text
    path = reverse("status_incident", args=[event.incident_id]) if event.incident_id else reverse("status")
    return {
        "title": _(words.EVENT_LABELS[event.kind]) % {"title": about.name},
        "link": settings.SITE_URL + path,
        "description": text,
        "pubdate": event.update.at if event.update else event.at,
        "updateddate": event.at,
        "unique_id": f"{settings.SITE_URL}{path}#event-{event.pk}",
    }


@require_safe
def announcement_feed(request: HttpRequest) -> HttpResponse:
    """Announcements for everybody, as Atom."""
    rows = Announcement.objects.visible_to(None)[:IN_FEED]
    items = [
        {
            "title": row.name,
            "link": settings.SITE_URL + reverse("announcement", args=[row.pk]),
            "description": row.text,
            "pubdate": row.published_at,
            "updateddate": row.published_at,
        }
        for row in rows
    ]
    return atom(request, _("Announcements"), reverse("announcements"), items)
