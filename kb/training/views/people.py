"""Pages of supervisors: who has learnt what, and who guides whom."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.cells import as_csv
from helpdesk.common.errors import DomainError
from kb.forms import explain
from kb.training import people as services
from kb.training.forms import MentorForm
from kb.training.models import Mentorship, Path

PAGE = 50
METHODS = ["GET", "HEAD", "POST"]


def _chosen(request: HttpRequest) -> list[services.Row]:
    path, state = request.GET.get("path", ""), request.GET.get("state", "")
    rows = services.report(by=request.user)
    rows = [row for row in rows if not path or row.edition.path.slug == path]
    return [row for row in rows if not state or row.state == state]


@require_safe
@login_required
def report(request: HttpRequest) -> HttpResponse:
    """Who, which path, how it stands, score and date."""
    rows = _chosen(request)
    context = {
        "page": Paginator(rows, PAGE).get_page(request.GET.get("page")),
        "paths": [(e.path.slug, e.name) for e in services.editions()],
        "states": [(state, _(label)) for state, label in services.STATES.items()],
        "asked": {name: request.GET.get(name, "") for name in ("path", "state")},
        "query": request.GET.urlencode(),
    }
    return render(request, "desk/training/report.html", context)


@require_safe
@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The same rows as a sheet."""
    rows = _chosen(request)
    head = [_("Name"), _("E-mail"), _("Learning path"), _("State"), _("Score"), _("Attempts"), _("Completed on")]
    lines: list[list[Any]] = [head, *(_line(row) for row in rows)]
    response = StreamingHttpResponse(as_csv(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="training.csv"'
    return response


def _line(row: services.Row) -> list[Any]:
    score = "" if row.score is None else row.score
    at = timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M") if row.at else ""
    return [str(row.person), row.person.email, row.edition.name, _(row.label), score, row.attempts, at]


@require_POST
@login_required
def waive(request: HttpRequest) -> HttpResponse:
    """Excuse a person, with the reason."""
    require(request.user, Permission.TRAINING_MANAGE)
    path = get_object_or_404(Path.objects.visible_to(request.user), slug=request.POST.get("path", ""))
    given = request.POST.get("person", "")
    person = get_object_or_404(User.objects.at_desk(), pk=given if given.isdecimal() and len(given) < 10 else 0)
    services.waive(path=path, person=person, reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, _("Excused."))
    return redirect("desk_training_report")


@require_http_methods(METHODS)
@login_required
def mentors(request: HttpRequest) -> HttpResponse:
    """Who guides whom, and a new pair."""
    require(request.user, Permission.TRAINING_MANAGE)
    form, status = MentorForm(request.POST or None), 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                services.assign_mentor(by=request.user, **form.given())
                messages.success(request, _("Saved."))
                return redirect("desk_mentors")
            except DomainError as error:
                explain(form, error)
    pairs = Mentorship.objects.visible_to(request.user).current().select_related("trainee", "mentor", "by")
    return render(request, "desk/training/mentors.html", {"form": form, "pairs": pairs}, status=status)


@require_POST
@login_required
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """The trainee writes alone from now on."""
    require(request.user, Permission.TRAINING_MANAGE)
    found = get_object_or_404(Mentorship.objects.visible_to(request.user).select_related("trainee"), pk=pk)
    services.end_mentorship(mentorship=found, by=request.user)
    messages.success(request, _("Saved."))
    return redirect("desk_mentors")
