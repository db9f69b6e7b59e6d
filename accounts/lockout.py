"""Too many wrong passwords for one account from one address: what django-axes asks of us."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.emails import folded
from helpdesk.common.api import problem_response
from helpdesk.common.errors import DomainError
from helpdesk.common.http import wants_json
from helpdesk.common.messages import Message, gettext_noop


class LockedOut(DomainError):
    """Says nothing about whether the account exists."""

    status = 429
    code = "locked_out"


def username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """The account that is tried, spelled one way: another case or width is not another five tries."""
    given = credentials or {}
    text = given.get("email") or given.get("login") or given.get("username") or ""
    return folded(str(text))[:255]


def answer(
    request: HttpRequest, response: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: 429 as a page or as problem+json."""
    wait = get_cool_off(request)
    text = gettext_noop(
        "Too many attempts to sign in. Please try again in %(minutes)d minutes, or reset your password."
    )
    error = LockedOut(Message(text, {"minutes": int(wait.total_seconds() // 60)}))
    refused: HttpResponse
    if wants_json(request):
        refused = problem_response(error)
    else:
        refused = render(request, "accounts/locked.html", {"error": error}, status=error.status)
    refused.headers["Retry-After"] = str(int(wait.total_seconds()))
    return refused
