"""Bytes under their sha256: each content is written once, whole, and before any row speaks of it."""

from __future__ import annotations

import contextlib
import hashlib
from typing import IO

from django.core.files.base import ContentFile, File
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
    name = _write(f"evidence/{digest[:2]}/{digest}", ContentFile(data), len(data))
    try:
        with transaction.atomic():
            return Blob.objects.create(sha256=digest, size=len(data), key=name)
    except IntegrityError:  # the same file at the same moment: the other one's bytes stay
        first = Blob.objects.get(sha256=digest)
        if first.key != name:
            default_storage.delete(name)
        return first


def keep_file(file: IO[bytes]) -> Blob:
    """The same for what is too large to be held whole; read from its beginning, in pieces."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]  # a spooled file has readinto from 3.11 on
    size = file.tell()
    if known := Blob.objects.filter(sha256=digest).first():
        return known
    file.seek(0)
    name = _write(f"evidence/{digest[:2]}/{digest}", File(file), size)
    return Blob.objects.get_or_create(sha256=digest, defaults={"size": size, "key": name})[0]


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


def _write(name: str, content: File[bytes], size: int) -> str:
    try:
        if default_storage.exists(name):
            if default_storage.size(name) == size:
                return name
            default_storage.delete(name)  # not these bytes, whatever has happened to it
        name = default_storage.save(name, content)
    except OSError as error:
        with contextlib.suppress(OSError):
            default_storage.delete(name)
        raise Unavailable from error
    return name
