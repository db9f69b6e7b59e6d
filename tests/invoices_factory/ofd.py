"""OFD files (GB/T 33190), written by hand: page text, tags, custom data, an attached invoice file, the code as a picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from xml.sax.saxutils import escape, quoteattr

from tests.invoices_factory import qr
from tests.invoices_factory.face import HEIGHT, QR_SIDE, WIDTH, Page, Piece, faces
from tests.invoices_factory.numbers import DIGITAL, qr_text
from tests.invoices_factory.packs import zip_of
from tests.invoices_factory.xml import einvoice_xml, legacy_xml
from tickets.invoices.model import Invoice

_NS = 'xmlns:ofd="http://www.ofdspec.org/2016"'
_TAGS = {
    "number": "InvoiceNo", "code": "InvoiceCode", "issue_date": "IssueDate", "amount": "TaxExclusiveTotalAmount",
    "tax": "TaxTotalAmount", "total": "TaxInclusiveTotalAmount", "seller_name": "SellerName",
    "seller_tax_id": "SellerTaxID", "buyer_name": "BuyerName", "buyer_tax_id": "BuyerTaxID",
    "check_code": "InvoiceCheckCode",
}  # fmt: skip
_CUSTOM = {
    "number": "发票号码", "code": "发票代码", "issue_date": "开票日期", "amount": "合计金额", "tax": "合计税额",
    "seller_tax_id": "销售方纳税人识别号", "buyer_tax_id": "购买方纳税人识别号",
}  # fmt: skip
EVERYTHING = ("attachment", "tags", "custom", "text", "code")


#: Tags of 数电票 as the platform writes them: the tree of an EInvoice, its leaves pointing at the page.
_DIGITAL_TAGS = (
    ("TaxSupervisionInfo", (("InvoiceNumber", "number"), ("IssueTime", "issue_date"))),
    ("SellerInformation", (("SellerName", "seller_name"), ("SellerIdNum", "seller_tax_id"))),
    ("BuyerInformation", (("BuyerName", "buyer_name"), ("BuyerIdNum", "buyer_tax_id"))),
    ("BasicInformation", (
        ("TotalAmWithoutTax", "amount"), ("TotalTaxAm", "tax"), ("TotalTax-includedAmount", "total"),
        ("TotalTax-includedAmountInChinese", "total_in_words"), ("Drawer", "drawer"),
    )),
)  # fmt: skip


def ofd(
    invoice: Invoice, *others: Invoice, parts: Sequence[str] = EVERYTHING, attached: bytes = b"", scan: bytes = b""
) -> bytes:
    """A file with one document for each invoice, made of `parts`; `attached` replaces the attached data file, `scan`
    is a picture of the paper.

    "digital tags" instead of "tags" are those of 数电票; the sign of the total alone is tagged then.
    """
    files: dict[str, bytes] = {}
    bodies = []
    for index, item in enumerate((invoice, *others)):
        folder = f"Doc_{index}"
        if scan:
            files[f"{folder}/Res/scan.jpg"] = scan
        bodies.append(_body(folder, item, parts, files, attached))
    root = f'<ofd:OFD {_NS} Version="1.1" DocType="OFD">{"".join(bodies)}</ofd:OFD>'
    return zip_of({"OFD.xml": _xml(root), **files})


def _body(folder: str, invoice: Invoice, parts: Sequence[str], files: dict[str, bytes], attached: bytes) -> str:
    pages = faces(invoice)
    locations = ""
    identifiers: list[tuple[str, str]] = []
    number = 100
    for index, page in enumerate(pages):
        if "digital tags" in parts:
            page.order[:] = [part for piece in page.order for part in _sign_apart(piece)]
        content, number = _page(
            page, number, identifiers, with_text=bool({"text", "tags", "digital tags"} & set(parts))
        )
        files[f"{folder}/Pages/Page_{index}/Content.xml"] = content
        locations += f'<ofd:Page ID="{index + 10}" BaseLoc="Pages/Page_{index}/Content.xml"/>'
    extra = ""
    if {"tags", "digital tags"} & set(parts):
        files[f"{folder}/Tags/CustomTag.xml"] = (
            _tags(identifiers) if "tags" in parts else _digital_tags(invoice, identifiers)
        )
        files[f"{folder}/Tags/CustomTags.xml"] = _xml(
            f'<ofd:CustomTags {_NS}><ofd:CustomTag TypeID="0"><ofd:FileLoc>CustomTag.xml</ofd:FileLoc></ofd:CustomTag></ofd:CustomTags>'
        )
        extra += "<ofd:CustomTags>Tags/CustomTags.xml</ofd:CustomTags>"
    if "attachment" in parts:
        files[f"{folder}/Attachs/original_invoice.xml"] = attached or (
            einvoice_xml if invoice.kind in DIGITAL else legacy_xml
        )(invoice)
        files[f"{folder}/Attachs/Attachments.xml"] = _xml(
            f'<ofd:Attachments {_NS}><ofd:Attachment ID="1" Name="original_invoice" Format="xml">'
            "<ofd:FileLoc>original_invoice.xml</ofd:FileLoc></ofd:Attachment></ofd:Attachments>"
        )
        extra += "<ofd:Attachments>Attachs/Attachments.xml</ofd:Attachments>"
    if "code" in parts:
        files[f"{folder}/Res/image_1.png"] = qr.png(qr_text(invoice))
    if "JBIG2 code" in parts:
        files[f"{folder}/Res/image_1.jb2"] = qr.jbig2(qr_text(invoice))
    files[f"{folder}/Document.xml"] = _xml(
        f"<ofd:Document {_NS}><ofd:CommonData><ofd:MaxUnitID>{number}</ofd:MaxUnitID><ofd:PageArea>"
        f"<ofd:PhysicalBox>0 0 {WIDTH:.0f} {HEIGHT:.0f}</ofd:PhysicalBox></ofd:PageArea></ofd:CommonData>"
        f"<ofd:Pages>{locations}</ofd:Pages>{extra}</ofd:Document>"
    )
    custom = _custom(invoice) if "custom" in parts else ""
    info = f"<ofd:DocInfo><ofd:DocID>{'0' * 32}</ofd:DocID>{custom}</ofd:DocInfo>"
    return f"<ofd:DocBody>{info}<ofd:DocRoot>{folder}/Document.xml</ofd:DocRoot></ofd:DocBody>"


def _custom(invoice: Invoice) -> str:
    shown = ((label, _plain(getattr(invoice, name))) for name, label in _CUSTOM.items())
    rows = "".join(
        f"<ofd:CustomData Name={quoteattr(label)}>{escape(text)}</ofd:CustomData>" for label, text in shown if text
    )
    return f"<ofd:CustomDatas>{rows}</ofd:CustomDatas>"


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def _page(page: Page, number: int, named: list[tuple[str, str]], *, with_text: bool) -> tuple[bytes, int]:
    """The content of a page; the IDs of the objects that show a field go to `named`."""
    objects = []
    for piece in page.pieces() if with_text else ():
        number += 1
        if piece.field:
            named.append((piece.field, str(number)))
        objects.append(_text(piece, number))
    if page.qr:
        x, y = page.qr
        number += 1
        objects.append(
            f'<ofd:ImageObject ID="{number}" Boundary="{x} {y} {QR_SIDE} {QR_SIDE}" CTM="{QR_SIDE} 0 0 {QR_SIDE} 0 0" ResourceID="2"/>'
        )
    layer = f'<ofd:Content><ofd:Layer ID="{number + 1}">{"".join(objects)}</ofd:Layer></ofd:Content>'
    return _xml(f"<ofd:Page {_NS}>{layer}</ofd:Page>"), number + 1


def _text(piece: Piece, number: int) -> str:
    width = sum(piece.size if ord(char) > 0x2E7F else piece.size / 2 for char in piece.text)
    steps = [piece.size if ord(char) > 0x2E7F else piece.size / 2 for char in piece.text[:-1]]
    delta = f' DeltaX="{" ".join(f"{step:.3f}" for step in steps)}"' if steps else ""
    return (
        f'<ofd:TextObject ID="{number}" Boundary="{piece.x} {piece.y} {width:.3f} {piece.size}" Font="3" Size="{piece.size}">'
        f'<ofd:TextCode X="0" Y="{piece.size * 0.88:.3f}"{delta}>{escape(piece.text)}</ofd:TextCode></ofd:TextObject>'
    )


def _tags(identifiers: Iterable[tuple[str, str]]) -> bytes:
    rows = "".join(
        f"<fp:{_TAGS[name]}><ofd:ObjectRef>{number}</ofd:ObjectRef></fp:{_TAGS[name]}>"
        for name, number in identifiers
        if name in _TAGS
    )
    return _xml(f'<fp:eInvoice {_NS} xmlns:fp="http://www.ofdspec.org/2016/fp">{rows}</fp:eInvoice>')


def _sign_apart(piece: Piece) -> list[Piece]:
    if piece.field != "total":
        return [piece]
    figures = replace(piece, text=piece.text.lstrip("¥"), x=piece.x + piece.size, field="")
    return [replace(piece, text="¥"), figures]


def _digital_tags(invoice: Invoice, identifiers: Iterable[tuple[str, str]]) -> bytes:
    places = dict(identifiers)
    groups = ""
    for group, leaves in _DIGITAL_TAGS:
        shown = "".join(
            f'<{leaf}><ofd:ObjectRef PageRef="10">{places[name]}</ofd:ObjectRef></{leaf}>'
            for leaf, name in leaves
            if name in places
        )
        groups += f"<{group}>{shown}</{group}>"
    name = "增值税专用发票" if invoice.kind == "81" else "普通发票"
    label = f"<GeneralOrSpecialVAT><LabelName><ofd:ObjectData>{name}</ofd:ObjectData></LabelName></GeneralOrSpecialVAT>"
    return _xml(
        f"<ofd:root {_NS}><Header><InherentLabel>{label}</InherentLabel></Header><EInvoiceData>{groups}</EInvoiceData></ofd:root>"
    )


def _xml(text: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?>{text}'.encode()
