"""Pages of the desk: the queue and one ticket."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.models import User
from accounts.once import once
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, Invalid
from kb.search import suggest_for
from tickets import services, telling
from tickets.evidence.models import Evidence, Purpose
from tickets.filters import QueueFilter, facets, is_narrowed
from tickets.forms import PropertiesForm
from tickets.keyset import SORTS, Order, keyset_page, neighbours
from tickets.models import Event, Ticket, TicketInvoice
from tickets.notifications import services as notifications
from tickets.notifications.queries import unread_tickets
from tickets.rail import VIEWS, agents, counts
from tickets.views.posting import kept_files, posting, sent_or_held
from tickets.views.timeline import timeline
from tickets.views.worksheet import case, refused, ticket_context

PAGE = 25


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


def _chosen(request: HttpRequest, view: str) -> Any:
    """The tickets of a view, as the address narrows them."""
    rows = (VIEWS.get(view) or VIEWS["all"]).narrow(Ticket.objects.visible_to(request.user), request.user)
    return QueueFilter(request.GET, queryset=rows).qs if request.GET else rows


@require_safe
@login_required
def queue(request: HttpRequest, view: str) -> HttpResponse:
    """One view of the queue, narrowed by the address, due first."""
    require(request.user, Permission.TICKET_VIEW)
    order, given = Order.of(request.GET.get("sort", "")), request.GET
    rows = _chosen(request, view).for_queue()
    page = keyset_page(rows, order=order, after=given.get("after", ""), before=given.get("before", ""), size=PAGE)
    narrowed = is_narrowed(given)
    context = {
        "page": page,
        "view": VIEWS.get(view) or VIEWS["all"],
        "facets": facets(given, agents()),
        "totals": _totals(page.rows),
        "unread": unread_tickets(request.user, page.rows),
        "order": order,
        "sorts": {name: f"-{name}" if str(order) == name else name for name in SORTS},
        "narrowed": narrowed,
        "count": None if narrowed else counts(request.user).get(view),
        "from": urlencode([("view", view), *((n, v) for n, vs in given.lists() for v in vs if v)]),
    }
    return render(request, "desk/queue.html", context)


def _totals(tickets: Sequence[Ticket]) -> dict[int, Any]:
    """Ticket id → what its invoices come to."""
    shown = TicketInvoice.objects.filter(ticket__in=[t.pk for t in tickets]).order_by()
    return dict(shown.values_list("ticket").annotate(Sum("total")))


@require_safe
@login_required
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """Everything asked, read and compared already, in the place that the ticket has in the queue it was opened from."""
    found = case(request, number)
    notifications.mark_read(user=request.user, ticket=found)
    return render(request, "desk/ticket.html", ticket_context(request, found) | _place(request, found))


@require_safe
@login_required
def articles(request: HttpRequest, number: str) -> HttpResponse:
    """What the knowledge base has for this case: asked for when the panel is opened, for the search costs more than
    the rest of the page."""
    found = case(request, number)
    language = getattr(request, "LANGUAGE_CODE", settings.LANGUAGE_CODE)
    readings = Evidence.objects.of(found, request.user).values_list("reading", flat=True)[:20]
    text = f"{found.subject} {found.description}"
    hits = suggest_for(text, codes=telling.codes(readings), user=request.user, language=language)
    return render(request, "desk/_articles.html", {"hits": hits, "ticket": found})


@require_safe
@login_required
def history(request: HttpRequest, number: str) -> HttpResponse:
    """What has happened, the newest first: asked for when the panel is opened, for the thread tells the same."""
    found = case(request, number)
    entries = timeline(found, events=Event.objects.rows_of(found, request.user))
    page = "desk/_history.html" if "HX-Request" in request.headers else "desk/history.html"
    return render(request, page, {"history": entries[::-1], "ticket": found})


def _place(request: HttpRequest, found: Ticket) -> dict[str, str]:
    """The queue that the page was opened from, and the tickets before and after this one in it."""
    view = request.GET.get("view", "")
    if view not in VIEWS:
        return {}
    given = request.GET.copy()
    del given["view"]
    back = f"{reverse('desk_queue', args=[view])}?{given.urlencode()}".rstrip("?")
    before, after = neighbours(_chosen(request, view), found, Order.of(given.get("sort", "")))
    return {"back": back, "before": before, "after": after, "view_label": VIEWS[view].label}


def _back(request: HttpRequest, number: str) -> HttpResponse:
    """The ticket's page, in the place of the queue where it was."""
    where = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse("desk_ticket", args=[number]) + where)


@posting("desk_ticket", "number")
def reply(request: HttpRequest, number: str) -> HttpResponse:
    """Answer the enterprise, or write an internal note; which of both is a field of the form, never a guess."""
    found = case(request, number)
    is_note = request.POST.get("visibility") == "internal"
    words = {"body": request.POST.get("body", ""), "visibility": "internal" if is_note else "public"}
    files = kept_files(request, Purpose.OTHER)
    sent: object = None
    try:
        with once(request) as is_first:
            if is_first:
                sent = services.comment(ticket=found, by=request.user, evidence_ids=[f.pk for f in files], **words)
    except DomainError as error:
        return refused(request, found, error, form="note" if is_note else "reply", files=files)
    messages.success(request, sent_or_held(sent, _("Internal note kept.") if is_note else _("Sent.")))
    return _back(request, number)


@posting("desk_ticket", "number")
def act(request: HttpRequest, number: str, action: str) -> HttpResponse:
    """Start an action of the table; a refusal brings the words back."""
    found = case(request, number)
    names = ("body", "cause", "resolution", "article")
    given = {name: request.POST[name] for name in names if request.POST.get(name)}
    try:
        sent = services.act(ticket=found, action=action, by=request.user, data=given)
    except DomainError as error:
        return refused(request, found, error, form="resolve" if action == "resolve" else f"act-{action}")
    messages.success(request, sent_or_held(sent, _("Done. Status now: %(status)s") % {"status": _(found.state.label)}))
    return _back(request, number)


@posting("desk_ticket", "number")
def assign(request: HttpRequest, number: str) -> HttpResponse:
    """To a colleague, to oneself, or back to the queue."""
    found = case(request, number)
    given = request.POST.get("assignee", "")
    person = get_object_or_404(User.objects.holding(Permission.TICKET_VIEW), pk=given) if given.isdigit() else None
    try:
        services.assign(ticket=found, assignee=person, by=request.user)
    except DomainError as error:
        return refused(request, found, error, form="assign")
    messages.success(request, _("Assigned to %(name)s") % {"name": person or _("the queue")})
    return _back(request, number)


@posting("desk_ticket", "number")
def change(request: HttpRequest, number: str) -> HttpResponse:
    """Properties with the version that was read: a colleague's change is shown beside this one, never overwritten."""
    found = case(request, number)
    form = PropertiesForm(request.POST)
    version = request.POST.get("version", "")
    try:
        if not form.is_valid():
            raise Invalid
        changes = {n: v for n, v in form.cleaned_data.items() if v != "" and getattr(found, n) != v}
        if changes:
            number_of = int(version) if version.isdecimal() and len(version) < 10 else 0
            services.update(ticket=found, changes=changes, by=request.user, version=number_of)
    except DomainError as error:
        return refused(request, found, error, form="properties")
    messages.success(request, _("Saved."))
    return _back(request, number)
