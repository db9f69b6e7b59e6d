"""A document as DOCX. Every text becomes plain runs: no field, link or macro can come of it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from typing import Any

import docx
from django.utils.translation import gettext as _
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from tickets.papers.document import Block, Cell, Document, Style, clean

GAP = "＿" * 8  # to be written on by hand
FONT, HAN_FONT = "Times New Roman", "宋体"


def as_docx(paper: Document, filled: Mapping[str, Any], foot: str, made_at: dt.datetime) -> bytes:
    """The file; the same document made at the same moment has the same text."""
    file = docx.Document()
    normal = file.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(11)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), HAN_FONT)
    for block in paper.blocks:
        _block(file, block, filled)
    file.sections[0].footer.paragraphs[0].text = clean(foot)
    about = file.core_properties
    about.title, about.author, about.created, about.modified = paper.title[:200], "", made_at, made_at
    target = io.BytesIO()
    file.save(target)
    return target.getvalue()


def _block(file: Any, block: Block, filled: Mapping[str, Any]) -> None:
    if block.style in (Style.TITLE, Style.HEADING):
        line = file.add_paragraph()
        line.paragraph_format.keep_with_next = True
        for run in block.cells[0]:
            made = line.add_run(run.text or GAP)
            made.bold, made.font.size = True, Pt(18 if block.style == Style.TITLE else 13)
        if block.style == Style.TITLE:
            line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif block.style == Style.PARAGRAPH:
        line = file.add_paragraph()
        for number, cell in enumerate(block.cells):
            if number:
                line.add_run().add_break()
            _put(line, cell)
    elif block.style == Style.FORM:
        _form(file, block)
    elif block.style == Style.INVOICES:
        heads = [_("Invoice number"), _("Issue date"), _("Seller"), _("Total with tax"), _("Tax")]
        _rows(file, heads, filled.get("invoices", []))
    elif block.style == Style.FILES:
        _rows(file, [_("File"), "SHA-256"], filled.get("files", []))
    else:
        line = file.add_paragraph()
        line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        for label in (_("Signature and seal:"), _("Date:")):
            line.add_run(f"{label} {GAP}").add_break()


def _put(line: Any, cell: Cell) -> None:
    for run in cell:
        line.add_run(GAP if run.blank else run.text)  # python-docx makes a line break of \n


def _form(file: Any, block: Block) -> None:
    table = file.add_table(rows=0, cols=max(map(len, block.rows)), style="Table Grid")
    for row in block.rows:
        for place, cell in zip(table.add_row().cells, row, strict=False):
            _put(place.paragraphs[0], cell)


def _rows(file: Any, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    table = file.add_table(rows=1, cols=len(heads), style="Table Grid")
    for place, head in zip(table.rows[0].cells, heads, strict=True):
        place.paragraphs[0].add_run(head).bold = True
    for row in rows:
        for place, text in zip(table.add_row().cells, row, strict=True):
            place.paragraphs[0].add_run(clean(text)).font.size = Pt(9)
