"""The self-check: what an invoice file says and what is wrong with it. No account, nothing stored."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from helpdesk.common.messages import Message, gettext_noop
from helpdesk.common.pace import slow_down
from kb.search import suggest_for
from tickets.evidence.services import clean_name
from tickets.invoices.kinds import KINDS
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Reading
from tickets.invoices.read import read
from tickets.views.diagnose import token_of
from tickets.vocabulary import FIELD_LABELS

EACH_MINUTE = 20


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """One file in, its fields, findings and the articles that help out."""
    if request.method != "POST":
        return render(request, "check.html", {"nav": "check"})
    slow_down(request, "check", each_minute=EACH_MINUTE)
    given = request.FILES.get("files")
    if given is None:
        return _refused(request, Message(gettext_noop("Choose a file first.")))
    name = clean_name(given.name or "")
    try:
        reading = read(given.read(Limits().max_bytes + 1), name=name, now=timezone.now())
    except Refused as refused:
        return _refused(request, refused.message, name)
    return render(request, "check.html", {"nav": "check", "name": name, **_told(request, reading)})


def _refused(request: HttpRequest, error: Message, name: str = "") -> HttpResponse:
    return render(request, "check.html", {"nav": "check", "error": error, "name": name}, status=422)


def _told(request: HttpRequest, reading: Reading) -> dict[str, Any]:
    readings = (reading, *reading.others)
    codes = tuple(dict.fromkeys(finding.code for one in readings for finding in one.findings))
    language = get_language() or "zh-hans"
    return {
        "readings": [(one.findings, _fields(one)) for one in readings],
        "is_invoice": reading.is_invoice,
        "facts": token_of(request, reading) if reading.is_invoice else "",
        "articles": suggest_for("", codes=codes, user=request.user, language=language) if codes else [],
    }


def _fields(reading: Reading) -> list[tuple[str, Any]]:
    shown = {name: found.value for name, found in reading.fields.items() if name in FIELD_LABELS}
    if shown.get("kind") in KINDS:
        shown["kind"] = _(KINDS[str(shown["kind"])].name)
    return [(FIELD_LABELS[name], value) for name, value in shown.items()]
