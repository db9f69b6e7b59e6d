"""Search of published articles: one ranking for both databases, the audience inside the same query."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from django.core.cache import cache, caches
from django.db import connection
from django.db.models import Count, Sum
from django.utils.safestring import SafeString, mark_safe

from accounts.models import LANGUAGES
from helpdesk.common import ranking
from helpdesk.common.inputs import clean_text
from helpdesk.common.snippets import highlight, snippet
from helpdesk.common.text import MAX_QUERY, MAX_TERMS, is_han, normalise, query_terms
from kb import questions
from kb.index import VERSION
from kb.index_models import Document, Term
from kb.querysets import audiences

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User
    from kb.models import Revision

    Reader = User | AnonymousUser | None

QUICK = 4000  # postings that a suggestion may touch
BEGINNING = 300  # characters that its passage is looked for in when the article has no summary
KEEP = 60  # seconds
#: Thousandths of what a text could reach that says all that is asked. Learned from questions with and without an answer
#: in three libraries: 95 in 100 answers reach it, 90 to 97 in 100 of the texts that merely share words do not.
FLOOR = 140
_CODES = [code for code, _name in LANGUAGES]


@dataclass(frozen=True)
class Hit:
    """One article in the language in which it is shown. `marked_title` and `snippet` are safe HTML, made when asked."""

    article_id: int
    slug: str
    title: str
    summary: str
    language: str
    category: str
    score: int
    share: int  # of what a text could reach that says all that is asked, in thousandths
    published_at: Any
    text: str
    weights: Mapping[str, float]

    @cached_property
    def marked_title(self) -> SafeString:
        return mark_safe(highlight(self.title, self.weights))  # noqa: S308  escapes all but its own marks

    @cached_property
    def snippet(self) -> SafeString:
        return mark_safe(snippet(self.text, self.weights))  # noqa: S308  the same


def search(q: str, *, user: Reader, language: str, category: str = "", limit: int = 20) -> list[Hit]:
    """Articles that answer `q`, best first, each in the reader's language if it exists. Never raises."""
    text = clean_text(q)
    weights = questions.asked(text, user)
    return _hits(_ranked(weights, user, category, limit, own=query_terms(text)), weights, language)


def is_weak(hits: Sequence[Hit]) -> bool:
    """Whether no article seems to answer: the best one merely shares words with the question."""
    return not hits or hits[0].share < FLOOR


def suggest(q: str, *, user: Reader, language: str, limit: int = 5) -> list[Hit]:
    """While somebody types, from two Chinese characters or three letters on; titles with what is typed come first.

    Many people type the same beginnings, and each of them at every key: what was found stays for a minute, in each
    process, as long as nothing is published or taken back.
    """
    typed = normalise(clean_text(q)[:MAX_QUERY])
    if len(typed) < (2 if any(map(is_han, typed)) else 3):
        return []
    key = _key(typed, audiences(user), language, limit, cache.get(VERSION))
    kept = caches["suggestions"]
    found: list[Hit] | None = kept.get(key)
    if found is None:
        found = _suggested(typed, user, language, limit)
        kept.set(key, found, KEEP)
    return found


def _suggested(typed: str, user: Reader, language: str, limit: int) -> list[Hit]:
    weights = questions.typed(typed, user)
    hits = _hits(_ranked(weights, user, "", limit * 4, QUICK), weights, language)
    best = sorted(hits, key=lambda hit: (typed not in normalise(hit.title), -hit.score, hit.article_id))[:limit]
    short = [replace(hit, text=hit.summary or hit.text[:BEGINNING]) for hit in best]
    for hit in short:
        _ = hit.marked_title, hit.snippet  # made now, to be kept with the rest
    return short


def suggest_for(text: str, *, codes: Sequence[str] = (), user: Reader, language: str, limit: int = 5) -> list[Hit]:
    """Articles beside a form or a ticket: by its words, and more by the codes of findings and errors."""
    weights = questions.told(clean_text(text), codes)
    return _hits(_ranked(weights, user, "", limit), weights, language)


def near(text: Revision, *, user: Reader, language: str, limit: int = 12) -> list[Hit]:
    """Articles that say what the title and keywords of one say; kept as suggestions are."""
    told = f"{text.title} {text.keywords}"
    key = _key("near", text.article_id, told, audiences(user), language, cache.get(VERSION))
    kept = caches["suggestions"]
    found: list[Hit] | None = kept.get(key)
    if found is None:
        hits = suggest_for(told, user=user, language=language, limit=limit + 1)
        found = [replace(hit, text="") for hit in hits if hit.article_id != text.article_id]
        kept.set(key, found, KEEP)
    return found


def _key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def did_you_mean(q: str, *, user: Reader) -> str:
    """What somebody probably meant to ask; "" when nothing is better."""
    return questions.did_you_mean(clean_text(q), user)


# Ranking


