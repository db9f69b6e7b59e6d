"""Reconciliations: started with two lists, worked on by one worker at a time, cancelled, swept, and thrown away."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.access import require
from accounts.models import Organisation, User
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, FieldError, Invalid, NotNow, Unavailable
from helpdesk.common.http import pack, unpack
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets.evidence import services as evidence
from tickets.evidence import store
from tickets.evidence.models import Evidence, Purpose
from tickets.evidence.models import State as FileState
from tickets.invoices.limits import Refused
from tickets.invoices.listed import Item
from tickets.invoices.lists import Reader
from tickets.invoices.reconcile import Period, reconcile
from tickets.invoices.sheets import Unreadable
from tickets.reconciliation import looked_up, stored
from tickets.reconciliation.models import Against, Reconciliation, ReconciliationPage, State, Step

logger = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=3)  # a worker that hasn't told anything for so long is gone
ATTEMPTS = 3
AT_ONCE = 3  # of one enterprise
KEPT = dt.timedelta(days=180)  # a result of which no ticket was made
BEAT = 2000  # rows between two signs of life
PAGES_AT_ONCE = 200
NO_RESULT = Text(gettext_noop("There is no result yet."))

#: Called with the id after the commit; set by tickets/reconciliation/tasks.py. The sweep makes up a lost call.
ON_COMMIT: list[Callable[[int], None]] = []


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came from a form."""

    file: evidence.Bytes
    name: str


class Stopped(Exception):
    """Cancelled, or taken over by another worker: what was found is dropped."""


def start(
    *, own: Upload, theirs: Upload | None, organisation: Organisation, by: User, period: Period | None = None
) -> Reconciliation:
    """Take both lists in; `theirs` None compares with the look-ups already recorded. Raises Forbidden, Invalid, NotNow.

    The field of an error is `own` or `theirs`.
    """
    require(by, Permission.ORG_TICKET_FILE, organisation.pk)
    if period and period[0] > period[1]:
        text = Text(gettext_noop("The period ends before it begins."))
        raise Invalid(errors=[FieldError("ends", "order", text)])
    if Reconciliation.objects.unfinished().filter(organisation=organisation).count() >= AT_ONCE:
        still = gettext_noop("%(limit)s comparisons of this enterprise are still running. Wait for one of them.")
        raise NotNow(Text(still, {"limit": AT_ONCE}), code="too_many_reconciliations")
    with transaction.atomic():
        row = Reconciliation.objects.create(
            organisation=organisation,
            created_by=by,
            own=_keep("own", own, organisation, by),
            against=Against.FILE if theirs else Against.CHECKS,
            theirs=_keep("theirs", theirs, organisation, by) if theirs else None,
            starts=period[0] if period else None,
            ends=period[1] if period else None,
            created_at=timezone.now(),
        )
        for begin in ON_COMMIT:
            transaction.on_commit(partial(begin, row.pk), robust=True)
    return row


def _keep(side: str, upload: Upload, organisation: Organisation, by: User) -> Evidence:
    """The file in the evidence room; what it refuses names the side."""
    try:
        return evidence.receive(
            file=upload.file, name=upload.name, purpose=Purpose.LIST, by=by, organisation=organisation
        )
    except DomainError as error:
        if not error.errors:
            raise
        error.errors = tuple(FieldError(side, wrong.code, wrong.message) for wrong in error.errors)
        raise


def cancel(*, reconciliation: Reconciliation, by: User) -> Reconciliation:
    """Stop the work; the worker notices at its next sign of life. Raises Forbidden, NotNow."""
    require(by, Permission.ORG_TICKET_FILE, reconciliation.organisation_id)
    mine = Reconciliation.objects.unfinished().filter(pk=reconciliation.pk)
    if not mine.update(state=State.CANCELLED, finished_at=timezone.now(), taken_at=None):
        raise NotNow(Text(gettext_noop("This comparison has ended already.")))
    reconciliation.refresh_from_db()
    return reconciliation


def rows(reconciliation: Reconciliation, result: str) -> Iterator[stored.Line]:
    """Every row of a class, page by page."""
    pages = ReconciliationPage.objects.filter(reconciliation=reconciliation, result=result).order_by("number")
    for packed in pages.values_list("packed", flat=True).iterator(chunk_size=20):
        yield from stored.lines(bytes(packed), result)


# In the worker


def run(pk: int) -> bool:
    """Do the whole work; idempotent. False when somebody else is at it, it has ended, or the files aren't read yet."""
    row = _take(pk)
    if row is None:
        return False
    if row.attempts > ATTEMPTS:
        text = gettext_noop("The comparison broke off several times. Split the lists by month and try again.")
        _fail(row, "reconciliation.broken_off", Text(text), side="")
        return True
    try:
        files = _files(row)
        if files is None:
            _give_back(row)
            return False
        _compare(row, *files)
    except Stopped:
        return False
    except Unavailable:
        _give_back(row)
        return False
    except _Bad as bad:
        _fail(row, bad.code, bad.message, side=bad.side)
    return True


