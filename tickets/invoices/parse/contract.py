"""PURE. What a parser gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PIL import Image

from tickets.invoices.limits import Limits
from tickets.invoices.model import Finding, Line, Place, Source, Value
from tickets.invoices.sniff import Sniffed
from tickets.invoices.unpack import Budget


@dataclass(frozen=True, slots=True)
class Seen:
    """A piece of lettering in a picture: its text, how sure that is (0–1), its corners in pixels, clockwise."""

    text: str
    score: float
    corners: tuple[tuple[float, float], ...]


class Unread(Exception):
    """The lettering of a picture could not be read in the time and memory that it may take."""


#: What reads the lettering of a picture. Raises Unread.
Letters = Callable[[Image.Image], Sequence[Seen]]


@dataclass(frozen=True, slots=True)
class Input:
    """One file for a parser: its bytes, what they are, the limits and what may still be unpacked."""

    data: bytes
    sniffed: Sniffed
    budget: Budget
    letters: Letters | None = None  # None: the lettering of pictures isn't read here

    @property
    def limits(self) -> Limits:
        return self.budget.limits


@dataclass(frozen=True, slots=True)
class Found:
    """What one source in a file says about one invoice: field → value as typed in the model."""

    source: Source
    values: Mapping[str, Value]
    lines: tuple[Line, ...] = ()
    findings: tuple[Finding, ...] = ()  # about the source itself
    sure: Mapping[str, float] = field(default_factory=dict)  # of values that are trusted otherwise than their source
    places: Mapping[str, Place] = field(default_factory=dict)  # where on a page a value stands


@dataclass(frozen=True, slots=True)
class Parsed:
    """The invoices of one file, each as what its sources say, and what there is to say about the file itself."""

    invoices: tuple[tuple[Found, ...], ...] = ()
    findings: tuple[Finding, ...] = ()
    paper: str = ""  # what a file without an invoice seems to be, one of papers.PAPERS


Parser = Callable[[Input], Parsed]
