"""Pages of mentors and trainees: what waits for a release, and what became of it."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError
from helpdesk.common.http import say
from tickets.evidence.models import Evidence
from tickets.mentoring import services
from tickets.mentoring.models import HeldReply
from tickets.releasing import release

RECENT = 30
METHODS = ["GET", "HEAD", "POST"]


@require_safe
@login_required
def replies(request: HttpRequest) -> HttpResponse:
    """What waits: of the own trainees first, then the own; and what was dealt with."""
    require(request.user, Permission.TICKET_VIEW)
    rows = HeldReply.objects.visible_to(request.user).select_related("ticket__organisation", "author", "decided_by")
    waiting = list(rows.waiting().order_by("pk"))
    context = {
        "theirs": [row for row in waiting if row.author_id != request.user.pk],
        "own": [row for row in waiting if row.author_id == request.user.pk],
        "done": rows.exclude(decided_at=None).order_by("-decided_at")[:RECENT],
    }
    return render(request, "desk/replies/list.html", context)


@require_http_methods(METHODS)
@login_required
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    """One reply: release it, change and release it, or send it back."""
    require(request.user, Permission.TICKET_VIEW)
    rows = HeldReply.objects.visible_to(request.user).select_related("ticket__organisation", "author", "decided_by")
    held = get_object_or_404(rows, pk=pk)
    words, error, status = held.words, None, 200
    if request.method == "POST":
        words = {name: request.POST.get(name, "") for name in held.words}
        try:
            messages.success(request, _decided(request, held, words))
            return redirect("desk_replies")
        except DomainError as refused:
            error, status = refused, 422 if refused.status == 400 else refused.status
    files = Evidence.objects.visible_to(request.user).filter(pk__in=held.evidence, ticket=held.ticket)
    wrong = {one.field: say(one.message) for one in error.errors} if error else {}
    parts = [(name, held.words[name], words[name], wrong.get(name)) for name in held.words]
    context = {"held": held, "parts": parts, "error": error, "wrong": wrong, "files": files, "words": words}
    return render(request, "desk/replies/reply.html", context, status=status)


def _decided(request: HttpRequest, held: HeldReply, words: dict[str, str]) -> str:
    """What was done, in words."""
    if "send_back" in request.POST:
        services.send_back(held=held, reason=request.POST.get("reason", ""), by=request.user)
        return _("Sent back.")
    release(held=held, words=words, by=request.user)
    return _("Released.")
