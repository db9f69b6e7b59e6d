"""Forms of the desk: what is sent by POST, and how to come back to the page of the form."""

from __future__ import annotations

import functools
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from tickets.evidence.models import Evidence
from tickets.mentoring.models import HeldReply
from tickets.views.enterprise import files_of

View = Callable[..., HttpResponse]
MAX_FILES = 20


def posting(page: str, key: str) -> Callable[[View], View]:
    """A view that takes a signed-in POST alone.

    Whoever comes by GET was sent to sign in when the session had ended, and lands on the page of the form, whose script
    has kept the words.
    """

    def mark(view: View) -> View:
        @functools.wraps(view)
        def wrapper(request: HttpRequest, **given: Any) -> HttpResponse:
            if request.method != "POST":
                return redirect(page, **{key: given[key]})
            return view(request, **given)

        return login_required(wrapper)

    return mark


def sent_or_held(sent: object, text: str) -> str:
    """What the person is told of what they wrote to the enterprise."""
    return _("It waits for your mentor's release.") if isinstance(sent, HeldReply) else text


def kept_files(request: HttpRequest, purpose: str) -> list[Evidence]:
    """The files of a form: those of this post, and those that an earlier, refused one has left with the person.

    What is wrong with a file is said, and costs neither the words nor the other files.
    """
    kept, wrong = files_of(request, purpose)
    for text in wrong:
        messages.error(request, text)
    return [*_left(request), *kept][:MAX_FILES]


def _left(request: HttpRequest) -> list[Evidence]:
    known = []
    for text in request.POST.getlist("evidence")[:MAX_FILES]:
        try:
            known.append(uuid.UUID(text))
        except ValueError:
            continue
    mine = Evidence.objects.visible_to(request.user).unattached()
    return list(mine.filter(uploaded_by=request.user, pk__in=known)) if known else []
