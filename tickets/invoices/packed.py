"""PURE. The text logs of a file: itself, the content of a .gz, the members of a ZIP; and the copy with all that hidden
which is nobody's business."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from tickets.invoices.limits import Refused
from tickets.invoices.logs import Fact, LogReading, Masker, read
from tickets.invoices.logs.masking import masked
from tickets.invoices.model import Carrier
from tickets.invoices.sniff import Sniffed, is_log, sniff
from tickets.invoices.unpack import Archive, Budget

PIECE = 64 * 1024
FACTS = 200  # that are kept of all logs of an archive


@dataclass(frozen=True, slots=True)
class Source:
    """One text log as a stream; `member` is its name in an archive."""

    member: str
    encoding: str
    chunks: Iterator[bytes]


def gunzip(data: bytes, budget: Budget) -> Iterator[bytes]:
    """The content of a .gz piece by piece, counted while it comes out. Raises Refused."""
    limits, packed, size, at = budget.limits, zlib.decompressobj(31), 0, 0
    view = memoryview(data)
    while at < len(data) or packed.unconsumed_tail:
        given = packed.unconsumed_tail or view[at : at + PIECE]
        at = at if packed.unconsumed_tail else min(at + PIECE, len(data))
        try:
            piece = packed.decompress(given, PIECE * 4)
        except zlib.error as error:
            raise Refused("gzip.broken") from error
        size += len(piece)
        budget.take_log(len(piece))
        if size > limits.ratio_from and size > limits.ratio * len(data):
            raise Refused("log.bomb")
        yield piece
        if packed.eof:  # several files packed one behind the other are one
            rest = packed.unused_data
            if not rest.startswith(b"\x1f\x8b"):
                return
            at -= len(rest)
            packed = zlib.decompressobj(31)
    raise Refused("gzip.broken")  # the end never came


def packed_log(data: bytes, name: str, budget: Budget) -> Source:
    """The log in a .gz. Raises Refused when it holds something else."""
    chunks = gunzip(data, budget)
    first = next(chunks, b"")
    inner = name.removesuffix(".gz")
    try:
        sniffed = sniff(first, inner)
    except Refused as error:
        raise Refused("gzip.content") from error
    if not is_log(sniffed, inner):
        raise Refused("gzip.content")
    return Source("", sniffed.encoding, _joined(first, chunks))


def member_log(archive: Archive, member: str) -> Source | None:
    """The member of a ZIP as a log, if it is one."""
    try:
        sniffed = sniff(archive.head(member), member)
    except Refused:
        return None
    return Source(member, sniffed.encoding, archive.chunks(member, log=True)) if is_log(sniffed, member) else None


def plain_log(data: bytes, sniffed: Sniffed) -> Source:
    return Source("", sniffed.encoding, (data[at : at + PIECE] for at in range(0, len(data), PIECE)))


def sources(data: bytes, name: str, budget: Budget) -> Iterator[Source]:
    """Every log of a file; archives inside an archive are left out."""
    sniffed = sniff(data, name)
    if sniffed.carrier == Carrier.GZIP:
        yield packed_log(data, name, budget)
    elif sniffed.carrier == Carrier.ARCHIVE:
        archive = Archive(data, budget)
        yield from (found for member in archive.names if (found := member_log(archive, member)))
    elif is_log(sniffed, name):
        yield plain_log(data, sniffed)


def reading_of(source: Source) -> LogReading:
    return read(source.chunks, source.encoding, member=source.member)


def together(readings: list[LogReading]) -> LogReading | None:
    """Several logs of one archive as one; None for none."""
    if not readings:
        return None
    facts: list[Fact] = [fact for one in readings for fact in one.facts]
    sums = {n: sum(getattr(one, n) for one in readings) for n in ("lines", "bytes", "cut", "damaged", "hidden")}
    return LogReading(**sums, encoding=readings[0].encoding, facts=tuple(facts[:FACTS]))


def mask(data: bytes, name: str, out: IO[bytes], budget: Budget) -> int:
    """Write the copy for everybody but the uploader, packed as the original is; returns how much it hides, 0 also for
    what is no log. A line that was cut counts: the copy lacks its rest."""
    sniffed, masker = sniff(data, name), Masker()
    if sniffed.carrier == Carrier.GZIP:
        source = packed_log(data, name, budget)
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=5, mtime=0) as packed:
            for piece in masked(source.chunks, source.encoding, masker):
                packed.write(piece)
    elif sniffed.carrier == Carrier.ARCHIVE:
        _mask_members(data, out, budget, masker)
    elif is_log(sniffed, name):
        for piece in masked(plain_log(data, sniffed).chunks, sniffed.encoding, masker):
            out.write(piece)
    return masker.hidden


def _mask_members(data: bytes, out: IO[bytes], budget: Budget, masker: Masker) -> None:
    """Logs masked, other members as they are; an archive inside comes without what can't be looked into."""
    archive = Archive(data, budget)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as copy:
        for member in archive.names:
            info = zipfile.ZipInfo(member)
            info.compress_type = zipfile.ZIP_DEFLATED
            with copy.open(info, "w") as entry:
                source = member_log(archive, member)
                chunks = masked(source.chunks, source.encoding, masker) if source else archive.chunks(member)
                for piece in chunks:
                    entry.write(piece)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
