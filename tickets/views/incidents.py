"""Tickets and incidents of the status board: attach, detach, and who is attached."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError
from kb.status.models import Incident
from tickets.incidents import services
from tickets.incidents.models import IncidentTicket
from tickets.views.posting import posting
from tickets.views.worksheet import case, refused

SHOWN = 50


@posting("desk_ticket", "number")
def incident(request: HttpRequest, number: str) -> HttpResponse:
    """Attach the ticket to an incident; none named takes it off again."""
    found, given = case(request, number), request.POST.get("incident", "")
    try:
        if given.isascii() and given.isdecimal() and len(given) < 19:
            chosen = get_object_or_404(Incident.objects.visible_to(request.user), pk=int(given))
            services.attach(ticket=found, incident=chosen, by=request.user)
            messages.success(request, _("Attached: its updates reach this ticket."))
        else:
            services.detach(ticket=found, by=request.user)
            messages.success(request, _("Taken off the incident."))
    except DomainError as error:
        return refused(request, found, error, form="incident")
    return redirect(reverse("desk_ticket", args=[number]) + (f"?{request.GET.urlencode()}" if request.GET else ""))


@require_safe
@login_required
def attached(request: HttpRequest, pk: int) -> HttpResponse:
    """The tickets of an incident: a part of its page at the desk."""
    require(request.user, Permission.TICKET_VIEW)
    rows = IncidentTicket.objects.visible_to(request.user).filter(incident=pk).order_by("-pk")
    links = rows.select_related("ticket__organisation")
    context = {"count": rows.count(), "links": links[:SHOWN]}
    part = "HX-Request" in request.headers
    return render(request, f"desk/status/{'_' if part else ''}tickets.html", context)
