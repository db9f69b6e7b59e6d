"""Lists of invoices at the door: one upload for one content, what its columns mean, and its end before the ticket."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from accounts.access import require
from accounts.models import Organisation, User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, NotNow
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets.batches import lifecycle, moves
from tickets.batches.models import Batch, ListColumns
from tickets.evidence.models import Purpose
from tickets.evidence.services import Bytes, clean_name, receive, refusal
from tickets.invoices import gate
from tickets.invoices.columns import HEADS, NUMBERS, key
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Carrier
from tickets.invoices.sheets import Sheet, Unreadable
from tickets.invoices.tables import check_text, roughly
from tickets.models import Ticket

#: Called with the batch id after the commit; set by tickets/batches/tasks.py. The sweep makes up a lost call.
ON_COMMIT: list[Callable[[int], None]] = []


def take_in(*, file: Bytes, name: str, organisation: Organisation, by: User) -> tuple[Batch, bool]:
    """The list of these bytes, and whether it is new: the same file of the same enterprise is the same list.

    Raises Forbidden, Invalid or TooLarge with the rule it broke; what can be told at once is told before anything is
    stored, and what only shows further down fails the list later.
    """
    require(by, Permission.ORG_TICKET_FILE, organisation.pk)
    data = file.read(settings.EVIDENCE_MAX_BYTES + 1)
    name = clean_name(name)
    _look_inside(data, name)
    digest = hashlib.sha256(data).hexdigest()
    mine = Batch.objects.filter(organisation=organisation, sha256=digest)
    if known := mine.exclude(state__in=(lifecycle.CANCELLED, lifecycle.FAILED)).first():
        return known, False
    kept = receive(file=ContentFile(data), name=name, purpose=Purpose.LIST, by=by, organisation=organisation)
    try:
        with transaction.atomic():
            made = Batch.objects.create(
                organisation=organisation, evidence=kept, sha256=digest, about=roughly(data), created_by=by
            )
            moves.tell(made, "batch.received", by=by, data={"name": name})
            start(made)
    except IntegrityError:  # the same list at the same moment
        return mine.exclude(state__in=(lifecycle.CANCELLED, lifecycle.FAILED)).get(), False
    return made, True


def _look_inside(data: bytes, name: str) -> None:
    """Raise Invalid or TooLarge for what is no sheet, and for a sheet whose first lines can't be read."""
    try:
        sniffed = gate.admit(data, name=name, limits=Limits(max_bytes=settings.EVIDENCE_MAX_BYTES))
        if sniffed.carrier not in (Carrier.SPREADSHEET, Carrier.TEXT):
            text = Text(gettext_noop("This is no spreadsheet. Please send the list as XLSX, XLS or CSV."))
            raise Invalid(text, code="sheet.type", errors=[FieldError("file", "sheet.type", text)])
        check_text(data)
        if not Sheet(data).first:
            text = Text(gettext_noop("This sheet is empty."))
            raise Invalid(text, code="sheet.empty", errors=[FieldError("file", "sheet.empty", text)])
    except Refused as refused:
        raise refusal(refused) from refused
    except Unreadable as error:
        raise Invalid(error.message, code=error.code, errors=[FieldError("file", error.code, error.message)]) from error


def said_by(organisation_id: int) -> dict[str, str]:
    """What the enterprise has said of the heads of its lists."""
    known = ListColumns.objects.filter(organisation=organisation_id).values_list("said", flat=True).first()
    return known or {}


def name_columns(*, batch: Batch, columns: Mapping[int, str], by: User) -> Batch:
    """Say what the columns hold, column → field, for this list and the next ones; it is checked by them from the start.

    Raises Forbidden, NotNow, Invalid (a field twice, one that isn't known, none that holds a number), LostRace.
    """
    moves.may_start(batch, "name_columns", by=by)
    given = {column: name for column, name in columns.items() if name}
    errors = [
        FieldError(f"columns.{column}", "unknown", Text(gettext_noop("Choose one of the list.")))
        for column, name in given.items()
        if name not in HEADS or column not in range(len(batch.heads))
    ]
    names = list(given.values())
    errors += [
        FieldError(f"columns.{column}", "twice", Text(gettext_noop("Two columns can't hold the same field.")))
        for column, name in given.items()
        if names.count(name) > 1 and column != names.index(name)
    ]
    if not NUMBERS & set(names):
        text = gettext_noop("Say which column holds the invoice number.")
        errors.append(FieldError("columns", "number", Text(text)))
    if errors:
        raise Invalid(errors=errors)
    said = {key(head): given.get(column, "") for column, head in enumerate(batch.heads) if key(head)}
    with transaction.atomic():
        row, _new = ListColumns.objects.select_for_update().get_or_create(
            organisation=batch.organisation, defaults={"by": by}
        )
        row.said, row.by = {**row.said, **said}, by
        row.save(update_fields=["said", "by", "updated_at"])
        moves.move(batch, "name_columns", by=by, data={"columns": {str(c): n for c, n in given.items()}}, **_BLANK)
        batch.lines.all().delete()
        start(batch)
    return batch


#: A list that nobody has looked at yet.
_BLANK: Mapping[str, Any] = {
    "position": 0, "rows": 0, "ok": 0, "warning": 0, "error": 0, "duplicate": 0, "gaps": [], "columns": {},
    "attempts": 0, "taken_at": None, "checked_at": None,
}  # fmt: skip


def start_filing(*, batch: Batch, ticket: Ticket, by: User) -> Batch:
    """Let the worker make the items of `ticket`; the caller has made it in this transaction."""
    if not batch.to_file:
        text = gettext_noop("No row of this list can be filed. Correct the rows and upload the list again.")
        raise NotNow(Text(text), code="nothing_to_file")
    moves.move(batch, "file", by=by, data={"ticket": ticket.number}, ticket=ticket, attempts=0, taken_at=None)
    start(batch)
    return batch


def cancel(*, batch: Batch, by: User) -> Batch:
    """Stop between two chunks; rows and file stay for who wants to look. Raises Forbidden, NotNow, LostRace."""
    moves.move(batch, "cancel", by=by)
    return batch


def start(batch: Batch) -> None:
    """Ask the worker once the transaction is committed."""
    for ask in ON_COMMIT:
        transaction.on_commit(partial(ask, batch.pk), robust=True)


def rows_of(batch: Batch, result: str = "") -> Any:
    """The rows that are checked, or those of one result, in their order."""
    rows = batch.lines.order_by("position")
    return rows.filter(result=result) if result else rows
