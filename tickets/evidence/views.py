"""Files in and out of pages. Bytes leave only through here and the API, past `visible_to`."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST, require_safe

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
    return download(get_object_or_404(Evidence.objects.visible_to(request.user).select_related("blob"), pk=pk))


def download(evidence: Evidence) -> FileResponse:
    """The bytes as an attachment that no browser opens in our name."""
    response = FileResponse(
        services.open_file(evidence),
        as_attachment=True,
        filename=evidence.name,
        content_type="application/octet-stream",
    )
    response.headers["Content-Length"] = str(evidence.blob.size)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = SEALED
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["ETag"] = f'"{evidence.blob.sha256}"'
    return response


@require_safe
@login_required
def preview(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One page as a picture, for the bench and the form."""
    found = get_object_or_404(Evidence.objects.visible_to(request.user).select_related("blob"), pk=pk)
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
