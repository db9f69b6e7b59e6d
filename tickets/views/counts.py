"""How the invoices of a ticket stand, without a query while all of them are at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tickets.models import Ticket, TicketInvoice


def counts_of(ticket: Ticket, invoices: Sequence[TicketInvoice], most: int) -> dict[str, int]:
    """How many there are of "all", "open", "found" and "set_aside"; more than `most` of `invoices` are not all."""
    if len(invoices) > most:
        return ticket.invoices.outcomes()
    each = Counter(invoice.outcome or "open" for invoice in invoices)
    return {"all": len(invoices), **{name: each[name] for name in ("open", "found", "set_aside")}}
