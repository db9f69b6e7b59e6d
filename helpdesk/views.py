"""Pages that belong to no single room: home, errors, health."""

from __future__ import annotations

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django.views.i18n import set_language

from helpdesk import health
from helpdesk.common.api import TOO_LARGE, problem_response
from helpdesk.common.errors import DomainError, Forbidden, Invalid, Missing, TooLarge, Unavailable
from helpdesk.common.faults import passes
from helpdesk.common.http import next_url, wants_json
from helpdesk.common.messages import Message, gettext_noop
from helpdesk.middleware import bare_page, error_page
from kb import reading

THEMES = ("auto", "light", "dark")
YEAR = 365 * 24 * 3600


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search, the situations, what is new, and the way to a ticket."""
    language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    categories = reading.categories(request.user, language)
    context = {
        "situations": [c for c in categories if c["is_situation"]],
        "categories": [c for c in categories if not c["is_situation"]],
        "newest": reading.newest(request.user, language),
    }
    return render(request, "home.html", context)


@require_safe
def after_login(request: HttpRequest) -> HttpResponse:
    """The desk for staff, the own tickets for everybody else."""
    if not request.user.is_authenticated:
        return redirect("home")
    return redirect("/desk/" if request.user.is_desk else "/tickets/")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """The language of the interface: a cookie, and for whoever has signed in the account too."""
    response = set_language(request)
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    return response


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Light, dark or the system's choice: a cookie, and for whoever has signed in the account too."""
    chosen = request.POST.get("theme", "")
    response = redirect(next_url(request, "/"))
    if chosen not in THEMES:
        return response
    response.set_cookie(
        "theme", chosen, max_age=YEAR, samesite="Lax", secure=settings.LANGUAGE_COOKIE_SECURE, httponly=True
    )
    if request.user.is_authenticated:
        request.user.theme = chosen
        request.user.save(update_fields=["theme"])
    return response


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The parts behind the process answer too, and the work gets done."""
    parts = health.probe()
    is_ready = set(parts.values()) == {"ok"}
    return JsonResponse({"status": "ok" if is_ready else "down", **parts}, status=200 if is_ready else 503)


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Counts for a monitor; the proxy keeps strangers away (docs/deployment.md)."""
    return HttpResponse("\n".join(health.metrics()) + "\n", content_type="text/plain; version=0.0.4")


def _refuse(request: HttpRequest, error: DomainError) -> HttpResponse:
    return problem_response(error) if wants_json(request) else error_page(request, error)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    text = Message(gettext_noop("This request can't be read."))
    return _refuse(request, TooLarge() if isinstance(exception, TOO_LARGE) else Invalid(text, code="bad_request"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refuse(request, Forbidden())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    is_cut = wants_json(request) and not request.path.endswith("/")
    text = Message(gettext_noop("There is nothing here. Every address of the API ends with a slash."))
    return _refuse(request, Missing(text if is_cut else None))


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of the program, or of a part behind it that will answer again."""
    error = sys.exc_info()[1]
    if wants_json(request):
        return problem_response(error if isinstance(error, Exception) else RuntimeError("see the log"))
    return error_page(request, Unavailable()) if passes(error) else bare_page(request, 500)