class _Bad(Exception):
    """A list that can't be read."""

    def __init__(self, side: str, code: str, message: Text) -> None:
        self.side, self.code, self.message = side, code, message
        super().__init__(code)


def _take(pk: int) -> Reconciliation | None:
    """The lease: one worker at a time, and a dead one's work comes free again."""
    now = timezone.now()
    free = Q(taken_at=None) | Q(taken_at__lt=now - LEASE)
    mine = Reconciliation.objects.unfinished().filter(free, pk=pk)
    if not mine.update(state=State.RUNNING, taken_at=now, attempts=F("attempts") + 1, step="", rows_read=0):
        return None
    return Reconciliation.objects.select_related("own__blob", "theirs__blob").get(pk=pk)


def _held(row: Reconciliation) -> Any:
    """The row while it is this worker's: another one has another count of attempts."""
    return Reconciliation.objects.filter(pk=row.pk, state=State.RUNNING, attempts=row.attempts)


def _give_back(row: Reconciliation) -> None:
    """Nobody's fault: the sweep takes it up again without counting."""
    _held(row).update(state=State.WAITING, taken_at=None, attempts=F("attempts") - 1)


def _fail(row: Reconciliation, code: str, message: Text, *, side: str) -> None:
    told = {"code": code, "side": side, **pack(message)}
    _held(row).update(state=State.FAILED, refusal=told, taken_at=None, finished_at=timezone.now())


def _beat(row: Reconciliation, step: str, rows_read: int = 0) -> None:
    """A sign of life; raises Stopped when the work is no longer wanted here."""
    if not _held(row).update(step=step, rows_read=rows_read, taken_at=timezone.now()):
        raise Stopped


def _files(row: Reconciliation) -> tuple[Evidence, Evidence | None] | None:
    """Both files when they have passed their checks; None while another worker is at one."""
    for side in ("own", "theirs"):
        file: Evidence | None = getattr(row, side)
        if file is None:
            continue
        if not file.is_final:
            evidence.extract(file.pk)
            file.refresh_from_db()
        if not file.is_final:
            return None
        if file.state != FileState.CLEAN:
            told = file.refusal or pack(Text(gettext_noop("This file was refused and can't be opened.")))
            raise _Bad(side, told.get("code", "file.refused"), unpack(told))
    return row.own, row.theirs


def _compare(row: Reconciliation, own_file: Evidence, their_file: Evidence | None) -> None:
    reader = Reader()
    own = _items(row, Step.OWN, reader, own_file)
    theirs = _items(row, Step.THEIRS, reader, their_file) if their_file else _looked_up(row)
    period = (row.starts, row.ends) if row.starts and row.ends else None
    done = reconcile(own, theirs, period=period, today=timezone.localdate(), tell=lambda step: _beat(row, step))
    _beat(row, Step.STORING)
    told = {**stored.summary(done, own, theirs), "skipped": reader.skipped}
    with transaction.atomic():
        ReconciliationPage.objects.filter(reconciliation=row).delete()
        found = (
            ReconciliationPage(reconciliation=row, result=result, number=number, packed=packed)
            for result, number, packed in stored.pages(done, own, theirs)
        )
        while some := list(islice(found, PAGES_AT_ONCE)):
            ReconciliationPage.objects.bulk_create(some)
        ended = {"state": State.DONE, "step": "", "taken_at": None, "finished_at": timezone.now(), "refusal": None}
        if not _held(row).update(summary=told, **ended):
            raise Stopped


def _items(row: Reconciliation, step: Step, reader: Reader, file: Evidence) -> list[Item]:
    """All rows of a list, with a sign of life every BEAT of them."""
    _beat(row, step)
    found: list[Item] = []
    try:
        for item in reader.items(store.read_blob(file.blob), file.name):
            found.append(item)
            if len(found) % BEAT == 0:
                _beat(row, step, len(found))
    except (Refused, Unreadable) as error:
        raise _Bad(step.value, error.code, error.message) from error
    if not found:
        raise _Bad(step.value, "list.empty", Text(gettext_noop("There is no invoice in this list.")))
    return found


def _looked_up(row: Reconciliation) -> list[Item]:
    _beat(row, Step.THEIRS)
    return list(looked_up.items(row.organisation_id))


def sweep() -> int:
    """Do what the broker lost or a dead worker held, and throw away what is past its time. Returns how many ended."""
    now = timezone.now()
    Reconciliation.objects.filter(created_at__lt=now - KEPT, tickets=None).exclude(state=State.RUNNING).delete()
    late = Q(taken_at=None, created_at__lt=now - dt.timedelta(seconds=15)) | Q(taken_at__lt=now - LEASE)
    waiting = list(Reconciliation.objects.unfinished().filter(late).order_by("pk").values_list("pk", flat=True)[:1])
    done = 0
    for pk in waiting:  # one at a time: each may need all of a task's time
        try:
            done += run(pk)
        except Exception:
            logger.exception("reconciliation %s stays undone", pk)
    return done
