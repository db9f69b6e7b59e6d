"""PURE. Invoices in a PDF: attached data, text by its place, QR codes by rendering."""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from ctypes import byref, c_int
from dataclasses import dataclass, field
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as raw
from PIL import Image

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.apart import apart
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Finding, Severity, Source
from tickets.invoices.parse import codes, einvoice_xml, face, lettering, papers, places
from tickets.invoices.parse.contract import Found, Input, Parsed, Unread
from tickets.invoices.parse.names import clean
from tickets.invoices.parse.spans import Span, laid_out, plain, rows
from tickets.invoices.parse.xmltree import tree

_Piece = tuple[str, float, float, float, float]
_Frame = tuple[float, ...]  # a, b, c, d, e, f: from the space of the pieces to parts of the page as it is shown
_Drawn = tuple[int, list[_Piece], Image.Image | None, _Frame]
_DPI, _SCAN_DPI, _MOST_PIXELS = 150, 200, 6_000_000
_FEW = 40  # characters: fewer are a stamp or a page number on a scan
_CHINESE = re.compile("[\u4e00-\u9fff]")
_GRID = 100_000
_FACE = ("kind", "code", "seller_tax_id")  # what only a face of an invoice shows
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
    frame: _Frame = (1, 0, 0, 1, 0, 0)

    @property
    def is_drawn(self) -> bool:
        """A scan, or letters without names: there is nothing to read but the picture."""
        text = "".join(piece.text for piece in self.pieces)
        return len(text) < _FEW or len(_CHINESE.findall(text)) < 0.05 * len(text)


@dataclass(slots=True)
class _Sorted:
    """The pages of a file: what those of each invoice say, the numbers of the others, and what there is to say."""

    invoices: list[list[Found]] = field(default_factory=list)
    other: list[int] = field(default_factory=list)
    paper: str = ""  # of the first page that is no invoice
    findings: dict[str, Finding] = field(default_factory=dict)


def parse(source: Input) -> Parsed:
    """Every invoice of a PDF; pages that belong to none are told."""
    attached, pages = _opened(source.data, source.limits)
    found = [entry for data in attached for entry in _attached(data, source.limits)]
    pages_of = _by_page(pages, source)
    findings = list(pages_of.findings.values())
    if pages_of.invoices and pages_of.other:
        told = {"pages": _list(pages_of.other)}
        text = Message(_("Pages %(pages)s of this PDF are not an invoice and were left out."), told)
        findings.append(Finding("file.other_pages", Severity.INFO, "", text))
    return Parsed(tuple(_together(found, pages_of.invoices)), tuple(findings), pages_of.paper)


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
    attached, drawn = apart(opened, data, limits, broken="pdf.broken")
    return attached, [
        _Page(number, [Span(*piece) for piece in pieces], image, frame) for number, pieces, image, frame in drawn
    ]


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
                pieces, frame = _pieces(page, min(text, _PAGE_CHARACTERS))
                text -= len(pieces)
                wanted = renders > 0 and (index < _LIKELY or _may_be_invoice(pieces))
                renders -= wanted
                dots = _SCAN_DPI if len(pieces) < _FEW else _DPI
                yield index + 1, pieces, _picture(page, dots) if wanted else None, frame
        except pdfium.PdfiumError:
            yield index + 1, [], None, (1, 0, 0, 1, 0, 0)


def _may_be_invoice(pieces: list[_Piece]) -> bool:
    """A page without text is a scan; a page of text without 票 or its number carries no invoice code."""
    return len(pieces) < _FEW or any(piece[0] == "票" for piece in pieces)


def _pieces(page: pdfium.PdfPage, limit: int) -> tuple[list[_Piece], _Frame]:
    """The characters of a page with their boxes, turned as they are meant to be read, and how that lies on the page."""
    left, bottom, right, top = page.get_mediabox()
    with closing(page.get_textpage()) as text:
        rotation = _lean(text)
        pieces = []
        for char, (x0, y0, x1, y1) in _characters(text, limit):
            inside = (x0 - left, x1 - left, y0 - bottom, y1 - bottom)
            pieces.append((char, *_turned(rotation, inside, right - left, top - bottom)))
    return pieces, _frame(page, rotation)


