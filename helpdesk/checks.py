"""Unsafe combinations, said at start with an id and a hint."""

from __future__ import annotations

import sqlite3
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.db import connection
from django.http.request import validate_host

from helpdesk import env

#: SQLite releases in which two connections that write and checkpoint at once can corrupt a WAL database.
WAL_RESET_BUG = ((3, 7, 0), (3, 51, 2))


@register(Tags.database)
def sqlite_version(**_: Any) -> list[CheckMessage]:
    """A known-bad SQLite is said, not hidden: a note while trying out, a warning for real data."""
    first, last = WAL_RESET_BUG
    if connection.vendor != "sqlite" or not first <= sqlite3.sqlite_version_info <= last:
        return []
    level = Info if settings.DEMO else Warning
    return [
        level(
            f"SQLite {sqlite3.sqlite_version} has the WAL-reset bug: two processes that write and checkpoint "
            "at the same moment can damage the file.",
            hint="Fine for trying out. For real data use PostgreSQL (DATABASE_URL) or SQLite 3.51.3 and later.",
            id="helpdesk.W001",
        )
    ]


@register(Tags.security)
def demo_only_on_loopback(**_: Any) -> list[CheckMessage]:
    """Demo accounts share one printed password; settings.DEMO is off already, but who asked for it has to know."""
    if env.flag("DEMO") and not settings.LOOPBACK:
        hint = "Unset DEMO, or leave HOST and SITE_URL on 127.0.0.1."
        return [Error("DEMO=1 where others than this machine can come in.", hint=hint, id="helpdesk.E001")]
    return []


@register(Tags.security)
def site_url_is_allowed(**_: Any) -> list[CheckMessage]:
    """Links in mails must lead back to a host that we answer for."""
    host = urlsplit(settings.SITE_URL).hostname or ""
    if validate_host(f"[{host}]" if ":" in host else host, settings.ALLOWED_HOSTS):
        return []
    hint = "Set SITE_URL to the address that people type, and ALLOWED_HOSTS to its host."
    return [Error(f"SITE_URL's host {host} is not in ALLOWED_HOSTS.", hint=hint, id="helpdesk.E002")]
