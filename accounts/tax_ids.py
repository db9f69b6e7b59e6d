"""PURE. The unified social credit code (统一社会信用代码), GB 32100-2015: 18 characters, the last one checks."""

from __future__ import annotations

import re
import unicodedata

#: Digits and capital letters without I, O, S, V and Z; the index is the value (GB 32100-2015, table 3).
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
#: 3 to the power of the place, modulo 31 (GB 32100-2015, 5.2).
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_SHAPE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{2}[0-9]{6}[0-9A-HJ-NP-RTUWXY]{10}")


def normalise(text: str) -> str:
    """The code as it is stored: half-width capitals without spaces or hyphens."""
    folded = re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", text)).upper()
    return unicodedata.normalize("NFKC", folded)  # what stands side by side now may combine


def is_well_formed(code: str) -> bool:
    """Whether a normalised `code` has the shape: two signs, six digits of the place, ten signs."""
    return _SHAPE.fullmatch(code) is not None


def check_character(body: str) -> str:
    """The 18th character of the 17 in `body`."""
    total = sum(ALPHABET.index(char) * weight for char, weight in zip(body, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def has_right_check(code: str) -> bool:
    """Whether the last character of a well-formed `code` fits; some codes in use don't, so this only warns."""
    return is_well_formed(code) and check_character(code[:17]) == code[17]
