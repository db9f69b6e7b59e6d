"""Search of published articles: one ranking for both databases, the audience inside the same query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import Cast
from django.utils.safestring import SafeString, mark_safe

from accounts.models import LANGUAGES
from helpdesk.common import ranking, spelling
from helpdesk.common.inputs import clean_text
from helpdesk.common.pinyin import sound
from helpdesk.common.snippets import highlight, snippet
from helpdesk.common.text import MAX_QUERY, MAX_TERMS, is_han, normalise, query_terms, stem, tokens, words
from kb import synonyms
from kb.index_models import Document, Posting, Term
from kb.querysets import audiences

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Reader = User | AnonymousUser | None

CONTEXT = 600  # characters of a ticket that suggestions are made from
HALF = 0.5  # weight of a synonym, a homophone, a corrected word
CODE = 3.0  # weight of a finding or error code
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
    weights = _weights(clean_text(q)[:MAX_QUERY])
    return _hits(_ranked(weights, user, category, limit), weights, language)


def suggest(q: str, *, user: Reader, language: str, limit: int = 5) -> list[Hit]:
    """While somebody types: the last word may be a beginning; titles that hold what is typed come first."""
    asked = normalise(clean_text(q)[:MAX_QUERY])
    if len(asked) < 2:
        return []
    weights = _weights(asked) | _completed(asked, user)
    hits = _hits(_ranked(weights, user, "", limit * 4), weights, language)
    return sorted(hits, key=lambda hit: (asked not in normalise(hit.title), -hit.score, hit.article_id))[:limit]


def suggest_for(text: str, *, codes: Sequence[str] = (), user: Reader, language: str, limit: int = 5) -> list[Hit]:
    """Articles beside a form or a ticket: by its words, and more by the codes of findings and errors."""
    weights = query_terms(clean_text(text), limit=CONTEXT)
    weights |= {term: CODE for code in codes for term in tokens(code)[-1:]}
    return _hits(_ranked(weights, user, "", limit), weights, language)


def did_you_mean(q: str, *, user: Reader, language: str) -> str:
    """The question with what nobody has written replaced by what sounds or looks alike; "" when nothing is better."""
    asked = normalise(clean_text(q)[:MAX_QUERY])
    pairs = [term for term in tokens(asked) if len(term) == 2 and is_han(term)]
    known = _known([*pairs, *map(stem, words(asked))], user)
    unknown = frozenset(pair for pair in pairs if pair not in known)
    better = {pair: found for pair in unknown if (found := _alike(pair, user))}
    better |= {word: found for word in words(asked) if stem(word) not in known and (found := _respelt(word, user))}
    return spelling.corrected(asked, unknown, better)


# Terms of a question


def _weights(q: str) -> dict[str, float]:
    """The question's terms, and at half weight what means or sounds the same where it is unknown or known otherwise."""
    return query_terms(q) | {term: HALF for term in synonyms.related(q) if term not in query_terms(q)}


def _visible(user: Reader) -> Any:
    return Term.objects.filter(audience__in=audiences(user))


def _known(terms: Iterable[str], user: Reader) -> dict[str, int]:
    """Term → number of visible documents."""
    rows = _visible(user).filter(term__in=set(terms)).values_list("term").annotate(n=Sum("documents"))
    return dict(rows)


def _alike(pair: str, user: Reader) -> str:
    """The most frequent known pair that sounds like this one."""
    rows = _visible(user).filter(sound=sound(pair)).exclude(sound="").exclude(term=pair)
    return str(rows.order_by("-documents", "term").values_list("term", flat=True).first() or "")


def _respelt(word: str, user: Reader) -> str:
    """The most frequent known word one slip away."""
    near = {stem(found): found for found in sorted(spelling.edits(word))}
    rows = _visible(user).filter(term__in=near).order_by("-documents", "term")
    found = rows.values_list("term", flat=True).first()
    return near[found] if found else ""


def _completed(asked: str, user: Reader) -> dict[str, float]:
    """What the last word may become."""
    last = asked.rpartition(" ")[2]
    if is_han(last) or len(last) < 2:
        return {}
    rows = _visible(user).filter(term__startswith=stem(last) if len(last) > 4 else last).order_by("-documents", "term")
    return dict.fromkeys(rows.values_list("term", flat=True)[:8], HALF)


# Ranking


def _ranked(weights: Mapping[str, float], user: Reader, category: str, limit: int) -> list[tuple[int, int]]:
    """(article, score), best first; an article counts by its better language."""
    best: dict[int, int] = {}
    weights = dict(weights) | _repairs(weights, user)
    for code in _CODES:
        for article, score in _ranked_in(code, weights, user, category, limit):
            best[article] = max(score, best.get(article, 0))
    return sorted(best.items(), key=lambda item: (-item[1], item[0]))[:limit]


def _repairs(weights: Mapping[str, float], user: Reader) -> dict[str, float]:
    """For terms that no document holds: what sounds or is spelt alike."""
    pairs = [term for term in weights if len(term) == 2 and is_han(term)]
    latin = [term for term in weights if term.isascii() and term.isalpha() and len(term) > 3]
    known = _known([*pairs, *latin], user)
    sounds = {sound(pair) for pair in pairs if pair not in known} - {""}
    homophones = _visible(user).filter(sound__in=sounds).values_list("term", flat=True)[:MAX_TERMS] if sounds else ()
    found = {term: HALF for term in homophones if term not in weights}
    respelt = (stem(_respelt(term, user)) for term in latin if term not in known)
    return found | {term: HALF for term in respelt if term and term not in weights}


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
