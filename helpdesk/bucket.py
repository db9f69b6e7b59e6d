"""Evidence in S3-compatible storage: its faults are OSErrors, as those of a folder are."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage

#: By path, and without checksums that only one vendor knows: what every S3-compatible store understands.
CONFIG = Config(
    s3={"addressing_style": "path"},
    signature_version="s3v4",
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
    connect_timeout=5,
    read_timeout=30,
    retries={"max_attempts": 2},
)


@contextlib.contextmanager
def as_os_error() -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, Boto3Error) as error:
        raise OSError(str(error)) from error


class Bucket(S3Storage):
    """STORAGE_URL=s3://… ; a file is fetched when it is opened, so that reading it can't fail half-way."""

    def __init__(self, **options: Any) -> None:
        super().__init__(client_config=CONFIG, **options)

    def _open(self, name: str, mode: str = "rb") -> File[bytes]:
        with as_os_error():
            opened: Any = super()._open(name, mode)
            opened.file.seek(0)
        return opened  # type: ignore[no-any-return]

    def _save(self, name: str, content: File[bytes]) -> str:
        with as_os_error():
            return str(super()._save(name, content))

    def exists(self, name: str) -> bool:
        with as_os_error():
            return bool(super().exists(name))

    def size(self, name: str) -> int:
        with as_os_error():
            return int(super().size(name))

    def delete(self, name: str) -> None:
        with as_os_error():
            super().delete(name)
