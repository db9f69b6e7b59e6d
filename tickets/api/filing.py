"""A new ticket that comes with its files in one request: multipart/form-data on POST /tickets/."""

from __future__ import annotations

import io
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.request import Request

from helpdesk.common.api import StrictJSONParser
from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets.api.serializers import TicketInput
from tickets.evidence.models import Purpose
from tickets.evidence.services import Upload

#: What a file that comes with a ticket may be for: the name of its part.
PARTS = (Purpose.INVOICE, Purpose.LOG, Purpose.SCREENSHOT, Purpose.OTHER)


class TicketWithFiles(serializers.Serializer[Any]):
    """A new ticket with its files in one request; every part but `ticket` may stand several times."""

    ticket = TicketInput()
    invoice = serializers.FileField(required=False)
    log = serializers.FileField(required=False)
    screenshot = serializers.FileField(required=False)
    other = serializers.FileField(required=False)


def ticket_of(request: Request) -> Any:
    """The JSON of a new ticket: the body, or its part `ticket`."""
    if not isinstance(request.data, QueryDict):
        return request.data
    given = request.data.get("ticket")
    text = given.encode() if isinstance(given, str) else given.read() if given else b"{}"
    return StrictJSONParser().parse(io.BytesIO(text))


def uploads_of(request: Request) -> list[Upload]:
    """The files that came with a ticket."""
    parts = [(name, file) for name, files in request.FILES.lists() for file in files if name != "ticket"]
    if unknown := [name for name, _ in parts if name not in PARTS]:
        text = gettext_noop("Name the part by what the file is for: invoice, log, screenshot or other.")
        raise Invalid(errors=[FieldError(unknown[0][:40], "unknown", Text(text))])
    return [Upload(file, file.name or "", name) for name, file in parts]
