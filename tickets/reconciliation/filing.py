"""The missing invoices of a reconciliation as tickets: once, however often the button is pressed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import NotNow
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import intake
from tickets import services as tickets
from tickets.invoices.listed import Item
from tickets.invoices.model import Invoice
from tickets.invoices.reconcile import Result
from tickets.models import Ticket
from tickets.reconciliation import services, stored
from tickets.reconciliation.models import Reconciliation, ReconciliationTicket, State
from tickets.vocabulary import Channel, Symptom

EACH = intake.MAX_INVOICES
MOST = 10 * EACH  # more go by the batch page

_FIELDS = (
    "kind", "code", "number", "digital_number", "issue_date", "amount", "tax", "total", "seller_name", "seller_tax_id",
    "buyer_name", "buyer_tax_id",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fileable:
    """The missing invoices that go into tickets; `left_out` rows don't, see `stored.WAITS`, or name no invoice."""

    invoices: tuple[Invoice, ...]
    left_out: int


def parts(count: int) -> int:
    """How many tickets `count` invoices make."""
    return -(-count // EACH)


def fileable(reconciliation: Reconciliation) -> Fileable:
    """What the button would file."""
    found: list[Invoice] = []
    left_out = 0
    for line in services.rows(reconciliation, Result.MISSING):
        invoice = _invoice(line.own) if line.own else Invoice()
        if stored.WAITS & set(line.reasons) or any(intake.blocking(invoice)):
            left_out += 1
        else:
            found.append(invoice)
        if len(found) > MOST:
            break
    return Fileable(tuple(found), left_out)


def _invoice(item: Item) -> Invoice:
    return Invoice(**{name: getattr(item, name) for name in _FIELDS})


def file_missing(*, reconciliation: Reconciliation, by: User, channel: str = Channel.WEB) -> list[Ticket]:
    """The tickets of the missing invoices, made now or found as they were made before.

    Raises Forbidden; NotNow when there is no result, nothing to file, or more than MOST.
    """
    require(by, Permission.ORG_TICKET_FILE, reconciliation.organisation_id)
    with transaction.atomic():
        row = Reconciliation.objects.select_for_update().select_related("organisation").get(pk=reconciliation.pk)
        if made := [link.ticket for link in row.tickets.select_related("ticket")]:
            return made
        if row.state != State.DONE:
            raise NotNow(services.NO_RESULT)
        found = fileable(row)
        if not found.invoices:
            raise NotNow(Text(gettext_noop("No missing invoice can be filed.")), code="nothing_missing")
        if len(found.invoices) > MOST:
            text = gettext_noop("More than %(limit)s invoices are missing. Download them and hand them in as a batch.")
            raise NotNow(Text(text, {"limit": MOST}), code="too_many_missing")
        return [_file(row, part, some, found, by, channel) for part, some in enumerate(_parts(found), start=1)]


def _parts(found: Fileable) -> Iterator[tuple[Invoice, ...]]:
    rest = iter(found.invoices)
    while some := tuple(islice(rest, EACH)):
        yield some


def _file(
    row: Reconciliation, part: int, some: tuple[Invoice, ...], found: Fileable, by: User, channel: str
) -> Ticket:  # fmt: skip
    days = sorted(invoice.issue_date for invoice in some if invoice.issue_date)
    told = {"n": len(some), "first": days[0] if days else "--", "last": days[-1] if days else "--"}
    subject = _("%(n)s invoices missing on the tax side, issued %(first)s to %(last)s") % told
    if (of := parts(len(found.invoices))) > 1:
        subject = f"{subject} ({part}/{of})"
    text = _("Found by comparing our own list (%(own)s) with the list of the tax side (%(theirs)s).")
    theirs = row.theirs.name if row.theirs else row.get_against_display()
    new = tickets.NewTicket(
        subject=subject,
        symptom=Symptom.NO_RECORD,
        description=text % {"own": row.own.name, "theirs": theirs},
        invoices=some,
        channel=channel,
    )
    ticket = tickets.submit(new=new, organisation=row.organisation, by=by)
    ReconciliationTicket.objects.create(reconciliation=row, part=part, ticket=ticket)
    return ticket
