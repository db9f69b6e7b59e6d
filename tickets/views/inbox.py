"""What the person was told, and what they want to be told."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from helpdesk.common.http import say, unpack
from tickets.notifications import reminders, rules, services
from tickets.notifications.models import Channel, Reminder


@require_safe
@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(services.inbox(user=request.user), 25).get_page(request.GET.get("page"))
    rows = [(row, services.subject(row)) for row in page]
    waiting = [(r, say(unpack(r.text))) for r in Reminder.objects.visible_to(request.user).waiting().order_by("at")]
    context = {"page": page, "rows": rows, "waiting": waiting, "nav": "notifications"}
    return render(request, "notifications/inbox.html", context)


@require_POST
@login_required
def cancel_reminder(request: HttpRequest, pk: int) -> HttpResponse:
    reminder = get_object_or_404(Reminder.objects.visible_to(request.user).waiting(), pk=pk)
    reminders.cancel(reminder=reminder, by=request.user)
    messages.success(request, _("The reminder is cancelled."))
    return redirect("notifications")


@require_POST
@login_required
def read_all(request: HttpRequest) -> HttpResponse:
    newest = request.POST.get("up_to", "")
    services.mark_read(user=request.user, up_to=int(newest) if newest.isdigit() else None)
    return redirect("notifications")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """One box for each topic and channel."""
    user = request.user
    if request.method == "POST":
        ticked = set(request.POST.getlist("on"))
        chosen = {(t, c): f"{t}.{c}" in ticked for t in rules.TOPICS for c in Channel.values}
        services.choose(user=user, choices=chosen)
        messages.success(request, _("Saved."))
        return redirect("notification_preferences")
    known = services.choices_of(user=user)
    rows = [
        (label, [(f"{t}.{c}", known[t, c], Channel(c).label) for c in Channel.values])
        for t, label in rules.TOPICS.items()
    ]
    context = {"rows": rows, "channels": Channel.labels, "nav": "notifications"}
    return render(request, "notifications/preferences.html", context)
