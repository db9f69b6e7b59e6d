"""Pages that belong to no single room: home, errors, health."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from helpdesk.common.api import problem_response
from helpdesk.common.errors import DomainError, Forbidden, Invalid, Missing
from helpdesk.common.http import wants_json
from helpdesk.middleware import error_page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "home.html")


@require_safe
def after_login(request: HttpRequest) -> HttpResponse:
    """The desk for staff, the own tickets for everybody else."""
    if not request.user.is_authenticated:
        return redirect("home")
    return redirect("/desk/" if request.user.is_desk else "/tickets/")


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The parts behind the process answer too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def _refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    return problem_response(error) if wants_json(request) else error_page(request, error)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, Invalid())


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, Forbidden())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, Missing())


def server_error(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        return problem_response(RuntimeError("see the log"))
    return render(request, "500.html", status=500)
