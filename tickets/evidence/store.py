"""Bytes under their sha256: each content is written once, whole, and before any row speaks of it."""

from __future__ import annotations

import contextlib
import hashlib
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from helpdesk.common.errors import Unavailable
from tickets.evidence.models import Blob


def keep(data: bytes) -> Blob:
    """The blob of these bytes, written if it is new. Raises Unavailable when the storage doesn't take them."""
    digest = hashlib.sha256(data).hexdigest()
    known = Blob.objects.filter(sha256=digest).first()
    if known:
        return known
    name = _write(f"evidence/{digest[:2]}/{digest}", data)
    try:
        with transaction.atomic():
            return Blob.objects.create(sha256=digest, size=len(data), key=name)
    except IntegrityError:  # the same file at the same moment: the other one's bytes stay
        first = Blob.objects.get(sha256=digest)
        if first.key != name:
            default_storage.delete(name)
        return first


def open_blob(blob: Blob) -> IO[bytes]:
    """The bytes for reading. Raises Unavailable when the storage doesn't give them."""
    try:
        return default_storage.open(blob.key, "rb")
    except OSError as error:
        raise Unavailable from error


def read_blob(blob: Blob) -> bytes:
    """All bytes. Raises Unavailable when the storage doesn't give them."""
    with open_blob(blob) as source:
        try:
            return source.read()
        except OSError as error:
            raise Unavailable from error


def _write(name: str, data: bytes) -> str:
    try:
        if default_storage.exists(name):
            if default_storage.size(name) == len(data):
                return name
            default_storage.delete(name)  # not these bytes, whatever has happened to it
        name = default_storage.save(name, ContentFile(data))
    except OSError as error:
        with contextlib.suppress(OSError):
            default_storage.delete(name)
        raise Unavailable from error
    return name
