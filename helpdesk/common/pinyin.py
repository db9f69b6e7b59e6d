"""PURE. How Chinese sounds, for words typed with the wrong character of the right sound."""

from __future__ import annotations

from functools import cache

from pypinyin import lazy_pinyin


@cache
def _syllable(char: str) -> str:
    return str(lazy_pinyin(char, errors="ignore")[0]) if lazy_pinyin(char, errors="ignore") else ""


def sound(text: str) -> str:
    """The toneless syllables joined, `发票` → `fapiao`; empty unless every character has one."""
    syllables = [_syllable(char) for char in text]
    return "".join(syllables) if all(syllables) else ""
