"""PURE. What a mail server's answer means: never, or not now."""

from __future__ import annotations

from smtplib import SMTPDataError, SMTPRecipientsRefused


def refusal(error: Exception) -> str:
    """The server's words when it refused this mail or its recipient for good, else "".

    A 5xx to the greeting, the sign-in or the sender speaks of our own set-up: that is mended, and then the mail goes.
    """
    if isinstance(error, SMTPRecipientsRefused):
        answers: list[tuple[int, bytes | str]] = list(error.recipients.values())
    elif isinstance(error, SMTPDataError):
        answers = [(error.smtp_code, error.smtp_error)]
    else:
        return ""
    if not answers or not all(500 <= code < 600 for code, _ in answers):
        return ""
    code, words = answers[0]
    return f"{code} {words.decode(errors='replace') if isinstance(words, bytes) else words}"
