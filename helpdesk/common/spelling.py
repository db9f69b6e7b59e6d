"""PURE. Words one slip away, and the query a person probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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


def suspects(query: str, unknown: frozenset[str]) -> list[tuple[str, int]]:
    """Unknown pairs, each with which of its characters, 0 or 1, may be wrong: one that fits to no neighbour."""
    found: dict[tuple[str, int], None] = {}
    for place, char in enumerate(query):
        around = [(query[i : i + 2], place - i) for i in (place - 1, place) if 0 <= i < len(query) - 1]
        around = [(pair, side) for pair, side in around if all(text.is_han(c) for c in pair)]
        if text.is_han(char) and around and all(pair in unknown for pair, _side in around):
            found |= dict.fromkeys(around)
    return list(found)


def repairs(pair: str, wrong: int, alike: Iterable[str]) -> list[str]:
    """Those of the known pairs `alike` that differ from `pair` in the wrong character alone."""
    return [found for found in alike if found[1 - wrong] == pair[1 - wrong] and found != pair]


def corrected(query: str, better: Mapping[str, str]) -> str:
    """The folded query with pairs of characters and words replaced by better ones; "" when that changes nothing."""
    result = query
    for wrong in sorted(better, key=query.find):
        if text.is_han(wrong):
            result = result.replace(wrong, better[wrong], 1)
    for word in text.words(query):
        if word in better:
            result = re.sub(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", better[word], result)
    return result if result != query else ""
