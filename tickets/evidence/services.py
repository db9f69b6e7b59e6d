"""Files: received at the door, read in the worker, attached to a ticket, opened by who may."""

from __future__ import annotations

import datetime as dt
import logging
import re
import tempfile
import time
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import IO, Any, Protocol

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, prefetch_related_objects
from django.utils import timezone

from accounts.access import require
from accounts.models import Organisation, User
from accounts.permissions import Permission
from helpdesk.common import scanners
from helpdesk.common.errors import FieldError, Invalid, NotNow, TooLarge, Unavailable
from helpdesk.common.http import pack
from helpdesk.common.inputs import accept_text, clean_text
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import workflow
from tickets.evidence import store
from tickets.evidence.models import Blob, Evidence, Purpose, State
from tickets.invoices import gate, packed, reading_json
from tickets.invoices.limits import LIST_LIMITS, Limits, Refused
from tickets.invoices.logs import Masker
from tickets.invoices.model import Carrier, Reading
from tickets.invoices.ocr.process import Busy, Reader, is_installed
from tickets.invoices.parse.contract import Letters
from tickets.invoices.read import read
from tickets.invoices.sniff import decoded, sniff
from tickets.invoices.unpack import Budget
from tickets.models import Message, Ticket, TicketInvoice
from tickets.vocabulary import Visibility

logger = logging.getLogger(__name__)
LEASE = dt.timedelta(minutes=6)  # a worker that holds a file longer is gone
ATTEMPTS = 3  # a file that ends three workers is not opened a fourth time
WAITING = 200  # files a day that one person may upload without using them
KEPT_TEXT = 20_000
SPOOL = 8 * 1024 * 1024  # bytes of a masked copy that are kept in memory
SWEEP_SECONDS = 45  # half of a task's time: each file keeps its own

#: Called with the evidence id after the commit; set by tickets/evidence/tasks.py. The sweep makes up a lost call.
ON_COMMIT: list[Callable[[uuid.UUID], None]] = []

#: Called with the evidence id once a file has passed its checks, or hasn't: what waits for it can go on.
ON_FINISH: list[Callable[[uuid.UUID], None]] = []


