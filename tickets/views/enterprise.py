"""Pages of the enterprise: my tickets, one ticket, what can be done on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, Invalid
from helpdesk.common.http import say
from tickets import lifecycle, services, workflow
from tickets.backfill import services as backfill
from tickets.backfill.lifecycle import MATERIALS
from tickets.backfill.models import Backfill, BackfillMaterial, MaterialState
from tickets.clusters import services as clusters
from tickets.evidence import services as evidence
from tickets.evidence.models import Evidence, Purpose
from tickets.incidents import services as incidents
from tickets.models import Event, Message, Ticket, TicketInvoice
from tickets.notifications import services as notifications
from tickets.search import search_tickets
from tickets.sla.services import ahead_of
from tickets.views.counts import counts_of
from tickets.views.timeline import timeline

TABS = {
    "open": (lifecycle.NEW, lifecycle.OPEN, lifecycle.AUTHORITY),
    "mine": (lifecycle.WAITING,),
    "done": (lifecycle.RESOLVED, lifecycle.CLOSED, lifecycle.WITHDRAWN),
}
PAGE = 20
FEW = 20  # invoices beside the thread; a longer list has a page of its own


def files_of(request: HttpRequest, purpose: str) -> tuple[list[Evidence], list[str]]:
    """Store the files of a form post: (kept, what was wrong with the others)."""
    kept, wrong = [], []
    for file in request.FILES.getlist("files"):
        try:
            kept.append(evidence.receive(file=file, name=file.name or "", purpose=purpose, by=request.user))
        except DomainError as error:
            reasons = [say(e.message) for e in error.errors] or [say(error.message)]
            wrong.append(f"{file.name}: {' '.join(reasons)}")
    return kept, wrong


def _mine(request: HttpRequest, number: str) -> Ticket:
    rows = Ticket.objects.visible_to(request.user).select_related("organisation", "requester", "signature")
    return get_object_or_404(rows, number=number)


@require_safe
@login_required
def my_tickets(request: HttpRequest) -> HttpResponse:
    """The tickets of the person's enterprises; the desk has its queue."""
    user = request.user
    own = Ticket.objects.visible_to(user).for_list().filter(organisation__in=user.organisation_ids())
    tab = request.GET.get("tab", "open")
    tab = tab if tab in TABS else "open"
    q = request.GET.get("q", "")
    rows = search_tickets(own, q) if q else own.filter(status__in=TABS[tab])
    page = Paginator(rows.order_by("-updated_at", "-pk"), PAGE).get_page(request.GET.get("page"))
    counts = {name: own.filter(status__in=states).count() for name, states in TABS.items()}
    context = {"page": page, "tab": tab, "q": q, "counts": counts, "nav": "tickets"}
    return render(request, "tickets/list.html", context)


@require_safe
@login_required
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The thread, the invoices and the papers of one ticket."""
    found = _mine(request, number)
    if request.user.can(Permission.TICKET_VIEW) and found.organisation_id not in request.user.organisation_ids():
        return redirect("desk_ticket", number=number)
    notifications.mark_read(user=request.user, ticket=found)
    return render(request, "tickets/ticket.html", ticket_context(request, found))


def ticket_context(request: HttpRequest, found: Ticket) -> dict[str, Any]:
    """What the thread shows; public rows alone, by their querysets."""
    user = request.user
    files, events = evidence.files_of(found, user), Event.objects.rows_of(found, user)
    invoices = TicketInvoice.objects.rows_of(found, user, FEW + 1)
    prefetch_related_objects(invoices[:FEW], "checks")
    backfills = Backfill.objects.of(found, user).prefetch_related("materials__evidence")
    cases = list(backfills) if any(e.kind == "backfill.opened" for e in events) else []  # every change has its event
    numbers = {invoice.pk: str(invoice) for invoice in invoices}
    if any(case.invoice_id not in numbers for case in cases):
        of_cases = found.invoices.filter(pk__in=[case.invoice_id for case in cases])
        numbers = {invoice.pk: str(invoice) for invoice in of_cases}
    return {
        "ticket": found,
        "ahead": ahead_of(found, invoices if len(invoices) <= FEW else None),
        "entries": timeline(found, Message.objects.rows_of(found, user), events, files),
        "files": [file for file in files if file.message_id is None],
        "invoices": invoices[:FEW],
        "counts": counts_of(found, invoices, FEW),
        "few": FEW,
        "backfills": [(case, numbers[case.invoice_id]) for case in cases],
        "papers_due": sum(1 for case in cases for paper in case.materials.all() if _is_due(case, paper)),
        "actions": workflow.allowed(found, user),
        "may_write": user.can(Permission.ORG_TICKET_FILE, found.organisation_id),
        "others": _others(found),
        "incident": incidents.incident_of(found, events),
        "nav": "tickets",
    }


def _others(found: Ticket) -> int:
    """Of an open ticket, how many other enterprises have the same problem, as far as it is told."""
    signature = getattr(found, "signature", None) if found.is_open else None
    if signature is None:
        return 0
    return clusters.others(like=signature.likeness, organisations=[found.organisation_id])


def _is_due(case: Backfill, paper: BackfillMaterial) -> bool:
    """Whether the enterprise still has to hand it in."""
    wanted = paper.is_required and paper.state in (MaterialState.MISSING, MaterialState.REFUSED)
    return wanted and case.status == MATERIALS


@require_POST
@login_required
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the desk, with files; a file that is refused doesn't lose the words."""
    found = _mine(request, number)
    kept, wrong = files_of(request, Purpose.OTHER)
    body = request.POST.get("body", "").strip() or (_("Files attached.") if kept else "")
    for text in wrong:
        messages.error(request, text)
    try:
        services.comment(ticket=found, body=body, by=request.user, evidence_ids=[f.pk for f in kept])
    except Invalid as error:
        context = ticket_context(request, found) | {"error": error, "body": body}
        return render(request, "tickets/ticket.html", context, status=422)
    messages.success(request, _("Sent."))
    return redirect("ticket", number=number)


@require_POST
@login_required
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Start an action of the table."""
    found = _mine(request, number)
    given: dict[str, Any] = {name: request.POST[name] for name in ("body",) if request.POST.get(name)}
    if "invoices" in request.POST:
        given["invoices"] = [int(pk) for pk in request.POST.getlist("invoices") if pk.isdigit()]
    services.act(ticket=found, action=action, by=request.user, data=given)
    messages.success(request, say_done(found))
    return redirect("ticket", number=number)


def say_done(found: Ticket) -> str:
    return _("Done. Status now: %(status)s") % {"status": _(found.state.customer_label)}


@require_POST
@login_required
def material(request: HttpRequest, number: str, pk: int, kind: str) -> HttpResponse:
    """Hand one paper of a backfill in."""
    found = _mine(request, number)
    case = get_object_or_404(Backfill.objects.visible_to(request.user), pk=pk, ticket=found)
    kept, wrong = files_of(request, Purpose.MATERIAL)
    for text in wrong:
        messages.error(request, text)
    for file in kept[:1]:
        backfill.submit_material(backfill=case, kind=kind, evidence_id=file.pk, by=request.user)
        messages.success(request, _("Received: %(name)s") % {"name": file.name})
    if not kept and not wrong:
        messages.error(request, _("Choose a file first."))
    return redirect("ticket", number=number)
