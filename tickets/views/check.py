"""The self-check: what a file, a QR code or typed fields say, and what is wrong with it. No account, nothing stored."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from helpdesk.common.errors import Invalid
from helpdesk.common.messages import Message, gettext_noop
from helpdesk.common.pace import slow_down
from kb import deflection
from kb.search import suggest_for
from tickets import drafts, intake, telling, wizard
from tickets.evidence.services import clean_name
from tickets.forms import InvoiceForm
from tickets.invoices.kinds import KINDS
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.logs.facts import LogReading
from tickets.invoices.model import Carrier, Finding, Invoice, Reading
from tickets.invoices.parse.codes import doubts
from tickets.invoices.qr import MAX_TEXT, parse_qr
from tickets.invoices.read import read
from tickets.invoices.reading_json import log_out
from tickets.invoices.sniff import sniff
from tickets.invoices.values import invoice_of
from tickets.views import package
from tickets.views.diagnose import token_of
from tickets.vocabulary import FIELD_LABELS, Symptom

EACH_MINUTE, KEYS_EACH_MINUTE = 20, 90
AT_ONCE = Limits(log_unpacked=40 * 1024 * 1024)  # somebody waits for the answer
NOT_A_CODE = gettext_noop("This is not the text of an invoice's QR code. Copy all of it, it begins with 01.")
NOTHING = gettext_noop("Choose a file, paste a QR code, or type what you know.")


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """One page for a file, a package, the text of a QR code, or typed fields."""
    if request.method != "POST":
        return _page(request)
    if "typing" in request.POST:
        return _while_typing(request)
    slow_down(request, "check", each_minute=EACH_MINUTE)
    given = request.FILES.get("files")
    if given is not None:
        return _of_file(request, given)
    try:
        told = _of_words(request)
    except Invalid as error:
        return _refused(request, error.message)
    if not told.findings and told == telling.Told(told.invoice):
        return _refused(request, Message(NOTHING))
    return _page(request, **_told(request, [(told.findings, _fields(told.invoice))], told), is_invoice=True)


def _page(request: HttpRequest, status: int = 200, **given: Any) -> HttpResponse:
    form = InvoiceForm(initial={name: request.POST.get(name, "") for name in InvoiceForm.base_fields})
    typed = any(request.POST.get(name) for name in InvoiceForm.base_fields)
    context = {"nav": "check", "form": form, "typed": typed, "qr": request.POST.get("qr", ""), "labels": FIELD_LABELS}
    return render(request, "check.html", context | given, status=status)


def _refused(request: HttpRequest, error: Message, name: str = "") -> HttpResponse:
    return _page(request, 422, error=error, name=name)


def _while_typing(request: HttpRequest) -> HttpResponse:
    """The findings alone, for the form as it stands; a QR text that can't be read yet says nothing."""
    slow_down(request, "check-typing", each_minute=KEYS_EACH_MINUTE)
    try:
        told = _of_words(request)
    except Invalid:
        told = telling.Told(Invoice())
    return render(request, "tickets/new/_told.html", {"told": told, "labels": FIELD_LABELS})


def _of_words(request: HttpRequest) -> telling.Told:
    """What a QR text says, and over it what was typed. Raises Invalid for another text."""
    text = request.POST.get("qr", "").strip()[: MAX_TEXT + 1]
    known = parse_qr(text) if text else {}
    if text and not known:
        raise Invalid(Message(NOT_A_CODE))
    typed, wrong = invoice_of({name: request.POST.get(name, "")[:300] for name in InvoiceForm.base_fields})
    said = {name: value for name in FIELD_LABELS if (value := getattr(typed, name)) not in ("", None)}
    also = (*wrong, *(doubts(text) if text else ()))
    return telling.told(intake.normalise(dataclasses.replace(Invoice(**known), **said)), also=also)


def _log_of(reading: Reading) -> dict[str, Any] | None:
    return log_out(reading.log) if reading.log else None


def _of_file(request: HttpRequest, given: Any) -> HttpResponse:
    """What a file says; JSON is an upload package."""
    name = clean_name(given.name or "")
    data = given.read(Limits().max_bytes + 1)
    try:
        if sniff(data, name).carrier == Carrier.JSON:
            given.seek(0)
            return package.package(request)
        reading = read(data, name=name, now=timezone.now(), limits=AT_ONCE)
    except Refused as refused:
        return _refused(request, refused.message, name)
    readings = (reading, *reading.others)
    shown = [(one.findings, _fields(one)) for one in readings]
    only = reading.invoice if reading.is_invoice and not reading.others else None
    told = telling.told(only) if only else None
    facts = token_of(request, reading) if reading.is_invoice else ""
    return _page(
        request,
        name=name,
        **_told(request, shown, told, reading.log),
        is_invoice=reading.is_invoice,
        facts=facts,
        log=_log_of(reading),
    )


def _told(
    request: HttpRequest,
    readings: list[tuple[Iterable[Finding], Any]],
    told: telling.Told | None,
    log: LogReading | None = None,
) -> dict[str, Any]:
    """The result: findings and fields of each invoice, and of a single one what a ticket takes over."""
    found = [finding.code for findings, _shown in readings for finding in findings]
    codes = tuple(dict.fromkeys([*found, *(fact.code for fact in (log.facts if log else ()) if fact.sign)]))
    language = get_language() or "zh-hans"
    articles = suggest_for("", codes=codes, user=request.user, language=language) if codes else []
    taken = wizard.initial(told.invoice).items() if told else ()
    return {"readings": readings, "articles": articles, "told": told, "taken": taken}


def _fields(said: Reading | Invoice) -> list[tuple[str, Any]]:
    """(label, value) of what is known, in the order of the face."""
    if isinstance(said, Reading):
        shown = {name: found.value for name, found in said.fields.items() if name in FIELD_LABELS}
    else:
        shown = {name: value for name in FIELD_LABELS if (value := getattr(said, name)) not in ("", None)}
    if shown.get("kind") in KINDS:
        shown["kind"] = _(KINDS[str(shown["kind"])].name)
    return [(FIELD_LABELS[name], value) for name, value in shown.items()]


@require_POST
@login_required
def into_ticket(request: HttpRequest) -> HttpResponse:
    """Take what was checked into the draft of a ticket: nothing is typed twice."""
    invoice, _wrong = invoice_of({name: request.POST.get(name, "")[:300] for name in InvoiceForm.base_fields})
    draft = drafts.load(request.user, drafts.NEW_TICKET)
    draft.setdefault("symptom", Symptom.NO_RECORD.value)
    known = [values for values in draft.get("invoices", []) if any(values.values())]
    values = wizard.initial(intake.normalise(invoice))
    if any(values.values()) and values not in known:
        draft["invoices"] = [*known, values][: wizard.MAX_INVOICES]
    drafts.save(request.user, drafts.NEW_TICKET, draft)
    deflection.recognise(request)
    messages.success(request, _("The invoice is in your draft."))
    return redirect("ticket_new_details")
