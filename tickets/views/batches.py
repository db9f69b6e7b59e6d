"""Lists of the enterprise: upload, what the columns mean, progress, the report row by row, one ticket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation
from helpdesk.common.errors import DomainError
from helpdesk.common.http import say
from helpdesk.common.messages import Message, gettext_noop
from helpdesk.common.pace import slow_down
from tickets import services, wizard
from tickets.batches import report as reports
from tickets.batches import services as batches
from tickets.batches.downloads import TYPES, download
from tickets.batches.models import Batch
from tickets.batches.rules import RESULT_LABELS, TONES
from tickets.forms import BatchForm
from tickets.invoices.columns import HEADS, columns_of
from tickets.keyset import position_page
from tickets.vocabulary import FIELD_LABELS, Symptom

RECENT, EACH_MINUTE = 20, 20


def _mine(request: HttpRequest, pk: int) -> Batch:
    rows = Batch.objects.visible_to(request.user).select_related("evidence__blob", "organisation", "ticket")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """Upload a list; the same file leads to the same list."""
    mine = wizard.organisations(request.user)
    if request.method != "POST":
        return _upload_page(request, mine)
    if not mine:
        return _upload_page(request, mine, error=Message(gettext_noop("Register your enterprise first")))
    slow_down(request, "batch", each_minute=EACH_MINUTE)
    given = request.FILES.get("file")
    if given is None:
        return _upload_page(request, mine, error=Message(gettext_noop("Choose a file first.")))
    try:
        batch, is_new = batches.take_in(
            file=given, name=given.name or "", organisation=_chosen(request, mine), by=request.user
        )
    except DomainError as error:
        return _upload_page(request, mine, error=error.errors[0].message if error.errors else error.message)
    if not is_new:
        messages.info(request, _("You have uploaded this file before. This is its list."))
    return redirect("batch", pk=batch.pk)


def _chosen(request: HttpRequest, mine: list[Organisation]) -> Organisation:
    given = request.POST.get("organisation", "")
    return next((one for one in mine if str(one.pk) == given), mine[0])


def _upload_page(request: HttpRequest, mine: list[Organisation], error: Message | None = None) -> HttpResponse:
    seen = Batch.objects.visible_to(request.user).filter(organisation__in=request.user.organisation_ids())
    recent = seen.select_related("evidence", "ticket", "organisation")[:RECENT]
    context = {"organisations": mine, "recent": recent, "error": error, "nav": "tickets"}
    return render(request, "tickets/batches/new.html", context, status=422 if error else 200)


@require_safe
@login_required
def template(request: HttpRequest, form: str) -> HttpResponse:
    """The empty list."""
    if form not in TYPES:
        raise Http404
    response = HttpResponse(reports.template(form), content_type=TYPES[form])
    name = f"{_('invoice-list')}.{form}"
    response["Content-Disposition"] = content_disposition_header(True, name)  # noqa: FBT003
    return response


@require_safe
@login_required
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The list where it stands: columns to name, progress, report, or its ticket."""
    return render(request, "tickets/batches/batch.html", batch_context(request, _mine(request, pk)))


def batch_context(request: HttpRequest, found: Batch, **more: Any) -> dict[str, Any]:
    result = request.GET.get("result", "")
    result = result if result in {r.value for r in RESULT_LABELS} else ""
    rows = batches.rows_of(found, result)
    page = position_page(rows, after=request.GET.get("after", ""), before=request.GET.get("before", ""))
    counts = [(r.value, _(label), getattr(found, r.value)) for r, label in RESULT_LABELS.items()]
    fields = {**FIELD_LABELS, "status": gettext_noop("Status")}
    return {
        "batch": found,
        "nav": "tickets",
        "actions": {t.action for t in found.actions(request.user)},
        "page": page,
        "result": result,
        "tones": {r.value: tone for r, tone in TONES.items()},
        "labels": fields,
        "tabs": [
            {"label": label, "count": count, "url": f"?result={name}#rows", "current": name == result}
            for name, label, count in [("", _("All rows"), found.rows), *counts]
        ],
        "columns": _columns(found),
        "choices": [(name, fields[name]) for name in HEADS],
        "form": BatchForm(initial=_initial(found)),
        "missing": sum(gap["count"] for gap in found.gaps),
        **more,
    }


def _columns(found: Batch) -> list[tuple[int, str, str]]:
    """Column, its head, and the field that it holds as far as anybody knows."""
    known = found.columns
    if not known:
        guess = columns_of([(1, found.heads)]).fields
        known = {str(column): name for column, name in guess.items()}
    return [(i, head, known.get(str(i), "")) for i, head in enumerate(found.heads) if head]


def _initial(found: Batch) -> dict[str, Any]:
    text = ngettext("%(count)s invoice of the list %(name)s", "%(count)s invoices of the list %(name)s", found.to_file)
    subject = text % {"count": found.to_file, "name": found.evidence.name}
    return {"subject": subject[:200], "symptom": Symptom.NO_RECORD.value}


@require_POST
@login_required
def columns(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the columns hold; the list is checked by it, and the next one is read by it."""
    found = _mine(request, pk)
    prefix = "column-"
    given = {
        int(name.removeprefix(prefix)): value
        for name, value in request.POST.items()
        if name.startswith(prefix) and name.removeprefix(prefix).isdecimal() and len(name) < 12
    }
    try:
        batches.name_columns(batch=found, columns=given, by=request.user)
    except DomainError as error:
        return _refused(request, found, error, columns=[(i, head, given.get(i, "")) for i, head, _f in _columns(found)])
    return redirect("batch", pk=pk)


def _refused(request: HttpRequest, found: Batch, error: DomainError, **more: Any) -> HttpResponse:
    if error.status in (403, 404):
        raise error
    found = _mine(request, found.pk)
    texts = [say(e.message) for e in error.errors] or [say(error.message)]
    context = batch_context(request, found, errors=texts, **more)
    return render(request, "tickets/batches/batch.html", context, status=422 if error.status == 400 else error.status)


@require_POST
@login_required
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the ticket; its items follow in the background."""
    found = _mine(request, pk)
    form = BatchForm(request.POST)
    try:
        words = form.cleaned_data if form.is_valid() else {n: request.POST.get(n, "") for n in form.fields}
        services.file_batch(batch=found, new=services.NewTicket(**words), by=request.user)
    except DomainError as error:
        return _refused(request, found, error, form=form)
    return redirect("batch", pk=pk)


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop between two chunks."""
    found = _mine(request, pk)
    try:
        services.cancel_batch(batch=found, by=request.user)
    except DomainError as error:
        return _refused(request, found, error)
    messages.success(request, _("The list is cancelled."))
    return redirect("batch", pk=pk)


@require_safe
@login_required
def report(request: HttpRequest, pk: int, form: str) -> HttpResponseBase:
    """The same sheet with two more columns."""
    found = _mine(request, pk)
    if form not in TYPES:
        raise Http404
    slow_down(request, "batch-report", each_minute=EACH_MINUTE)
    return download(found, form)
