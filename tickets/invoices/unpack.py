"""PURE. The members of a ZIP container, unpacked within limits and without trusting its own figures."""

from __future__ import annotations

import io
import lzma
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

from tickets.invoices.limits import Limits, Refused

#: What `zipfile` raises on damaged input, measured by feeding it damaged files.
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, NotImplementedError, ValueError,
    RuntimeError, OverflowError, UnicodeError, IndexError,
)  # fmt: skip
_OUTSIDE = re.compile(r"^[/\\]|^[A-Za-z]:|(?:^|[/\\])\.\.(?:[/\\]|$)|\0")


class Budget:
    """Bytes and XML elements that may still be unpacked from one uploaded file, its inner archives included."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.left = limits.unpacked
        self.log_left = limits.log_unpacked
        self.elements = limits.elements

    def take(self, size: int) -> None:
        """Raise Refused when the unpacked bytes go past the limit."""
        self.left -= size
        if self.left < 0:
            raise Refused("zip.bomb")

    def take_log(self, size: int) -> None:
        """The same for text logs, which nobody holds whole."""
        self.log_left -= size
        if self.log_left < 0:
            raise Refused("log.bomb")


class Archive:
    """A ZIP in memory. `names` are its files in their order; `read(name)` unpacks one. Raises only Refused."""

    def __init__(self, data: bytes, budget: Budget, *, broken: str = "zip.broken") -> None:
        limits = budget.limits
        self._budget, self._broken = budget, broken
        if data.count(b"PK\x01\x02") > limits.entries:  # before zipfile builds an object for each
            raise Refused("zip.entries", limit=limits.entries)
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise Refused(broken) from error
        entries = self._zip.infolist()
        _check(entries, limits)
        self._entries = {_name(e): e for e in entries if not e.is_dir()}
        self.names = tuple(self._entries)

    def read(self, name: str) -> bytes:
        """Bytes of one file; the limits apply to what comes out, not to what the archive declares."""
        return b"".join(self.chunks(name))

    def head(self, name: str) -> bytes:
        """The first bytes of one file, not counted, to tell what it is."""
        try:
            with self._zip.open(self._entries[name]) as stream:
                return stream.read(64 * 1024)
        except _DAMAGE as error:
            raise Refused(self._broken) from error

    def chunks(self, name: str, *, log: bool = False) -> Iterator[bytes]:
        """The same piece by piece, for what is too large to be held whole; logs have a limit of their own."""
        entry, size = self._entries[name], 0
        limits = self._budget.limits
        try:
            with self._zip.open(entry) as stream:
                while chunk := stream.read(64 * 1024):
                    (self._budget.take_log if log else self._budget.take)(len(chunk))
                    size += len(chunk)
                    if size > limits.ratio_from and size > limits.ratio * max(1, entry.compress_size):
                        raise Refused("zip.bomb")
                    yield chunk
        except _DAMAGE as error:
            raise Refused(self._broken) from error

    def first(self, wanted: Callable[[str], bool]) -> str:
        """Name of the first file that `wanted` takes, or ""."""
        return next((name for name in self.names if wanted(name)), "")


def _check(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse what can be told from the directory alone."""
    for entry in entries:
        if entry.flag_bits & 0x1:
            raise Refused("zip.encrypted")
        if _OUTSIDE.search(entry.filename) or stat.S_ISLNK(entry.external_attr >> 16):
            raise Refused("zip.path")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise Refused("zip.broken")
    if sum(entry.file_size for entry in entries) > limits.unpacked + limits.log_unpacked:
        raise Refused("zip.bomb")
    _check_overlap(entries)


def _check_overlap(entries: list[zipfile.ZipInfo]) -> None:
    """Entries that share bytes multiply a small file (CVE-2024-0450); Python 3.11.7 doesn't look."""
    end = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < end:
            raise Refused("zip.bomb")
        end = entry.header_offset + 30 + entry.compress_size


def _name(entry: zipfile.ZipInfo) -> str:
    """Name as its writer meant it: Windows in China packs GBK without saying so."""
    if entry.flag_bits & 0x800:
        return entry.filename
    try:
        return entry.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return entry.filename