class Bytes(Protocol):
    """An uploaded file."""

    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that comes with what it belongs to."""

    file: Bytes
    name: str
    purpose: str


def receive(
    *,
    file: Bytes,
    name: str,
    purpose: str,
    by: User,
    organisation: Organisation | None = None,
    ticket: Ticket | None = None,
) -> Evidence:
    """Take one file in, for a new `ticket` that it comes with or for later. Raises Invalid or TooLarge with the rule
    it broke, NotNow, Unavailable: without a trace."""
    if purpose not in Purpose.values:
        raise Invalid(errors=[FieldError("purpose", "unknown", Text(gettext_noop("Choose one of the list.")))])
    name = clean_name(name)
    data = file.read(settings.EVIDENCE_MAX_BYTES + 1)
    try:
        limits = LIST_LIMITS if purpose == Purpose.LIST else Limits()
        sniffed = gate.admit(data, name=name, limits=replace(limits, max_bytes=settings.EVIDENCE_MAX_BYTES))
    except Refused as refused:
        raise refusal(refused) from refused
    if ticket is None:
        _check_waiting(by)
    with transaction.atomic():  # one commit is one flush to the disk
        evidence = Evidence.objects.create(
            blob=store.keep(data),
            name=name,
            media_type=sniffed.media_type,
            purpose=purpose,
            uploaded_by=by,
            organisation=ticket.organisation if ticket else organisation,
            ticket=ticket,
        )
        for start in ON_COMMIT:
            transaction.on_commit(partial(start, evidence.pk), robust=True)
    return evidence


def _check_waiting(by: User) -> None:
    since = timezone.now() - dt.timedelta(days=1)
    if Evidence.objects.unattached().filter(uploaded_by=by, created_at__gte=since).count() >= WAITING:
        text = gettext_noop("You have uploaded %(limit)s files today that belong to no ticket. File the ticket first.")
        raise NotNow(Text(text, {"limit": WAITING}), code="too_many_files")


def refusal(refused: Refused) -> Invalid | TooLarge:
    """What the reader refused, as the answer to whoever sent the file."""
    error = FieldError("file", refused.code, refused.message)
    if refused.code == "file.too_large":
        return TooLarge(refused.message, code=refused.code, errors=[error])
    return Invalid(refused.message, code=refused.code, errors=[error])


def clean_name(name: str) -> str:
    """The last part of a path, without control and direction characters, at most 200 characters with its ending."""
    last = re.split(r"[/\\]", clean_text(name))[-1]
    kept = "".join(
        c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c) not in {"Cc", "Cf", "Zl", "Zp"}
    )
    kept = kept.strip(" .") or "file"
    stem, dot, ending = kept.rpartition(".")
    return kept if len(kept) <= 200 else f"{stem[: 199 - len(ending[:20])]}{dot}{ending[:20]}"


def check_count(files: int) -> None:
    """Raises Invalid when a ticket or message would get more files at once than it may."""
    if files > settings.EVIDENCE_MAX_FILES:
        text = Text(gettext_noop("At most %(limit)s files at a time."), {"limit": settings.EVIDENCE_MAX_FILES})
        raise Invalid(errors=[FieldError("evidence", "too_many", text)])


def attach(
    *,
    evidence_ids: Sequence[uuid.UUID | str],
    ticket: Ticket,
    by: User,
    message: Message | None = None,
    visibility: str = Visibility.PUBLIC,
    invoice: TicketInvoice | None = None,
) -> list[Evidence]:
    """Put own uploads into a ticket, each once. Raises Invalid when one is unknown, used already or refused."""
    ids = list(dict.fromkeys(_uuid(given) for given in evidence_ids))
    if not ids:
        return []
    check_count(len(ids))
    with transaction.atomic():
        own = Evidence.objects.unattached().filter(pk__in=ids, uploaded_by=by)
        found = {row.pk: row for row in own.select_for_update(of=("self",))}
        if errors := [e for index, pk in enumerate(ids) if (e := _unusable(index, found.get(pk)))]:
            raise Invalid(errors=errors)
        rows = [found[pk] for pk in ids]
        for row in rows:
            row.ticket, row.organisation, row.message = ticket, ticket.organisation, message
            row.visibility, row.invoice = visibility, invoice or _invoice_of(row, ticket)
            row.save(update_fields=["ticket", "organisation", "message", "visibility", "invoice"])
    return rows


def hand_out(*, evidence_ids: Sequence[str], ticket: Ticket, message: Message | None) -> None:
    """Files that were on the ticket for the desk alone go to the enterprise with `message`."""
    rows = Evidence.objects.filter(pk__in=evidence_ids, ticket=ticket, visibility=Visibility.INTERNAL)
    rows.update(visibility=Visibility.PUBLIC, message=message)


def files_of(ticket: Ticket, user: User) -> list[Evidence]:
    """The files of a ticket that `user` may see, with what is known of their bytes."""
    rows: list[Evidence] = Evidence.objects.rows_of(ticket, user)
    prefetch_related_objects(rows, "blob")
    return rows


def _unusable(index: int, row: Evidence | None) -> FieldError | None:
    """Why an upload can't go into a ticket."""
    if row is None:
        text = Text(gettext_noop("A file is unknown, or is part of a ticket already. Please upload it again."))
        return FieldError(f"evidence.{index}", "not_found", text)
    if row.state in (State.REFUSED, State.QUARANTINED):
        text = Text(gettext_noop("%(name)s was refused and can't be used."), {"name": row.name})
        return FieldError(f"evidence.{index}", "refused", text)
    return None


def _uuid(given: uuid.UUID | str) -> uuid.UUID | None:
    try:
        return given if isinstance(given, uuid.UUID) else uuid.UUID(given)
    except (ValueError, AttributeError, TypeError):
        return None


