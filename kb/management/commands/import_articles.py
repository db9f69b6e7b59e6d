"""Articles from a JSONL file or a ZIP, published as imported; the same file again changes nothing."""

from __future__ import annotations

import datetime as dt
import itertools
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
from kb import index, package, services

BATCH = 20  # articles in a transaction: PostgreSQL walks past every count that the same one has replaced
UNTITLED = 60  # characters of the text that stand in for a title


class Command(BaseCommand):
    help = (
        "Import articles: JSONL with slug, title, text, language, category, audience (and summary, keywords, sources, "
        "scope, review_by), or a ZIP as export_articles --zip writes it. What people have edited is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help="JSONL or .zip; - for JSONL from the standard input")

    def handle(self, *args: Any, **options: Any) -> None:
        path = options["file"]
        try:
            changed = self._package(Path(path)) if path.endswith(".zip") else self._lines(path)
        except Invalid as error:
            raise CommandError(_told(error)) from error
        if changed:
            index.analyse()
        self.stdout.write(f"{changed} articles imported.")

    def _lines(self, path: str) -> int:
        with nullcontext(sys.stdin) if path == "-" else Path(path).open(encoding="utf-8") as source:
            return sum(self._some(batch) for batch in _batches(_parsed(source)))

    def _package(self, path: Path) -> int:
        with path.open("rb") as source:
            package.read_categories(source)
            changed = sum(self._some(batch) for batch in _batches(package.read(source)))
            package.read_files(source)
        return changed

    @transaction.atomic
    def _some(self, batch: list[tuple[str, dict[str, Any]]]) -> int:
        return sum(self._one(place, item) for place, item in batch)

    def _one(self, place: str, item: dict[str, Any]) -> bool:
        try:
            return services.import_article(
                slug=str(item["slug"])[:120],
                language=item.get("language") or "zh-hans",
                category=services.category_of(str(item.get("category") or "imported")[:60]),
                audience=item.get("audience") or "public",
                text=_text(item),
                review_by=_day(item),
            )
        except KeyError as error:
            raise CommandError(f"{place}: {error.args[0]} is missing") from error
        except ValueError as error:
            raise CommandError(f"{place}: review_by is no day") from error
        except Invalid as error:
            raise CommandError(f"{place}: {_told(error)}") from error


def _told(error: Invalid) -> str:
    return "; ".join(f"{e.field}: {e.message}" for e in error.errors)


def _text(item: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": _title(item)[:200],
        "body": clean_text(str(item["text"])),
        "summary": clean_text(str(item.get("summary", "")))[:500],
        "keywords": clean_text(str(item.get("keywords", "")))[:500],
        "sources": clean_text(str(item.get("sources", ""))),
        "scope": item["scope"] if isinstance(item.get("scope"), dict) else {},
    }


def _day(item: dict[str, Any]) -> dt.date | None:
    given = item.get("review_by")
    return dt.date.fromisoformat(str(given)) if given else None


def _title(item: dict[str, Any]) -> str:
    """The title, or the beginning of the text for what comes without one."""
    given, text = (clean_text(str(item[name])).strip() for name in ("title", "text"))
    return given or next(iter(text.splitlines()), "")[:UNTITLED]


def _parsed(source: TextIO) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(source, start=1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", json.loads(line)
        except ValueError as error:
            raise CommandError(f"line {number}: not JSON") from error


def _batches(found: Iterator[tuple[str, dict[str, Any]]]) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    while batch := list(itertools.islice(found, BATCH)):
        yield batch
