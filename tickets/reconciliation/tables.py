"""A result as a workbook with one sheet for each class, or as CSV. No cell is ever a formula, numbers stay texts."""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape

from django.http import FileResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from helpdesk.common.cells import neutral
from helpdesk.common.errors import NotNow
from tickets.evidence.services import clean_name
from tickets.invoices.kinds import KINDS
from tickets.invoices.listed import Item
from tickets.invoices.reconcile import Result
from tickets.reconciliation import services
from tickets.reconciliation.models import Reconciliation, State
from tickets.reconciliation.stored import Line
from tickets.reconciliation.words import REASONS, RESULTS
from tickets.vocabulary import FIELD_LABELS

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_COLUMNS = ("kind", "code", "number", "digital_number", "issue_date", "amount", "tax", "total")
_PARTIES = ("seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id")
_MOST = 1_048_575  # rows of a sheet below its heads
Cell = str | int | Decimal


def answer(reconciliation: Reconciliation, chosen: str) -> StreamingHttpResponse | FileResponse:
    """Every class as a workbook, or the chosen one as CSV. Raises NotNow before there is a result."""
    if reconciliation.state != State.DONE:
        raise NotNow(services.NO_RESULT)
    stem = f"{reconciliation.own.name.rpartition('.')[0][:80] or 'list'}-{_('comparison')}"
    found: StreamingHttpResponse | FileResponse
    if chosen in set(Result):
        name = f"{stem}-{_(RESULTS[Result(chosen)].label)}.csv"
        found = StreamingHttpResponse(as_csv(reconciliation, Result(chosen)), content_type=CSV)
    else:
        name = f"{stem}.xlsx"
        found = FileResponse(as_xlsx(reconciliation), content_type=XLSX)
    found.headers["Content-Disposition"] = str(content_disposition_header(True, clean_name(name)))  # noqa: FBT003
    found.headers["Cache-Control"] = "private, no-store"
    found.headers["X-Content-Type-Options"] = "nosniff"
    return found


def heads() -> list[str]:
    """The heads of a table: what both sides say, side by side."""
    names = [_(FIELD_LABELS[name]) for name in _COLUMNS]
    sides = [f"{side}{_(': ')}{name}" for side in (_("Own"), _("Tax side")) for name in (_("Row"), *names, _("Status"))]
    return [_("Result"), _("Reason"), *sides, *(_(FIELD_LABELS[name]) for name in _PARTIES)]


def cells(line: Line) -> list[Cell]:
    """The cells of one row."""
    reasons = _("; ").join(_(REASONS.get(code, code)) for code in line.reasons)
    if line.first:
        reasons += _(" (row %(row)s)") % {"row": line.first}
    parties = [getattr(line.item, name) for name in _PARTIES]
    return [_(RESULTS[line.result].label), reasons, *_side(line.own), *_side(line.theirs), *parties]


def _side(item: Item | None) -> list[Cell]:
    if item is None:
        return [""] * (len(_COLUMNS) + 2)
    kind = KINDS[item.kind].chinese if item.kind in KINDS else item.kind
    day = item.issue_date.isoformat() if item.issue_date else ""
    money = [value if value is not None else "" for value in (item.amount, item.tax, item.total)]
    return [item.position, kind, item.code, item.number, item.digital_number, day, *money, item.status]


def as_csv(reconciliation: Reconciliation, result: Result) -> Iterator[bytes]:
    """One class as CSV with the mark that Excel needs, piece by piece."""
    yield b"\xef\xbb\xbf"
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads())
    for count, line in enumerate(services.rows(reconciliation, result), start=1):
        writer.writerow([_text(cell) for cell in cells(line)])
        if count % 500 == 0:
            yield _taken(out)
    yield _taken(out)


def _taken(out: io.StringIO) -> bytes:
    text = out.getvalue()
    out.seek(0)
    out.truncate()
    return text.encode()


