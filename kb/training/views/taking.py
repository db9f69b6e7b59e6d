"""Pages of whoever learns: the paths, one path, an article of it, the quiz."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.common import markdown
from helpdesk.common.errors import Invalid
from kb.models import Revision
from kb.training import sheets
from kb.training import taking as services
from kb.training.models import Attempt, Edition
from kb.training.reading import is_for, live_of, progress_of, progresses

METHODS = ["GET", "HEAD", "POST"]


def _edition(request: HttpRequest, slug: str) -> Edition:
    rows = Edition.objects.visible_to(request.user).live().select_related("path__owner")
    return get_object_or_404(rows, path__slug=slug)


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The paths for the person, and all others that may be taken."""
    rows = progresses(live_of(request.user), request.user)
    mine = [row for row in rows if is_for(row.path, request.user)]
    others = [row for row in rows if row not in mine]
    return render(request, "training/index.html", {"mine": mine, "others": others})


@require_safe
@login_required
def path(request: HttpRequest, slug: str) -> HttpResponse:
    """One path: how far the person has come, and the next step."""
    found = _edition(request, slug)
    return render(request, "training/path.html", {"progress": progress_of(found, request.user), "edition": found})


@require_http_methods(METHODS)
@login_required
def read(request: HttpRequest, slug: str, article: str) -> HttpResponse:
    """One article of the path; marked as read it leads to the next."""
    found = _edition(request, slug)
    progress = progress_of(found, request.user)
    at = next((at for at, stop in enumerate(progress.stops) if stop.slug == article), None)
    if at is None:
        raise Http404
    if request.method == "POST":
        progress = services.mark_read(edition=found, revision=progress.stops[at].text, by=request.user)
        return redirect("training_read", slug, progress.next.slug) if progress.next else redirect("training_path", slug)
    html = markdown.render(progress.stops[at].text.body)
    context = {"progress": progress, "edition": found, "stop": progress.stops[at], "number": at + 1, "html": html}
    return render(request, "training/read.html", context)


@require_POST
@login_required
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Begin an attempt, or go on with the open one."""
    made = services.start(edition=_edition(request, slug), by=request.user)
    return redirect("training_attempt", slug, made.pk)


@require_http_methods(METHODS)
@login_required
def attempt(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The questions of an open attempt; of a marked one, what was right and why."""
    rows = Attempt.objects.visible_to(request.user).select_related("edition__path", "person", "completion")
    found = get_object_or_404(rows, pk=pk, edition__path__slug=slug)
    answers, status, error = found.answers, 200, None
    if request.method == "POST":
        answers = sheets.answers(request.POST, found.edition.quiz)
        try:
            services.submit(attempt=found, answers=answers, by=request.user)
            messages.success(request, _("Passed.") if found.has_passed else _("Marked. Not passed this time."))
            return redirect("training_attempt", slug, pk)
        except Invalid as refused:
            error, status = refused, 422
    elif not found.finished_at and found.person_id != request.user.pk:
        raise Http404
    texts = Revision.objects.visible_to(request.user).published()
    lines = sheets.lines(found, answers, texts, get_language() or "", error)
    return render(request, "training/attempt.html", {"attempt": found, "lines": lines, "error": error}, status=status)
