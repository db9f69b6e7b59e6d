"""PURE. Text logs: read as a stream, known codes and failures as facts with lines, private data hidden."""

from __future__ import annotations

from tickets.invoices.logs.catalogue import KIND_LABELS, Kind, Sign
from tickets.invoices.logs.facts import Fact, LogReading, Trace, main_code, read, traces, traces_of
from tickets.invoices.logs.lines import MAX_LINE, blocks
from tickets.invoices.logs.masking import Masker

__all__ = [
    "KIND_LABELS", "MAX_LINE", "Fact", "Kind", "LogReading", "Masker", "Sign", "Trace", "blocks", "main_code",
    "read", "traces", "traces_of",
]  # fmt: skip
