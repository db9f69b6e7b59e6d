"""The search index, written in the transaction that publishes: one document, its postings, and the counts of terms."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Iterable, Sequence

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone

from helpdesk.common import markdown
from helpdesk.common.pinyin import sound
from helpdesk.common.ranking import frequencies
from helpdesk.common.text import is_han, tokens
from kb.index_models import Document, Posting, Term
from kb.models import Article, Revision

#: Field → weight in halves; adding one is one pair.
WEIGHTS = (("title", 6), ("keywords", 4), ("summary", 3), ("text", 2))

BATCH = 150  # rows a statement: SQLite may be built for 999 values


def put(revision: Revision) -> Document:
    """The published text of an article in one language takes the place of the one before."""
    article = revision.article
    fields = {
        "title": revision.title,
        "keywords": revision.keywords,
        "summary": revision.summary,
        "text": markdown.plain(revision.body),
    }
    counted = frequencies((tokens(fields[name]), weight) for name, weight in WEIGHTS)
    with transaction.atomic():
        drop(article, revision.language)
        document = Document.objects.create(
            article=article,
            language=revision.language,
            audience=article.audience,
            category=article.category.slug,
            title=revision.title,
            summary=revision.summary,
            text=fields["text"],
            length=sum(counted.values()),
            published_at=revision.published_at or timezone.now(),
        )
        _insert("kb_posting (term, document_id, frequency)", [(t, document.pk, n) for t, n in sorted(counted.items())])
        _count(counted, document)
    return document


def drop(article: Article, language: str) -> None:
    """Take a text out of the index."""
    renew()
    transaction.on_commit(renew)  # once more for who has read what stood before the commit
    document = Document.objects.filter(article=article, language=language).first()
    if document is None:
        return
    terms = sorted(Posting.objects.filter(document=document).values_list("term", flat=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE kb_term SET documents = documents - 1 WHERE term = %s AND language = %s AND audience = %s",
            [(term, document.language, document.audience) for term in terms],
        )
        Term.objects.filter(language=document.language, audience=document.audience, documents__lte=0).delete()
        document.delete()


VERSION = "kb-index"  # cache key of a name for what the index holds now


def renew() -> None:
    """What was found in the index before is no longer to be shown."""
    cache.set(VERSION, uuid.uuid4().hex, None)


def _count(terms: Iterable[str], document: Document) -> None:
    """Add one to each term's count. Sorted, so that two publications at once never wait for each other in a circle."""
    rows = [(term, document.language, document.audience, 1, _sound(term)) for term in sorted(terms)]
    again = "ON CONFLICT (term, language, audience) DO UPDATE SET documents = kb_term.documents + 1"
    _insert("kb_term (term, language, audience, documents, sound)", rows, again)


def _insert(table: str, rows: Sequence[tuple[str | int, ...]], conflict: str = "") -> None:
    """Many rows a statement: a text has hundreds of terms, and each statement is a way to the server and back."""
    with connection.cursor() as cursor:
        for some in (rows[start : start + BATCH] for start in range(0, len(rows), BATCH)):
            marks = ", ".join([f"({', '.join(['%s'] * len(some[0]))})"] * len(some))
            cursor.execute(f"INSERT INTO {table} VALUES {marks} {conflict}", list(itertools.chain(*some)))  # noqa: S608  marks alone


def _sound(term: str) -> str:
    return sound(term)[:20] if len(term) == 2 and is_han(term) else ""


def analyse() -> None:
    """Tell the database how its tables look after many texts, so that it plans the first search well."""
    with connection.cursor() as cursor:
        for model in (Document, Posting, Term):
            cursor.execute(f"ANALYZE {model._meta.db_table}")
