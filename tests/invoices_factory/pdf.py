"""PDF faces, written by hand: text in a font that is not embedded, the QR code as a picture."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence

from tests.invoices_factory import qr
from tests.invoices_factory.face import HEIGHT, QR_SIDE, WIDTH, Page, Piece, faces
from tests.invoices_factory.numbers import qr_text
from tickets.invoices.model import Invoice

_POINT = 72 / 25.4  # points per mm
_FONT = (
    b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts["
    b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>"
    b"/DW 1000/W[1 95 500 814 939 500]/FontDescriptor<</Type/FontDescriptor/FontName/STSong-Light/Flags 6"
    b"/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120/CapHeight 880/StemV 93>>>>]>>"
)
#: Each code is its own character.
_UNICODE = (
    b"/CIDInit/ProcSet findresource begin 12 dict begin begincmap/CMapName/U def/CMapType 2 def\n1 begincodespacerange"
    b"<0000><FFFF>endcodespacerange\n"
    + b"".join(b"100 beginbfrange\n" + b"\n".join(
        b"<%04X><%04X><%04X>" % (high << 8, high << 8 | 255, high << 8) for high in range(at, min(at + 100, 256))
    ) + b"\nendbfrange\n" for at in range(0, 256, 100))
    + b"endcmap end end"
)  # fmt: skip


def pdf(
    invoice: Invoice, *others: Invoice, labels_first: bool = False, code: str | None = None, attached: bytes = b""
) -> bytes:
    """The faces of one or several invoices in one file.

    `labels_first` writes all labels before all values. `code` replaces the text of the QR code, "" leaves it out.
    `attached` is put in as an embedded XML file.
    """
    pages: list[tuple[Page, str]] = []
    for item in (invoice, *others):
        text = qr_text(item) if code is None else code
        pages += [(page, text) for page in faces(item)]
    return written([(_content(page, labels_first), text, page.qr) for page, text in pages], attached=attached)


def text_pdf(pages: Sequence[Sequence[str]]) -> bytes:
    """Pages of plain lines of text: papers that are no invoice."""
    return written([(_text(Piece(15, 15 + 6 * n, line) for n, line in enumerate(lines)), "", None) for lines in pages])


def merged(*parts: Invoice | Sequence[str]) -> bytes:
    """Invoices and other papers (as lines of text) one after another in one file."""
    pages: list[tuple[bytes, str, tuple[float, float] | None]] = []
    for part in parts:
        if isinstance(part, Invoice):
            pages += [(_content(page, labels_first=False), qr_text(part), page.qr) for page in faces(part)]
        else:
            pages.append((_text(Piece(15, 15 + 6 * n, line) for n, line in enumerate(part)), "", None))
    return written(pages)


def _content(page: Page, labels_first: bool) -> bytes:
    return content(page, page.pieces(labels_first=labels_first))


def content(page: Page, pieces: Iterable[Piece], *, turn: int = 0) -> bytes:
    """Rules and pieces of a page; with `turn` (degrees) they lie on their side or upside down."""
    width, height = WIDTH * _POINT, HEIGHT * _POINT
    turned = {
        0: "", 90: f"0 1 -1 0 {height:.2f} 0 cm\n", 180: f"-1 0 0 -1 {width:.2f} {height:.2f} cm\n", 270: f"0 -1 1 0 0 {width:.2f} cm\n",
    }  # fmt: skip
    rules = "".join(
        f"{x0 * _POINT:.2f} {(HEIGHT - y0) * _POINT:.2f} m {x1 * _POINT:.2f} {(HEIGHT - y1) * _POINT:.2f} l S\n"
        for x0, y0, x1, y1 in page.rules
    )
    return turned[turn].encode() + b"0.5 w\n" + rules.encode() + _text(pieces)


def _text(pieces: Iterable[Piece]) -> bytes:
    return b"".join(_show(piece) for piece in pieces)


def _show(piece: Piece) -> bytes:
    size, x = piece.size * _POINT, piece.x * _POINT
    y = (HEIGHT - piece.y - 0.88 * piece.size) * _POINT
    return f"BT /F1 {size:.2f} Tf {x:.2f} {y:.2f} Td <{piece.text.encode('utf-16-be').hex()}> Tj ET\n".encode()


def written(
    pages: Sequence[tuple[bytes, str, tuple[float, float] | None]],
    *,
    attached: bytes = b"",
    turn: int = 0,
    with_unicode: bool = False,
) -> bytes:
    """The bytes of a PDF of (content, QR text, corner of the QR code in mm); `with_unicode` names each character."""
    font = _FONT.removesuffix(b">>") + b"/ToUnicode 4 0 R>>" if with_unicode else _FONT
    objects: list[bytes] = [b"", b"", font]  # catalogue and page tree are filled in last
    if with_unicode:
        objects.append(_stream(_UNICODE))
    sides = (HEIGHT, WIDTH) if turn % 180 else (WIDTH, HEIGHT)
    kids = []
    for content, text, corner in pages:
        image = ""
        if text and corner:
            image = f"/XObject<</Q {len(objects) + 1} 0 R>>"
            objects.append(_image(text))
            content += _place(corner)
        objects.append(_stream(content))
        box = f"[0 0 {sides[0] * _POINT:.2f} {sides[1] * _POINT:.2f}]"
        resources = f"<</Font<</F1 3 0 R>>{image}>>"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox{box}/Resources{resources}/Contents {len(objects)} 0 R>>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    names = b""
    if attached:
        objects.append(_stream(attached, "/Type/EmbeddedFile/Subtype/text#2Fxml"))
        objects.append(f"<</Type/Filespec/F(invoice.xml)/UF(invoice.xml)/EF<</F {len(objects)} 0 R>>>>".encode())
        names = f"/Names<</EmbeddedFiles<</Names[(invoice.xml) {len(objects)} 0 R]>>>>".encode()
    objects[0] = b"<</Type/Catalog/Pages 2 0 R" + names + b">>"
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(kids)}]>>".encode()
    return _file(objects)


def _stream(data: bytes, extra: str = "") -> bytes:
    packed = zlib.compress(data)
    return f"<<{extra}/Length {len(packed)}/Filter/FlateDecode>>stream\n".encode() + packed + b"\nendstream"


def _image(text: str) -> bytes:
    rows = qr.grid(text)
    data = bytes(0 if cell else 255 for row in rows for cell in row)
    size = f"/Width {len(rows)}/Height {len(rows)}"
    return _stream(data, f"/Type/XObject/Subtype/Image{size}/ColorSpace/DeviceGray/BitsPerComponent 8")


def _place(corner: tuple[float, float]) -> bytes:
    side, x, y = QR_SIDE * _POINT, corner[0] * _POINT, (HEIGHT - corner[1] - QR_SIDE) * _POINT
    return f"q {side:.2f} 0 0 {side:.2f} {x:.2f} {y:.2f} cm /Q Do Q\n".encode()


def _file(objects: Sequence[bytes]) -> bytes:
    out, offsets = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010d} 00000 n \n".encode() for offset in offsets)
    out += f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode()
    return bytes(out)
