"""Pages for editors about readers: votes that an article doesn't help, and sittings that ended without a ticket."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common import cells
from helpdesk.common.http import next_url
from helpdesk.common.messages import gettext_noop
from kb import deflection, reading, votes
from kb.models import Feedback
from kb.visit_models import Place

PAGE = 30
HEADS = (
    ("sittings", gettext_noop("Sittings")),
    ("solved", gettext_noop("Solved it")),
    ("quiet", gettext_noop("Without a ticket")),
    ("filed", gettext_noop("Ticket filed")),
    ("half_filled", gettext_noop("Form left half-filled")),
    ("left", gettext_noop("Came once from outside")),
)


@require_safe
@login_required
def feedback(request: HttpRequest) -> HttpResponse:
    """Votes that an article doesn't help, with reasons and words; each waits until an editor has dealt with it."""
    require(request.user, Permission.KB_READ_STAFF)
    is_handled, reason = request.GET.get("handled") == "1", request.GET.get("reason", "")
    rows = votes.inbox(request.user, is_handled=is_handled, reason=reason)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    texts = reading.listed(request.user, get_language() or "", article__in=[vote.article_id for vote in page])
    titles = {text.article_id: text.title for text in texts}
    context = {
        "page": page,
        "rows": [(vote, titles.get(vote.article_id, vote.article.slug)) for vote in page],
        "reasons": Feedback.Reason.choices,
        "reason": reason,
        "is_handled": is_handled,
        "edits": request.user.can(Permission.KB_EDIT),
        "languages": dict(settings.LANGUAGES),
        "tab": "feedback",
    }
    return render(request, "desk/kb/feedback.html", context)


@require_POST
@login_required
def handle(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a vote out of the inbox; who did it and when stays with it."""
    require(request.user, Permission.KB_EDIT)
    votes.handle(pk=pk, by=request.user)
    messages.success(request, _("Marked as dealt with."))
    return redirect(next_url(request, reverse("desk_kb_feedback")))


@require_safe
@login_required
def deflected(request: HttpRequest) -> HttpResponse:
    """How sittings with articles ended, by week and by the page that they began on; also as CSV."""
    require(request.user, Permission.KB_READ_STAFF)
    asked = request.GET.get("place", "")
    place = asked if asked in Place.values else ""
    rows = deflection.weeks(place)
    if request.GET.get("format") == "csv":
        return _csv(rows)
    places = deflection.places()
    context = {
        "heads": HEADS,
        "rows": [(row, _counts(row)) for row in rows],
        "places": [(row, _counts(row)) for row in places],
        "total": deflection.total(rows),
        "place": place,
        "days": settings.READING_LOG_DAYS,
        "tab": "deflection",
    }
    return render(request, "desk/kb/deflection.html", context)


def _counts(row: dict[str, Any]) -> list[tuple[Any, int]]:
    return [(label, row[name]) for name, label in HEADS]


def _csv(rows: list[dict[str, Any]]) -> HttpResponse:
    head = [_("Week of"), *(_(label) for _name, label in HEADS), _("Deflected, %")]
    share = ["" if row["share"] is None else row["share"] for row in rows]
    lines = [
        [row["week"].isoformat(), *(row[name] for name, _label in HEADS), s] for row, s in zip(rows, share, strict=True)
    ]
    answer = HttpResponse(b"".join(cells.as_csv([head, *lines])), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="deflection.csv"'
    return answer
