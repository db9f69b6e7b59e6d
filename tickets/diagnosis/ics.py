"""PURE. One appointment as a calendar file (RFC 5545), for those who have no account to be reminded by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

MEDIA_TYPE = "text/calendar; charset=utf-8"
LENGTH = dt.timedelta(minutes=15)
_FOLD = 75  # octets in a line, without its end (§3.1)


def appointment(*, uid: str, at: dt.datetime, text: str, url: str, now: dt.datetime) -> bytes:
    """A VCALENDAR with one event at `at` (aware) that rings when it begins."""
    lines = (
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Invoice Helpdesk//Diagnosis//EN",
        "BEGIN:VEVENT",
        f"UID:{_escaped(uid)}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(at)}",
        f"DTEND:{_utc(at + LENGTH)}",
        f"SUMMARY:{_escaped(text)}",
        f"DESCRIPTION:{_escaped(url)}",
        f"URL:{url}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(text)}",
        "TRIGGER:PT0S",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    )
    return "".join(f"{piece}\r\n" for line in lines for piece in _folded(line)).encode()


def _utc(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """A TEXT value (§3.3.11)."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return "\\n".join(plain.splitlines())


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, never inside a character; each further one begins with a space."""
    piece, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > _FOLD:
            yield piece
            piece, size = " ", 1
        piece, size = piece + char, size + width
    yield piece
