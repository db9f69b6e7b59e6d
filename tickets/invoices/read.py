"""PURE. A file becomes a Reading: sniff, parse, merge, validate."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.logs import MAX_LINE, LogReading
from tickets.invoices.merge import merged
from tickets.invoices.model import Carrier, Finding, Reading, Severity
from tickets.invoices.packed import member_log, packed_log, plain_log, reading_of, together
from tickets.invoices.parse import PARSERS, Found, Input, Parsed, lettering
from tickets.invoices.parse.contract import Letters
from tickets.invoices.parse.papers import PAPERS
from tickets.invoices.sniff import is_log, sniff
from tickets.invoices.unpack import Archive, Budget
from tickets.invoices.validate import validate

_DEFAULT = Limits()
#: What packers of macOS and Windows put beside the files.
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.IGNORECASE)
_NO_INVOICE = {
    Carrier.SPREADSHEET: _("This is a sheet. To hand in a list of invoices, use the batch page."),
    Carrier.JSON: _("This is a data package, no invoice. The package check tells what is wrong in it."),
    Carrier.TEXT: _("This is a text file, no invoice. It is kept as a proof."),
    Carrier.GZIP: _("This is a text file, no invoice. It is kept as a proof."),
    Carrier.IMAGE: _("No invoice QR code was found in this picture. Please type the fields from it."),
    Carrier.XML: _("This XML file holds no invoice that we know."),
    Carrier.ARCHIVE: _("No invoice was found in this archive."),
}
_NONE = _("No invoice was found in this file. Please type the fields from it.")


def read(
    data: bytes, *, name: str, now: dt.datetime, limits: Limits = _DEFAULT, letters: Letters | None = None
) -> Reading:
    """Everything that can be read from one file. Raises only Refused, for hostile, forbidden or broken files.

    `letters` reads those of pictures; without it a picture says what its QR codes say, and that the rest was not read.
    """
    if not data:
        raise Refused("file.empty")
    if len(data) > limits.max_bytes:
        raise Refused("file.too_large", limit=limits.max_bytes // (1024 * 1024))
    some = lettering.rationed(letters, limits.lettered) if letters else None
    return _read(data, name, _Sitting(now, Budget(limits), some), depth=0)


@dataclass(frozen=True, slots=True)
class _Sitting:
    """What holds for one file and everything in it."""

    now: dt.datetime
    budget: Budget
    letters: Letters | None


def _read(data: bytes, name: str, sitting: _Sitting, *, depth: int) -> Reading:
    sniffed = sniff(data, name)
    if sniffed.carrier == Carrier.ARCHIVE:
        return _archive(data, sitting, depth)
    if sniffed.carrier == Carrier.GZIP:
        return _log(sniffed.carrier, reading_of(packed_log(data, name, sitting.budget)))
    if is_log(sniffed, name):
        return _log(sniffed.carrier, reading_of(plain_log(data, sniffed)))
    parser = PARSERS.get(sniffed.carrier)
    if parser is None:
        if data.startswith(b"PK\x03\x04"):
            whole = depth == 0 and sniffed.carrier == Carrier.SPREADSHEET
            _unpack_all(data, Budget(sitting.budget.limits.of_sheet()) if whole else sitting.budget)
        return _none(sniffed.carrier)
    parsed = parser(Input(data, sniffed, sitting.budget, sitting.letters))
    return _reading(sniffed.carrier, parsed, sitting.now)


def _reading(carrier: Carrier, parsed: Parsed, now: dt.datetime) -> Reading:
    readings = [_invoice(carrier, sources, now) for sources in parsed.invoices]
    if not readings:
        return _without(carrier, parsed)
    return _best_first(readings, parsed.findings)


def _invoice(carrier: Carrier, sources: Sequence[Found], now: dt.datetime) -> Reading:
    fields, lines, findings = merged(sources)
    reading = Reading(carrier, is_invoice=True, fields=fields, lines=lines)
    return replace(reading, findings=(*findings, *validate(reading.invoice, now=now)))


def _best_first(readings: Sequence[Reading], findings: Sequence[Finding] = ()) -> Reading:
    """The fullest reading with the rest beside it; the same invoice in two files of one archive is one, the fuller."""
    ranked = sorted(readings, key=_rank, reverse=True)
    different: dict[object, Reading] = {}
    for index, reading in enumerate(ranked):
        different.setdefault(reading.invoice.identity or index, reading)
    kept = {id(reading) for reading in different.values()}
    first = next(iter(different.values()))
    others = tuple(r for r in readings if id(r) in kept and r is not first)
    said = [*findings]
    if others:
        text = Message(_("This file holds %(count)s invoices."), {"count": len(others) + 1})
        said.append(Finding("file.several", Severity.INFO, "", text))
    return replace(first, findings=(*said, *first.findings), others=others)


def _rank(reading: Reading) -> tuple[float, int]:
    return max((field.confidence for field in reading.fields.values()), default=0.0), len(reading.fields)


def _none(carrier: Carrier) -> Reading:
    finding = Finding("file.no_invoice", Severity.INFO, "", Message(_NO_INVOICE.get(carrier, _NONE)))
    return Reading(carrier, is_invoice=False, findings=(finding,))


def _without(carrier: Carrier, parsed: Parsed) -> Reading:
    """No invoice: what the file seems to be, that its letters were not read, or that nothing was found."""
    if parsed.paper:
        said = Finding(f"paper.{parsed.paper.replace(' ', '_')}", Severity.INFO, "", Message(PAPERS[parsed.paper][1]))
        return Reading(carrier, is_invoice=False, findings=(said, *parsed.findings))
    none = _none(carrier)
    return replace(none, findings=(*none.findings, *parsed.findings))


def _log(carrier: Carrier, log: LogReading) -> Reading:
    return replace(_none(carrier), log=log, findings=(*_none(carrier).findings, *_of_log(log)))


def _of_log(log: LogReading) -> list[Finding]:
    """What could not be read of a log."""
    said = []
    if log.cut:
        text = Message(
            _("%(count)s lines are longer than %(limit)s characters; their rest was not read."),
            {"count": log.cut, "limit": MAX_LINE},
        )
        said.append(Finding("log.cut", Severity.INFO, "", text))
    if log.damaged:
        text = Message(_("%(count)s characters of the log are damaged and could not be read."), {"count": log.damaged})
        said.append(Finding("log.damaged", Severity.INFO, "", text))
    return said


def _archive(data: bytes, sitting: _Sitting, depth: int) -> Reading:
    """The invoices of a ZIP's members; a broken member is told, a hostile one refuses the whole."""
    limits = sitting.budget.limits
    if depth >= limits.archive_depth:
        raise Refused("zip.depth")
    archive = Archive(data, sitting.budget)
    found: list[Reading] = []
    logs: list[LogReading] = []
    findings: list[Finding] = []
    for name in archive.names:
        if _LITTER.search(name):
            continue
        try:
            if source := member_log(archive, name):
                logs.append(reading_of(source))
                continue
            reading = _read(archive.read(name), name, sitting, depth=depth + 1)
        except Refused as error:
            if not error.code.endswith((".broken", ".empty", ".unknown", ".binary")):
                raise
            findings.append(_unread(name, error))
            continue
        logs += [reading.log] if reading.log else []
        found += [replace(r, others=()) for r in (reading, *reading.others) if r.is_invoice]
        if len(found) > limits.invoices:
            raise Refused("file.too_many", limit=limits.invoices)
    log = together(logs)
    said = [*findings[:20], *(_of_log(log) if log else ())]
    if not found:
        none = _none(Carrier.ARCHIVE)
        return replace(none, findings=(*none.findings, *said), log=log)
    return replace(_best_first(found, said), log=log)


def _unread(name: str, error: Refused) -> Finding:
    text = Message(_("%(name)s could not be read and was left out."), {"name": name[-100:]})
    return Finding(f"member.{error.code}", Severity.WARNING, "", text)


def _unpack_all(data: bytes, budget: Budget) -> None:
    """A sheet or a document is a ZIP too: refuse the bomb before anything else opens it."""
    archive = Archive(data, budget)
    for name in archive.names:
        for _chunk in archive.chunks(name):
            pass  # counted while it comes out
