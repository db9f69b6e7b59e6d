"""The papers of a ticket, for whoever signs them and for the desk; and the whole case on one page to print.

The enterprise and the desk have the same pages in frames of their own; `at_desk` says which.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import require
from accounts.models import LANGUAGES
from accounts.permissions import Permission
from helpdesk.common.http import say
from helpdesk.common.messages import Message
from tickets.backfill.models import Backfill
from tickets.evidence.services import files_of
from tickets.models import Event, Ticket
from tickets.models import Message as Said
from tickets.papers import filling, services
from tickets.papers.document import fill
from tickets.papers.models import PaperTemplate, TicketPaper
from tickets.papers.word import as_docx
from tickets.papers.words import BY_NAME, PAPERS
from tickets.views.posting import posting
from tickets.views.timeline import timeline

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHOWN = 200  # invoices of a case file


def _ticket(request: HttpRequest, number: str, *, at_desk: bool) -> Ticket:
    if at_desk:
        require(request.user, Permission.TICKET_VIEW)
    rows = Ticket.objects.visible_to(request.user).select_related("organisation", "requester")
    return get_object_or_404(rows, number=number)


def _frame(ticket: Ticket, *, at_desk: bool) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "frame": "desk/base.html" if at_desk else "base.html",
        "at_desk": at_desk,
        "place": "desk_" if at_desk else "",
        "nav": "tickets",
    }


def _language(given: str) -> str:
    """The one that was asked for, else the reader's."""
    known = dict(LANGUAGES)
    reader = translation.get_language() or ""
    return given if given in known else reader if reader in known else LANGUAGES[0][0]


@require_safe
@login_required
def papers(request: HttpRequest, number: str, *, at_desk: bool = False) -> HttpResponse:
    """Which papers there are, and those that were made."""
    found = _ticket(request, number, at_desk=at_desk)
    is_desk = request.user.can(Permission.TICKET_VIEW)
    context = _frame(found, at_desk=at_desk) | {
        "kinds": [paper for paper in PAPERS if is_desk or paper.for_enterprise],
        "made": TicketPaper.objects.of(found, request.user).select_related("template", "made_by")[:100],
    }
    return render(request, "papers/list.html", context)


@require_safe
@login_required
def paper(request: HttpRequest, number: str, kind: str, *, at_desk: bool = False) -> HttpResponse:
    """The paper as it would be made now, and what is left to write by hand."""
    found = _ticket(request, number, at_desk=at_desk)
    services.may_make(ticket=found, kind=kind, by=request.user)
    language = _language(request.GET.get("language", ""))
    template = services.template_in_use(kind=kind, language=language)
    filled = filling.filled(found, kind, language, request.user)
    shown = _shown(template, filled, found) | {"languages": LANGUAGES, "language": language, "kind": kind}
    return render(request, "papers/preview.html", _frame(found, at_desk=at_desk) | shown)


@posting("ticket_papers", "number")
def make(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Make the paper; it stays with the ticket."""
    return _make(request, number, kind, at_desk=False)


@posting("desk_papers", "number")
def desk_make(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    return _make(request, number, kind, at_desk=True)


def _make(request: HttpRequest, number: str, kind: str, *, at_desk: bool) -> HttpResponse:
    found = _ticket(request, number, at_desk=at_desk)
    language = _language(request.POST.get("language", ""))
    made = services.make(ticket=found, kind=kind, language=language, by=request.user)
    return redirect("desk_paper_made" if at_desk else "ticket_paper_made", number=number, pk=made.pk)


def _made(request: HttpRequest, number: str, pk: int, *, at_desk: bool) -> TicketPaper:
    found = _ticket(request, number, at_desk=at_desk)
    rows = TicketPaper.objects.visible_to(request.user).select_related("template", "made_by", "ticket")
    return get_object_or_404(rows, pk=pk, ticket=found)


@require_safe
@login_required
def made(request: HttpRequest, number: str, pk: int, *, at_desk: bool = False) -> HttpResponse:
    """A paper that was made, to print."""
    found = _made(request, number, pk, at_desk=at_desk)
    shown = _shown(found.template, found.filled, found.ticket, found)
    return render(request, "papers/made.html", _frame(found.ticket, at_desk=at_desk) | shown)


@require_safe
@login_required
def download(request: HttpRequest, number: str, pk: int, *, at_desk: bool = False) -> HttpResponse:
    """The same as DOCX."""
    found = _made(request, number, pk, at_desk=at_desk)
    with translation.override(found.template.language):
        shown = _shown(found.template, found.filled, found.ticket, found)
        data = as_docx(shown["paper"], found.filled, shown["foot"], timezone.localtime(found.made_at))
    name = f"{found.ticket.number}-{found.template.kind}-{found.pk}.docx"
    disposition = f"attachment; filename*=UTF-8''{quote(name)}"
    return HttpResponse(data, WORD, headers={"Content-Disposition": disposition, "Cache-Control": "private, no-store"})


def _shown(
    template: PaperTemplate, filled: dict[str, Any], ticket: Ticket, made: TicketPaper | None = None
) -> dict[str, Any]:
    """The document, what it lacks, and the line that says which version of which template made it."""
    paper = fill(template.body, filled["values"])
    with translation.override(template.language):
        told = {"version": template.number, "ticket": ticket.number, "title": say(Message(template.label))}
        foot = _("%(title)s, template version %(version)s, ticket %(ticket)s") % told
        if made:
            foot += _(", paper %(number)s of %(day)s") % {
                "number": made.pk,
                "day": timezone.localtime(made.made_at).date().isoformat(),
            }
    missing = [BY_NAME[name].label for name in paper.missing]
    return {"paper": paper, "filled": filled, "template": template, "foot": foot, "missing": missing, "made": made}


@require_safe
@login_required
def case_file(request: HttpRequest, number: str, *, at_desk: bool = False) -> HttpResponse:
    """The whole case on one page; outside the desk its public part."""
    found, user = _ticket(request, number, at_desk=at_desk), request.user
    files = files_of(found, user)
    invoices = list(found.invoices.prefetch_related("checks")[: SHOWN + 1])
    cases = Backfill.objects.of(found, user).select_related("invoice").prefetch_related("materials__evidence__blob")
    context = _frame(found, at_desk=at_desk) | {
        "entries": timeline(found, Said.objects.rows_of(found, user), Event.objects.rows_of(found, user), files),
        "files": files,
        "invoices": invoices[:SHOWN],
        "is_cut": len(invoices) > SHOWN,
        "cases": list(cases),
        "made": TicketPaper.objects.of(found, user).select_related("template")[:100],
        "printed_at": timezone.now(),
    }
    return render(request, "papers/case_file.html", context)
