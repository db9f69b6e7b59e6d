"""Published articles as items for JSONL and as a ZIP of Markdown files, out and in again."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.messages import Message, gettext_noop
from kb import content, files
from kb.models import Article, Attachment, Category, Revision
from kb.scope import WORDS

LARGEST = 20 * 1024 * 1024  # bytes of a member
HEAD = ("title", "summary", "category", "audience", "keywords", "sources", "review_by")
_TEXT = re.compile(r"^([a-z-]{2,10})/([\w-]{1,120})\.md$")
_FILE = re.compile(r"^files/([\w-]{1,120})/([0-9a-f]{32})/([^/]+)$")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same articles are the same bytes


def items() -> Iterator[dict[str, Any]]:
    """Every published text, as import_articles reads it."""
    rows = Revision.objects.published().select_related("article__category").order_by("article__slug", "language")
    for row in rows.iterator(200):
        article = row.article
        yield {
            "slug": article.slug,
            "title": row.title,
            "text": row.body,
            "language": row.language,
            "category": article.category.slug,
            "audience": article.audience,
            "summary": row.summary,
            "keywords": row.keywords,
            "sources": row.sources,
            "scope": row.scope,
            "review_by": article.review_by.isoformat() if article.review_by else "",
        }


def write(target: IO[bytes]) -> int:
    """The texts as `<language>/<slug>.md`, their categories and files; returns how many texts."""
    written = list(items())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        names = ("slug", "title_zh", "title_en", "description_zh", "description_en", "icon", "position", "is_situation")
        rows = list(Category.objects.order_by("slug").values(*names))
        _put(archive, "categories.json", json.dumps(rows, ensure_ascii=False, indent=1).encode())
        for item in written:
            head = {name: item[name] for name in HEAD}
            head |= {name: ", ".join(words) for name, words in item["scope"].items()}
            _put(archive, f"{item['language']}/{item['slug']}.md", content.dump(head, item["text"]).encode())
        for kept in Attachment.objects.published().select_related("article").order_by("key"):
            with files.open_file(kept) as source:
                _put(archive, f"files/{kept.article.slug}/{kept.key}/{kept.name}", source.read())
    return len(written)


def _put(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(zipfile.ZipInfo(name, _EPOCH), data, zipfile.ZIP_DEFLATED)


def read(source: IO[bytes]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name in the package, item) of each text; what is no text is left alone. Raises Invalid for no ZIP."""
    with _opened(source) as archive:
        for member in sorted(archive.infolist(), key=lambda member: member.filename):
            if match := _TEXT.match(member.filename):
                head, body = content.parse(_member(archive, member).decode("utf-8", "replace"))
                lists = {name: head.pop(name, "") for name in ("kinds", *WORDS)}
                found = {"language": match.group(1), "slug": match.group(2), "text": body, "scope": lists}
                yield member.filename, head | found


def read_categories(source: IO[bytes]) -> int:
    """Make the categories that are new; those that are there keep their titles."""
    with _opened(source) as archive:
        if "categories.json" not in archive.namelist():
            return 0
        rows = json.loads(_member(archive, archive.getinfo("categories.json")))
    return sum(Category.objects.get_or_create(slug=row.pop("slug"), defaults=row)[1] for row in rows)


def read_files(source: IO[bytes]) -> int:
    """Keep the files whose article is there and whose address is free; returns how many."""
    count = 0
    with _opened(source) as archive:
        for member in archive.infolist():
            if match := _FILE.match(member.filename):
                slug, key, name = match.groups()
                article = Article.objects.filter(slug=slug).first()
                if article and not Attachment.objects.filter(key=key).exists():
                    files.adopt(article=article, key=key, name=name, data=_member(archive, member))
                    count += 1
    return count


def _opened(source: IO[bytes]) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(source)
    except zipfile.BadZipFile as error:
        raise _wrong("zip.broken") from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    if member.file_size > LARGEST:
        raise _wrong(member.filename)
    with archive.open(member) as source:
        data = source.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _wrong(member.filename)
    return data


def _wrong(name: str) -> Invalid:
    text = gettext_noop("This package can't be read.")
    return Invalid(Message(text), errors=[FieldError(name, "unreadable", Message(text))])
