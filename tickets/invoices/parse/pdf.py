"""PURE. Invoices in a PDF: attached data, text by its place, QR codes by rendering."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ctypes import byref
from dataclasses import dataclass
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.apart import apart
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Finding, Severity, Source
from tickets.invoices.parse import codes, einvoice_xml, face
from tickets.invoices.parse.contract import Found, Input, Parsed
from tickets.invoices.parse.names import clean
from tickets.invoices.parse.spans import Span, plain, rows
from tickets.invoices.parse.xmltree import tree

_Piece = tuple[str, float, float, float, float]
_Drawn = tuple[int, list[_Piece], Image.Image | None]
_DPI, _MOST_PIXELS = 150, 6_000_000
_PAGE_CHARACTERS = 40_000
_SAMPLE = 400  # characters that tell which way the text runs
_LIKELY = 3  # the first pages are looked at whatever their text says: fonts without names make it nonsense
_ATTACHMENTS, _ATTACHMENT_BYTES = 20, 5 * 1024 * 1024
_STREAM = re.compile(rb"stream\r?\n(?=\x78)")
_TWICE = re.compile(rb"/Fl(?:ateDecode)?\s*/Fl(?:ateDecode)?\b")
_INFLATED = 400 * 1024 * 1024  # scans unpack to much more than texts


@dataclass(frozen=True, slots=True)
class _Page:
    number: int
    pieces: list[Span]
    picture: Image.Image | None


def parse(source: Input) -> Parsed:
    """Every invoice of a PDF; pages that belong to none are told."""
    attached, pages = _opened(source.data, source.limits)
    found = [entry for data in attached for entry in _attached(data, source.limits)]
    on_pages, other = _by_page(pages)
    findings: tuple[Finding, ...] = ()
    if on_pages and other:
        text = Message(_("Pages %(pages)s of this PDF are not an invoice and were left out."), {"pages": _list(other)})
        findings = (Finding("file.other_pages", Severity.INFO, "", text),)
    return Parsed(tuple(_together(found, on_pages)), findings)


def words(source: Input) -> str:
    """The text of all pages for the search index."""
    _attached_data, pages = _opened(source.data, source.limits)
    return "\n\n".join(plain(rows(page.pieces)) for page in pages)[: source.limits.text]


def _check_streams(data: bytes) -> None:
    """PDFium unpacks a stream whole, so a bomb has to be found before it is opened."""
    if _TWICE.search(data):
        raise Refused("zip.bomb")
    left = _INFLATED
    for match in _STREAM.finditer(data):
        unpacker = zlib.decompressobj()
        chunk = data[match.end() : match.end() + 64 * 1024]
        at = match.end() + len(chunk)
        try:
            while chunk and not unpacker.eof:
                left -= len(unpacker.decompress(chunk, 1024 * 1024))
                chunk = unpacker.unconsumed_tail or data[at : at + 64 * 1024]
                at += 0 if unpacker.unconsumed_tail else len(chunk)
                if left < 0:
                    raise Refused("zip.bomb")
        except zlib.error:
            continue


def page_count(data: bytes, limits: Limits) -> int:
    """Pages of a PDF that may be opened. Raises Refused (password, damage, too many pages, bomb)."""
    _check_streams(data)
    return apart(counted, data, limits, broken="pdf.broken")


def page_picture(data: bytes, number: int, long_side: int) -> Image.Image | None:
    """Page `number` (from 1) in colour, its long side at most `long_side` pixels; None when there is none."""
    _check_streams(data)
    return apart(drawn, data, number, long_side, broken="pdf.broken")


def _opened(data: bytes, limits: Limits) -> tuple[list[bytes], list[_Page]]:
    _check_streams(data)
    attached, pages = apart(opened, data, limits, broken="pdf.broken")
    return attached, [_Page(number, [Span(*piece) for piece in pieces], image) for number, pieces, image in pages]


# What follows runs in a process of its own: PDFium has no bounds of time and memory, and forms may call each other.


def counted(data: bytes, limits: Limits) -> int:
    """Pages of a PDF."""
    with _document(data, limits) as document:
        return len(document)


def drawn(data: bytes, number: int, long_side: int) -> Image.Image | None:
    """One page as a picture."""
    with _document(data, Limits()) as document:
        if not 1 <= number <= len(document):
            return None
        with closing(document[number - 1]) as page:
            width, height = page.get_size()
            if not (0 < width < 1e5 and 0 < height < 1e5):
                return None
            scale = min(4.0, long_side / max(width, height))
            with closing(page.render(scale=scale)) as bitmap:
                picture: Image.Image = bitmap.to_pil().convert("RGB")
                return picture


@contextmanager
def _document(data: bytes, limits: Limits) -> Iterator[pdfium.PdfDocument]:
    try:
        with closing(pdfium.PdfDocument(data)) as document:
            if len(document) > limits.pdf_pages:
                raise Refused("pdf.pages", limit=limits.pdf_pages)
            yield document
    except pdfium.PdfiumError as error:
        is_locked = "password" in str(error).lower() or "security" in str(error).lower()
        raise Refused("pdf.encrypted" if is_locked else "pdf.broken") from error


def opened(data: bytes, limits: Limits) -> tuple[list[bytes], list[_Drawn]]:
    """The attached data files, and of each page its number, its pieces of text as tuples and its picture."""
    with _document(data, limits) as document:
        return list(_attachments(document)), list(_pages(document, limits))


def _attachments(document: pdfium.PdfDocument) -> Iterator[bytes]:
    for index in range(min(document.count_attachments(), _ATTACHMENTS)):
        try:
            attachment = document.get_attachment(index)
            if attachment.get_name().lower().endswith((".xml", ".xbrl")):
                yield bytes(attachment.get_data()[:_ATTACHMENT_BYTES])
        except pdfium.PdfiumError:
            continue


def _pages(document: pdfium.PdfDocument, limits: Limits) -> Iterator[_Drawn]:
    text, renders = limits.text, limits.pdf_invoices
    for index in range(len(document)):
        try:
            with closing(document[index]) as page:
                pieces = list(_pieces(page, min(text, _PAGE_CHARACTERS)))
                text -= len(pieces)
                wanted = renders > 0 and (index < _LIKELY or _may_be_invoice(pieces))
                renders -= wanted
                yield index + 1, pieces, _picture(page) if wanted else None
        except pdfium.PdfiumError:
            yield index + 1, [], None


def _may_be_invoice(pieces: list[_Piece]) -> bool:
    """A page without text is a scan; a page of text without 票 or its number carries no invoice code."""
    return len(pieces) < 40 or any(piece[0] == "票" for piece in pieces)


def _pieces(page: pdfium.PdfPage, limit: int) -> Iterator[_Piece]:
    """The characters of a page with their boxes, turned as they are meant to be read."""
    left, bottom, right, top = page.get_mediabox()
    with closing(page.get_textpage()) as text:
        box = raw.FS_RECTF()
        rotation = _lean(text)
        for index in range(min(text.count_chars(), limit)):
            code = raw.FPDFText_GetUnicode(text, index)
            if code <= 32 or 0xD800 <= code <= 0xDFFF or code >= 0xFFFE or raw.FPDFText_IsGenerated(text, index) == 1:
                continue
            raw.FPDFText_GetLooseCharBox(text, index, byref(box))
            x0, x1, y0, y1 = box.left - left, box.right - left, box.bottom - bottom, box.top - bottom
            yield clean(chr(code)), *_turned(rotation, (x0, x1, y0, y1), right - left, top - bottom)


def _lean(text: pdfium.PdfTextPage) -> int:
    """Degrees clockwise by which the page would have to be turned for most of its text to stand upright."""
    written = (i for i in range(text.count_chars()) if raw.FPDFText_IsGenerated(text, i) != 1)
    angles = [raw.FPDFText_GetCharAngle(text, index) for index in islice(written, _SAMPLE)]
    turns = Counter(-round(math.degrees(angle) / 90) % 4 * 90 for angle in angles if angle >= 0)
    return max(turns, key=lambda turn: turns[turn], default=0)


def _turned(rotation: int, box: tuple[float, ...], width: float, height: float) -> tuple[float, float, float, float]:
    """A box of the page's own space as (x0, y0, x1, y1) on the screen, y down."""
    x0, x1, y0, y1 = box
    if rotation == 90:
        return y0, x0, y1, x1
    if rotation == 180:
        return width - x1, y0, width - x0, y1
    if rotation == 270:
        return height - y1, width - x1, height - y0, width - x0
    return x0, height - y1, x1, height - y0


