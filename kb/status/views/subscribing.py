"""Subscribing to the board's mails. What a link does needs a click on its page: programs open links by themselves."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.common.errors import Invalid
from helpdesk.common.pace import slow_down
from kb.status import mailing, reading, words

EACH_MINUTE = 5
METHODS = ["GET", "HEAD", "POST"]


@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """Send the mail that asks to confirm; the answer is the same for every address."""
    slow_down(request, "subscribe", each_minute=EACH_MINUTE)
    email, topics = request.POST.get("email", "")[:300], request.POST.getlist("topics")
    language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    try:
        mailing.subscribe(email=email, topics=topics, language=language)
    except Invalid as error:
        context = {"board": reading.board(request.user), "topics": words.TOPIC_LABELS.items(), "error": error}
        return render(request, "kb/status/board.html", context | {"email": email}, status=422)
    return render(request, "kb/status/subscription.html", {"step": "asked", "email": email})


@require_http_methods(METHODS)
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The second half of subscribing."""
    row = mailing.subscriber_of(token)
    if request.method == "POST":
        row = mailing.confirm(token=token)
        return render(request, "kb/status/subscription.html", {"step": "confirmed", "email": row.email})
    return render(request, "kb/status/subscription.html", {"step": "confirm", "email": row.email})


@csrf_exempt  # a mail program posts here by itself (RFC 8058); the token is the right
@require_http_methods(METHODS)
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """End it with one click."""
    row = mailing.subscriber_of(token)
    if request.method == "POST":
        mailing.unsubscribe(token=token)
        return render(request, "kb/status/subscription.html", {"step": "left", "email": row.email})
    return render(request, "kb/status/subscription.html", {"step": "leave", "email": row.email})
