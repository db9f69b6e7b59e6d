"""When a mail that could not be sent is tried again, and when never."""

from __future__ import annotations

import datetime as dt
from smtplib import SMTPRecipientsRefused, SMTPResponseException

from django.utils import timezone

from helpdesk.common import mail_errors
from helpdesk.common.rest import let_rest

LEASE = dt.timedelta(minutes=2)  # a worker that dies in the middle gives the mail back after this
PATIENCE = dt.timedelta(days=5)  # as mail servers themselves wait for each other
LONGEST_WAIT = dt.timedelta(hours=1)
SERVER_REST = 30  # seconds


def setback(error: Exception, *, attempts: int, since: dt.datetime) -> tuple[str, dt.timedelta | None]:
    """Why it failed, and how long to wait: 1, 2, 4 … minutes, at most an hour.

    None is what is refused for good, or older than PATIENCE.
    """
    refusal = mail_errors.refusal(error)
    if refusal or timezone.now() - since > PATIENCE:
        return refusal or str(error), None
    if not isinstance(error, SMTPResponseException | SMTPRecipientsRefused):  # it didn't even answer
        let_rest("mail", SERVER_REST)
    return str(error), min(LONGEST_WAIT, dt.timedelta(minutes=2 ** min(attempts - 1, 6)))
