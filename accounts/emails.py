"""PURE. E-mail addresses: one spelling for one mailbox, and no look-alikes."""

from __future__ import annotations

import unicodedata


def folded(email: str) -> str:
    """The spelling under which addresses are compared: no space around, compatibility forms resolved, lower case."""
    return unicodedata.normalize("NFKC", email.strip()).casefold()


def is_plain(email: str) -> bool:
    """Whether the address is ASCII: the Kelvin sign or a dotless i would fold into another person's letters."""
    return email.isascii()
