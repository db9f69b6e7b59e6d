"""A write that is sent twice happens once: `Idempotency-Key` on the API."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import json
from collections.abc import Callable
from typing import Any, cast

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, transaction
from django.http import QueryDict
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import IdempotencyKey, User
from helpdesk.common.errors import DomainError, Invalid
from helpdesk.common.messages import Message, gettext_noop

KEPT = dt.timedelta(days=7)
MAX_LENGTH = 200
#: PostgreSQL's lock_timeout.
LOCK_NOT_AVAILABLE = "55P03"
#: Headers of an answer that belong to what it did.
KEPT_HEADERS = ("ETag", "Location")

View = Callable[..., Response]


class Mismatch(DomainError):
    """A key that has already been used for another body."""

    status = 422
    code = "idempotency_mismatch"
    text = gettext_noop("This Idempotency-Key was used for another request. Send a new key.")


class InProgress(DomainError):
    """The first request with this key hasn't been answered yet."""

    status = 409
    code = "idempotency_in_progress"
    text = gettext_noop("The first request with this Idempotency-Key is still being worked on. Ask again in a moment.")


def idempotent(view: View) -> View:
    """Answer a repeated write of a DRF view method with the stored answer instead of a second effect.

    The key belongs to one person, method and path. It is written in the transaction of the effect, so a crash or a
    refusal leaves neither: what a view writes and then refuses is undone too. Two at once wait for each other.
    """

    @functools.wraps(view)
    def wrapper(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        given = request.headers.get("Idempotency-Key")
        if given is None or not request.user.is_authenticated:
            return view(self, request, *args, **kwargs)
        key, wanted = _checked(given), request_hash(request)
        with transaction.atomic():
            row, is_new = _take(request, key, wanted)
            if not is_new:
                return _replay(row, wanted)
            response = view(self, request, *args, **kwargs)
            if response.status_code < 400:
                _keep(row, response)
            else:
                row.delete()
        return response

    wrapper.is_idempotent = True  # type: ignore[attr-defined]  # for the description of the API
    return wrapper


def _checked(key: str) -> str:
    if not 1 <= len(key) <= MAX_LENGTH or not key.isascii() or not key.isprintable():
        text = gettext_noop("An Idempotency-Key has 1 to 200 printable ASCII characters.")
        raise Invalid(Message(text), code="bad_idempotency_key")
    return key


def _take(request: Request, key: str, wanted: str) -> tuple[IdempotencyKey, bool]:
    """The key's row and whether this request made it; a concurrent first request holds this one back until it ends."""
    user = cast("User", request.user)  # the wrapper has asked
    IdempotencyKey.objects.filter(user=user, created_at__lt=timezone.now() - KEPT).delete()
    route = f"{request.method} {request.path}"[:200]
    try:
        return IdempotencyKey.objects.get_or_create(user=user, route=route, key=key, defaults={"request_hash": wanted})
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == LOCK_NOT_AVAILABLE:
            raise InProgress from None
        raise


def _keep(row: IdempotencyKey, response: Response) -> None:
    row.status = response.status_code
    # The text, not the value: jsonb would change the order of the keys.
    row.body = None if response.data is None else JSONRenderer().render(response.data).decode()
    row.headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    row.save(update_fields=["status", "body", "headers"])


def _replay(row: IdempotencyKey, wanted: str) -> Response:
    if row.request_hash != wanted:
        raise Mismatch
    if row.status is None:
        raise InProgress
    data = None if row.body is None else json.loads(row.body)
    return Response(data, row.status, headers={**row.headers, "Idempotent-Replayed": "true"})


def request_hash(request: Request) -> str:
    """SHA-256 of path, query and body; the order of JSON keys and the boundary of a multipart body don't matter."""
    digest = hashlib.sha256(f"{request.get_full_path()}\n{_canonical(request.data)}".encode())
    return digest.hexdigest()


def _canonical(data: Any) -> str:
    if isinstance(data, QueryDict):
        data = {name: [_file(v) if isinstance(v, UploadedFile) else v for v in vs] for name, vs in data.lists()}
    return json.dumps(data, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _file(upload: UploadedFile[bytes]) -> list[str]:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return [upload.name or "", digest.hexdigest()]
