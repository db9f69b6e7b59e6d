"""PURE. One tokenisation for every index and database: characters and pairs for Chinese, stems for Latin words."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import opencc

MAX_QUERY, MAX_TERMS, MAX_TERM = 200, 32, 64
HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〇"
_RUN = re.compile(f"[{HAN}]+(?:[ \u3000]+[{HAN}]+)*|[^\\W_{HAN}]+(?:[._/\\-][^\\W_{HAN}]+)*")
_WORD = re.compile(r"[^\W_]+")
_HAN = re.compile(f"[{HAN}]")

# fmt: off
#: English words that carry no subject; they are not indexed at all.
STOP_WORDS = frozenset((
    "a", "an", "and", "are", "as", "at", "be", "by", "did", "do", "does", "for", "from", "had", "has", "have",
    "how", "in", "is", "it", "its", "many", "much", "of", "on", "or", "that", "the", "their", "there", "they",
    "this", "to", "was", "were", "what", "when", "where", "which", "who", "whom", "whose", "why", "will",
    "with", "would",
))
#: The Chinese words of asking; they are indexed, but a question isn't about them.
QUESTION_WORDS = frozenset((
    "什么", "怎么", "哪里", "哪个", "哪些", "多少", "为何", "如何", "请问", "谁", "几", "吗", "呢", "是", "的",
    "了", "在", "和", "有", "被", "这", "那",
))
# fmt: on
SINGLE_WEIGHT = 0.7


class Token(NamedTuple):
    """A term and where it stands in the text that was given."""

    term: str
    start: int
    end: int


class _Folding(dict[int, str]):
    """Code point → its searched form, worked out at first sight and kept."""

    def __missing__(self, code: int) -> str:
        folded = chr(code)
        while (further := _fold_once(folded)) != folded:
            folded = further
        self[code] = folded
        return folded


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _fold_once(text: str) -> str:
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    plain = "".join(char for char in plain if unicodedata.category(char) not in {"Mn", "Cs"})
    # Character by character, so that places in the folded text lead back to the original.
    return "".join(str(_converter().convert(char)) if char > "\u2e80" else char for char in plain)


_FOLDING = _Folding()


def fold(text: str) -> str:
    """Compatible forms, lower case, no accents, simplified characters; spaces stay."""
    return text.translate(_FOLDING)


def normalise(text: str) -> str:
    """The searched form of a text: folded, with single spaces."""
    return " ".join(fold(text).split())


def fold_with_origins(text: str) -> tuple[str, list[int]]:
    """The folded text and, for each of its characters, the index of the original one; one more entry marks the end."""
    parts = [_FOLDING[ord(char)] for char in text]
    origins = [index for index, part in enumerate(parts) for _ in part]
    return "".join(parts), [*origins, len(text)]


def is_han(text: str) -> bool:
    """Whether the first character is Chinese."""
    return bool(_HAN.match(text))


def stem(word: str) -> str:
    """A light English stem: plural, -ed, -ing and a final e; other words stay as they are."""
    if len(word) <= 4 or not (word.isascii() and word.isalpha()):
        return word
    for ending, short in (("ies", "y"), ("sses", "ss"), ("ied", "y")):
        if word.endswith(ending):
            return word.removesuffix(ending) + short
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    if word.endswith("ing") and len(word) > 5:
        word = word[:-3]
    elif word.endswith("ed") and len(word) > 4:
        word = word[:-2]
    if word.endswith("e") and len(word) > 4:
        word = word[:-1]
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "ls":
        word = word[:-1]
    return word


def _han(run: str, start: int) -> Iterator[Token]:
    """Every character, and every pair even across a space: spaces mean nothing between Chinese characters."""
    places = [index for index, char in enumerate(run) if char not in " \u3000"]
    for place in places:
        yield Token(run[place], start + place, start + place + 1)
    for left, right in itertools.pairwise(places):
        yield Token(run[left] + run[right], start + left, start + right + 1)


def _latin(run: str, start: int) -> Iterator[Token]:
    """Each word by its stem, and the whole of a code such as `a.b-c/d`."""
    words = [m for m in _WORD.finditer(run) if m.group() not in STOP_WORDS]
    for word in words:
        yield Token(stem(word.group())[:MAX_TERM], start + word.start(), start + word.end())
    if len(words) > 1:
        yield Token(run[:MAX_TERM], start, start + len(run))


def _folded_tokens(folded: str) -> Iterator[Token]:
    for match in _RUN.finditer(folded):
        yield from (_han if is_han(match.group()) else _latin)(match.group(), match.start())


def tokens(text: str) -> list[str]:
    """All terms of a text, with repetitions; never raises."""
    return [token.term for token in _folded_tokens(fold(text))]


def located_tokens(text: str) -> list[Token]:
    """All terms with their places in `text` itself."""
    folded, origins = fold_with_origins(text)
    return [Token(t.term, origins[t.start], origins[t.end - 1] + 1) for t in _folded_tokens(folded)]


def words(text: str) -> list[str]:
    """The Latin words as they are written, folded; what a spelling correction works on."""
    runs = (m.group() for m in _RUN.finditer(fold(text)))
    return [w for run in runs if not is_han(run) for w in _WORD.findall(run) if w not in STOP_WORDS]


def weight(term: str) -> float:
    """How much a term of a question counts before its rarity."""
    return SINGLE_WEIGHT if len(term) == 1 and is_han(term) else 1.0


def is_number(text: str) -> bool:
    """Whether somebody asks for a number, of an invoice, a ticket or an enterprise, and not a question."""
    found = "".join(normalise(text).replace("-", " ").split())
    return found.isascii() and found.isalnum() and sum(map(str.isdigit, found)) >= 6


def query_terms(text: str, *, limit: int = MAX_QUERY) -> dict[str, float]:
    """The terms of a question with their weights, in order, once each; the first `limit` characters count."""
    found = dict.fromkeys(tokens(text[:limit]))
    telling = [term for term in found if term not in QUESTION_WORDS]
    return {term: weight(term) for term in telling or found}
