"""Articles as files: `kb/content/<language>/<slug>.md`, front matter between two lines of three dashes."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
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
    return {name.strip(): _unquoted(value.strip()) for name, _, value in pairs}, body.strip() + "\n"


def _unquoted(value: str) -> str:
    """A value in quotes is a JSON text; what only looks so loses its quotes."""
    try:
        found = json.loads(value) if value.startswith('"') else value
    except ValueError:
        found = value.strip('"')
    return str(found)


def dump(head: Mapping[str, str], body: str) -> str:
    """The reverse of `parse`; blank lines around the body are not kept."""
    lines = [f"{name}: {_quoted(value)}".rstrip() for name, value in head.items()]
    return "\n".join(["---", *lines, "---", "", body.strip(), ""])


def _quoted(value: str) -> str:
    is_plain = len(value.splitlines()) < 2 and value == value.strip() and '"' not in (value[:1], value[-1:])
    return value if is_plain else json.dumps(value, ensure_ascii=bool({"\x85", "\u2028", "\u2029"} & set(value)))


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
    for item in given:  # a parent stands before its children
        values = {name: value for name, value in item.items() if name not in ("slug", "parent")}
        values["parent"] = Category.objects.get(slug=item["parent"]) if "parent" in item else None
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
