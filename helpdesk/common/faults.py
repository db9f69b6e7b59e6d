"""Faults that pass: of the database, the disk or the open files; asked again later, the same request succeeds."""

from __future__ import annotations

import errno

from django.db import InterfaceError, OperationalError

#: SQLite's primary result codes: busy, locked, read-only, I/O, full, can't open.
SQLITE = frozenset({5, 6, 8, 10, 13, 14})
#: PostgreSQL's classes: connection, rolled back, resources, not in the right state (locks), operator, system.
POSTGRESQL = ("08", "40", "53", "55", "57", "58")
DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EIO, errno.EMFILE, errno.ENFILE})


def passes(error: BaseException | None) -> bool:
    """Whether the request may succeed when it is sent again: then it is a 503 and not a fault of the program."""
    if isinstance(error, OSError):
        return error.errno in DISK
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    cause = error.__cause__
    code = getattr(cause, "sqlite_errorcode", None)
    if code is not None:
        return (code & 0xFF) in SQLITE
    state = getattr(cause, "sqlstate", None)
    return state is None or state.startswith(POSTGRESQL)  # without a state the connection itself failed
