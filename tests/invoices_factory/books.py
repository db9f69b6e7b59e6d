"""Workbooks as other programs write them, and as somebody writes them who means harm."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence

import xlwt

_CONTENT = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def links(*found: tuple[str, str, str]) -> str:
    """A part of relationships: id, last word of the type, target."""
    inner = "".join(f'<Relationship Id="{i}" Type="{_OFFICE}/{kind}" Target="{to}"/>' for i, kind, to in found)
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{inner}</Relationships>'
    )


BOOK = (
    f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>'
)


def xlsx(
    sheet: str, *, head: str = "", strings: str = "", styles: str = "", more: Mapping[str, str] | None = None
) -> bytes:
    """A workbook with this `sheetData`; `head` stands before the root, `strings` are <si> elements."""
    parts = {
        "[Content_Types].xml": _CONTENT,
        "_rels/.rels": links(("r1", "officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": links(
            ("r1", "worksheet", "worksheets/sheet1.xml"), ("r2", "sharedStrings", "/xl/sharedStrings.xml"),
            ("r3", "styles", "styles.xml"),
        ),
        "xl/worksheets/sheet1.xml": f'{head}<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>',
        **({"xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{strings}</sst>'} if strings else {}),
        **({"xl/styles.xml": f'<styleSheet xmlns="{_MAIN}">{styles}</styleSheet>'} if styles else {}),
        **(more or {}),
    }  # fmt: skip
    return packed({name: text for name, text in parts.items() if text})


def packed(parts: Mapping[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return out.getvalue()


def xls(table: Sequence[Sequence[object]], *, day_format: str = "yyyy-mm-dd") -> bytes:
    """A workbook of Excel 97."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    day = xlwt.easyxf(num_format_str=day_format)
    for row, cells in enumerate(table):
        for column, cell in enumerate(cells):
            if cell is not None:
                sheet.write(row, column, cell, *([day] if hasattr(cell, "year") else []))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