@dataclass(frozen=True, slots=True)
class Shown:
    """The bytes that a person gets of a file, with the name that they are saved under."""

    source: IO[bytes]
    blob: Blob
    name: str


def shown(*, evidence: Evidence, to: User | None) -> Shown:
    """The file for who was let through `visible_to`: of a sealed log the masked copy, but for its uploader.

    Raises NotNow unless it has passed its checks.
    """
    source = open_file(evidence)
    if evidence.masked is None or (to is not None and to.pk == evidence.uploaded_by_id):
        return Shown(source, evidence.blob, evidence.name)
    source.close()
    return Shown(store.open_blob(evidence.masked), evidence.masked, f"masked-{evidence.name}")


def unseal(*, evidence: Evidence, reason: str, by: User) -> Shown:
    """Open a sealed original: an act of its own, with a reason, in the history and told to the enterprise.

    Raises Forbidden, Invalid (no reason), NotNow (not sealed, not checked).
    """
    require(by, Permission.EVIDENCE_UNSEAL)
    reason = accept_text("reason", reason, limit=500).strip()
    if not reason:
        raise Invalid(errors=[FieldError("reason", "required", Text(gettext_noop("Say why you need the original.")))])
    if evidence.masked_id is None or evidence.ticket is None:
        raise NotNow(Text(gettext_noop("This file is not sealed. Open it as it is.")), code="not_sealed")
    source = open_file(evidence)
    told = {"evidence": str(evidence.pk), "name": evidence.name, "reason": reason}
    public = evidence.visibility == Visibility.PUBLIC
    workflow.record(evidence.ticket, "evidence.unsealed", by=by, public=public, data=told)
    return Shown(source, evidence.blob, evidence.name)


def open_file(evidence: Evidence) -> IO[bytes]:
    """The bytes as they were uploaded, for the service itself; people get what `shown` gives.

    Raises NotNow unless the file has passed its checks.
    """
    if evidence.state == State.QUARANTINED:
        raise NotNow(Text(gettext_noop("This file is in quarantine and can't be opened.")), code="quarantined")
    if evidence.state == State.REFUSED:
        raise NotNow(Text(gettext_noop("This file was refused and can't be opened.")), code="refused")
    if not evidence.is_final:
        raise NotNow(Text(gettext_noop("The file has not passed its checks yet.")), code="file_unchecked")
    return store.open_blob(evidence.blob)


# In the worker


def extract(evidence_id: uuid.UUID | str) -> bool:
    """Scan and read one file; idempotent. False when somebody else is at it or it is done."""
    evidence = _take(evidence_id)
    if evidence is None:
        return False
    if evidence.attempts > ATTEMPTS:
        text = Text(gettext_noop("This file could not be opened safely. Please save it again in another format."))
        _finish(evidence, State.QUARANTINED, refusal={"code": "file.unsafe", **pack(text)})
        return True
    try:
        data = store.read_blob(evidence.blob)
        threat = scanners.scan(data)
    except Unavailable:
        _give_back(evidence)
        return False
    if threat:
        text = Text(gettext_noop("The virus scanner found %(name)s in this file."), {"name": threat})
        _finish(evidence, State.QUARANTINED, refusal={"code": "file.virus", **pack(text)})
        return True
    if evidence.purpose == Purpose.LIST:  # whoever compares it reads it, as a stream
        _finish(evidence, State.CLEAN)
        return True
    try:
        with _letters() as letters:
            reading = read(data, name=evidence.name, now=timezone.now(), letters=letters)
        masked = _masked(data, evidence.name) if reading.log else None
    except (Busy, Unavailable):
        _give_back(evidence)
        return False
    except Refused as refused:
        _finish(evidence, State.REFUSED, refusal={"code": refused.code, **pack(refused.message)})
        return True
    values = {"reading": reading_json.as_json(reading), "text": words(reading, data, evidence.name), "masked": masked}
    _finish(evidence, State.CLEAN, **values)
    return True


