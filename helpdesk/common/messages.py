"""PURE. Texts that a rule without Django says now and a page translates later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


def gettext_noop(text: str) -> str:
    """Mark `text` for the message catalogue and return it unchanged."""
    return text


@dataclass(frozen=True, slots=True)
class Message:
    """An English msgid with its named values; `common.http.say` turns it into the reader's language."""

    text: str
    params: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.params if self.params else self.text
