"""PURE. A workbook written as it is read: fifty thousand rows go out in pieces, and no cell is ever a formula."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from helpdesk.common.cells import neutral
from tickets.invoices.cells import Cell, shown

_CHUNK = 64 * 1024

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="'
    'application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="{_OFFICE}/'
    'officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
    f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


class _Pieces:
    """A file that is only written to, and emptied on the way."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, data: bytes) -> int:
        self._kept += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def taken(self) -> bytes:
        data = bytes(self._kept)
        self._kept.clear()
        return data


def xlsx(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """One sheet with these rows, piece by piece; numbers stay numbers, everything else becomes text."""
    out = _Pieces()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:  # type: ignore[call-overload]  # a file to write
        for name, text in _PARTS.items():
            archive.writestr(name, _XML + text)
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            held = [f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>']
            size = 0
            for cells in rows:
                held.append(f"<row>{''.join(map(_cell, cells))}</row>")
                size += len(held[-1])
                if size > _CHUNK:
                    sheet.write("".join(held).encode())
                    held, size = [], 0
                    yield out.taken()
            sheet.write(("".join(held) + "</sheetData></worksheet>").encode())
    yield out.taken()


def _cell(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) < 1e300:
        return f"<c><v>{cell!r}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(neutral(shown(cell)))}</t></is></c>'
