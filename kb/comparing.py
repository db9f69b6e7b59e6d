"""PURE. Two texts beside each other: lines with what was taken out and put in, down to the word."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(r"[A-Za-z0-9_.]+|\s+|.", re.DOTALL)  # a Chinese character is a word
LONG = 2000  # tokens of a line that is compared as a whole
ALIKE = 0.35  # two lines are one that was changed from here on; below they are two


@dataclass(frozen=True, slots=True)
class Line:
    """`sign` is "+", "-", "~" (changed), " " (same) or "…" (left out); `parts` are ("ins", "del" or "", text)."""

    sign: str
    parts: tuple[tuple[str, str], ...]


def compare(before: Sequence[str], after: Sequence[str], context: int = 2) -> list[Line]:
    """The lines that differ, with `context` lines around them; none when nothing does."""
    found: list[Line] = []
    for group in difflib.SequenceMatcher(None, before, after).get_grouped_opcodes(context):
        if found or group[0][1] > 0:
            found.append(Line("…", ()))
        for tag, a, b, c, d in group:
            if tag == "equal":
                found += [Line(" ", (("", line),)) for line in before[a:b]]
            else:
                found += _changed(before[a:b], after[c:d])
    return found


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    """Line by line where they are alike, else the old lines and then the new."""
    pairs = list(zip(before, after, strict=False))
    if all(_alike(old, new) for old, new in pairs):
        for old, new in pairs:
            yield Line("~", tuple(words(old, new)))
        before, after = before[len(pairs) :], after[len(pairs) :]
    yield from (Line("-", (("del", line),)) for line in before)
    yield from (Line("+", (("ins", line),)) for line in after)


def _alike(old: str, new: str) -> bool:
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    return max(len(a), len(b)) <= LONG and difflib.SequenceMatcher(None, a, b, autojunk=False).ratio() >= ALIKE


def words(old: str, new: str) -> Iterator[tuple[str, str]]:
    """One line from old to new, word by word."""
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    for tag, i, j, k, m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "", "".join(a[i:j])
            continue
        if i < j:
            yield "del", "".join(a[i:j])
        if k < m:
            yield "ins", "".join(b[k:m])
