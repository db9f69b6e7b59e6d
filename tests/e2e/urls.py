"""The service's addresses and one that refuses with any status."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.permissions import Permission
from helpdesk import urls
from helpdesk.common import errors

handler400, handler403, handler404 = urls.handler400, urls.handler403, urls.handler404
handler500 = urls.handler500

REFUSALS: dict[int, errors.DomainError] = {
    400: errors.Invalid(),
    403: errors.Forbidden(permission=Permission.BACKFILL_APPROVE),
    404: errors.Missing(),
    409: errors.NotNow(),
    412: errors.Stale(),
    413: errors.TooLarge(),
    503: errors.Unavailable(),
}


def refuse(request: HttpRequest, status: int) -> HttpResponse:
    raise REFUSALS[status] if status in REFUSALS else RuntimeError("asked for")


urlpatterns = [*urls.urlpatterns, path("refuse/<int:status>/", refuse)]
