"""Search of published articles: one ranking for both databases, the audience inside the same query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Cast
from django.utils.safestring import SafeString, mark_safe

from accounts.models import LANGUAGES
from helpdesk.common import ranking
from helpdesk.common.inputs import clean_text
from helpdesk.common.snippets import highlight, snippet
from helpdesk.common.text import MAX_QUERY, MAX_TERMS, is_han, normalise
from kb import questions
from kb.index_models import Document, Posting, Term
from kb.querysets import audiences

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Reader = User | AnonymousUser | None

_CODES = [code for code, _name in LANGUAGES]


@dataclass(frozen=True, slots=True)
class Hit:
    """One article in the language in which it is shown. `marked_title` and `snippet` are safe HTML, made when asked."""

    article_id: int
    slug: str
    title: str
    summary: str
    language: str
    category: str
    score: int
    published_at: Any
    text: str
    weights: Mapping[str, float]

    @property
    def marked_title(self) -> SafeString:
        return mark_safe(highlight(self.title, self.weights))  # noqa: S308  escapes all but its own marks

    @property
    def snippet(self) -> SafeString:
        return mark_safe(snippet(self.text, self.weights))  # noqa: S308  the same


def search(q: str, *, user: Reader, language: str, category: str = "", limit: int = 20) -> list[Hit]:
    """Articles that answer `q`, best first, each in the reader's language if it exists. Never raises."""
    weights = questions.asked(clean_text(q), user)
    return _hits(_ranked(weights, user, category, limit), weights, language)


def suggest(q: str, *, user: Reader, language: str, limit: int = 5) -> list[Hit]:
    """While somebody types, from two Chinese characters or three letters on; titles with what is typed come first."""
    typed = normalise(clean_text(q)[:MAX_QUERY])
    if len(typed) < (2 if any(map(is_han, typed)) else 3):
        return []
    weights = questions.typed(typed, user)
    hits = _hits(_ranked(weights, user, "", limit * 4), weights, language)
    return sorted(hits, key=lambda hit: (typed not in normalise(hit.title), -hit.score, hit.article_id))[:limit]


def suggest_for(text: str, *, codes: Sequence[str] = (), user: Reader, language: str, limit: int = 5) -> list[Hit]:
    """Articles beside a form or a ticket: by its words, and more by the codes of findings and errors."""
    weights = questions.told(clean_text(text), codes)
    return _hits(_ranked(weights, user, "", limit), weights, language)


def did_you_mean(q: str, *, user: Reader) -> str:
    """What somebody probably meant to ask; "" when nothing is better."""
    return questions.did_you_mean(clean_text(q), user)


# Ranking


def _ranked(weights: Mapping[str, float], user: Reader, category: str, limit: int) -> list[tuple[int, int]]:
    """(article, score), best first; an article counts by its better language."""
    best: dict[int, int] = {}
    for code in _CODES:
        for article, score in _ranked_in(code, weights, user, category, limit):
            best[article] = max(score, best.get(article, 0))
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:limit]


def _ranked_in(
    language: str, weights: Mapping[str, float], user: Reader, category: str, limit: int
) -> list[tuple[int, int]]:
    seen = audiences(user)
    corpus = Document.objects.filter(language=language, audience__in=seen)
    total = corpus.aggregate(n=Count("pk"), length=Sum("length"))
    if not total["n"] or not weights:
        return []
    rows = Term.objects.filter(term__in=weights, language=language, audience__in=seen)
    counts: dict[str, int] = dict(rows.values_list("term").annotate(n=Sum("documents")))
    chosen = ranking.affordable(counts, MAX_TERMS)
    chosen.sort(key=lambda term: -counts[term])  # the CASE below looks at the most frequent first
    rare = {term: ranking.rarity(total["n"], counts[term], weights[term]) for term in chosen}
    postings = Posting.objects.filter(
        term__in=chosen, document__language=language, document__audience__in=seen, **_in(category)
    )
    whole = BigIntegerField()
    each = Case(
        *(When(term=term, then=Value(value)) for term, value in rare.items()), default=Value(0), output_field=whole
    )
    frequency = Cast(F("frequency"), whole)
    length = Cast(F("document__length"), whole)
    average = max(1, total["length"] // total["n"])
    part = (
        each * frequency * ranking.GAIN / (frequency * ranking.SCALE + ranking.BASE + length * ranking.SLOPE / average)
    )
    scored = postings.values("document__article_id").annotate(score=Sum(part, output_field=whole))
    ordered = scored.order_by("-score", "document__article_id")[:limit]
    return [(row["document__article_id"], int(row["score"])) for row in ordered]


def _in(category: str) -> dict[str, str]:
    return {"document__category": category} if category else {}


def _hits(ranked: Sequence[tuple[int, int]], weights: Mapping[str, float], language: str) -> list[Hit]:
    """The documents of the ranked articles, in the reader's language before any other."""
    rows = Document.objects.filter(article__in=[article for article, _score in ranked]).select_related("article")
    shown: dict[int, Document] = {}
    for document in rows.order_by("article_id", "language"):
        if document.article_id not in shown or document.language == language:
            shown[document.article_id] = document
    return [_hit(shown[article], score, weights) for article, score in ranked if article in shown]


def _hit(document: Document, score: int, weights: Mapping[str, float]) -> Hit:
    return Hit(
        article_id=document.article_id,
        slug=document.article.slug,
        title=document.title,
        summary=document.summary,
        language=document.language,
        category=document.category,
        score=score,
        published_at=document.published_at,
        text=document.text,
        weights=weights,
    )


def visible_count(user: Reader) -> int:
    """How many articles the reader could find."""
    return Document.objects.filter(Q(audience__in=audiences(user))).values("article").distinct().count()
