"""What the desk does with single invoices: look them up, set them aside, backfill them; and the triage decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.messages import gettext_noop
from tickets import services, workflow
from tickets.backfill import lifecycle, package, rules
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.checks.models import CheckList
from tickets.checks.services import Covers
from tickets.checks.sources import LookUp
from tickets.evidence import services as evidence
from tickets.evidence.models import Evidence, Purpose
from tickets.forms import CheckForm, ListForm
from tickets.invoices.kinds import KINDS
from tickets.models import TicketInvoice
from tickets.triage import services as triage
from tickets.views.desk import case
from tickets.views.enterprise import files_of


def _invoice(request: HttpRequest, number: str, pk: int) -> TicketInvoice:
    found = case(request, number)
    rows = TicketInvoice.objects.visible_to(request.user).select_related("ticket")
    return get_object_or_404(rows, pk=pk, ticket=found)


@require_POST
@login_required
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Accept the proposal, or what was made of it."""
    found = case(request, number)
    proposal = get_object_or_404(found.proposals.filter(decided_at=None))
    names = ("symptom", "cause", "priority", "queue")
    values = {name: request.POST[name] for name in names if request.POST.get(name)}
    triage.decide(proposal=proposal, values=values, by=request.user)
    messages.success(request, _("Saved."))
    return redirect("desk_ticket", number=number)


