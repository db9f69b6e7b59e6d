"""In the worker: a list is checked, and later filed, some hundred rows at a time, each chunk with its checkpoint.

What a chunk has done and how far the list has come are one transaction, and the checkpoint is the condition of the next
one: a worker that is killed leaves a whole number of chunks, and whoever takes the list up again goes on behind them.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import time
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from helpdesk.common.errors import LostRace, Unavailable
from helpdesk.common.http import pack, unpack
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import workflow
from tickets.batches import lifecycle, moves, rules, services
from tickets.batches.models import Batch, BatchRow
from tickets.batches.rules import FILED, Judged, Result
from tickets.evidence import services as evidence
from tickets.evidence import store
from tickets.evidence.models import State
from tickets.invoices.sheets import Row, Sheet, Unreadable
from tickets.models import Ticket, TicketInvoice

logger = logging.getLogger(__name__)
CHUNK = 1000  # rows of one transaction
LEASE = dt.timedelta(minutes=2)  # a worker that is silent longer is gone
ATTEMPTS = 3  # a chunk that ends three workers is not tried a fourth time
SLICE_SECONDS = 45  # half of a task's time; then the list goes on in a message of its own
GAPS = 100  # that are kept


def work(batch_id: int, *, seconds: float = SLICE_SECONDS) -> bool:
    """Do what the list's state asks for, for a while. True when more is left to do, which needs another call."""
    batch = _take(batch_id)
    if batch is None:
        return False
    end = time.monotonic() + seconds
    try:
        if batch.attempts > ATTEMPTS and batch.state != lifecycle.FILING:
            text = Text(
                gettext_noop("This list could not be read safely. Save it again as CSV in UTF-8 and upload that.")
            )
            _fail(batch, "sheet.unsafe", text)
            return False
        return _file(batch, batch.ticket, end) if batch.ticket else _check(batch, end)
    except LostRace:  # cancelled, or somebody else's now
        return False
    except Unavailable:  # the storage; the sweep comes round
        _give_back(batch, attempts=F("attempts") - 1)
        return False


def sweep() -> int:
    """Go on with what the broker lost or a dead worker held. Returns how many lists were taken up."""
    now, end, done = timezone.now(), time.monotonic() + SLICE_SECONDS, 0
    free = Q(taken_at=None, created_at__lt=now - dt.timedelta(seconds=15)) | Q(taken_at__lt=now - LEASE)
    for pk in list(Batch.objects.at_work().filter(free).order_by("pk").values_list("pk", flat=True)[:100]):
        if time.monotonic() > end:
            break
        try:
            work(pk, seconds=end - time.monotonic())
            done += 1
        except Exception:
            logger.exception("batch %s stands still", pk)
    return done


def _take(batch_id: int) -> Batch | None:
    """The lease: one worker at a time, and a dead one's list comes free again."""
    now = timezone.now()
    free = Q(taken_at=None) | Q(taken_at__lt=now - LEASE)
    if not Batch.objects.at_work().filter(free, pk=batch_id).update(taken_at=now, attempts=F("attempts") + 1):
        return None
    return Batch.objects.select_related("evidence__blob", "organisation", "ticket").get(pk=batch_id)


def _give_back(batch: Batch, **values: Any) -> None:
    Batch.objects.filter(pk=batch.pk, taken_at=batch.taken_at).update(taken_at=None, **values)


def _advance(batch: Batch, state: str, **values: Any) -> None:
    """Move the checkpoint in the caller's transaction; LostRace unless list, lease and state are as they were read."""
    now = timezone.now()
    mine = Batch.objects.filter(pk=batch.pk, state=state, taken_at=batch.taken_at)
    if not mine.update(taken_at=now, attempts=0, **values):
        raise LostRace
    batch.taken_at = now


def _fail(batch: Batch, code: str, text: Text) -> None:
    moves.move(batch, "fail", by=None, data={"code": code}, failure={"code": code, **pack(text)}, taken_at=None)


# Checking


def _check(batch: Batch, end: float) -> bool:
    if not _is_clean(batch):
        return False
    try:
        sheet = Sheet(store.read_blob(batch.evidence.blob), services.said_by(batch.organisation_id))
        if batch.state == lifecycle.RECEIVED and not _begin(batch, sheet):
            return False
        return _check_rows(batch, sheet, end)
    except Unreadable as error:
        _fail(batch, error.code, error.message)
        return False


def _is_clean(batch: Batch) -> bool:
    """Whether the file has passed its checks; what it was refused for fails the list."""
    file = batch.evidence
    if not file.is_final:
        evidence.extract(file.pk)
        file.refresh_from_db()
    if file.state == State.CLEAN:
        return True
    if file.is_final:
        told = file.refusal or {}
        _fail(batch, str(told["code"]), unpack(told))
    else:
        _give_back(batch, attempts=F("attempts") - 1)
    return False


