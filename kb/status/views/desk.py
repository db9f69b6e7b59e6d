"""Pages of the board's staff: report, update, plan, announce."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models.query import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, Stale
from helpdesk.common.messages import gettext_noop
from kb.forms import explain
from kb.status import services
from kb.status.forms import AnnouncementForm, IncidentForm, MaintenanceForm, UpdateForm, WordsForm
from kb.status.lifecycle import LIFECYCLE
from kb.status.models import Announcement, Incident, Maintenance

RECENT = 10
METHODS = ["GET", "HEAD", "POST"]
Save = Callable[[dict[str, Any]], Any]


@require_safe
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """What is on the board, and the ways to write on it."""
    require(request.user, Permission.STATUS_EDIT)
    incidents = Incident.objects.visible_to(request.user).prefetch_related("components")
    context = {
        "open": list(incidents.open()),
        "recent": incidents.exclude(resolved_at=None)[:RECENT],
        "maintenance": Maintenance.objects.visible_to(request.user).ahead(timezone.now()),
        "announcements": Announcement.objects.visible_to(request.user)[:RECENT],
        "announces": request.user.can(Permission.ANNOUNCE),
    }
    return render(request, "desk/status/index.html", context)


def _form_page(
    request: HttpRequest, form: Form, *, title: str, save: Save, to: str, row: Any = None, **context: Any
) -> HttpResponse:
    """A form on a page of its own; what a service refuses comes back with its words, beside what stands now."""
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                made = save(form.cleaned_data)
                messages.success(request, _("Saved."))
                return redirect(to, pk=made.pk)
            except DomainError as error:
                explain(form, error)
                status = 422 if error.status == 400 else error.status
    if row is not None and status == Stale.status:
        row.refresh_from_db()
        context["theirs"] = row
    context |= {"form": form, "title": title, "row": row}
    return render(request, "desk/status/form.html", context, status=status)


def _start(row: Any, form: type[WordsForm]) -> dict[str, Any]:
    """The values that a form begins with."""
    values = {name: getattr(row, name) for name in form.base_fields if name != "components"}
    if "components" in form.base_fields:
        values["components"] = [component.slug for component in row.components.all()]
    return values


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _row(rows: QuerySet[Any], pk: int) -> Any:
    return get_object_or_404(rows, pk=pk)


@require_http_methods(METHODS)
@login_required
def new_incident(request: HttpRequest) -> HttpResponse:
    """Report an incident."""
    require(request.user, Permission.STATUS_EDIT)
    return _form_page(
        request,
        IncidentForm(request.POST or None),
        title=gettext_noop("Report an incident"),
        save=lambda given: services.open_incident(given=given, by=request.user),
        to="desk_incident",
    )


@require_http_methods(METHODS)
@login_required
def edit_incident(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct what an incident touches."""
    require(request.user, Permission.STATUS_EDIT)
    found, user, version = _row(Incident.objects.visible_to(request.user), pk), request.user, _version(request)
    return _form_page(
        request,
        IncidentForm(request.POST or None, initial=_start(found, IncidentForm)),
        title=gettext_noop("Correct the incident"),
        save=lambda given: services.change_incident(incident=found, given=given, by=user, version=version),
        to="desk_incident",
        row=found,
    )


@require_http_methods(METHODS)
@login_required
def incident(request: HttpRequest, pk: int) -> HttpResponse:
    """One incident: what was said of it, and the next thing to say."""
    require(request.user, Permission.STATUS_EDIT)
    rows = Incident.objects.visible_to(request.user).prefetch_related("components", "updates__by")
    found = _row(rows, pk)
    actions = [(t.action, _(t.label)) for t in LIFECYCLE.allowed(found.status, request.user.permissions())]
    kept = [("", _("Nothing: only news"))] if found.state.is_open else []
    form = UpdateForm(request.POST or None, actions=kept + actions)
    status = 200
    if request.method == "POST":
        status = _post(request, found, form)
        if status == 302:
            return redirect("desk_incident", pk=pk)
    return render(request, "desk/status/incident.html", {"incident": found, "form": form}, status=status)


def _post(request: HttpRequest, found: Incident, form: UpdateForm) -> int:
    """The status of the answer: 302 when the update is written."""
    if not form.is_valid():
        return 422
    try:
        services.post_update(incident=found, by=request.user, **form.cleaned_data)
    except DomainError as error:
        explain(form, error)
        return 422 if error.status == 400 else error.status
    messages.success(request, _("The update is on the board."))
    return 302


@require_http_methods(METHODS)
@login_required
def new_maintenance(request: HttpRequest) -> HttpResponse:
    """Plan maintenance."""
    require(request.user, Permission.STATUS_EDIT)
    return _form_page(
        request,
        MaintenanceForm(request.POST or None),
        title=gettext_noop("Plan maintenance"),
        save=lambda given: services.plan_maintenance(given=given, by=request.user),
        to="desk_maintenance",
    )


@require_http_methods(METHODS)
@login_required
def edit_maintenance(request: HttpRequest, pk: int) -> HttpResponse:
    """Move, correct or cancel maintenance."""
    require(request.user, Permission.STATUS_EDIT)
    found, user, version = _row(Maintenance.objects.visible_to(request.user), pk), request.user, _version(request)
    if "cancel" in request.POST:
        services.cancel_maintenance(maintenance=found, by=user, version=version)
        messages.success(request, _("Cancelled."))
        return redirect("desk_status")
    return _form_page(
        request,
        MaintenanceForm(request.POST or None, initial=_start(found, MaintenanceForm)),
        title=gettext_noop("Maintenance"),
        save=lambda given: services.change_maintenance(maintenance=found, given=given, by=user, version=version),
        to="desk_maintenance",
        row=found,
        end=None if found.cancelled_at else ("cancel", gettext_noop("Cancel the maintenance")),
    )


@require_http_methods(METHODS)
@login_required
def new_announcement(request: HttpRequest) -> HttpResponse:
    """Write an announcement."""
    require(request.user, Permission.ANNOUNCE)
    return _form_page(
        request,
        AnnouncementForm(request.POST or None),
        title=gettext_noop("Write an announcement"),
        save=lambda given: services.announce(given=given, by=request.user),
        to="desk_announcement",
    )


@require_http_methods(METHODS)
@login_required
def edit_announcement(request: HttpRequest, pk: int) -> HttpResponse:
    """Correct or withdraw an announcement."""
    require(request.user, Permission.ANNOUNCE)
    found, user, version = _row(Announcement.objects.visible_to(request.user), pk), request.user, _version(request)
    if "withdraw" in request.POST:
        services.withdraw_announcement(announcement=found, by=user, version=version)
        messages.success(request, _("Withdrawn."))
        return redirect("desk_status")
    return _form_page(
        request,
        AnnouncementForm(request.POST or None, initial=_start(found, AnnouncementForm)),
        title=gettext_noop("Announcement"),
        save=lambda given: services.change_announcement(announcement=found, given=given, by=user, version=version),
        to="desk_announcement",
        row=found,
        end=None if found.withdrawn_at else ("withdraw", gettext_noop("Withdraw the announcement")),
    )
