"""What a question asks for: its terms, what means the same, and repairs of what no article says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import Sum

from helpdesk.common import spelling
from helpdesk.common.pinyin import sound
from helpdesk.common.text import MAX_QUERY, is_han, normalise, query_terms, stem, tokens, words
from kb import wording
from kb.index_models import Term
from kb.querysets import audiences

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from accounts.models import User

    Reader = User | AnonymousUser | None

HALF = 0.5  # weight of what means the same, and of what a word may become
REPAIRED = 0.7  # weight of a repair: a guess at what was meant
CODE = 3.0  # weight of a finding or error code
CONTEXT = 600  # characters of a ticket that suggestions are made from
GUESSES = 3  # for a misspelt word
COMPLETIONS = 8
MISSPELT = 4  # words of one question that are looked up letter by letter

Weights = dict[str, float]


def asked(q: str, user: Reader) -> Weights:
    """The terms of a question; with less weight what means the same, and what was probably meant by the unknown."""
    own = query_terms(q)
    guessed = dict.fromkeys(_guesses(q, user), REPAIRED)
    return dict.fromkeys(wording.related(q), HALF) | guessed | own


def typed(q: str, user: Reader) -> Weights:
    """The same while the question is being typed: its last word may be a beginning."""
    last = normalise(q).rpartition(" ")[2]
    found = _completions(last, user) if last and not is_han(last[-1]) else []
    return dict.fromkeys(found, HALF) | (query_terms(q) if found else asked(q, user))


def told(text: str, codes: Sequence[str]) -> Weights:
    """The words of a ticket, and above them the codes of its findings and errors."""
    return query_terms(text, limit=CONTEXT) | {term: CODE for code in codes for term in tokens(code)[-1:]}


def did_you_mean(q: str, user: Reader) -> str:
    """The question with what nobody has written replaced by what sounds or looks alike; "" when nothing is better."""
    asked = normalise(q[:MAX_QUERY])
    unknown, misspelt = _unknown(asked, user)
    better = {pair: found[0] for pair, found in _homophones(asked, unknown, user).items() if found}
    better |= {word: found[0] for word, found in _respelt(misspelt, user).items() if found}
    return spelling.corrected(asked, better)


# Repairs


def _visible(user: Reader) -> Any:
    return Term.objects.filter(audience__in=audiences(user))


def _ordered(rows: Any) -> list[str]:
    """Terms, those of most documents first; sorted here, for databases differ in their alphabets."""
    counted: dict[str, int] = dict(rows.values_list("term").annotate(n=Sum("documents")))
    return sorted(counted, key=lambda term: (-counted[term], term))


def _unknown(asked: str, user: Reader) -> tuple[frozenset[str], list[str]]:
    """The pairs and the words of a question that no visible article holds."""
    pairs = {term for term in tokens(asked) if len(term) == 2 and is_han(term)}
    spelt = {word: stem(word) for word in words(asked)}
    terms = {*pairs, *spelt.values()}
    known = set(_visible(user).filter(term__in=terms).values_list("term", flat=True)) if terms else set()
    return frozenset(pairs - known), [word for word, short in spelt.items() if short not in known][:MISSPELT]


def _guesses(q: str, user: Reader) -> list[str]:
    """Terms that somebody may have meant: of the same sound, with two characters in order, one letter away."""
    asked = normalise(q[:MAX_QUERY])
    unknown, misspelt = _unknown(asked, user)
    alike = [found for group in _homophones(asked, unknown, user).values() for found in group]
    turned = [pair[::-1] for pair in sorted(unknown)]
    respelt = [stem(found) for group in _respelt(misspelt, user).values() for found in group]
    return [*alike, *turned, *respelt]


def _homophones(asked: str, unknown: frozenset[str], user: Reader) -> dict[str, list[str]]:
    """For each pair with a character that fits nowhere: the known pairs that sound the same and keep the other one."""
    wrong = spelling.suspects(asked, unknown)
    heard = {sound(pair) for pair, _side in wrong} - {""}
    alike: dict[str, list[str]] = {}
    for term in _ordered(_visible(user).filter(sound__in=heard)) if heard else ():
        alike.setdefault(sound(term), []).append(term)
    found: dict[str, list[str]] = {}
    for pair, side in wrong:
        found.setdefault(pair, []).extend(spelling.repairs(pair, side, alike.get(sound(pair), ())))
    return found


def _respelt(misspelt: Iterable[str], user: Reader) -> dict[str, list[str]]:
    """For each word the best known ones a slip away, as written."""
    near = {word: {stem(found): found for found in sorted(spelling.edits(word))} for word in misspelt}
    terms = {term for group in near.values() for term in group}
    known = _ordered(_visible(user).filter(term__in=terms)) if terms else []
    return {word: [group[term] for term in known if term in group][:GUESSES] for word, group in near.items()}


def _completions(last: str, user: Reader) -> list[str]:
    """What the last word may become. The upper end keeps the search inside the index on either database."""
    rows = _visible(user).filter(term__gte=last, term__lt=f"{last}\uffff", term__startswith=last)
    return _ordered(rows)[:COMPLETIONS] if len(last) > 1 else []
