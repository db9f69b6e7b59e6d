"""The look-ups as pages: all of them, those of one invoice, "look up now", "still missing", and the log of calls.

The enterprise and the desk have the same pages in frames of their own; `at_desk` says which.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.models import Organisation
from accounts.permissions import Permission
from helpdesk.common import cells
from helpdesk.common.errors import DomainError
from helpdesk.common.http import say
from tickets import services
from tickets.checks import export as sheets
from tickets.checks import services as checks
from tickets.checks.http import BREAKER
from tickets.checks.models import Check
from tickets.filters import HistoryFilter
from tickets.keyset import Order, keyset_page
from tickets.models import TicketInvoice
from tickets.rechecks import services as rechecks
from tickets.views.posting import posting
from tickets.vocabulary import Outcome

PAGE = 25
NEWEST = Order("number", is_descending=True)
SHOWN = 200  # look-ups on the page of one invoice


def _enter(request: HttpRequest, *, at_desk: bool) -> bool:
    """Whether the person is in the right frame: people of the desk have theirs."""
    if at_desk:
        require(request.user, Permission.TICKET_VIEW)
    return at_desk or not request.user.can(Permission.TICKET_VIEW) or bool(request.user.organisation_ids())


def _chosen(request: HttpRequest, *, at_desk: bool) -> HistoryFilter:
    """The look-ups as the address narrows them; outside the desk those of one's own enterprises alone."""
    rows = Check.objects.visible_to(request.user).select_related("invoice", "ticket__organisation", "by")
    if not at_desk:
        rows = rows.filter(ticket__organisation__in=request.user.organisation_ids())
    return HistoryFilter(request.GET, queryset=rows)


@require_safe
@login_required
def history(request: HttpRequest, *, at_desk: bool = False) -> HttpResponse:
    """Every look-up, the newest first."""
    if not _enter(request, at_desk=at_desk):
        return redirect("desk_checks")
    chosen, given = _chosen(request, at_desk=at_desk), request.GET
    after, before = given.get("after", ""), given.get("before", "")
    page = keyset_page(chosen.qs, order=NEWEST, after=after, before=before, size=PAGE)
    whose = given.get("organisation", "") if at_desk else ""
    context = {
        "page": page,
        "form": chosen.form,
        "at_desk": at_desk,
        "narrowed": any(given.get(name) for name in chosen.filters),
        "organisation": _organisation(request, whose),
    }
    return render(request, "desk/checks/list.html" if at_desk else "checks/list.html", context)


def _organisation(request: HttpRequest, given: str) -> Organisation | None:
    """The enterprise that the list is narrowed to."""
    known = given.isascii() and given.isdecimal() and len(given) < 10
    return Organisation.objects.visible_to(request.user).filter(pk=int(given)).first() if known else None


@require_safe
@login_required
def export(request: HttpRequest, *, at_desk: bool = False) -> HttpResponse | StreamingHttpResponse:
    """The same rows as a file."""
    if not _enter(request, at_desk=at_desk):
        return redirect("desk_checks")
    found = _chosen(request, at_desk=at_desk).qs.order_by("-pk")[: sheets.MOST + 1]
    rows = sheets.rows(found.iterator(500), with_names=at_desk)
    name = f"look-ups-{timezone.localdate():%Y%m%d}"
    if request.GET.get("format") == "xlsx":
        body = cells.as_xlsx(_("Look-ups"), sheets.WIDTHS, rows)
        return _attached(HttpResponse(body, content_type=cells.MEDIA_TYPE), f"{name}.xlsx")
    return _attached(HttpResponse(b"".join(cells.as_csv(rows)), content_type="text/csv; charset=utf-8"), f"{name}.csv")


def _attached(answer: HttpResponse, name: str) -> HttpResponse:
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _invoice(request: HttpRequest, pk: int) -> TicketInvoice:
    rows = TicketInvoice.objects.visible_to(request.user).select_related("ticket__organisation", "recheck")
    return get_object_or_404(rows, pk=pk)