def _letters() -> AbstractContextManager[Letters | None]:
    """The reader of letters in pictures, where the extra `ocr` is installed; one file at a time on a machine."""
    if settings.OCR and is_installed():
        return Reader(settings.HOME / "ocr.lock")
    return nullcontext()


def _masked(data: bytes, name: str) -> Blob | None:
    """The copy of a log for everybody but its uploader; None when there is nothing to hide."""
    with tempfile.SpooledTemporaryFile(max_size=SPOOL) as out:
        hidden = packed.mask(data, name, out, Budget(Limits()))
        return store.keep_file(out) if hidden else None


def _take(evidence_id: uuid.UUID | str) -> Evidence | None:
    """The lease: one worker at a time, and a dead one's file comes free again."""
    now = timezone.now()
    free = Q(taken_at=None) | Q(taken_at__lt=now - LEASE)
    rows = Evidence.objects.unfinished().filter(free, pk=evidence_id)
    if not rows.update(state=State.SCANNING, taken_at=now, attempts=F("attempts") + 1):
        return None
    return Evidence.objects.select_related("blob").get(pk=evidence_id)


def _give_back(evidence: Evidence) -> None:
    """Not the file's fault: the sweep takes it up again without counting."""
    Evidence.objects.filter(pk=evidence.pk).update(
        state=State.RECEIVED, taken_at=timezone.now(), attempts=F("attempts") - 1
    )


def _finish(evidence: Evidence, state: State, **values: Any) -> None:
    """The result and its event in one transaction; a second worker that was faster wins."""
    with transaction.atomic():
        row = (
            Evidence.objects.select_for_update(of=("self",)).select_related("ticket", "uploaded_by").get(pk=evidence.pk)
        )
        if row.is_final:
            return
        row.state, row.taken_at = state, None
        for name, value in values.items():
            setattr(row, name, value)
        if row.ticket and row.invoice is None:
            row.invoice = _invoice_of(row, row.ticket)
        row.save(update_fields=["state", "taken_at", "invoice", *values])
        for go_on in ON_FINISH:
            transaction.on_commit(partial(go_on, row.pk), robust=True)
        if row.ticket:
            kind = {State.CLEAN: "evidence.read", State.REFUSED: "evidence.refused"}.get(state, "evidence.quarantined")
            told = {"evidence": str(row.pk), "name": row.name}
            public = row.visibility == Visibility.PUBLIC
            workflow.record(row.ticket, kind, by=None, public=public, data=told)


def _invoice_of(evidence: Evidence, ticket: Ticket) -> TicketInvoice | None:
    """The invoice of the ticket that the file shows."""
    if not evidence.reading or not evidence.reading.get("is_invoice"):
        return None
    identity = reading_json.from_json(evidence.reading).invoice.identity
    return ticket.invoices.filter(identity=identity).first() if identity else None


def words(reading: Reading, data: bytes, name: str) -> str:
    """What the search index and triage get of a file: field values, or the text of a log."""
    if reading.is_invoice:
        shown = [str(field.value) for r in (reading, *reading.others) for field in r.fields.values()]
        return " ".join(shown)[:KEPT_TEXT]
    if reading.carrier in (Carrier.TEXT, Carrier.JSON):
        head = decoded(data[: KEPT_TEXT * 4], sniff(data, name).encoding or "utf-8", KEPT_TEXT)
        return clean_text(Masker().text(head + "\n").strip())
    return ""


def sweep() -> int:
    """Read what the broker lost or a dead worker held. Returns how many files were finished."""
    now, end = timezone.now(), time.monotonic() + SWEEP_SECONDS
    waiting = Evidence.objects.unfinished().filter(
        Q(taken_at=None, created_at__lt=now - dt.timedelta(seconds=15)) | Q(taken_at__lt=now - LEASE)
    )
    done = 0
    for pk in list(waiting.values_list("pk", flat=True)[:100]):
        if time.monotonic() > end:
            break
        try:
            done += extract(pk)
        except Exception:
            logger.exception("evidence %s stays unread", pk)
    return done