def _picture(page: pdfium.PdfPage) -> Image.Image | None:
    width, height = page.get_size()
    if not (0 < width < 1e5 and 0 < height < 1e5):
        return None
    scale = min(_DPI / 72, (_MOST_PIXELS / (width * height)) ** 0.5)
    if width * scale < 1 or height * scale < 1:
        return None
    with closing(page.render(scale=scale, grayscale=True, may_draw_forms=False)) as bitmap:
        picture: Image.Image = bitmap.to_pil().copy()
        return picture


def _attached(data: bytes, limits: Limits) -> list[tuple[Found, ...]]:
    """Invoices of an attached data file; one that can't be read is as if it weren't there."""
    try:
        return list(einvoice_xml.read(tree(data, limits)))
    except Refused:
        return []


def _by_page(pages: list[_Page]) -> tuple[list[list[Found]], list[int]]:
    """What the pages of each invoice say, and the numbers of the pages that belong to none."""
    found: list[list[Found]] = []
    other: list[int] = []
    for page in pages:
        values, lines = face.read(page.pieces)
        codes_found = codes.invoices(page.picture) if page.picture else []
        here = ([Found(Source.PDF_TEXT, values, lines)] if values else []) + codes_found
        if not here:
            other.append(page.number)
            continue
        for group in _grouped(here):
            same = next((known for known in found if _identity(known) & _identity(group)), None)
            if same is None:
                found.append(group)
            else:
                same.extend(group)
    return found, other


def _grouped(here: list[Found]) -> list[list[Found]]:
    """A page's own text goes with its first code; further codes are further invoices on one sheet."""
    first = [f for f in here if f.source == Source.PDF_TEXT]
    rest = [f for f in here if f.source == Source.QR]
    together = [f for f in rest if first and _identity(first) & _identity([f])] or rest[: 1 if first else 0]
    groups = [first + together] if first else []
    return groups + [[f] for f in rest if f not in together]


def _identity(found: list[Found]) -> set[object]:
    return {f.values[name] for f in found for name in ("number", "digital_number") if name in f.values}


def _together(attached: list[tuple[Found, ...]], on_pages: list[list[Found]]) -> Iterator[tuple[Found, ...]]:
    """Attached data joins the pages of the same number; a single data file belongs to a single face."""
    left = list(attached)
    for group in on_pages:
        mine = [a for a in left if _identity(list(a)) & _identity(group)]
        if not mine and len(left) == len(on_pages) == 1:
            mine = left
        left = [a for a in left if a not in mine]
        yield (*(f for a in mine for f in a), *group)
    yield from left


def _list(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return shown + ("…" if len(numbers) > 10 else "")
