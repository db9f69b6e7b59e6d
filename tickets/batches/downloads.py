"""The report of a list on its way out, for pages and API."""

from __future__ import annotations

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from helpdesk.common.cells import MEDIA_TYPE
from tickets.batches import report as reports
from tickets.batches.models import Batch
from tickets.evidence.services import clean_name

TYPES = {"xlsx": MEDIA_TYPE, "csv": "text/csv; charset=utf-8"}


def download(found: Batch, form: str) -> StreamingHttpResponse:
    """The report as a stream. Raises NotNow while no row has been checked."""
    response = StreamingHttpResponse(reports.report(found, form), content_type=TYPES[form])
    stem = found.evidence.name.rpartition(".")[0] or found.evidence.name
    name = clean_name(f"{stem[:100]}-{_('check-report')}.{form}")
    response["Content-Disposition"] = content_disposition_header(True, name)  # noqa: FBT003
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
