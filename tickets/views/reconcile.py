"""The reconciliation of two lists: start it, watch it, read it class by class, file the missing ones."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, NotNow
from helpdesk.common.http import say
from helpdesk.common.pace import slow_down
from tickets.invoices.reconcile import Result
from tickets.reconciliation import filing, services, tables
from tickets.reconciliation.forms import StartForm
from tickets.reconciliation.models import Reconciliation, ReconciliationPage, ReconciliationTicket, State
from tickets.reconciliation.shown import WIDTH, picture, shown
from tickets.reconciliation.stored import PAGE, lines
from tickets.reconciliation.words import RESULTS

EACH_MINUTE, LISTED = 10, 20


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def index(request: HttpRequest) -> HttpResponse:
    """Two lists in, and the reconciliations of the person's enterprises."""
    form = StartForm(request.POST or None, request.FILES or None, user=request.user)
    if request.method == "POST":
        slow_down(request, "reconcile", each_minute=EACH_MINUTE)
        if form.is_valid() and (made := _started(form, request)):
            return redirect("reconciliation", pk=made.pk)
    own = Reconciliation.objects.visible_to(request.user).filter(organisation__in=request.user.organisation_ids())
    rows = own.select_related("own", "theirs", "organisation", "created_by").order_by("-pk")
    page = Paginator(rows, LISTED).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "days": services.KEPT.days, "nav": "reconcile"}
    return render(request, "reconcile/index.html", context, status=422 if form.errors else 200)


def _started(form: StartForm, request: HttpRequest) -> Reconciliation | None:
    try:
        return services.start(**form.given(), by=request.user)
    except DomainError as error:
        form.refuse(error)
        return None


def _mine(request: HttpRequest, pk: int) -> Reconciliation:
    rows = Reconciliation.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("organisation", "created_by", "own", "theirs"), pk=pk)


@require_safe
@login_required
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, or the summary and one page of one class."""
    row = _mine(request, pk)
    context: dict[str, Any] = {
        "row": row,
        "may_file": request.user.can(Permission.ORG_TICKET_FILE, row.organisation_id),
        "is_own": row.organisation_id in request.user.organisation_ids(),
        "days": services.KEPT.days,
        "nav": "reconcile",
    }
    if row.state == State.DONE:
        context |= _summary(row, request) | _class(row, request)
    return render(request, "reconcile/result.html", context)


def _summary(row: Reconciliation, request: HttpRequest) -> dict[str, Any]:
    links = ReconciliationTicket.objects.visible_to(request.user).filter(reconciliation=row).select_related("ticket")
    count = row.summary["fileable"]
    return {
        "segments": picture(row.summary["classes"]),
        "width": WIDTH,
        "tickets": [link.ticket for link in links],
        "fileable": count,
        "most": filing.MOST,
        "parts": filing.parts(count),
    }


def _class(row: Reconciliation, request: HttpRequest) -> dict[str, Any]:
    """The class that is asked for, or the first one with rows, and the page of it."""
    counts = {name: told["count"] for name, told in row.summary["classes"].items()}
    chosen = request.GET.get("class", "")
    chosen = chosen if chosen in counts else next((r.value for r in Result if r.value in counts), "")
    if not chosen:
        return {}
    last = -(-counts[chosen] // PAGE)
    asked = request.GET.get("page", "1")
    number = min(max(int(asked), 1), last) if asked.isascii() and asked.isdecimal() and len(asked) < 9 else 1
    pages = ReconciliationPage.objects.visible_to(request.user).filter(reconciliation=row, result=chosen)
    found = lines(bytes(get_object_or_404(pages, number=number).packed), chosen)
    before = (number - 1) * PAGE
    return {
        "chosen": chosen,
        "told": RESULTS[Result(chosen)],
        "count": counts[chosen],
        "lines": [shown(line) for line in found],
        "is_paired": any(line.own and line.theirs for line in found),
        "place": {"first": before + 1, "last": before + len(found)},
        "tabs": _tabs(row, counts, chosen),
        "previous": f"?class={chosen}&page={number - 1}#rows" if number > 1 else "",
        "next": f"?class={chosen}&page={number + 1}#rows" if number < last else "",
    }


def _tabs(row: Reconciliation, counts: dict[str, int], chosen: str) -> list[dict[str, Any]]:
    found = [result for result in Result if result.value in counts]
    return [
        {
            "label": _(RESULTS[result].label),
            "count": counts[result.value],
            "url": f"?class={result.value}#rows",
            "current": result.value == chosen,
        }
        for result in found
    ]


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    row = _mine(request, pk)
    try:
        services.cancel(reconciliation=row, by=request.user)
    except NotNow as error:
        messages.error(request, say(error.message))
    return redirect("reconciliation", pk=row.pk)


@require_POST
@login_required
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The missing invoices become tickets; pressed again, it leads to the same ones."""
    row = _mine(request, pk)
    try:
        made = filing.file_missing(reconciliation=row, by=request.user)
    except NotNow as error:
        messages.error(request, say(error.message))
        return redirect("reconciliation", pk=row.pk)
    if len(made) == 1:
        return redirect("ticket_received", number=made[0].number)
    text = ngettext("%(n)s ticket was filed.", "%(n)s tickets were filed.", len(made)) % {"n": len(made)}
    messages.success(request, text)
    return redirect("reconciliation", pk=row.pk)


@require_safe
@login_required
def download(request: HttpRequest, pk: int) -> HttpResponse | StreamingHttpResponse | FileResponse:
    """Every class as a workbook, or with `class` one of them as CSV."""
    return tables.answer(_mine(request, pk), request.GET.get("class", ""))