#: Every posting of an asked term in a document that the reader may read; whole numbers, so that all databases agree.
#: Postings first and by term: PostgreSQL needs the list for that, SQLite the cross joins in their order.
_SCORES = f"""
WITH asked (language, term, worth, average) AS (VALUES {{asked}}), found AS MATERIALIZED (
    SELECT posting.document_id, posting.frequency, asked.language, asked.worth, asked.average
    FROM asked CROSS JOIN kb_posting posting WHERE posting.term = asked.term AND posting.term IN ({{terms}})
)
SELECT document.article_id, document.language, SUM(
    found.worth * found.frequency * {ranking.GAIN}
    / (found.frequency * {ranking.SCALE} + {ranking.BASE} + document.length * {ranking.SLOPE} / found.average)
) AS score
FROM found CROSS JOIN kb_document document
WHERE document.id = found.document_id
    AND document.language = found.language AND document.audience IN ({{audiences}}) AND %s IN ('', document.category)
GROUP BY document.article_id, document.language
ORDER BY score DESC, document.article_id
LIMIT %s
"""  # noqa: S608  whole numbers of our own; what is asked comes as parameters


class _Ranked(NamedTuple):
    """An article by its better language."""

    article: int
    score: int
    share: int


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    """What the reader may read, by language: number and summed length of texts, and how many hold each asked term."""

    totals: Mapping[str, tuple[int, int]]
    counts: Mapping[str, Mapping[str, int]]

    def asked(self, weights: Mapping[str, float], budget: int) -> list[tuple[str, str, int, int]]:
        """(language, term, worth, average length): for each language the rarest terms that the budget buys."""
        return [
            (code, term, ranking.rarity(n, self.counts[code][term], weights[term]), max(1, length // n))
            for code, (n, length) in self.totals.items()
            for term in ranking.affordable(self.counts[code], MAX_TERMS, budget)
        ]

    def whole(self, weights: Mapping[str, float], code: str) -> int:
        """What a text would score that is full of every term, known or not; in thousandths."""
        n, known = self.totals[code][0], self.counts[code]
        return max(1, sum(ranking.rarity(n, known.get(t, 0), w) for t, w in weights.items()) * ranking.GAIN // 1000)


def _ranked(
    weights: Mapping[str, float],
    user: Reader,
    category: str,
    limit: int,
    budget: int = ranking.BUDGET,
    own: Mapping[str, float] | None = None,
) -> list[_Ranked]:
    """The best articles, each by its better language; `own` are the terms that somebody has said."""
    seen = audiences(user)
    vocabulary = _vocabulary(weights, seen)
    asked = vocabulary.asked(weights, budget)
    if not asked:
        return []
    rows = ", ".join(["(%s, %s, CAST(%s AS bigint), CAST(%s AS bigint))"] * len(asked))
    terms = {term for _language, term, _worth, _average in asked}
    query = _SCORES.format(asked=rows, terms=_marks(terms), audiences=_marks(seen))
    values = [value for row in asked for value in row]
    whole = {code: vocabulary.whole(own or weights, code) for code in vocabulary.totals}
    best: dict[int, _Ranked] = {}
    with connection.cursor() as cursor:
        cursor.execute(query, [*values, *terms, *seen, category, limit * len(_CODES)])
        for article, code, score in cursor.fetchall():
            found = _Ranked(article, int(score), int(score) * 1000 // whole[code])
            best[article] = max(found, best.get(article, found), key=lambda one: one.score)
    return sorted(best.values(), key=lambda one: (-one.score, one.article))[:limit]


def _vocabulary(weights: Mapping[str, float], seen: Sequence[str]) -> _Vocabulary:
    if not weights:
        return _Vocabulary({}, {})
    documents = Document.objects.filter(audience__in=seen).values_list("language")
    totals = {code: (n, length) for code, n, length in documents.annotate(Count("pk"), Sum("length")).order_by()}
    rows = Term.objects.filter(term__in=weights, audience__in=seen).values_list("language", "term")
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    for code, term, count in rows.annotate(Sum("documents")).order_by():
        counts[code][term] = count
    return _Vocabulary(totals, counts)


def _marks(values: Collection[str]) -> str:
    return ", ".join(["%s"] * len(values))


def _hits(ranked: Sequence[_Ranked], weights: Mapping[str, float], language: str) -> list[Hit]:
    """The documents of the ranked articles, in the reader's language before any other."""
    rows = Document.objects.filter(article__in=[one.article for one in ranked]).select_related("article")
    shown: dict[int, Document] = {}
    for document in rows.order_by("article_id", "language"):
        if document.article_id not in shown or document.language == language:
            shown[document.article_id] = document
    return [_hit(shown[one.article], one, weights) for one in ranked if one.article in shown]


def _hit(document: Document, ranked: _Ranked, weights: Mapping[str, float]) -> Hit:
    return Hit(
        article_id=document.article_id,
        slug=document.article.slug,
        title=document.title,
        summary=document.summary,
        language=document.language,
        category=document.category,
        score=ranked.score,
        share=ranked.share,
        published_at=document.published_at,
        text=document.text,
        weights=weights,
    )


def visible_count(user: Reader) -> int:
    """How many articles the reader could find."""
    return Document.objects.filter(audience__in=audiences(user)).values("article").distinct().count()
