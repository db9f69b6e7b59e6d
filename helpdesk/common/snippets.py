"""PURE. The passage that answers, with what matched marked; the result is safe HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

from helpdesk.common.text import Token, is_han, located_tokens

WIDTH, LEAD, LIMIT = 140, 24, 20_000  # characters
_ENDS = "。！？；.!?;\n"


def _matches(text: str, weights: Mapping[str, float]) -> list[Token]:
    """What to mark: words and pairs; single characters only when nothing longer matched."""
    found = [token for token in located_tokens(text) if token.term in weights]
    longer = [token for token in found if len(token.term) > 1 or not is_han(token.term)]
    return sorted(longer or found, key=lambda token: token.start)


def _marked(text: str, matches: Sequence[Token]) -> str:
    parts: list[str] = []
    place = 0
    spans: list[list[int]] = []
    for token in matches:
        if spans and token.start <= spans[-1][1]:
            spans[-1][1] = max(spans[-1][1], token.end)
        else:
            spans.append([token.start, token.end])
    for start, end in spans:
        parts += [escape(text[place:start]), "<mark>", escape(text[start:end]), "</mark>"]
        place = end
    return "".join([*parts, escape(text[place:])])


def highlight(text: str, weights: Mapping[str, float]) -> str:
    """The whole text with every match in `<mark>`."""
    return _marked(text, _matches(text, weights))


def _best(matches: Sequence[Token], weights: Mapping[str, float]) -> int:
    """Where the window starts that holds most of the query's weight."""
    best, start = -1.0, 0
    for index, first in enumerate(matches):
        inside = {t.term for t in matches[index : index + 60] if t.end <= first.start + WIDTH}
        value = sum(weights[term] for term in inside)
        if value > best:
            best, start = value, first.start
    return start


def snippet(text: str, weights: Mapping[str, float]) -> str:
    """The best passage of about WIDTH characters, from the start of its sentence when that is near; "…" marks a cut."""
    text = " ".join(text[:LIMIT].split())
    matches = _matches(text, weights)
    start = _best(matches, weights) if matches else 0
    near = max((text.rfind(end, max(0, start - LEAD), start) for end in _ENDS), default=-1)
    start = near + 1 if near >= 0 else 0 if start <= LEAD else start - LEAD // 3
    end = min(len(text), start + WIDTH)
    inside = [Token(t.term, t.start - start, t.end - start) for t in matches if t.start >= start and t.end <= end]
    body = _marked(text[start:end].rstrip(), inside).lstrip()
    return f"{'…' if start else ''}{body}{'…' if end < len(text) else ''}"