@require_safe
@login_required
def invoice(request: HttpRequest, pk: int, *, at_desk: bool = False) -> HttpResponse:
    """The look-ups of one invoice, when to look again, and the button that does it."""
    if not _enter(request, at_desk=at_desk):
        return redirect("desk_invoice_checks", pk=pk)
    return _page(request, _invoice(request, pk), at_desk=at_desk)


def _page(
    request: HttpRequest, found: TicketInvoice, *, at_desk: bool, refused: DomainError | None = None
) -> HttpResponse:
    user = request.user
    context = {
        "invoice": found,
        "ticket": found.ticket,
        "checks": found.checks.select_related("by")[:SHOWN],
        "advice": checks.ladder(found),
        "standing": rechecks.standing(found),
        "may_ask": rechecks.may_request(user, found),
        "may_reopen": found.outcome == Outcome.FOUND and _may_reopen(request, found),
        "refusal": say(refused.message) if refused else "",
        "at_desk": at_desk,
    }
    page = "desk/checks/invoice.html" if at_desk else "checks/invoice.html"
    return render(request, page, context, status=refused.status if refused else 200)


def _may_reopen(request: HttpRequest, found: TicketInvoice) -> bool:
    own = request.user.can(Permission.ORG_TICKET_FILE, found.ticket.organisation_id)
    return own or request.user.can(Permission.TICKET_ANSWER)


def _retry(request: HttpRequest, pk: int, *, at_desk: bool = False) -> HttpResponse:
    """Have the source asked now; too soon says from when on."""
    if at_desk:
        require(request.user, Permission.TICKET_VIEW)
    found = _invoice(request, pk)
    try:
        rechecks.request(invoice=found, by=request.user)
    except DomainError as error:
        if error.status == 403:
            raise
        return _page(request, found, at_desk=at_desk, refused=error)
    messages.success(request, _("It is being looked up. The result appears here."))
    return redirect("desk_invoice_checks" if at_desk else "invoice_checks", pk=pk)


retry = posting("invoice_checks", "pk")(_retry)
desk_retry = posting("desk_invoice_checks", "pk")(_retry)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def still_missing(request: HttpRequest, pk: int, *, at_desk: bool = False) -> HttpResponse:
    """Asked once, because mail programs open every link; one click then opens the same matter again."""
    if at_desk:
        require(request.user, Permission.TICKET_VIEW)
    found, wrong = _invoice(request, pk), None
    if request.method == "POST":
        try:
            services.still_missing(invoice=found, note=request.POST.get("body", ""), by=request.user)
        except DomainError as error:
            if error.status == 403:
                raise
            wrong = error
        else:
            messages.success(request, _("The matter is open again. We look it up anew."))
            return redirect("desk_ticket" if at_desk else "ticket", number=found.ticket.number)
    return _ask_again(request, found, wrong, at_desk=at_desk)


def _ask_again(request: HttpRequest, found: TicketInvoice, wrong: DomainError | None, *, at_desk: bool) -> HttpResponse:
    errors = [say(e.message) for e in wrong.errors] or [say(wrong.message)] if wrong else []
    body = request.POST.get("body", "") if wrong else _("It still can't be found.")
    context: dict[str, Any] = {"invoice": found, "ticket": found.ticket, "errors": errors, "body": body}
    context |= {"may_reopen": found.outcome == Outcome.FOUND and _may_reopen(request, found), "at_desk": at_desk}
    page = "desk/checks/still_missing.html" if at_desk else "checks/still_missing.html"
    return render(request, page, context, status=(422 if wrong.status == 400 else wrong.status) if wrong else 200)


@require_safe
@login_required
def calls(request: HttpRequest) -> HttpResponse:
    """The log of calls to other services."""
    given = request.GET
    only_failed = given.get("failed") == "1"
    rows = checks.calls(by=request.user, only_failed=only_failed)
    after, before = given.get("after", ""), given.get("before", "")
    page = keyset_page(rows, order=NEWEST, after=after, before=before, size=50)
    context = {"page": page, "only_failed": only_failed, "rests_until": BREAKER.rests_until()}
    return render(request, "desk/checks/calls.html", context)
