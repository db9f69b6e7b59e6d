"""The guards that the transition table names. Each raises NotNow with what to do instead."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from helpdesk.common.errors import NotNow
from helpdesk.common.messages import Message, gettext_noop
from tickets import workflow
from tickets.backfill.models import Backfill
from tickets.batches.models import Batch
from tickets.models import Ticket


def no_open_backfill(ticket: Ticket, by: User | None) -> None:
    """A case can't end while an invoice of it is being backfilled."""
    if count := Backfill.objects.open().filter(ticket=ticket).count():
        text = gettext_noop("%(count)s backfills are still open. Finish or cancel them first.")
        raise NotNow(Message(text, {"count": count}), code="backfill_open")


def every_invoice_settled(ticket: Ticket, by: User | None) -> None:
    """Resolved means: a look-up has found the record of every invoice, or an agent has set it aside with a reason."""
    if Batch.objects.at_work().filter(ticket=ticket).exists():
        text = gettext_noop("The items of the list are still being added. Please wait until all are in.")
        raise NotNow(Message(text), code="batch_filing")
    if count := ticket.invoices.unsettled().count():
        text = gettext_noop(
            "%(count)s invoices have no record yet. Record a look-up that finds them, or set them aside."
        )
        raise NotNow(Message(text, {"count": count}), code="invoice_unsettled")


def within_reopen_window(ticket: Ticket, by: User | None) -> None:
    """Later than that, a new ticket tells the story better."""
    ended = ticket.closed_at or ticket.resolved_at  # reopening clears both
    if ended and timezone.now() - ended > dt.timedelta(days=settings.REOPEN_DAYS):
        text = gettext_noop("This was closed more than %(days)s days ago. Please file a new ticket and name this one.")
        raise NotNow(Message(text, {"days": settings.REOPEN_DAYS}), code="reopen_window")


workflow.GUARDS.update({f.__name__: f for f in (no_open_backfill, every_invoice_settled, within_reopen_window)})
