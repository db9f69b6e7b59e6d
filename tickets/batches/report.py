"""The list with its results: the same sheet with two more columns, and the empty sheet to begin with."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence

from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font

from helpdesk.common.cells import neutral
from helpdesk.common.errors import NotNow
from helpdesk.common.http import say
from helpdesk.common.messages import Message, gettext_noop
from tickets.batches.models import Batch
from tickets.batches.rules import FIELDS, RESULT_LABELS
from tickets.evidence import store
from tickets.invoices.books import xlsx
from tickets.invoices.cells import Cell, shown
from tickets.invoices.columns import HEADS
from tickets.invoices.tables import lines

_EMPTY_ROWS = 500  # of the template that are text already
_CSV_CHUNK = 64 * 1024
#: Fields of the template, in the order in which people copy them; paper that prints two numbers names the digital one.
TEMPLATE = tuple(name for name in FIELDS if name != "digital_number")


def report(batch: Batch, form: str) -> Iterator[bytes]:
    """The sheet as it was uploaded with the columns 结果 and 说明 behind, as "xlsx" or "csv". Raises NotNow.

    It is read and written at the same time: no list is ever held whole.
    """
    if not batch.rows:
        raise NotNow(Message(gettext_noop("No row of this list has been checked yet.")), code="no_report")
    return WRITERS[form](_rows(batch, store.read_blob(batch.evidence.blob), get_language() or "zh-hans"))


def _rows(batch: Batch, data: bytes, language: str) -> Iterator[Sequence[Cell]]:
    with override(language):
        labels = {result.value: _(label) for result, label in RESULT_LABELS.items()}
        heads = [_("Row result"), _("Notes")]
    width = max(len(batch.heads), 1)
    said = batch.lines.order_by("position").values_list("position", "result", "findings").iterator(2000)
    waiting = next(said, None)
    for position, cells in lines(data):
        padded = [*cells, *([None] * (width - len(cells)))]
        if position == batch.head_position:
            yield [*padded, *heads]
        elif waiting and waiting[0] == position:
            yield [*padded, labels[waiting[1]], _told(waiting[2], language)]
            waiting = next(said, None)
        else:
            yield cells


def _told(findings: Iterable[dict[str, object]], language: str) -> str:
    if not findings:
        return ""
    with override(language):
        return " ".join(say(Message(str(f["text"]), f["params"])) for f in findings)  # type: ignore[arg-type]


def _csv(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """UTF-8 with its mark, without which Excel in China takes it for GBK."""
    out = io.StringIO(newline="")
    out.write("\ufeff")
    writer = csv.writer(out)
    for cells in rows:
        writer.writerow([cell if isinstance(cell, int | float) else neutral(shown(cell)) for cell in cells])
        if out.tell() > _CSV_CHUNK:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


WRITERS: dict[str, Callable[[Iterable[Sequence[Cell]]], Iterator[bytes]]] = {"xlsx": xlsx, "csv": _csv}


def template(form: str) -> bytes:
    """The empty list; its cells are text, so that no spreadsheet shortens a number of twenty digits."""
    chinese = (get_language() or "zh-hans").startswith("zh")
    heads = [
        HEADS[name][0] if chinese else [h for h in HEADS[name] if h.isascii()][-1].capitalize() for name in TEMPLATE
    ]
    if form == "csv":
        return b"".join(_csv([heads]))
    book = Workbook()
    sheet = book.active
    sheet.append(heads)
    for column, head in enumerate(heads, start=1):
        sheet.cell(1, column).font = Font(bold=True)
        sheet.column_dimensions[sheet.cell(1, column).column_letter].width = max(14, 2 * len(head))
        for row in range(2, _EMPTY_ROWS + 2):
            sheet.cell(row, column).number_format = "@"
    sheet.freeze_panes = "A2"
    notes = book.create_sheet(_("Notes"))
    for text in (
        _("One invoice in a row. Only the number is needed; the rest helps to find the record."),
        _("Digital invoices have a number of 20 digits and no code; all others 8 digits and a code."),
        _("Dates as 2026-01-31, amounts in yuan. Keep the cells as text: long numbers lose their end otherwise."),
        _("At most 50,000 rows."),
    ):
        notes.append([text])
    notes.column_dimensions["A"].width = 100
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
