"""Pages of the desk: the queue and one ticket."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.messages import gettext_noop
from kb.search import suggest_for
from tickets import services, workflow
from tickets.backfill.models import Backfill
from tickets.checks import services as checks
from tickets.evidence.models import Evidence, Purpose
from tickets.filters import TicketFilter
from tickets.forms import CheckForm, PropertiesForm, ResolveForm
from tickets.invoices.validate import validate
from tickets.keyset import keyset_page
from tickets.models import Message, Ticket, TicketInvoice
from tickets.notifications import services as notifications
from tickets.rail import VIEWS
from tickets.triage import services as triage
from tickets.triage.rules import lines_of
from tickets.views.enterprise import files_of, say_done
from tickets.views.timeline import timeline
from tickets.vocabulary import CAUSE_LABELS, PRIORITY_LABELS, QUEUE_LABELS, SYMPTOM_LABELS

PAGE = 25
FACETS = (
    ("symptom", gettext_noop("Situation"), SYMPTOM_LABELS),
    ("priority", gettext_noop("Priority"), PRIORITY_LABELS),
    ("queue", gettext_noop("Queue"), QUEUE_LABELS),
    ("cause", gettext_noop("Cause"), CAUSE_LABELS),
)


@require_safe
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The desk's door: the queue for those who see tickets, the articles for editors."""
    user = request.user
    if user.can(Permission.TICKET_VIEW):
        return (
            redirect("desk_queue", view="triage") if user.can(Permission.TICKET_TRIAGE) else redirect("desk_backfills")
        )
    if user.can(Permission.KB_READ_STAFF):
        return redirect("desk_kb")
    if user.can(Permission.ROLE_GRANT):
        return redirect("desk_people")
    require(user, Permission.TICKET_VIEW)
    return redirect("home")


@require_safe
@login_required
def queue(request: HttpRequest, view: str) -> HttpResponse:
    """One view of the queue, filtered by the address, due first."""
    require(request.user, Permission.TICKET_VIEW)
    chosen = VIEWS.get(view) or VIEWS["all"]
    rows = chosen.narrow(Ticket.objects.visible_to(request.user).for_queue(), request.user)
    found = TicketFilter(request.GET, queryset=rows).qs if request.GET else rows
    page = keyset_page(found, after=request.GET.get("after", ""), size=PAGE)
    shown = TicketInvoice.objects.filter(ticket__in=[t.pk for t in page.rows]).order_by()
    totals = shown.values_list("ticket").annotate(Sum("total"))
    facets = [(name, label, labels, request.GET.getlist(name)) for name, label, labels in FACETS]
    context = {
        "page": page,
        "view": chosen,
        "name": view,
        "facets": facets,
        "totals": dict(totals),
        "q": request.GET.get("q", ""),
    }
    return render(request, "desk/queue.html", context)


def case(request: HttpRequest, number: str) -> Ticket:
    """The ticket, for people of the desk."""
    require(request.user, Permission.TICKET_VIEW)
    return get_object_or_404(Ticket.objects.visible_to(request.user).for_list(), number=number)


@require_safe
@login_required
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    found = case(request, number)
    notifications.mark_read(user=request.user, ticket=found)
    return render(request, "desk/ticket.html", ticket_context(request, found))


def ticket_context(request: HttpRequest, found: Ticket) -> dict[str, Any]:
    """Everything asked, read and compared already."""
    user = request.user
    shown = Prefetch("evidence", Evidence.objects.visible_to(user).select_related("blob"))
    written = Message.objects.visible_to(user).filter(ticket=found).select_related("author").prefetch_related(shown)
    cases = Backfill.objects.visible_to(user).filter(ticket=found).prefetch_related("materials")
    of_invoice = {c.invoice_id: c for c in cases}
    files = list(Evidence.objects.visible_to(user).filter(ticket=found).select_related("blob"))
    items = [_item(i, of_invoice.get(i.pk), files) for i in found.invoices.prefetch_related("checks")]
    proposal = found.proposals.order_by("-pk").first()
    language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    return {
        "ticket": found,
        "entries": timeline(found, user, list(written)),
        "files": files,
        "items": items,
        "proposal": proposal,
        "lines": lines_of(proposal.content) if proposal else [],
        "actions": [t for t in workflow.allowed(found, user) if t.action != "resolve"],
        "resolve": any(t.action == "resolve" for t in workflow.allowed(found, user)),
        "resolve_form": ResolveForm(initial={"cause": found.cause}),
        "properties": PropertiesForm(initial={n: getattr(found, n) for n in ("symptom", "cause", "priority", "queue")}),
        "check_form": CheckForm(),
        "agents": User.objects.holding(Permission.TICKET_VIEW).order_by("name"),
        "articles": suggest_for(f"{found.subject} {found.description}", codes=(), user=user, language=language),
        "can": {p.name.lower(): user.can(p) for p in Permission},
    }


def _item(invoice: TicketInvoice, case: Backfill | None, files: list[Evidence]) -> dict[str, Any]:
    """One invoice with what rules, files and look-ups say of it."""
    return {
        "invoice": invoice,
        "backfill": case,
        "advice": checks.ladder(invoice),
        "checks": list(invoice.checks.all()),
        "compared": triage.differences(invoice, files),
        "findings": validate(invoice.claim, now=timezone.now()),
    }


def _back(number: str) -> HttpResponse:
    return redirect("desk_ticket", number=number)


@require_POST
@login_required
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the enterprise, or write an internal note; which of both is a field of the form, never a guess."""
    found = case(request, number)
    kept, wrong = files_of(request, Purpose.OTHER)
    for text in wrong:
        messages.error(request, text)
    visibility = "internal" if request.POST.get("visibility") == "internal" else "public"
    ids = [f.pk for f in kept]
    services.comment(
        ticket=found, body=request.POST.get("body", ""), by=request.user, visibility=visibility, evidence_ids=ids
    )
    messages.success(request, _("Internal note kept.") if visibility == "internal" else _("Sent."))
    return _back(number)


@require_POST
@login_required
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    found = case(request, number)
    names = ("body", "cause", "resolution", "article")
    given = {name: request.POST[name] for name in names if request.POST.get(name)}
    services.act(ticket=found, action=action, by=request.user, data=given)
    messages.success(request, say_done(found))
    return _back(number)


@require_POST
@login_required
def assign(request: HttpRequest, number: str) -> HttpResponse:
    """To a colleague, to oneself, or back to the queue."""
    found = case(request, number)
    given = request.POST.get("assignee", "")
    person = get_object_or_404(User.objects.holding(Permission.TICKET_VIEW), pk=given) if given.isdigit() else None
    services.assign(ticket=found, assignee=person, by=request.user)
    messages.success(request, _("Assigned to %(name)s") % {"name": person or _("the queue")})
    return _back(number)


@require_POST
@login_required
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Properties; the version that was read comes with the form, so a colleague's change is never overwritten."""
    found = case(request, number)
    form = PropertiesForm(request.POST)
    if form.is_valid():
        changes = {n: v for n, v in form.cleaned_data.items() if v != "" and getattr(found, n) != v}
        version = request.POST.get("version", "")
        if changes:
            services.update(
                ticket=found, changes=changes, by=request.user, version=int(version) if version.isdigit() else 0
            )
        messages.success(request, _("Saved."))
    else:
        messages.error(request, _("Some fields need a correction."))
    return _back(number)
