"""PURE. When two cases are the same problem, when that alarms the desk, and how much of it an enterprise is told."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

#: An enterprise is told a number only from here on, rounded down to one of these: single cases never show.
STEPS = (5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True, slots=True)
class Likeness:
    """What cases of the same problem share: situation, kind of invoice (fplx), issuing software with version, and the
    code that the logs tell. Empty means not told."""

    symptom: str
    kind: str = ""
    software: str = ""
    version: str = ""
    code: str = ""

    @property
    def key(self) -> str:
        """The same for all cases of one problem."""
        parts = (self.symptom, self.kind, *map(_folded, (self.software, self.version)), self.code.upper())
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]

    @property
    def is_telling(self) -> bool:
        """A situation alone is shared by thousands that have nothing else in common."""
        return bool(self.code or self.software)


def _folded(text: str) -> str:
    """As people mean it: width, case, spaces and a "v" before the version make no difference."""
    plain = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return plain[1:] if plain[:1] == "v" and plain[1:2].isdigit() else plain


def kind_of(kinds: Iterable[str]) -> str:
    """The kind that most invoices of a case have, the smaller code among equals; "" when none is known."""
    known = [kind for kind in kinds if kind]
    return min(set(known), key=lambda kind: (-known.count(kind), kind), default="")


def told(others: int) -> int:
    """How many other enterprises an enterprise is told of: rounded down, 0 below five."""
    return max((step for step in STEPS if step <= others), default=0)


def is_alarming(likeness: Likeness, enterprises: int, threshold: int) -> bool:
    """Whether the desk is called: enough different enterprises within a day, with more in common than a situation."""
    return likeness.is_telling and enterprises >= threshold
