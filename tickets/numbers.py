"""PURE. Ticket numbers that people can say: `26-00042-7` is year, serial, and a digit that notices a slip."""

from __future__ import annotations

import re

from tickets.invoices.identifiers import fold

# Damm's totally anti-symmetric quasigroup of order 10: finds every single wrong digit and every swapped neighbour.
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_FORM = re.compile("([0-9]{2})([0-9]{5,10})([0-9])")


def check_digit(digits: str) -> int:
    """Damm's check digit of a string of digits."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def make(year: int, serial: int) -> str:
    """The number of the `serial`th ticket, opened in `year`."""
    digits = f"{year % 100:02d}{serial:05d}"
    return f"{digits[:2]}-{digits[2:]}-{check_digit(digits)}"


def parse(text: str) -> str:
    """The number as it is stored, from what a person typed; "" when it is none or misread."""
    match = _FORM.fullmatch(fold(text).lstrip("#"))
    if match is None or check_digit("".join(match.groups())) != 0:
        return ""
    return "-".join(match.groups())
