"""PURE. What text may enter at all."""

from __future__ import annotations

from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.messages import Message, gettext_noop


def is_storable(text: str) -> bool:
    """Whether both databases store `text` alike: without NUL (PostgreSQL refuses it) and without lone surrogates."""
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def clean_text(text: str) -> str:
    """`text` without what could not be stored, for names that come with a file."""
    return "".join(char for char in text if char != "\x00" and not "\ud800" <= char <= "\udfff")


def text_error(field: str, value: object, *, limit: int, is_needed: bool = False) -> FieldError | None:
    """What is wrong with a typed text: missing, longer than `limit`, or not storable."""
    text = value if isinstance(value, str) else ""
    if is_needed and not text.strip():
        return FieldError(field, "required", Message(gettext_noop("This is needed.")))
    if len(text) > limit:
        return FieldError(field, "too_long", Message(gettext_noop("At most %(limit)s characters."), {"limit": limit}))
    if not is_storable(text):
        return FieldError(field, "bad_text", Message(gettext_noop("This contains characters that can't be stored.")))
    return None


def accept_text(field: str, value: object, *, limit: int, is_needed: bool = False) -> str:
    """`value` without the space around it; "" for what is no text. Raises Invalid with the error of `field`."""
    if error := text_error(field, value, limit=limit, is_needed=is_needed):
        raise Invalid(errors=[error])
    return value.strip() if isinstance(value, str) else ""
