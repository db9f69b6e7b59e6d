"""Files in and out of pages. Bytes leave only through here and the API, past `visible_to`."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.api import problem_response
from helpdesk.common.errors import DomainError, FieldError, Invalid
from helpdesk.common.messages import Message, gettext_noop
from tickets.evidence import preview as pictures
from tickets.evidence import services
from tickets.evidence.models import Evidence, Purpose

SEALED = "sandbox; default-src 'none'"


@require_POST
@login_required
def upload(request: HttpRequest) -> HttpResponse:
    """One file from a drop area; the answer is the API's."""
    given = request.FILES.get("file")
    try:
        if given is None:
            text = Message(gettext_noop("Choose a file first."))
            raise Invalid(errors=[FieldError("file", "required", text)])
        purpose = request.POST.get("purpose", Purpose.OTHER)
        kept = services.receive(file=given, name=given.name or "", purpose=purpose, by=request.user)
    except DomainError as error:
        return problem_response(error)
    return JsonResponse(
        {"id": str(kept.pk), "name": kept.name, "size": kept.blob.size, "state": kept.state}, status=201
    )


@require_safe
@login_required
def file(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    return download(services.shown(evidence=_visible(request, pk), to=request.user))


def _visible(request: HttpRequest, pk: uuid.UUID) -> Evidence:
    rows = Evidence.objects.visible_to(request.user).select_related("blob", "masked", "ticket", "uploaded_by")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def original(request: HttpRequest, pk: uuid.UUID) -> HttpResponse | FileResponse:
    """Ask why, then give the sealed original; who opened it stands in the history."""
    found = _visible(request, pk)
    require(request.user, Permission.EVIDENCE_UNSEAL)
    error = None
    if request.method == "POST":
        try:
            return download(services.unseal(evidence=found, reason=request.POST.get("reason", ""), by=request.user))
        except Invalid as refusal:
            error = refusal.errors[0].message
    context = {"file": found, "ticket": found.ticket, "error": error}
    return render(request, "desk/original.html", context, status=422 if error else 200)


def download(shown: services.Shown) -> FileResponse:
    """The bytes as an attachment that no browser opens in our name."""
    response = FileResponse(
        shown.source,
        as_attachment=True,
        filename=shown.name,
        content_type="application/octet-stream",
    )
    response.headers["Content-Length"] = str(shown.blob.size)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["ETag"] = f'"{shown.blob.sha256}"'
    return response


@require_safe
@login_required
def preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One page as a picture, for the bench and the form."""
    found = _visible(request, pk)
    if found.log:
        return _beginning(found, request)
    page = request.GET.get("page", "1")
    return _picture(pictures.render(found, page=int(page) if page.isdecimal() and len(page) < 5 else 1))


@require_safe
@login_required
def place(request: HttpRequest, pk: uuid.UUID, name: str) -> HttpResponse:
    """Where a field that was read stands on the paper, marked, for the person who compares it."""
    found = get_object_or_404(Evidence.objects.visible_to(request.user).select_related("blob"), pk=pk)
    nth = request.GET.get("n", "0")
    return _picture(pictures.marked(found, name=name, nth=int(nth) if nth.isdecimal() and len(nth) < 4 else 0))


def _picture(data: bytes) -> HttpResponse:
    response = HttpResponse(data, content_type="image/jpeg")
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


def _beginning(found: Evidence, request: HttpRequest) -> HttpResponse:
    """The first lines of a log, as the person may see it."""
    shown = services.shown(evidence=found, to=request.user)
    with shown.source:
        text = pictures.first_lines(shown.source.read(), shown.name)
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
