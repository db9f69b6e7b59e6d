"""PURE. The environment, read once and loudly: a bad value stops the start with its name."""

from __future__ import annotations

import contextlib
import os
import secrets
from decimal import Decimal, InvalidOperation
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

BASE = Path(__file__).resolve().parent.parent


def flag(name: str, *, default: bool = False) -> bool:
    """A yes/no variable."""
    value = os.environ.get(name, "").strip().lower()
    if value not in {"", "0", "1", "true", "false", "yes", "no"}:
        raise ValueError(f"{name}={value!r}: use 1 or 0")
    return default if not value else value in {"1", "true", "yes"}


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def integer(name: str, default: int) -> int:
    value = text(name)
    if value and not value.isdecimal():
        raise ValueError(f"{name}={value!r}: use a whole number")
    return int(value) if value else default


def share(name: str, default: str) -> Decimal:
    """A decimal number from 0 to 1."""
    value = text(name, default)
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not 0 <= number <= 1:
        raise ValueError(f"{name}={value!r}: use a decimal number from 0 to 1, such as {default}")
    return number


def words(name: str) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name).split(",") if word.strip()]


def is_loopback(host: str) -> bool:
    return host in {"127.0.0.1", "localhost", "::1"}


def home() -> Path:
    """The data folder, made when absent."""
    folder = Path(text("HELPDESK_HOME", str(BASE / "var"))).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def secret(folder: Path) -> str:
    """SECRET_KEY, or one made once into the data folder."""
    if given := text("SECRET_KEY"):
        return given
    path = folder / "secret_key"
    if not path.exists():  # whole or not at all: of processes that start together one is first
        draft = folder / f"secret_key.{secrets.token_hex(4)}"
        draft.touch(0o600)
        draft.write_text(secrets.token_urlsafe(50))
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
        draft.unlink()
    return path.read_text().strip()


def storage(url: str, default: Path) -> dict[str, object]:
    """Django STORAGES entry for STORAGE_URL: a folder, or s3://key:secret@host/bucket?region=…"""
    parts = urlsplit(url)
    if parts.scheme in {"", "file"}:
        location = Path(parts.path) if parts.path else default
        return {
            "BACKEND": "helpdesk.storage.Folder",
            "OPTIONS": {"location": str(location), "base_url": None, "file_permissions_mode": 0o640},
        }
    if parts.scheme not in {"s3", "s3+http"}:
        raise ValueError("STORAGE_URL: use a folder, s3:// or s3+http://")
    scheme = "http" if parts.scheme == "s3+http" else "https"
    endpoint = f"{scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    return {
        "BACKEND": "helpdesk.bucket.Bucket",
        "OPTIONS": {
            "access_key": unquote(parts.username or ""),
            "secret_key": unquote(parts.password or ""),
            "endpoint_url": endpoint,
            "bucket_name": parts.path.strip("/"),
            "region_name": parse_qs(parts.query).get("region", [None])[0],
            "default_acl": "private",
            "querystring_auth": True,
            "file_overwrite": False,
        },
    }
