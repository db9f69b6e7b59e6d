"""Pages for editors about what is missing: questions without an answer, what articles do, what grows old."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.messages import gettext_noop
from kb import gaps, reading

PAGE = 30
HEADS = (
    ("reads", gettext_noop("Reads")),
    ("helpful", gettext_noop("Helpful")),
    ("unhelpful", gettext_noop("Not helpful")),
    ("solved", gettext_noop("Solved it")),
    ("filed", gettext_noop("Still filed a ticket")),
    ("unsolved", gettext_noop("Suggested, didn't solve it")),
    ("irrelevant", gettext_noop("Suggested, not relevant")),
)
CONCERNS = (
    ("overdue", gettext_noop("Past the date to be checked again")),
    ("disliked", gettext_noop("Most readers say it doesn't help")),
    ("untranslated", gettext_noop("In one language alone")),
)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def backlog(request: HttpRequest) -> HttpResponse:
    """What people asked and found no good answer to; each can be written about, or be taken off the list."""
    require(request.user, Permission.KB_READ_STAFF)
    asked = request.GET.get("language", "")
    chosen = asked if asked in dict(settings.LANGUAGES) else ""
    if request.method == "POST":
        given = request.POST
        gaps.deal(text=given.get("text", ""), language=given.get("language", ""), by=request.user)
        messages.success(request, _("Taken off the list. It comes back when it is asked again."))
        return redirect(reverse("desk_kb_gaps") + (f"?{urlencode({'language': chosen})}" if chosen else ""))
    page = Paginator(gaps.backlog(chosen), PAGE).get_page(request.GET.get("page"))
    context = _frame(request) | {"page": page, "counts": gaps.summary(), "chosen": chosen, "tab": "gaps"}
    return render(request, "desk/kb/gaps.html", context)


@require_safe
@login_required
def numbers(request: HttpRequest) -> HttpResponse:
    """Each published article: reads, votes, what followed, and the tickets that it has answered."""
    require(request.user, Permission.KB_READ_STAFF)
    order = request.GET.get("sort", "")
    page = Paginator(gaps.numbers(request.user, order), PAGE).get_page(request.GET.get("page"))
    titles, used = _titles(request, page), gaps.used([article.slug for article in page])
    rows = [
        (one, titles.get(one.pk), [(label, getattr(one, name)) for name, label in HEADS], used[one.slug])
        for one in page
    ]
    sort = order if order in gaps.ORDERS else gaps.ORDERS[0]
    context = _frame(request) | {"page": page, "rows": rows, "heads": HEADS, "sort": sort, "tab": "numbers"}
    return render(request, "desk/kb/numbers.html", context)


@require_safe
@login_required
def health(request: HttpRequest) -> HttpResponse:
    """What asks for an editor's eye."""
    require(request.user, Permission.KB_READ_STAFF)
    found = {name: list(rows) for name, rows in gaps.health(request.user).items()}
    titles = _titles(request, [article for rows in found.values() for article in rows])
    lists = [(name, label, [(a, titles.get(a.pk)) for a in found[name]]) for name, label in CONCERNS]
    return render(request, "desk/kb/health.html", _frame(request) | {"lists": lists, "tab": "health"})


def _frame(request: HttpRequest) -> dict[str, Any]:
    return {"edits": request.user.can(Permission.KB_EDIT), "days": gaps.DAYS, "languages": settings.LANGUAGES}


def _titles(request: HttpRequest, articles: Any) -> dict[int, Any]:
    """The published text of each article in the language of the page, else in the other."""
    texts = reading.listed(request.user, get_language() or "", article__in=[article.pk for article in articles])
    return {text.article_id: text for text in texts}
