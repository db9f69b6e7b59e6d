"""A form of a page that is sent twice counts once; for the API there is `Idempotency-Key`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.idempotency import KEPT
from accounts.models import IdempotencyKey, User

FIELD = "once"


def token() -> str:
    """The value of the hidden field `once`, another one each time that the form is shown."""
    return uuid.uuid4().hex


@contextmanager
def once(request: HttpRequest) -> Iterator[bool]:
    """A transaction that says whether this form is sent for the first time.

    The token is written with the effect, so a refusal leaves neither and the same form may be sent again; of two at
    once the second waits for the first. A form without a token counts every time.
    """
    key = request.POST.get(FIELD, "")
    with transaction.atomic():
        if not (key.isascii() and key.isalnum() and len(key) <= 64):
            yield True
            return
        user = cast("User", request.user)  # the view has asked
        IdempotencyKey.objects.filter(user=user, created_at__lt=timezone.now() - KEPT).delete()
        route = f"POST {request.path}"[:200]
        _row, is_new = IdempotencyKey.objects.get_or_create(user=user, route=route, key=key)
        yield is_new
