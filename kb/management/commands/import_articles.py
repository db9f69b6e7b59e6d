"""Articles from a JSONL file, published as imported; the same file again changes nothing."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TextIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from helpdesk.common.errors import Invalid
from helpdesk.common.inputs import clean_text
from kb import index, services

BATCH = 20  # articles in a transaction: PostgreSQL walks past every count that the same one has replaced
UNTITLED = 60  # characters of the text that stand in for a title


class Command(BaseCommand):
    help = "Import articles: one JSON object a line with slug, title, text, language, category, audience."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="JSONL, or - for the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        with nullcontext(sys.stdin) if path == "-" else Path(path).open(encoding="utf-8") as source:
            changed = sum(self._some(batch) for batch in _batches(source))
        if changed:
            index.analyse()
        self.stdout.write(f"{changed} articles imported.")

    @transaction.atomic
    def _some(self, batch: list[tuple[int, dict[str, Any]]]) -> int:
        return sum(self._one(number, item) for number, item in batch)

    def _one(self, number: int, item: dict[str, Any]) -> bool:
        try:
            return services.import_article(
                slug=str(item["slug"])[:120],
                language=item.get("language") or "zh-hans",
                category=services.category_of(str(item.get("category") or "imported")[:60]),
                audience=item.get("audience") or "public",
                text={
                    "title": _title(item)[:200],
                    "body": clean_text(str(item["text"])),
                    "summary": clean_text(str(item.get("summary", "")))[:500],
                    "keywords": clean_text(str(item.get("keywords", "")))[:500],
                },
            )
        except KeyError as error:
            raise CommandError(f"line {number}: {error.args[0]} is missing") from error
        except Invalid as error:
            told = "; ".join(f"{e.field}: {e.message}" for e in error.errors)
            raise CommandError(f"line {number}: {told}") from error


def _title(item: dict[str, Any]) -> str:
    """The title, or the beginning of the text for what comes without one."""
    given, text = (clean_text(str(item[name])).strip() for name in ("title", "text"))
    return given or next(iter(text.splitlines()), "")[:UNTITLED]


def _batches(source: TextIO) -> Iterator[list[tuple[int, dict[str, Any]]]]:
    batch: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            batch.append((number, json.loads(line)))
        except ValueError as error:
            raise CommandError(f"line {number}: not JSON") from error
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