@require_POST
@login_required
def look_up(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Record what a look-up said."""
    invoice = _invoice(request, number, pk)
    form = CheckForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Some fields need a correction."))
        return redirect("desk_ticket", number=number)
    given = form.cleaned_data
    told = LookUp(given["site"], given["outcome"], given["looked_up_at"] or timezone.now(), given["note"])
    kept, wrong = files_of(request, Purpose.CHECK)
    for text in wrong:
        messages.error(request, text)
    services.look_up(invoice=invoice, told=told, by=request.user, evidence_id=kept[0].pk if kept else None)
    messages.success(request, _("Look-up recorded."))
    return redirect("desk_ticket", number=number)


@require_POST
@login_required
def set_aside(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    services.set_aside(invoice=_invoice(request, number, pk), reason=request.POST.get("reason", ""), by=request.user)
    messages.success(request, _("Set aside."))
    return redirect("desk_ticket", number=number)


@require_POST
@login_required
def open_backfill(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    made = backfill.open_backfill(invoice=_invoice(request, number, pk), by=request.user)
    return redirect("desk_backfill", pk=made.pk)


def _backfill(request: HttpRequest, pk: int) -> Backfill:
    require(request.user, Permission.TICKET_VIEW)
    rows = Backfill.objects.visible_to(request.user)
    return get_object_or_404(
        rows.select_related("ticket__organisation", "invoice", "keyed_by", "rekeyed_by", "approved_by"), pk=pk
    )


TABS: dict[str, str] = {
    "todo": gettext_noop("For you now"),
    "open": gettext_noop("All open"),
    "done": gettext_noop("Ended"),
}


@require_safe
@login_required
def backfills(request: HttpRequest) -> HttpResponse:
    """The backfills: those that wait for this person first."""
    require(request.user, Permission.TICKET_VIEW)
    seen = Backfill.objects.visible_to(request.user)
    rows = {"todo": seen.waiting_for(request.user), "open": seen.open(), "done": seen.exclude(pk__in=seen.open())}
    tab = request.GET.get("tab", "todo")
    chosen = rows.get(tab, rows["todo"]).select_related("ticket__organisation", "invoice", "keyed_by").order_by("pk")
    page = Paginator(chosen, 25).get_page(request.GET.get("page"))
    tabs = [(name, label, rows[name].count() if name != "done" else None) for name, label in TABS.items()]
    context = {"page": page, "tabs": tabs, "tab": tab if tab in rows else "todo"}
    return render(request, "desk/backfill/list.html", context)


@require_safe
@login_required
def bench(request: HttpRequest, pk: int) -> HttpResponse:
    """The backfill bench: evidence left, form right."""
    return render(request, "desk/backfill/bench.html", bench_context(request, _backfill(request, pk)))


def bench_context(request: HttpRequest, found: Backfill) -> dict[str, Any]:
    """What this person may see of the entries now: while it is re-keyed, the first entry is nobody's to look at."""
    user = request.user
    actions = {t.action: t for t in workflow.allowed(found, user)}
    shown = found.status not in (lifecycle.KEYING, lifecycle.REKEYING) or found.keyed_by_id == user.pk
    claim = found.invoice.claim
    names = rules.REKEYED if "rekey" in actions else rules.KEYED
    start = (found.keyed or {name: _text(getattr(claim, name)) for name in rules.KEYED}) if "key" in actions else {}
    files = Evidence.objects.visible_to(user).filter(ticket=found.ticket).select_related("blob")
    return {
        "backfill": found,
        "ticket": found.ticket,
        "materials": found.materials.select_related("evidence"),
        "files": files,
        "actions": actions,
        "others": [t for t in actions.values() if t.action not in {"key", "rekey"}],
        "fields": [(name, start.get(name, "")) for name in names],
        "kinds": KINDS,
        "entry": _entry(found) if shown and found.keyed else [],
        "has_package": found.status in package.READY,
        "steps": [
            lifecycle.LIFECYCLE.states[name] for name in lifecycle.LIFECYCLE.states if name != lifecycle.CANCELLED
        ],
        "may_review": user.can(Permission.BACKFILL_REVIEW_MATERIAL),
    }


def _entry(found: Backfill) -> list[tuple[str, str, str, bool]]:
    """Field, first entry, second entry, whether they differ."""
    first, second = found.keyed or {}, found.rekeyed or {}
    rows = [(n, first.get(n, ""), second.get(n, ""), n in found.differing) for n in rules.KEYED]
    return [(n, _(KINDS[a].name) if n == "kind" and a in KINDS else a, b, differs) for n, a, b, differs in rows]


def _text(value: object) -> str:
    return "" if value is None else value.isoformat() if isinstance(value, dt.date) else str(value)


@require_POST
@login_required
def act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Start an action of the backfill's table; entries come as `field.<name>`."""
    found = _backfill(request, pk)
    transition = lifecycle.LIFECYCLE.find(action)
    given: dict[str, Any] = {
        n: request.POST[n] for n in ("reason", "department", "receipt_number") if request.POST.get(n)
    }
    if "fields" in transition.needs:
        prefix = "field."
        given["fields"] = {n.removeprefix(prefix): v for n, v in request.POST.items() if n.startswith(prefix)}
    backfill.act(backfill=found, action=action, by=request.user, data=given)
    messages.success(request, _("Done. Status now: %(status)s") % {"status": _(found.state.label)})
    return redirect("desk_backfill", pk=pk)


@require_POST
@login_required
def material(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Hand a paper in from the ticket's files, accept it, or refuse it with a reason."""
    found = _backfill(request, pk)
    if request.POST.get("evidence"):
        backfill.submit_material(backfill=found, kind=kind, evidence_id=request.POST["evidence"], by=request.user)
    elif request.POST.get("decision") in {"accept", "refuse"}:
        accepted = request.POST["decision"] == "accept"
        reason = request.POST.get("reason", "")
        backfill.review_material(backfill=found, kind=kind, is_accepted=accepted, reason=reason, by=request.user)
    messages.success(request, _("Saved."))
    return redirect("desk_backfill", pk=pk)


@require_safe
@login_required
def download_package(request: HttpRequest, pk: int) -> FileResponse:
    bundle = package.build(backfill=_backfill(request, pk), by=request.user)
    return FileResponse(bundle, as_attachment=True, filename=f"backfill-{pk}.zip")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def lists(request: HttpRequest) -> HttpResponse:
    """Import a list exported from the tax side."""
    require(request.user, Permission.CHECK_RECORD)
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        file = given["file"]
        stored = evidence.receive(file=file, name=file.name, purpose=Purpose.CHECK, by=request.user)
        covers = Covers(given["site"], given["exported_at"], given["since"], given["until"])
        made = services.import_list(evidence=stored, covers=covers, by=request.user)
        text = _("%(rows)s rows read, %(matched)s waiting invoices found.")
        messages.success(request, text % {"rows": made.rows, "matched": made.matched})
        return redirect("desk_lists")
    recent = CheckList.objects.select_related("evidence", "imported_by").order_by("-pk")[:20]
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/lists.html", {"form": form, "lists": recent}, status=status)
