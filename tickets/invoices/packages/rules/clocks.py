"""PURE. Rules about time: `Batch.now` is when the package is checked, as if it were uploaded then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Severity
from tickets.invoices.packages import bases
from tickets.invoices.packages.contract import Batch, Bill, Hit, rule
from tickets.invoices.validate import BEIJING

UPLOAD = dt.timedelta(hours=48)
SKEW = dt.timedelta(minutes=5)  # between the clocks of two computers
CLOSING_DAY = 13


def closes_at(issued_at: dt.datetime) -> dt.datetime:
    """When the month of an invoice closes: the 13th of the next one, 0:00 in Beijing."""
    day = issued_at.astimezone(BEIJING)
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return dt.datetime(year, month, CLOSING_DAY, tzinfo=BEIJING)


@rule("date.future", Severity.ERROR, _("The time of issue lies in the future."), bases.RULES)
def date_future(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Not later than now."""
    if bill.issued_at and bill.issued_at > batch.now + SKEW:
        yield Hit("issued_at")


@rule(
    "date.late", Severity.ERROR,
    _("Issued %(hours)s hours ago. An invoice must be uploaded within 48 hours."), bases.CHECKS,
)  # fmt: skip
def date_late(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Uploaded less than 48 hours after issue; a closed month is told alone."""
    if bill.issued_at and batch.now - bill.issued_at >= UPLOAD and batch.now < closes_at(bill.issued_at):
        yield Hit("issued_at", params={"hours": (batch.now - bill.issued_at) // dt.timedelta(hours=1)})


@rule(
    "month.closed", Severity.ERROR,
    _("The month of this invoice was closed on %(day)s. It can't be uploaded any more and must be issued again."),
    bases.CLOCKS,
)  # fmt: skip
def month_closed(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Before the 13th of the next month, 0:00."""
    if bill.issued_at and batch.now >= closes_at(bill.issued_at):
        yield Hit("issued_at", params={"day": closes_at(bill.issued_at).date().isoformat()})


UPLOADING = (date_late, month_closed)
