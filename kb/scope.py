"""PURE. What an article applies to: kinds of invoice by their code, and words for software, version and province."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from helpdesk.common.messages import gettext_noop as _

#: 发票类型代码 (fplx) → its name, as in the look-ups.
KINDS: Mapping[str, str] = {
    "81": _("Digital special VAT invoice"),
    "82": _("Digital ordinary invoice"),
    "83": _("Digital motor vehicle invoice"),
    "84": _("Digital used car invoice"),
    "51": _("Railway e-ticket"),
    "61": _("Air transport e-ticket itinerary"),
    "85": _("Digital special VAT invoice on paper"),
    "86": _("Digital ordinary invoice on paper"),
    "01": _("Special VAT invoice"),
    "04": _("Ordinary VAT invoice"),
    "08": _("Electronic special VAT invoice"),
    "10": _("Electronic ordinary VAT invoice"),
    "11": _("Ordinary VAT invoice on a roll"),
    "14": _("Electronic road toll invoice"),
}
WORDS = ("software", "versions", "provinces")  # lists of free words
MOST, LONGEST = 20, 60  # words of a list, characters of a word

Scope = dict[str, list[str]]


def clean(given: Mapping[str, Any]) -> Scope:
    """Known kinds in their order, words without repetition; what is empty is left out."""
    chosen = set(_words(given.get("kinds", ())))
    lists = {"kinds": [code for code in KINDS if code in chosen]}
    lists |= {name: [word[:LONGEST] for word in _words(given.get(name, ()))][:MOST] for name in WORDS}
    return {name: words for name, words in lists.items() if words}


def _words(given: str | Iterable[object]) -> list[str]:
    """The words of a list, or of a text with commas."""
    parts = re.split(r"[,，、;；\n]", given) if isinstance(given, str) else [str(part) for part in given]
    return list(dict.fromkeys(" ".join(part.split()) for part in parts if part.strip()))


def tags(scope: Mapping[str, Any]) -> list[str]:
    """What stands on an article: names of kinds as msgids, words as they are."""
    known = clean(scope)
    return [KINDS[code] for code in known.get("kinds", ())] + [word for name in WORDS for word in known.get(name, ())]
