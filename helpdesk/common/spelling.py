"""PURE. Words one slip away, and the query a person probably meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import ascii_lowercase

from helpdesk.common import text

MIN_WORD, MAX_WORD = 3, 24


def edits(word: str) -> set[str]:
    """Every ASCII word one dropped, swapped, wrong or added letter away; empty for other and for very long words."""
    if not (word.isascii() and word.isalpha() and MIN_WORD <= len(word) <= MAX_WORD):
        return set()
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    dropped = {left + right[1:] for left, right in splits if right}
    swapped = {left + right[1] + right[0] + right[2:] for left, right in splits if len(right) > 1}
    wrong = {left + char + right[1:] for left, right in splits if right for char in ascii_lowercase}
    added = {left + char + right for left, right in splits for char in ascii_lowercase}
    return {found for found in dropped | swapped | wrong | added if len(found) >= MIN_WORD} - {word}


def _suspects(query: str, unknown: frozenset[str]) -> Iterator[int]:
    """Places of Chinese characters none of whose pairs is known."""
    for place, char in enumerate(query):
        pairs = [query[i : i + 2] for i in (place - 1, place) if 0 <= i < len(query) - 1]
        pairs = [pair for pair in pairs if all(text.is_han(c) for c in pair)]
        if pairs and text.is_han(char) and all(pair in unknown for pair in pairs):
            yield place


def corrected(query: str, unknown: frozenset[str], better: Mapping[str, str]) -> str:
    """The folded query with wrong characters and words replaced, or "" when nothing is better.

    `better` maps an unknown pair of characters or word to the best known one.
    """
    chars = list(query)
    for place in _suspects(query, unknown):
        for start in (place - 1, place):
            pair = query[start : start + 2] if start >= 0 else ""
            found = better.get(pair, "")
            if len(found) == 2 and found[1 - (place - start)] == pair[1 - (place - start)]:
                chars[place] = found[place - start]
                break
    result = "".join(chars)
    for word in text.words(query):
        if word in better:
            result = result.replace(word, better[word])
    return result if result != query else ""
