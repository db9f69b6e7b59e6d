"""Pages of a queue by key instead of by offset: the last page costs what the first one costs."""

from __future__ import annotations

import base64
import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q


@dataclass(frozen=True, slots=True)
class Page:
    """`rows` of one page and the key of the next, empty on the last."""

    rows: list[Any]
    next: str = ""


def keyset_page(rows: Any, *, after: str = "", size: int = 25) -> Page:
    """Tickets due first, undated last, then by id; `after` is the key of the row before the page. A foreign or broken
    key starts from the beginning."""
    rows = rows.order_by(F("due_at").asc(nulls_last=True), "pk")
    if key := _read(after):
        due, pk = key
        later = Q(due_at=None, pk__gt=pk)
        if due is not None:
            later = Q(due_at__gt=due) | Q(due_at=due, pk__gt=pk) | Q(due_at=None)
        rows = rows.filter(later)
    found = list(rows[: size + 1])
    more = len(found) > size
    return Page(found[:size], _write(found[size - 1]) if more else "")


def _write(row: Any) -> str:
    key = [row.due_at.isoformat() if row.due_at else None, row.pk]
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _read(text: str) -> tuple[dt.datetime | None, int] | None:
    try:
        due, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        at = dt.datetime.fromisoformat(due) if due else None
        if at is not None and at.tzinfo is None:
            return None
        return at, int(pk)
    except (ValueError, TypeError):
        return None
