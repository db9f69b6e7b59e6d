"""PURE. Numbers that one usual slip makes of each other: one digit wrong, two neighbours swapped, one lost or added.

Found by keys, never by comparing all with all: for a wrong character, the number without the character at that place;
for the other slips, what they make of the number. Only numbers of the same amount, at most a day apart, are compared.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

WRONG, SWAPPED, LOST = "slip.wrong", "slip.swapped", "slip.lost"
MAX_LENGTH = 40  # a cell that is longer holds no number
_BITS = 32


class Written(NamedTuple):
    """One spelling of the number of an invoice: `row` names the invoice."""

    row: int
    text: str
    money: Decimal
    day: dt.date


def slip(one: str, other: str) -> str:
    """WRONG, SWAPPED or LOST when exactly one such slip lies between the texts, else ""."""
    if len(one) == len(other):
        apart = [at for at, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]
        if len(apart) == 1:
            return WRONG
        is_swap = len(apart) == 2 and apart[1] == apart[0] + 1
        return SWAPPED if is_swap and one[apart[0]] == other[apart[1]] and one[apart[1]] == other[apart[0]] else ""
    short, long = sorted((one, other), key=len)
    return LOST if len(long) == len(short) + 1 and short in _without_one(long) else ""


def pairs(own: Sequence[Written], theirs: Sequence[Written]) -> Iterator[tuple[int, int]]:
    """(index of own, index of theirs) of all that are one slip, the same money and at most a day apart, in order."""
    groups: dict[tuple[Decimal, dt.date], int] = {}
    for other in theirs:
        groups.setdefault((other.money, other.day), len(groups))
    ours = [(one.row, one.text, near) for one in own if _usable(one) and (near := _around(one, groups))]
    reached = {group for _index, _text, near in ours for group in near}
    there = [(o.row, o.text, g) for o in theirs if _usable(o) and (g := groups[o.money, o.day]) in reached]
    found = array("Q")
    _find_rewritten(ours, there, found)
    _find_wrong(ours, there, found)
    mask = (1 << _BITS) - 1
    last = -1
    for both in sorted(found):
        if both != last:
            yield both >> _BITS, both & mask
        last = both


_Own = list[tuple[int, str, list[int]]]
_Their = list[tuple[int, str, int]]


def _usable(one: Written) -> bool:
    return 1 < len(one.text) <= MAX_LENGTH


def _around(one: Written, groups: dict[tuple[Decimal, dt.date], int]) -> list[int]:
    """The groups of their rows with the same money on that day, the day before and the day after."""
    number = one.day.toordinal()
    days = [dt.date.fromordinal(n) for n in (number, number - 1, number + 1) if 1 <= n <= dt.date.max.toordinal()]
    return [groups[one.money, day] for day in days if (one.money, day) in groups]


def _without_one(text: str) -> Iterator[str]:
    return (text[:at] + text[at + 1 :] for at in range(len(text)) if at == 0 or text[at] != text[at - 1])


def _swapped(text: str) -> Iterator[str]:
    for at in range(len(text) - 1):
        if text[at] != text[at + 1]:
            yield text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _find_rewritten(ours: _Own, there: _Their, found: array[int]) -> None:
    """Swapped neighbours, and a character too many on one of the sides: looked up by the whole number."""
    exact: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, text, group in there:
        exact[group, text].append(index)
    back: dict[tuple[int, str], list[int]] = defaultdict(list)
    for index, text, near in ours:
        for group in near:
            back[group, text].append(index)
        for changed in (*_swapped(text), *_without_one(text)):
            for group in near:
                for other in exact.get((group, changed), ()):
                    found.append(index << _BITS | other)
    for other, text, group in there:
        for changed in _without_one(text):
            for index in back.get((group, changed), ()):
                found.append(index << _BITS | other)


def _find_wrong(ours: _Own, there: _Their, found: array[int]) -> None:
    """One character differs: place by place, so that only one place's keys are held at a time."""
    longest = min(max((len(text) for _i, text, _n in side), default=0) for side in (ours, there))
    for at in range(longest):
        rest: dict[tuple[int, str, int], list[tuple[str, int]]] = defaultdict(list)
        for other, text, group in there:
            if at < len(text):
                rest[group, text[:at] + text[at + 1 :], len(text)].append((text[at], other))
        for index, text, near in ours:
            if at >= len(text):
                continue
            key = text[:at] + text[at + 1 :]
            for group in near:
                for char, other in rest.get((group, key, len(text)), ()):
                    if char != text[at]:
                        found.append(index << _BITS | other)
