"""Sheets that leave the service: words of others stand in them, and no cell is ever a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font

from helpdesk.common.inputs import clean_text

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: At the start, a spreadsheet reckons or runs it; full-width signs are folded by some of them.
_FORMULA = re.compile(r"\s*[=+\-@|%＝＋－＠]|[\t\r\n]")
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")


def neutral(text: str) -> str:
    """The text as a spreadsheet shows it and never reckons with it, without what no cell can hold."""
    kept = ILLEGAL_CHARACTERS_RE.sub("", clean_text(text))[:32_000]
    return f"'{kept}" if _FORMULA.match(kept) and not _PLAIN.fullmatch(kept) else kept


def fill(sheet: Any, widths: Iterable[int], rows: Iterable[Iterable[object]]) -> None:
    """Write `rows` into a write-only sheet, the first as its head; widths in characters."""
    for index, width in enumerate(widths):
        sheet.column_dimensions["ABCDEFGHIJKLMNOPQRSTUVWXYZ"[index]].width = width
    for index, row in enumerate(rows):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value if isinstance(value, int) else neutral(str(value)))
            cell.font, cell.alignment = Font(bold=index == 0), Alignment(wrap_text=True, vertical="top")
            cells.append(cell)
        sheet.append(cells)


def as_xlsx(title: str, widths: Iterable[int], rows: Iterable[Iterable[object]]) -> bytes:
    """A workbook of one sheet."""
    book, out = Workbook(write_only=True), io.BytesIO()
    fill(book.create_sheet(title[:31]), widths, rows)
    book.save(out)
    return out.getvalue()


def as_csv(rows: Iterable[Iterable[object]]) -> Iterator[bytes]:
    """The lines of a CSV file in UTF-8, with the mark that spreadsheets know the encoding by."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    yield b"\xef\xbb\xbf"
    for row in rows:
        writer.writerow([value if isinstance(value, int) else _long(neutral(str(value))) for value in row])
        yield out.getvalue().encode()
        out.seek(0)
        out.truncate()


def _long(text: str) -> str:
    """A number of twelve digits or more stays text: a spreadsheet would round it."""
    return f"\t{text}" if len(text) >= 12 and text.isascii() and text.isdecimal() else text
