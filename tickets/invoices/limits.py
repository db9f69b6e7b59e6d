"""PURE. How much of a file is read, and the refusal of what no helpdesk should open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one reading; bytes in an archive count while they are unpacked, its own figures are not believed."""

    max_bytes: int = 50 * 1024 * 1024
    entries: int = 2000
    unpacked: int = 50 * 1024 * 1024
    log_unpacked: int = 256 * 1024 * 1024  # text logs, read as a stream
    sheet_unpacked: int = 200 * 1024 * 1024  # 50,000 rows of 20 columns are 60 MB of XML, read as a stream
    ratio: int = 200  # unpacked to packed; an honest invoice file stays below 60
    ratio_from: int = 1024 * 1024  # small members may compress as well as they like
    archive_depth: int = 2  # a ZIP inside a ZIP is read, one deeper is not
    invoices: int = 200
    xml_depth: int = 64
    xml_nodes: int = 200_000  # of one document
    elements: int = 600_000  # of all XML parts of one file
    pixels: int = 60_000_000
    pdf_pages: int = 200
    pdf_invoices: int = 20  # pages that are rendered to look for a QR code
    lettered: int = (
        6  # pictures and scanned pages whose letters are read, those that are turned and read again among them
    )
    text: int = 1_000_000  # characters of page text of one file

    def of_sheet(self) -> Limits:
        """The same for a workbook, which nobody holds whole."""
        return replace(self, unpacked=self.sheet_unpacked)


#: A download of a month's invoices: small files only, but many of them.
LIST_LIMITS = Limits(entries=20_000, unpacked=150 * 1024 * 1024, elements=6_000_000)

_TEXTS: Mapping[str, str] = {
    "file.empty": _("This file is empty."),
    "file.too_large": _("This file is larger than %(limit)s MB."),
    "file.too_many": _("This file holds more than %(limit)s invoices. Please split it."),
    "zip.bomb": _("Unpacked, this file is far larger than it may be. Please send the invoice files one by one."),
    "zip.entries": _("This archive holds more than %(limit)s files. Please split it."),
    "zip.path": _("This archive holds a file name that points outside of it."),
    "zip.encrypted": _("This archive has a password. Please send it without one."),
    "zip.depth": _("This archive holds archives inside archives. Please unpack it first."),
    "zip.broken": _("This archive is damaged. Please download or pack it again."),
    "gzip.broken": _("This .gz file is damaged. Please pack it again."),
    "gzip.content": _("This .gz file holds no text log. Please send other files in a ZIP."),
    "log.bomb": _("Unpacked, this log is far larger than it may be. Please send the part of the day in question."),
    "log.binary": _("This log holds bytes that are no text. Please save it again as UTF-8 text."),
    "ofd.broken": _("This OFD file is damaged. Please download it again."),
    "xml.depth": _("This XML file is nested too deeply or has too many elements to be an invoice."),
    "xml.entity": _("This XML file declares a DTD or entities, which an invoice never needs."),
    "xml.broken": _("This XML file is damaged. Please download it again, and don't edit it by hand."),
    "sheet.broken": _("This spreadsheet can't be opened. Save it again as XLSX or CSV."),
    "json.broken": _("This JSON is damaged at line %(line)s, column %(column)s."),
    "json.depth": _("This JSON is nested too deeply to be a package of invoices."),
    "json.item": _("One part of this JSON is far larger than an invoice, or doesn't end."),
    "package.none": _("No EInvoice was found in this file. Files of other forms can be checked one by one."),
    "package.profile": _("This file is not of the chosen kind of package."),
    "package.unknown": _("This is no package of invoices. Please choose a JSON, an XML or a ZIP with XML files."),
    "image.pixels": _("This picture has more pixels than we open. Please make it smaller."),
    "image.broken": _("This picture is damaged. Please take or save it again."),
    "pdf.encrypted": _("This PDF has a password. Please send it without one."),
    "pdf.pages": _("This PDF has more than %(limit)s pages. Please send only the pages of the invoice."),
    "pdf.broken": _("This PDF is damaged. Please download it again."),
    "type.refused": _(
        "Files of this type can carry programs and are not accepted. Please send XML, OFD, PDF or a picture."
    ),
    "type.unknown": _("We don't know this type of file. Please send XML, OFD, PDF, a picture, a sheet or a ZIP."),
}


class Refused(Exception):
    """A file that is hostile, forbidden or broken; `code` is stable, `message` says what to do."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.message = Message(_TEXTS[code], params)
        super().__init__(code)
