"""Articles as files: `kb/content/<language>/<slug>.md`, front matter between two lines of three dashes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kb import services
from kb.models import Category

FOLDER = Path(__file__).parent / "content"


@dataclass(frozen=True, slots=True)
class File:
    """One article in one language as written in a file."""

    slug: str
    language: str
    head: dict[str, str]
    body: str


def parse(text: str) -> tuple[dict[str, str], str]:
    """Front matter (`name: value`, one a line) and the Markdown behind it."""
    if not text.startswith("---\n"):
        return {}, text
    front, _, body = text[4:].partition("\n---\n")
    pairs = (line.partition(":") for line in front.splitlines() if ":" in line)
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs}, body.strip() + "\n"


def files(folder: Path = FOLDER) -> Iterator[File]:
    """Every article file, by language and name."""
    for path in sorted(folder.glob("*/*.md")):
        head, body = parse(path.read_text(encoding="utf-8"))
        yield File(path.stem, path.parent.name, head, body)


def load(folder: Path = FOLDER) -> int:
    """Publish what is new or changed in the files; what people edited stays. Returns how many texts changed."""
    categories = _categories(folder)
    return sum(_load(file, categories) for file in files(folder))


def _categories(folder: Path) -> dict[str, Category]:
    path = folder / "categories.json"
    given: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    for item in given:
        values = {name: value for name, value in item.items() if name != "slug"}
        Category.objects.update_or_create(slug=item["slug"], defaults=values)
    return {category.slug: category for category in Category.objects.all()}


def _load(file: File, categories: dict[str, Category]) -> bool:
    head = file.head
    words = [head.get("keywords", ""), head.get("codes", "")]
    review_by = head.get("review_by", "")
    return services.import_article(
        slug=file.slug,
        language=file.language,
        category=categories[head["category"]],
        audience=head.get("audience", "public"),
        text={
            "title": head["title"],
            "summary": head.get("summary", ""),
            "keywords": ", ".join(filter(None, words))[:500],
            "body": file.body,
            "sources": head.get("sources", ""),
        },
        review_by=dt.date.fromisoformat(review_by) if review_by else None,
    )
