"""Draw the state diagrams of the README from the transition tables, so that the pictures can't be wrong."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kb.lifecycle import LIFECYCLE as REVISION
from tickets.backfill.lifecycle import LIFECYCLE as BACKFILL
from tickets.lifecycle import LIFECYCLE as TICKET

#: File → the title of each diagram in its language.
PAGES = {
    "README.md": ("A ticket", "The backfill of one invoice", "A revision of an article"),
    "README.zh.md": ("工单", "一张发票的人工补录", "文章的一次修订"),
}
TABLES = (TICKET, BACKFILL, REVISION)
BEGIN, END = "<!-- states: drawn by `make docs` -->\n", "<!-- end of states -->"


def drawn(text: str, titles: tuple[str, ...]) -> str:
    """`text` with the part between the two marks drawn anew."""
    parts = [
        f"### {title}\n\n```mermaid\n{table.mermaid()}\n```\n" for title, table in zip(titles, TABLES, strict=True)
    ]
    diagrams = "\n".join(parts)
    return re.sub(rf"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}\n{diagrams}\n{END}", text, flags=re.S)


class Command(BaseCommand):
    help = "Draw the state diagrams again."

    def handle(self, *args: Any, **options: Any) -> None:
        for name, titles in PAGES.items():
            path = settings.BASE_DIR / name
            path.write_text(drawn(path.read_text("utf-8"), titles), "utf-8")
