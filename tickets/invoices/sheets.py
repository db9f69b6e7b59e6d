"""PURE. Lines of a spreadsheet (CSV in UTF-8, UTF-16 or GB18030; XLSX, XLS) as invoices, by the heads of the columns.

The three steps stand beside it: `tables` streams the lines of any file, `columns` knows the heads, `values` the cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from helpdesk.common.messages import Message
from tickets.invoices.cells import HEAD_ROWS, MAX_ROWS, Cell, Line, shown
from tickets.invoices.columns import NUMBERS, Columns, columns_of, needed
from tickets.invoices.model import Finding, Invoice
from tickets.invoices.tables import Unreadable, lines, unreadable
from tickets.invoices.values import invoice_of

__all__ = ["MAX_ROWS", "Row", "Sheet", "Unreadable", "rows"]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sheet: `position` counts from 1 as people see it, `findings` say which cells can't be read.

    `error` is set when the line names no invoice that could be trusted: its number has lost digits.
    """

    position: int
    invoice: Invoice
    status: str = ""
    error: Message | None = None
    findings: tuple[Finding, ...] = ()
    cells: Sequence[Cell] = ()


class Sheet:
    """A sheet with its columns found; `rows()` reads on from there, once. Raises Unreadable when it is no sheet."""

    def __init__(self, data: bytes, said: Mapping[str, str] | None = None, *, most: int = MAX_ROWS) -> None:
        """`said`: what the enterprise said of its heads, see `columns.columns_of`."""
        source, self._most = lines(data, most=most), most
        self.first: list[Line] = list(islice(source, HEAD_ROWS + 1))
        self.columns: Columns = columns_of(self.first, said)
        self._lines = chain((line for line in self.first if line[0] > self.columns.position), source)

    def rows(self) -> Iterator[Row]:
        """Every line below the heads that holds anything. Raises Unreadable without heads and on the way."""
        fields = needed(self.columns).fields
        for count, (position, cells) in enumerate(self._lines, start=1):
            if count > self._most:
                raise unreadable("sheet.rows", limit=self._most)
            yield _row(position, cells, fields)


def rows(data: bytes, said: Mapping[str, str] | None = None, *, most: int = MAX_ROWS) -> Iterator[Row]:
    """Every line below the heads. Raises Unreadable before the first row when there are no heads or no sheet."""
    return Sheet(data, said, most=most).rows()


def _row(position: int, cells: Sequence[Cell], fields: Mapping[int, str]) -> Row:
    values = {name: cells[column] for column, name in fields.items() if column < len(cells)}
    status = shown(values.pop("status", None)).strip()
    invoice, findings = invoice_of(values)
    lost = (finding.message for finding in findings if finding.field in NUMBERS)
    return Row(position, invoice, status, next(lost, None), findings, cells)
