"""What every request passes through."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.common import CommonMiddleware
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.permissions import PERMISSION_LABELS, ROLE_LABELS, Permission, roles_with
from helpdesk.common.api import problem_response
from helpdesk.common.errors import DomainError, Forbidden, Invalid, Unavailable
from helpdesk.common.faults import passes
from helpdesk.common.http import VISITOR, say, wants_json
from helpdesk.common.inputs import is_storable
from helpdesk.common.messages import Message, gettext_noop

Answer = Callable[[HttpRequest], HttpResponse]
VISITOR_AGE = 30 * 24 * 3600
TIME_ZONES = zoneinfo.available_timezones()  # 14 ms each time that it is asked for


def bare_page(request: HttpRequest, status: int) -> HttpResponse:
    """Without the request: the frame asks the database for counts, which may be what has just failed."""
    context = {"theme": request.COOKIES.get("theme", "")}
    return HttpResponse(render_to_string(f"{status}.html", context), status=status)


def error_page(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The page of a refusal; a 403 says which permission is missing and who can grant it."""
    if isinstance(error, Unavailable):
        page = bare_page(request, 503)
        page.headers["Retry-After"] = str(error.retry_after)
        return page
    context: dict[str, object] = {"error": error}
    if isinstance(error, Forbidden) and error.permission:
        permission = Permission(error.permission)
        context |= {
            "permission": Message(PERMISSION_LABELS[permission]),
            "roles": [Message(ROLE_LABELS[role]) for role in roles_with(permission)],
            "organisation_permission": permission.startswith("org:"),
        }
    template = f"{error.status}.html" if error.status in {400, 403, 404, 409, 413, 429} else "409.html"
    return render(request, template, context, status=error.status)


UNUSABLE = gettext_noop("The address contains characters that can't be used.")


class StrictInput:
    """Refuse what no database stores alike, NUL and lone surrogates: in addresses, and in what a page sends.

    The API's bodies are its parser's part, which names the field.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if is_storable(request.path) and _is_storable(request.GET):
            return self.get_response(request)
        error = Invalid(Message(UNUSABLE), code="bad_text")
        return problem_response(error) if wants_json(request) else HttpResponse(say(error.message), status=400)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        if request.method != "POST" or wants_json(request) or _is_storable(request.POST):
            return None
        return error_page(request, Invalid(Message(gettext_noop("This contains characters that can't be stored."))))


def _is_storable(given: QueryDict) -> bool:
    return all(is_storable(text) for name, values in given.lists() for text in (name, *map(str, values)))


class Visitors:
    """Give a reader whom `visitor` has just named the cookie by which the next request is known."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if VISITOR in request.META:
            response.set_cookie(
                VISITOR,
                request.META[VISITOR],
                max_age=VISITOR_AGE,
                samesite="Lax",
                secure=settings.LANGUAGE_COOKIE_SECURE,
                httponly=True,
            )
        return response


class Addresses(CommonMiddleware):
    """A page's missing slash is added; the API doesn't redirect, for the body of a write would be lost on the way."""

    def should_redirect_with_slash(self, request: HttpRequest) -> bool:
        return not wants_json(request) and super().should_redirect_with_slash(request)


class Preferences:
    """Language and time zone of the account win over cookie and browser."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if not user.is_authenticated:
            return self.get_response(request)
        zone = user.time_zone if user.time_zone in TIME_ZONES else settings.TIME_ZONE
        if user.language:
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        with timezone.override(zone):
            response = self.get_response(request)
        if user.language:
            response.headers["Content-Language"] = user.language
        return response


class OwnPassword:
    """A password that somebody else has chosen opens one door: to choose an own one."""

    OPEN = frozenset({"account_change_password", "account_logout", "set_language", "theme"})

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        match, user = request.resolver_match, request.user
        if not user.is_authenticated or not user.password_is_initial or (match and match.url_name in self.OPEN):
            return None
        if wants_json(request):
            text = gettext_noop("Choose your own password first.")
            return problem_response(Forbidden(Message(text), code="password_is_initial"))
        return redirect("account_change_password")


class DomainErrors:
    """A refusal raised anywhere below a page becomes its page; the API has its own handler."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if passes(error) and not wants_json(request):
            error = Unavailable()
        return error_page(request, error) if isinstance(error, DomainError) else None
