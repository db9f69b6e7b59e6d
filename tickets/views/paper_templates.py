"""The templates of papers: the list, the editor with its preview, and each version with what it changed."""

from __future__ import annotations

import difflib
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import require
from accounts.models import LANGUAGES, User
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError
from helpdesk.common.http import say
from tickets.papers import document, services
from tickets.papers.models import PaperTemplate
from tickets.papers.words import PAPERS, PLACEHOLDERS

SAMPLE: dict[str, Any] = {
    "values": {one.name: one.sample for one in PLACEHOLDERS if one.sample},
    "invoices": [["26112000000000000017", "2026-11-12", "示例贝塔贸易有限公司", "11,300.00", "1,300.00"]],
    "files": [["发票.pdf", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"]],
}


@require_safe
@login_required
def templates(request: HttpRequest) -> HttpResponse:
    """Every paper in every language with the version in use."""
    require(request.user, Permission.PAPER_EDIT)
    rows = [
        (paper, [(code, name, services.template_in_use(kind=paper.kind, language=code)) for code, name in LANGUAGES])
        for paper in PAPERS
    ]
    return render(request, "desk/papers/list.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def edit(request: HttpRequest, kind: str, language: str) -> HttpResponse:
    """The text left, its preview with sample data right; what can't be saved comes back with the reason."""
    require(request.user, Permission.PAPER_EDIT)
    template, error = services.template_in_use(kind=kind, language=language), None
    body, seen = request.POST.get("body", template.body), request.POST.get("seen", str(template.number))
    if request.method == "POST" and "preview" not in request.POST:
        try:
            _save(request, kind, language, body, seen)
            return redirect("desk_paper_template", kind=kind, language=language)
        except DomainError as refused:
            error = refused
    context = _editor(request.user, template, body, seen) | {"error": error, "reason": request.POST.get("reason", "")}
    status = (422 if error.status == 400 else error.status) if error else 200
    return render(request, "desk/papers/edit.html", context, status=status)


def _save(request: HttpRequest, kind: str, language: str, body: str, seen: str) -> None:
    number = int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0
    services.save_version(
        kind=kind, language=language, body=body, reason=request.POST.get("reason", ""), by=request.user, seen=number
    )
    messages.success(request, _("Saved as a new version. Papers made from now on follow it."))


def _editor(user: User, template: PaperTemplate, body: str, seen: str) -> dict[str, Any]:
    rows = PaperTemplate.objects.visible_to(user).newest_first(template.kind, template.language)
    versions = rows.select_related("made_by")[:50]
    return {
        "template": template,
        "body": body,
        "seen": seen,
        "faults": [say(fault.message) for fault in document.faults(body)],
        "paper": document.fill(body[: document.MAX_BODY], SAMPLE["values"]),
        "filled": SAMPLE,
        "placeholders": PLACEHOLDERS,
        "versions": versions,
        "languages": LANGUAGES,
    }


@require_safe
@login_required
def version(request: HttpRequest, kind: str, language: str, number: int) -> HttpResponse:
    """One version and what it changed against the one before."""
    require(request.user, Permission.PAPER_EDIT)
    rows = PaperTemplate.objects.visible_to(request.user).select_related("made_by")
    found = get_object_or_404(rows, kind=kind, language=language, number=number)
    before = rows.filter(kind=kind, language=language, number=number - 1).first()
    context = {
        "template": found,
        "before": before,
        "lines": _compared(before.body, found.body) if before else [],
        "paper": document.fill(found.body, SAMPLE["values"]),
        "filled": SAMPLE,
    }
    return render(request, "desk/papers/version.html", context)


def _compared(before: str, after: str) -> list[tuple[str, str]]:
    made = list(difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return [(" ", "…") if line.startswith("@@") else (line[:1], line[1:]) for line in made]
