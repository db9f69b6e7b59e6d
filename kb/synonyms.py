"""PURE. What people say for the same thing; it comes from the vocabulary of the field, never from questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from helpdesk.common.text import normalise, tokens

Table = Mapping[str, tuple[str, ...]]


def table(groups: Iterable[Sequence[str]]) -> Table:
    """Phrase in its searched form → the others of its groups."""
    found: dict[str, tuple[str, ...]] = {}
    for group in groups:
        for phrase in group:
            found[normalise(phrase)] = (*found.get(normalise(phrase), ()), *(p for p in group if p != phrase))
    return found


def related(question: str, others: Table) -> dict[str, None]:
    """Terms of the phrases that mean the same as a phrase in `question`, in order."""
    asked = normalise(question)
    spaced = f" {asked} "
    said = [p for p in others if (f" {p} " in spaced if p.isascii() else p in asked)]
    return {term: None for phrase in said for other in others[phrase] for term in tokens(other) if len(term) > 1}
