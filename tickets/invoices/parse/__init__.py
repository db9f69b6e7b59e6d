"""PURE. One parser for each carrier.

A parser takes an `Input` (bytes, type, limits) and gives `Parsed`: for each invoice in the file what every source in it
says (`Found`: source, field → typed value, goods lines), best source first, and findings about the file as a whole. It
gives no invoice for an honest file that is none. It raises only `Refused`, for what is hostile or broken; it holds to
the limits while it reads, keeps no state between calls, and may run in several threads. To add a format: one function
and one line here, its magic in `sniff.py`, its trust in `model.TRUST`, a sample in `tests/invoices_factory`.
"""

from __future__ import annotations

from collections.abc import Mapping

from tickets.invoices.model import Carrier
from tickets.invoices.parse import einvoice_xml, image, ofd, pdf
from tickets.invoices.parse.contract import Found, Input, Parsed, Parser

__all__ = ["PARSERS", "Found", "Input", "Parsed", "Parser"]

PARSERS: Mapping[Carrier, Parser] = {
    Carrier.XML: einvoice_xml.parse,
    Carrier.OFD: ofd.parse,
    Carrier.PDF: pdf.parse,
    Carrier.IMAGE: image.parse,
}