def _begin(batch: Batch, sheet: Sheet) -> bool:
    """Keep what the columns are; False when a person has to say it first."""
    columns = sheet.columns
    found: dict[str, Any] = {
        "heads": [head[:100] for head in columns.heads],
        "head_position": columns.position,
        "columns": {str(column): name for column, name in columns.fields.items()},
    }
    if columns.is_known:
        moves.move(batch, "start", by=None, **found)
        return True
    moves.move(batch, "ask_columns", by=None, taken_at=None, attempts=0, **found)
    return False


def _check_rows(batch: Batch, sheet: Sheet, end: float) -> bool:
    now = timezone.now()
    left = (row for row in sheet.rows() if row.position > batch.position)
    while chunk := list(islice(left, CHUNK)):
        _check_chunk(batch, chunk, now)
        if time.monotonic() > end:
            _give_back(batch)
            return True
    _finish(batch)
    return False


def _check_chunk(batch: Batch, chunk: Sequence[Row], now: dt.datetime) -> None:
    judged = [rules.judge(row, now=now) for row in chunk]
    with transaction.atomic():
        judged = list(_doubles(batch, judged))
        counts = {result.value: sum(row.result == result for row in judged) for result in Result}
        more = {name: F(name) + count for name, count in counts.items() if count}
        _advance(batch, lifecycle.CHECKING, position=judged[-1].position, rows=F("rows") + len(judged), **more)
        BatchRow.objects.bulk_create([BatchRow(batch=batch, **_columns(row)) for row in judged], batch_size=500)
    batch.position = judged[-1].position


def _columns(row: Judged) -> dict[str, Any]:
    values = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return {**values, "result": row.result.value}


def _doubles(batch: Batch, judged: Sequence[Judged]) -> Iterator[Judged]:
    """Mark what stands in the list before, or in an open ticket of this enterprise; never another one's."""
    keys = {row.key for row in judged if row.key and row.result in FILED}
    before = dict(BatchRow.objects.filter(batch=batch, key__in=keys, result__in=FILED).values_list("key", "position"))
    tickets = _own_tickets(batch, keys)
    for row in judged:
        if row.result not in FILED:
            yield row
        elif row.key in before:
            yield rules.doubled(row, before=before[row.key])
        elif row.key in tickets:
            yield rules.doubled(row, ticket=tickets[row.key])
        else:
            before[row.key] = row.position
            yield row


def _own_tickets(batch: Batch, keys: set[str]) -> dict[str, str]:
    """Invoice → number of the enterprise's open ticket that holds it, by all that both sides know of it."""
    mine = TicketInvoice.objects.in_open_tickets().filter(ticket__organisation=batch.organisation_id)
    near = mine.filter(Q(identity__in=keys) | Q(identity="", number__in=keys))
    return {
        identity or number: ticket
        for identity, number, ticket in near.values_list("identity", "number", "ticket__number")
    }


def _finish(batch: Batch) -> None:
    """The holes in the numbers, and the end of the check."""
    rows = BatchRow.objects.filter(batch=batch, result__in=FILED).exclude(seller="")
    found = rules.gaps(rows.values_list("seller", "key").iterator(5000))
    gaps = [dataclasses.asdict(gap) for gap in islice(found, GAPS)]
    done = {"gaps": gaps, "taken_at": None, "attempts": 0, "checked_at": timezone.now(), "about": F("rows")}
    moves.move(batch, "finish", by=None, data={"rows": batch.lines.count()}, **done)


# Filing


def _file(batch: Batch, ticket: Ticket, end: float) -> bool:
    rows = BatchRow.objects.filter(batch=batch, result__in=FILED).order_by("position")
    while chunk := list(rows.filter(position__gt=batch.filed_position)[:CHUNK]):
        if not _file_chunk(batch, ticket, chunk):
            return False
        if time.monotonic() > end:
            _give_back(batch)
            return True
    with transaction.atomic():
        moves.move(batch, "settle", by=None, taken_at=None, attempts=0)
        # One event for all items: fifty thousand would bury the ticket's history, and each is told by its position.
        told = {"batch": batch.pk, "count": batch.filed, "number": str(batch.filed)}
        workflow.record(ticket, "batch.filed", by=None, public=True, data=told)
    return False


def _file_chunk(batch: Batch, ticket: Ticket, chunk: Sequence[BatchRow]) -> bool:
    """The items of some rows; False when the ticket was closed meanwhile, which ends the list."""
    last, first = chunk[-1].position, batch.filed + 1
    with transaction.atomic():
        workflow.hold(ticket)
        if not ticket.is_open:
            moves.move(batch, "cancel", by=None, taken_at=None)
            return False
        _advance(batch, lifecycle.FILING, filed_position=last, filed=F("filed") + len(chunk))
        items = [_item(ticket, row, position) for position, row in enumerate(chunk, start=first)]
        TicketInvoice.objects.bulk_create(items, batch_size=500)
    batch.filed_position, batch.filed = last, batch.filed + len(chunk)
    return True


def _item(ticket: Ticket, row: BatchRow, position: int) -> TicketInvoice:
    item = TicketInvoice(ticket=ticket, position=position, **rules.columns_of(row.claim))
    item.identity = item.claim.identity
    return item
