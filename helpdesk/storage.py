"""Evidence in a folder: a file is there whole and on the disk, or not at all."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.core.files.storage import FileSystemStorage

INCOMING = "incoming"
ABANDONED = 3600  # seconds after which a draft's writer is gone


class Folder(FileSystemStorage):
    """Written beside, flushed, and renamed; the draft of a killed writer is removed by a later one."""

    def _save(self, name: str, content: Any) -> str:
        target = Path(self.path(name))
        incoming = Path(self.location) / INCOMING
        for folder in (incoming, target.parent):
            folder.mkdir(parents=True, exist_ok=True)
        _forget_abandoned(incoming)
        descriptor, draft = tempfile.mkstemp(dir=incoming)
        try:
            _write(descriptor, content.chunks())
            os.chmod(draft, self.file_permissions_mode or 0o640)  # noqa: PTH101  the storage speaks in strings
            Path(draft).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(draft).unlink()
            raise
        _flush(target.parent)
        return name


def _write(descriptor: int, chunks: Iterable[bytes]) -> None:
    with os.fdopen(descriptor, "wb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())  # no row may outlive its bytes at a power cut


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget_abandoned(incoming: Path) -> None:
    for draft in incoming.iterdir():
        with suppress(FileNotFoundError):
            if draft.stat().st_mtime < time.time() - ABANDONED:
                draft.unlink()
