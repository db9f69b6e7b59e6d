"""PURE. The text objects of an OFD page with their places (GB/T 33190 §11)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from tickets.invoices.parse.names import clean
from tickets.invoices.parse.spans import Span
from tickets.invoices.parse.xmltree import Node

_MOST_OBJECTS, _MOST_PIECES = 20_000, 40_000


def pieces(content: Node, texts: dict[str, str], limit: int) -> list[Span]:
    """The pieces of one page or template; `texts` gets each object's text by its ID."""
    found: list[Span] = []
    for node in content.all("TextObject")[:_MOST_OBJECTS]:
        size = _floats(node.attributes.get("Size", ""))[:1] or [3.0]
        found += islice(_object(node, size[0]), _MOST_PIECES - len(found))
        code_texts = (clean(code.text, limit) for code in node.children if code.name == "TextCode")
        if identifier := node.attributes.get("ID"):
            texts[identifier] = "".join(code_texts)
    return found


def _object(node: Node, size: float) -> Iterator[Span]:
    left, top = [*_floats(node.attributes.get("Boundary", "")), 0.0, 0.0][:2]
    matrix = _floats(node.attributes.get("CTM", ""))
    a, b, c, d, e, f = matrix if len(matrix) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    height = size * (abs(d) or abs(b) or 1.0)
    width = size * (abs(a) or abs(c) or 1.0)
    x = y = 0.0
    for code in node.children:
        if code.name != "TextCode" or not code.text.strip():
            continue
        x = _float(code, "X", x)
        y = _float(code, "Y", y)
        across, down = deltas(code.attributes.get("DeltaX", "")), deltas(code.attributes.get("DeltaY", ""))
        start_x, base = left + a * x + c * y + e, top + b * x + d * y + f
        text = clean(code.text)
        if any(down) and not any(across):
            yield from _vertical(text, start_x, base, down, width, height)
            continue
        steps = [step * abs(a or 1.0) for step in across[: len(text) - 1]]
        steps += [_advance(char) * width for char in text[len(steps) : -1]]
        yield Span(text, start_x, base - height, start_x + sum(steps) + _advance(text[-1:]) * width, base)


def _vertical(text: str, x: float, base: float, down: list[float], width: float, height: float) -> Iterator[Span]:
    for index, char in enumerate(text):
        y = base + sum(down[:index])
        yield Span(char, x, y - height, x + width, y)


def _advance(char: str) -> float:
    return 0.5 if char.isascii() else 1.0


def deltas(text: str) -> list[float]:
    """DeltaX and DeltaY: numbers, and "g n d" for n times d."""
    found: list[float] = []
    words = text.split()[:4000]
    while words and len(found) < 4000:
        word = words.pop(0)
        if word == "g" and len(words) >= 2:
            count, step = _floats(words.pop(0)), _floats(words.pop(0))
            found += (step or [0.0]) * int(min(max(count[0] if count else 0, 0), 4000))
        else:
            found += _floats(word)
    return found


def _float(node: Node, name: str, default: float) -> float:
    return (_floats(node.attributes.get(name, "")) or [default])[0]


def _floats(text: str) -> list[float]:
    return [float(word) for word in re.findall(r"-?\d{1,9}(?:\.\d{1,9})?", text)]
