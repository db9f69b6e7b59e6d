"""SCANNERS: what looks at the bytes of a file before anybody may open it. Adding one is one function and one line.

Contract: takes the bytes, returns None when it has nothing against them, or its own name for what it found, for the log
and the desk. Raises `Unavailable` when it can't tell: the file then waits, and is looked at again.
"""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings

from helpdesk.common.errors import Unavailable

Scanner = Callable[[bytes], str | None]
CHUNK = 64 * 1024
TIMEOUT = 30  # seconds for each answer of the daemon

#: The harmless file by which virus scanners are tried out (EICAR), in two halves so that this source is none.
_TEST_FILE = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def test_file(data: bytes) -> str | None:
    """The scanners' test file, so that quarantine can be tried without a scanner."""
    return "EICAR-Test-File" if _TEST_FILE in data[:4096] else None


def clamd(data: bytes) -> str | None:
    """ClamAV's daemon at CLAMD_URL, by its INSTREAM command; off while the address is empty."""
    if not settings.CLAMD_URL:
        return None
    try:
        with _connect(settings.CLAMD_URL) as link:
            link.sendall(b"zINSTREAM\0")
            for start in range(0, len(data), CHUNK):
                part = data[start : start + CHUNK]
                link.sendall(struct.pack(">I", len(part)) + part)
            link.sendall(struct.pack(">I", 0))
            answer = b""
            while not answer.endswith(b"\0") and (part := link.recv(4096)):
                answer += part
    except OSError as error:
        raise Unavailable from error
    text = answer.decode("utf-8", "replace").strip("\0\n ")
    if text.endswith("FOUND"):
        return text.removeprefix("stream:").removesuffix("FOUND").strip()
    if not text.endswith("OK"):
        raise Unavailable
    return None


def _connect(url: str) -> socket.socket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(TIMEOUT)
        link.connect(parts.path)
        return link
    return socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 3310), timeout=TIMEOUT)


SCANNERS: list[Scanner] = [test_file, clamd]


def scan(data: bytes) -> str | None:
    """The first thing that a scanner has against the bytes."""
    return next((found for scanner in SCANNERS if (found := scanner(data))), None)
