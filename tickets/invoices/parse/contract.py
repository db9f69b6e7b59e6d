"""PURE. What a parser gets and gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tickets.invoices.limits import Limits
from tickets.invoices.model import Finding, Line, Source, Value
from tickets.invoices.sniff import Sniffed
from tickets.invoices.unpack import Budget


@dataclass(frozen=True, slots=True)
class Input:
    """One file for a parser: its bytes, what they are, the limits and what may still be unpacked."""

    data: bytes
    sniffed: Sniffed
    budget: Budget

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


@dataclass(frozen=True, slots=True)
class Parsed:
    """The invoices of one file, each as what its sources say, and what there is to say about the file itself."""

    invoices: tuple[tuple[Found, ...], ...] = ()
    findings: tuple[Finding, ...] = field(default=())


Parser = Callable[[Input], Parsed]
