"""PURE. BM25F in whole numbers, so that SQLite and PostgreSQL add up the same score and give the same order.

A field's weight multiplies the frequency of its terms before the saturation (k1 = 1.2, b = 0.75). Frequencies are kept
in halves. The database computes, for every posting,

    rarity * frequency * GAIN / (frequency * SCALE + BASE + SLOPE * length / average)
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

SCALE = 1000
GAIN = 2200  # (k1 + 1) * SCALE
BASE = 600  # 2 halves * k1 * (1 - b) * SCALE
SLOPE = 1800  # 2 halves * k1 * b * SCALE
BUDGET = 30_000  # postings one question may touch


def rarity(documents: int, count: int, weight: float = 1.0) -> int:
    """The inverse document frequency of a term that `count` of `documents` texts hold, in thousandths."""
    return round(SCALE * weight * math.log(1 + (documents - count + 0.5) / (count + 0.5)))


def affordable(counts: Mapping[str, int], limit: int, budget: int = BUDGET) -> list[str]:
    """The rarest terms, of equals the longer: one, and at most `limit` while their postings cost no more."""
    chosen: list[str] = []
    spent = 0
    for term in sorted(counts, key=lambda term: (counts[term], -len(term), term))[:limit]:
        spent += counts[term]
        if chosen and spent > budget:
            break
        chosen.append(term)
    return chosen


def frequencies(fields: Iterable[tuple[Iterable[str], int]]) -> dict[str, int]:
    """Terms of all fields → weighted frequency; each field comes with its weight in halves."""
    found: dict[str, int] = {}
    for terms, weight in fields:
        for term in terms:
            found[term] = found.get(term, 0) + weight
    return found
