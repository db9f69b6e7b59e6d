"""Service levels for supervisors: the policies with their versions."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError
from kb.forms import explain
from tickets.forms import PolicyForm
from tickets.sla import policies
from tickets.sla.models import PolicyVersion
from tickets.sla.policy import DEFAULT, TARGETS, Goal, write_hours
from tickets.vocabulary import PRIORITY_LABELS

METHODS = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def levels(request: HttpRequest) -> HttpResponse:
    """Every policy in its newest version, above them what holds without one."""
    require(request.user, Permission.SLA_EDIT)
    standard = [(PRIORITY_LABELS[key], amount) for key, amount in TARGETS.items()]
    context = {"rows": policies.newest(), "standard": standard, "hours": write_hours(DEFAULT.hours), "tab": "levels"}
    return render(request, "desk/sla/levels.html", context)


@require_http_methods(METHODS)
@login_required
def new_level(request: HttpRequest) -> HttpResponse:
    """A new policy."""
    require(request.user, Permission.SLA_EDIT)
    return _edit(request, PolicyForm(request.POST or None), None)


@require_http_methods(METHODS)
@login_required
def level(request: HttpRequest, series: int) -> HttpResponse:
    """One policy with its versions; saving writes the next one."""
    require(request.user, Permission.SLA_EDIT)
    versions = policies.history(series)
    if not versions:
        raise Http404
    return _edit(request, PolicyForm(request.POST or None, initial=_start(versions[0])), versions)


def _edit(request: HttpRequest, form: PolicyForm, versions: list[PolicyVersion] | None) -> HttpResponse:
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                _save(request, form.cleaned_data, versions)
                return redirect("desk_sla")
            except DomainError as error:
                explain(form, error)
                status = 422 if error.status == 400 else error.status
    context = {"form": form, "versions": versions, "latest": versions[0] if versions else None, "tab": "levels"}
    return render(request, "desk/sla/level.html", context, status=status)


def _save(request: HttpRequest, given: dict[str, Any], versions: list[PolicyVersion] | None) -> None:
    seen = request.POST.get("seen", "")
    policies.keep(
        series=versions[0].series if versions else None,
        seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0,
        values=given,
        reason=given["reason"],
        by=request.user,
    )
    messages.success(request, _("Saved. Tickets that are filed or reopened from now on are under it."))


def _start(row: PolicyVersion) -> dict[str, Any]:
    """The values that the form begins with; minutes as hours."""
    values = {name: getattr(row, name) for name in PolicyForm.base_fields if name != "reason"}
    for name in (*Goal, "warn_before"):
        minutes = getattr(row, name)
        values[name] = None if minutes is None else f"{minutes / 60:g}"
    return values
