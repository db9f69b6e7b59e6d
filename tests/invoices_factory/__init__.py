"""Sample invoices for tests, the demo and the load: invented, valid, the same for the same seed."""

from tests.invoices_factory.build import make, with_lines
from tests.invoices_factory.numbers import qr_text, words
from tests.invoices_factory.ofd import ofd
from tests.invoices_factory.packs import leqi_json, list_csv, list_xlsx, upload_log, zip_of
from tests.invoices_factory.pdf import merged, pdf, text_pdf
from tests.invoices_factory.photo import photo, scan
from tests.invoices_factory.xml import einvoice_xml, legacy_xml, xbrl

__all__ = [
    "einvoice_xml", "legacy_xml", "leqi_json", "list_csv", "list_xlsx", "make", "merged", "ofd", "pdf", "photo",
    "qr_text", "scan", "text_pdf", "upload_log", "with_lines", "words", "xbrl", "zip_of",
]  # fmt: skip
