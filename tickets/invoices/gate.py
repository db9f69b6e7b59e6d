"""PURE. What is refused at the door already: the structure of a file, looked at before anything of it is kept."""

from __future__ import annotations

import io
import warnings

from PIL import Image

from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Carrier
from tickets.invoices.packed import member_log, packed_log
from tickets.invoices.parse import pdf
from tickets.invoices.parse.xmltree import tree
from tickets.invoices.sniff import Sniffed, sniff
from tickets.invoices.unpack import Archive, Budget

_DEFAULT = Limits()
_ZIPPED = b"PK\x03\x04"


def admit(data: bytes, *, name: str, limits: Limits = _DEFAULT) -> Sniffed:
    """What the bytes are. Raises Refused for what no later step would open: bombs, programs, passwords, giants."""
    if len(data) > limits.max_bytes:
        raise Refused("file.too_large", limit=limits.max_bytes // (1024 * 1024))
    sniffed = sniff(data, name)
    if data.startswith(_ZIPPED):
        if sniffed.carrier == Carrier.SPREADSHEET:
            limits = limits.of_sheet()
        _unpack(data, Budget(limits), broken="ofd.broken" if sniffed.carrier == Carrier.OFD else "zip.broken", depth=0)
    elif sniffed.carrier == Carrier.GZIP:
        for _chunk in packed_log(data, name, Budget(limits)).chunks:
            pass  # counted while it comes out
    elif sniffed.carrier == Carrier.XML:
        tree(data, limits, encoding=sniffed.encoding)
    elif sniffed.carrier == Carrier.IMAGE:
        _measure(data, limits)
    elif sniffed.carrier == Carrier.PDF:
        pdf.page_count(data, limits)
    return sniffed


def _unpack(data: bytes, budget: Budget, *, broken: str, depth: int) -> None:
    """Unpack every member, count what comes out, and refuse programs among them."""
    if depth >= budget.limits.archive_depth:
        raise Refused("zip.depth")
    archive = Archive(data, budget, broken=broken)
    for name in archive.names:
        log = member_log(archive, name)
        chunks = log.chunks if log else archive.chunks(name)
        first = next(chunks, b"")
        if first.startswith(_ZIPPED):
            _unpack(first + b"".join(chunks), budget, broken="zip.broken", depth=depth + 1)
        for _chunk in chunks:
            pass  # counted while it comes out


def _measure(data: bytes, limits: Limits) -> None:
    """Pixels by the header alone; whether the rest is whole is the reader's finding."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                width, height = picture.size
    except Image.DecompressionBombError as error:
        raise Refused("image.pixels") from error
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, EOFError, OverflowError) as error:
        raise Refused("image.broken") from error
    if width * height > limits.pixels:
        raise Refused("image.pixels")
