"""PURE. How Chinese sounds, for words typed with the wrong character of the right sound."""

from __future__ import annotations

import os
from functools import cache

# Only single characters are asked, so the dictionary of phrases (42 MB in each process) stays unread.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")

from pypinyin import lazy_pinyin


@cache
def _syllable(char: str) -> str:
    return str(lazy_pinyin(char, errors="ignore")[0]) if lazy_pinyin(char, errors="ignore") else ""


def sound(text: str) -> str:
    """The toneless syllables joined, `发票` → `fapiao`; empty unless every character has one."""
    syllables = [_syllable(char) for char in text]
    return "".join(syllables) if all(syllables) else ""
