"""Same problem: the desk's page of clusters, and the panel beside a ticket."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.permissions import Permission
from tickets.clusters import services
from tickets.invoices.kinds import KINDS
from tickets.views.worksheet import case
from tickets.vocabulary import SYMPTOM_LABELS


@require_safe
@login_required
def clusters(request: HttpRequest) -> HttpResponse:
    """The clusters of the last days, of most enterprises first."""
    require(request.user, Permission.TICKET_VIEW)
    found = services.clusters(user=request.user)
    for row in found:
        row["symptom_name"] = SYMPTOM_LABELS.get(row["symptom"], row["symptom"])
        row["kind_name"] = KINDS[row["kind"]].name if row["kind"] in KINDS else ""
    return render(request, "desk/clusters.html", {"clusters": found})


@require_safe
@login_required
def beside(request: HttpRequest, number: str) -> HttpResponse:
    """Other tickets with the same problem: asked for when the panel is opened."""
    found = case(request, number)
    signature = getattr(found, "signature", None)
    rows = services.beside(ticket=found, user=request.user)
    return render(request, "desk/_beside.html", {"rows": rows, "signature": signature})
