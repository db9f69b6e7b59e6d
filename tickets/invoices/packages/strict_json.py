"""PURE. A JSON array of strangers, one element at a time: no recursion, no huge numbers, bounded memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tickets.invoices.limits import Refused
from tickets.invoices.packages.cells import Constant, Figure

#: Characters of one element; an invoice of 2,000 lines has half of it. What is parsed at once costs up to 60 times.
LONGEST = 4_000_000
_GAP = re.compile(r"[ \t\r\n]*")
_END = re.compile(r"[ \t\r\n]*([,\]]|\Z)")


class Doubled(dict[str, Any]):
    """An object in which `twice` names stood more than once."""

    twice: tuple[str, ...] = ()


def decoded(data: bytes, encoding: str) -> tuple[str, str]:
    """(text, the codec that fits all of it): what the first bytes looked like, else GB18030, else with U+FFFD."""
    for codec in (encoding, "gb18030"):
        try:
            return data.decode(codec).removeprefix("\ufeff"), codec
        except UnicodeDecodeError:
            continue
    return data.decode(encoding, "replace").removeprefix("\ufeff"), encoding


def elements(text: str) -> Iterator[Any]:
    """The elements of the outermost array, or the outermost value alone. Raises Refused (json.broken, …)."""
    at = _gap(text, 0)
    if text[at : at + 1] != "[":
        value, at = _value(text, at)
        _must_end(text, at)
        yield value
        return
    at = _gap(text, at + 1)
    if text[at : at + 1] == "]":
        _must_end(text, at + 1)
        return
    while True:
        value, at = _value(text, at)
        yield value
        end = _END.match(text, at)
        if end is None or not end[1]:
            raise _broken(text, at)
        at = _gap(text, end.end())
        if end[1] == "]":
            _must_end(text, at)
            return


def is_array(text: str) -> bool:
    return text.startswith("[", _gap(text, 0))


def _gap(text: str, at: int) -> int:
    return _GAP.match(text, at).end()  # type: ignore[union-attr]  # the pattern matches the empty text


def _must_end(text: str, at: int) -> None:
    if _gap(text, at) != len(text):
        raise _broken(text, at)


def _value(text: str, at: int) -> tuple[Any, int]:
    is_whole = len(text) - at <= LONGEST
    window = text if is_whole else text[at : at + LONGEST]
    start = at if is_whole else 0
    try:
        value, end = _DECODER.raw_decode(window, start)
    except RecursionError:
        raise Refused("json.depth") from None
    except json.JSONDecodeError as error:
        if not is_whole:
            raise Refused("json.item") from None
        raise _broken(text, error.pos) from None
    return value, at + end - start


def _broken(text: str, at: int) -> Refused:
    line = text.count("\n", 0, at) + 1
    return Refused("json.broken", line=line, column=at - text.rfind("\n", 0, at))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    doubled, seen = Doubled(made), set[str]()
    doubled.twice = tuple(dict.fromkeys(name for name, _value in pairs if name in seen or seen.add(name)))  # type: ignore[func-returns-value]
    return doubled


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=Figure, parse_float=Figure, parse_constant=Constant)
