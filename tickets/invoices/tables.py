"""PURE. The lines of a sheet, one after the other in bounded memory: CSV (UTF-8, UTF-16, GB18030), XLSX and XLS."""

from __future__ import annotations

import codecs
import csv
import io
import pickle
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import xlrd

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.apart import apart
from tickets.invoices.cells import HEAD_ROWS, MAX_CELL, MAX_COLUMNS, MAX_ROWS, Bad, Cell, Line
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.workbooks import count_rows, xlsx_lines

_CHUNK = 2000  # lines of an XLS that travel together
_LAST_DAY = 2_900_000  # of the year 9839; further no calendar goes
_ZIPPED, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


class Unreadable(Exception):
    """The sheet can't be read; `code` and `message` say why."""

    def __init__(self, code: str, message: Message) -> None:
        self.code, self.message = code, message
        super().__init__(str(message))


_TEXTS = {
    "sheet.broken": _("This spreadsheet can't be opened. Save it again as XLSX or CSV."),
    "sheet.rows": _("At most %(limit)s rows in one sheet. Please split the list."),
    "sheet.columns": _("This sheet has more than %(limit)s columns. Please keep only those of the list."),
    "sheet.encoding": _("The text is neither UTF-8 nor GB18030. Save the sheet as XLSX, or as CSV in UTF-8."),
    "sheet.hostile": _("This spreadsheet is not built as a list. Copy its rows into a new one and send that."),
}


def unreadable(code: str, **params: object) -> Unreadable:
    return Unreadable(code, Message(_TEXTS[code], params))


def lines(data: bytes, *, limits: Limits | None = None, most: int = MAX_ROWS) -> Iterator[Line]:
    """The lines that hold anything, of the first sheet, titles and heads among them. Raises Unreadable on the way.

    Memory is bounded by the shared texts of a workbook and never by its rows; an XLS is opened in a process of its own.
    """
    limits = limits or Limits()
    count = 0
    try:
        for position, cells in _kind(data, limits):
            if all(cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()) for cell in cells):
                continue
            count += 1
            if count > most + HEAD_ROWS:
                raise unreadable("sheet.rows", limit=most)
            if len(cells) > MAX_COLUMNS and any(cell not in (None, "") for cell in cells[MAX_COLUMNS:]):
                raise unreadable("sheet.columns", limit=MAX_COLUMNS)
            yield position, cells
    except Refused as refused:
        code = "sheet.broken" if refused.code.endswith(".broken") else "sheet.hostile"
        raise unreadable(code) from refused


def _kind(data: bytes, limits: Limits) -> Iterable[Line]:
    if data.startswith(_ZIPPED):
        return xlsx_lines(data, limits.of_sheet())
    return _xls(data) if data.startswith(_OLE) else _csv(data)


def check_text(data: bytes) -> None:
    """Raise Unreadable when a text breaks somewhere: its encoding, its rows, its quotes; others are left to `lines`."""
    if not data.startswith((_ZIPPED, _OLE)):
        for _line in lines(data):
            pass


def roughly(data: bytes) -> int:
    """About how many lines `lines` will find, for a mark of progress; 0 when only reading would tell."""
    if data.startswith(_ZIPPED):
        return count_rows(data, Limits().of_sheet())
    return 0 if data.startswith(_OLE) else data.count(b"\n")


def _csv(data: bytes) -> Iterator[Line]:
    encoding = encoding_of(data)
    text = io.TextIOWrapper(io.BytesIO(data), encoding, newline="")
    try:
        for position, cells in enumerate(csv.reader(text, delimiter=_mark(data, encoding)), start=1):
            yield position, [cell.replace("\0", "") if "\0" in cell else cell for cell in cells]
    except csv.Error as error:  # one cell of more than 128 KB: a quote that is never closed
        raise unreadable("sheet.broken") from error


def encoding_of(data: bytes) -> str:
    """The codec of all of a text: UTF-16 by its mark, UTF-8, else GB18030, as Excel in China writes it.

    Raises Unreadable when a byte fits none of them.
    """
    wide = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(data), 1 << 20):
                decoder.decode(data[start : start + (1 << 20)])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise unreadable("sheet.encoding")


def _mark(data: bytes, encoding: str) -> str:
    """What parts the cells: the most frequent of comma, tab and semicolon at the beginning."""
    head = data[:8192].decode(encoding, "ignore")
    return max(",\t;", key=head.count)


def _xls(data: bytes) -> Iterator[Line]:
    position = 0
    for packed in apart(xls_packed, data, broken="sheet.broken"):
        for cells in pickle.loads(zlib.decompress(packed)):  # noqa: S301  of our own child, as the pipe itself
            position += 1
            yield position, cells


def xls_packed(data: bytes) -> list[bytes]:
    """The lines of the first visible sheet of an XLS, some thousands at a time, packed; for a process apart.

    xlrd holds each text once, a third of what calamine takes, but trusts a file: what it raises is damage.
    """
    book = xlrd.open_workbook(
        file_contents=data, on_demand=True, ragged_rows=True, logfile=io.StringIO(),
        ignore_workbook_corruption=True,  # exports of tax software have sectors that are used twice
    )  # fmt: skip
    sheets = (book.sheet_by_index(index) for index in range(book.nsheets))
    sheet = next((sheet for sheet in sheets if not sheet.visibility), None) or book.sheet_by_index(0)
    packed, kept = [], []
    for row in range(sheet.nrows):
        kept.append(
            [_plain(*cell, book.datemode) for cell in zip(sheet.row_types(row), sheet.row_values(row), strict=True)]
        )
        if len(kept) == _CHUNK:
            packed.append(zlib.compress(pickle.dumps(kept), 1))
            kept = []
    return [*packed, zlib.compress(pickle.dumps(kept), 1)]


def _plain(kind: int, value: Any, datemode: int) -> Cell:
    """As xlrd gives it; times of day are no value of a list of invoices."""
    if kind == xlrd.XL_CELL_TEXT:
        return value.replace("\0", "")[:MAX_CELL] or None
    if kind == xlrd.XL_CELL_DATE:
        is_day = 1 <= value < _LAST_DAY
        return xlrd.xldate_as_datetime(value, datemode) if is_day else Bad(f"{value:g}")
    if kind == xlrd.XL_CELL_ERROR:
        return Bad(xlrd.error_text_from_code.get(value, "#"))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    return value if kind == xlrd.XL_CELL_NUMBER else None
