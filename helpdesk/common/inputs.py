"""PURE. What text may enter at all."""

from __future__ import annotations


def is_storable(text: str) -> bool:
    """Whether both databases store `text` alike: without NUL (PostgreSQL refuses it) and without lone surrogates."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def clean_text(text: str) -> str:
    """`text` without what could not be stored, for names that come with a file."""
    return "".join(char for char in text if char != "\x00" and not "\ud800" <= char <= "\udfff")
