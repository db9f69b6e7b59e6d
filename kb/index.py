"""The search index, written in the transaction that publishes: one document, its postings, and the counts of terms."""

from __future__ import annotations

from collections.abc import Iterable

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
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO kb_posting (term, document_id, frequency) VALUES (%s, %s, %s)",
                [(term, document.pk, count) for term, count in sorted(counted.items())],
            )
        _count(counted, document)
    return document


def drop(article: Article, language: str) -> None:
    """Take a text out of the index."""
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


def _count(terms: Iterable[str], document: Document) -> None:
    """Add one to each term's count. Sorted, so that two publications at once never wait for each other in a circle."""
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO kb_term (term, language, audience, documents, sound) VALUES (%s, %s, %s, 1, %s) "
            "ON CONFLICT (term, language, audience) DO UPDATE SET documents = kb_term.documents + 1",
            [(term, document.language, document.audience, _sound(term)) for term in sorted(terms)],
        )


def _sound(term: str) -> str:
    return sound(term)[:20] if len(term) == 2 and is_han(term) else ""