def _characters(text: pdfium.PdfTextPage, limit: int) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    box = raw.FS_RECTF()
    for index in range(min(text.count_chars(), limit)):
        code = raw.FPDFText_GetUnicode(text, index)
        if code <= 32 or 0xD800 <= code <= 0xDFFF or code >= 0xFFFE or raw.FPDFText_IsGenerated(text, index) == 1:
            continue
        raw.FPDFText_GetLooseCharBox(text, index, byref(box))
        yield clean(chr(code)), (box.left, box.bottom, box.right, box.top)


def _frame(page: pdfium.PdfPage, rotation: int) -> _Frame:
    """From the space of the pieces to parts of the page as it is shown: its visible box, turned as it says."""
    left, bottom, right, top = page.get_mediabox()
    width, height = right - left, top - bottom
    x, y = c_int(), c_int()
    shown, read = [], []
    for across, up in ((0.0, 0.0), (width, 0.0), (0.0, height)):
        raw.FPDF_PageToDevice(page, 0, 0, _GRID, _GRID, 0, left + across, bottom + up, byref(x), byref(y))
        shown.append((x.value / _GRID, y.value / _GRID))
        x0, y0, _x1, _y1 = _turned(rotation, (across, across, up, up), width, height)
        read.append((x0, y0))
    return _mapping(read, shown)


def _mapping(given: list[tuple[float, float]], wanted: list[tuple[float, float]]) -> _Frame:
    """The affine map that takes three points to three others; nothing sensible for points on one line."""
    (x0, y0), (x1, y1), (x2, y2) = given
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0) or 1.0
    rows = []
    for axis in (0, 1):
        start, one, two = (point[axis] for point in wanted)
        along_x = ((one - start) * (y2 - y0) - (two - start) * (y1 - y0)) / area
        along_y = ((two - start) * (x1 - x0) - (one - start) * (x2 - x0)) / area
        rows.append((along_x, along_y, start - along_x * x0 - along_y * y0))
    (a, c, e), (b, d, f) = rows
    return a, b, c, d, e, f


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


def _picture(page: pdfium.PdfPage, dots: int) -> Image.Image | None:
    width, height = page.get_size()
    if not (0 < width < 1e5 and 0 < height < 1e5):
        return None
    scale = min(dots / 72, (_MOST_PIXELS / (width * height)) ** 0.5)
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


def _by_page(pages: list[_Page], source: Input) -> _Sorted:
    """The invoices of the pages, in their order."""
    told = _Sorted()
    for page in pages:
        here = _on_page(page, source, told)
        if not here:
            told.other.append(page.number)
            continue
        for group in _grouped(here):
            same = next((known for known in told.invoices if _identity(known) & _identity(group)), None)
            if same is None:
                told.invoices.append(group)
            else:
                same.extend(group)
    return told


def _on_page(page: _Page, source: Input, told: _Sorted) -> list[Found]:
    """What the text of a page says, else its letters, and each of its codes."""
    values, lines = face.read(page.pieces)
    found = codes.turned(page.picture, page=page.number) if page.picture else []
    coded = [one for one, _turn in found]
    paper = ""
    if not found and values.keys().isdisjoint(_FACE):  # a paper may name the number of an invoice
        paper = papers.named(plain(rows(page.pieces)))
        told.paper = told.paper or paper
        values = {} if paper else values
    if values:
        shown = places.found(laid_out(page.pieces), values)
        on_page = places.framed(shown, places.affine(page.number, page.frame))
        return [Found(Source.PDF_TEXT, values, lines, places=on_page), *coded]
    if page.picture and page.is_drawn and not paper and len(found) < 2:
        return [*_lettered(page, page.picture, found[0][1] if found else None, source, told), *coded]
    return coded


def _lettered(page: _Page, picture: Image.Image, turn: int | None, source: Input, told: _Sorted) -> list[Found]:
    """What the letters of a scanned page say, where somebody reads them; else that they were not read."""
    if source.letters is None:
        told.findings["ocr.not_run"] = lettering.not_read(has_code=turn is not None)
        return []
    try:
        seen = lettering.read(picture, source.letters, turn=turn, page=page.number)
    except Unread:
        told.findings["ocr.failed"] = lettering.failed()
        return []
    if not seen.found:
        told.paper = told.paper or papers.named(seen.text)
    return [seen.found] if seen.found else []


def _grouped(here: list[Found]) -> list[list[Found]]:
    """A page's own text goes with its first code; further codes are further invoices on one sheet."""
    first = [f for f in here if f.source in (Source.PDF_TEXT, Source.OCR)]
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