def _text(cell: Cell) -> str:
    """Long digits as Excel keeps them: opened as CSV, 20 of them would become 2.6E+19."""
    text = neutral(str(cell)) if isinstance(cell, str) else str(cell)
    return f"\t{text}" if len(text) > 11 and text.isdecimal() else text


_TYPES = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>%s</Types>'
)
_SHEET_TYPE = (
    '<Override PartName="/xl/worksheets/sheet%d.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
)
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
)
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def as_xlsx(reconciliation: Reconciliation) -> IO[bytes]:
    """All classes that have rows, a sheet each behind a summary, as a stream: 100,000 rows are 2.4 million cells.

    A writer of our own: openpyxl takes 16 seconds of CPU for them, this 6. It reads the file back in the tests.
    """
    counts = reconciliation.summary.get("classes", {})
    results = [result for result in Result if result in counts]
    names = [_("Summary"), *(_(RESULTS[result].label) for result in results)]
    out: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        _frame(book, names)
        _sheet(book, 1, _summary(reconciliation))
        for number, result in enumerate(results, start=2):
            lines = services.rows(reconciliation, result)
            _sheet(book, number, (cells(line) for line in lines), heads())
    out.seek(0)
    return out


def _summary(reconciliation: Reconciliation) -> Iterator[list[Cell]]:
    told = reconciliation.summary
    yield [_("Class"), _("Rows"), _("Total in your list"), _("Total on the tax side"), _("Next step")]
    for result, told_of in RESULTS.items():
        found = told["classes"].get(result.value)
        if found:
            sums = [Decimal(found[side]) for side in ("own", "theirs")]
            yield [_(told_of.label), found["count"], *sums, _(told_of.step)]


def _frame(book: zipfile.ZipFile, names: list[str]) -> None:
    """The parts that say which sheets there are."""
    numbers = range(1, len(names) + 1)
    book.writestr("[Content_Types].xml", _TYPES % "".join(_SHEET_TYPE % number for number in numbers))
    target = f'<Relationship Id="rId1" Type="{_RELATION}/officeDocument" Target="xl/workbook.xml"/>'
    book.writestr("_rels/.rels", _RELATIONS % target)
    sheets = "".join(
        f'<Relationship Id="rId{number}" Type="{_RELATION}/worksheet" Target="worksheets/sheet{number}.xml"/>'
        for number in numbers
    )
    book.writestr("xl/_rels/workbook.xml.rels", _RELATIONS % sheets)
    listed = "".join(
        f'<sheet name="{escape(_name(name), {chr(34): "&quot;"})}" sheetId="{number}" r:id="rId{number}"/>'
        for number, name in enumerate(names, start=1)
    )
    book.writestr(
        "xl/workbook.xml", f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>{listed}</sheets></workbook>'
    )


def _name(name: str) -> str:
    """A sheet's name has at most 31 characters and none of these."""
    return name.translate(dict.fromkeys(map(ord, "[]:*?/\\'")))[:31]


def _sheet(book: zipfile.ZipFile, number: int, rows: Iterable[list[Cell]], first: list[str] | None = None) -> None:
    with book.open(f"xl/worksheets/sheet{number}.xml", "w", force_zip64=True) as part:
        part.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        kept: list[str] = [_row(list(first))] if first else []
        for count, row in enumerate(rows):
            if count == _MOST:
                break
            kept.append(_row(row))
            if len(kept) == 500:
                part.write("".join(kept).encode())
                kept = []
        part.write("".join(kept).encode())
        part.write(b"</sheetData></worksheet>")


def _row(row: list[Cell]) -> str:
    return f"<row>{''.join(map(_cell, row))}</row>"


def _cell(value: Cell) -> str:
    """An empty cell, a number that may be added up, or a text: a text in place is never a formula."""
    if value == "":
        return "<c/>"
    if isinstance(value, int | Decimal):
        return f"<c><v>{value:f}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(neutral(value))}</t></is></c>'
