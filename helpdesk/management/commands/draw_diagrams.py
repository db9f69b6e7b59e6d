"""Draw docs/states.md from the transition tables, so that the picture can't be wrong."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kb.lifecycle import LIFECYCLE as REVISION
from tickets.backfill.lifecycle import LIFECYCLE as BACKFILL
from tickets.lifecycle import LIFECYCLE as TICKET

TABLES = {"Ticket": TICKET, "Backfill of one invoice": BACKFILL, "Revision of an article": REVISION}


def draw() -> str:
    """The page as text."""
    parts = ["# States\n\nDrawn from the transition tables by `make docs`; don't edit.\n"]
    parts += [f"## {title}\n\n```mermaid\n{table.mermaid()}\n```\n" for title, table in TABLES.items()]
    return "\n".join(parts)


class Command(BaseCommand):
    help = "Draw the state diagrams again."

    def handle(self, *args: Any, **options: Any) -> None:
        (settings.BASE_DIR / "docs" / "states.md").write_text(draw())
