"""Files of every carrier are read back field by field; what a file doesn't say stays unknown; faults are told."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from tests.invoices_factory import (
    einvoice_xml,
    legacy_xml,
    leqi_json,
    list_csv,
    list_xlsx,
    make,
    merged,
    ofd,
    pdf,
    photo,
    qr_text,
    scan,
    text_pdf,
    upload_log,
    with_lines,
    xbrl,
    zip_of,
)  # fmt: skip
from tests.invoices_factory.numbers import DIGITAL, DIGITAL_PAPER
from tests.invoices_factory.xml import document
from tickets.invoices.kinds import KINDS
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import FIELDS, Carrier, Invoice, Line, Reading, Source
from tickets.invoices.read import read
from tickets.invoices.reading_json import as_json, from_json

NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
LEGACY = tuple(kind for kind in KINDS if kind not in (*DIGITAL, *DIGITAL_PAPER))
SHAPES: tuple[dict[str, object], ...] = (
    {}, {"lines": 1}, {"lines": 20}, {"discount": True}, {"exempt": True}, {"red": True},
)  # fmt: skip
#: What the face of a railway or air ticket doesn't show.
OFF_TICKETS = frozenset(
    {"amount", "tax", "total_in_words", "seller_name", "seller_tax_id", "drawer", "remark", "original_number", "lines"}
)


@dataclass(frozen=True)
class Kind:
    """How a kind of file is made, of which invoices, and what it doesn't say."""

    made: Callable[[Invoice], bytes]
    carrier: Carrier
    kinds: tuple[str, ...]
    without: frozenset[str] = frozenset()
    without_on_tickets: frozenset[str] = frozenset()


def _face(made: Callable[[Invoice], bytes], carrier: Carrier) -> Kind:
    return Kind(made, carrier, tuple(KINDS), frozenset({"lines.classification"}), OFF_TICKETS)


CARRIERS = {
    "XML": Kind(einvoice_xml, Carrier.XML, DIGITAL),
    "XML, percent, GBK": Kind(lambda i: einvoice_xml(i, rate="percent", encoding="GBK", indent=False), Carrier.XML, DIGITAL),
    "XML, signed, 0.32": Kind(lambda i: einvoice_xml(i, signed=True, version="0.32", with_time=False), Carrier.XML, DIGITAL),
    "XML in Chinese": Kind(lambda i: einvoice_xml(i, dialect="chinese"), Carrier.XML, ("81", "82", "10")),
    "XML in pinyin": Kind(lambda i: einvoice_xml(i, dialect="pinyin"), Carrier.XML, (*DIGITAL, *LEGACY)),
    "XML of 税控": Kind(legacy_xml, Carrier.XML, LEGACY),
    "OFD": Kind(ofd, Carrier.OFD, (*DIGITAL, *LEGACY)),
    "OFD, attachment": Kind(lambda i: ofd(i, parts=("attachment",)), Carrier.OFD, (*DIGITAL, *LEGACY)),
    "OFD, tags": _face(lambda i: ofd(i, parts=("tags",)), Carrier.OFD),
    "OFD, text": _face(lambda i: ofd(i, parts=("text", "code")), Carrier.OFD),
    "PDF": _face(pdf, Carrier.PDF),
    "PDF, labels first": _face(lambda i: pdf(i, labels_first=True), Carrier.PDF),
    "PDF, no code": _face(lambda i: pdf(i, code=""), Carrier.PDF),
    "PDF, attached XML": Kind(lambda i: pdf(i, attached=einvoice_xml(i)), Carrier.PDF, DIGITAL),
}  # fmt: skip
PICTURES = {
    "JPEG": photo,
    "PNG": lambda i: photo(i, kind="PNG"),
    "WebP": lambda i: photo(i, kind="WEBP"),
    "turned": lambda i: photo(i, turn=5),
    "upside down": lambda i: photo(i, turn=180),
    "blurred and squeezed": lambda i: photo(i, turn=-5, blur=1.2, quality=40),
}


def reading_of(data: bytes, name: str = "file") -> Reading:
    return read(data, name=name, now=NOW)


def only_said(invoice: Invoice, kind: Kind) -> Invoice:
    """The invoice without what this kind of file doesn't say."""
    left_out = kind.without | (kind.without_on_tickets if invoice.kind in ("51", "61") else frozenset())
    blank = {name: getattr(Invoice(), name) for name in left_out if "." not in name}
    lines = invoice.lines
    if "lines.classification" in left_out:
        lines = tuple(replace(line, classification="") for line in lines)
    return replace(invoice, **{"lines": lines, **blank})


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_every_field_is_read_back(carrier: str, shape: dict[str, object]) -> None:
    kind = CARRIERS[carrier]
    for code in kind.kinds:
        invoice = make(code, seed=7, **shape)
        reading = reading_of(kind.made(invoice))
        assert reading.invoice == only_said(invoice, kind), code
        assert (reading.carrier, reading.is_invoice, reading.others) == (kind.carrier, True, ())
        assert [f.code for f in reading.findings if f.severity == "error"] == []
        assert from_json(as_json(reading)) == reading


@pytest.mark.parametrize("kind", [*DIGITAL, *LEGACY])
def test_custom_data_and_a_code_say_what_a_look_up_asks(kind: str) -> None:
    invoice = make(kind, seed=7)
    found = reading_of(ofd(invoice, parts=("custom", "code"))).invoice
    for name in (
        "kind",
        "code",
        "number",
        "issue_date",
        "amount",
        "tax",
        "seller_tax_id",
        "buyer_tax_id",
        "check_code",
    ):
        assert getattr(found, name) == getattr(invoice, name)
    assert found.total in (invoice.total, None)


@pytest.mark.parametrize("carrier", PICTURES)
def test_a_picture_says_what_its_code_says(carrier: str) -> None:
    for code in ("81", "82", "51", "10", "04", "86", "01"):
        invoice = make(code, seed=3)
        reading = reading_of(PICTURES[carrier](invoice), "photo.jpg")
        assert reading.carrier == Carrier.IMAGE
        assert {"kind", "number", "issue_date"} < reading.fields.keys()
        assert {name: getattr(invoice, name) for name in reading.fields} == {
            name: item.value for name, item in reading.fields.items()
        }
        assert {item.source for item in reading.fields.values()} == {Source.QR}


@pytest.mark.parametrize("kind", ["10", "81", "82", "51", "61"])
def test_xbrl_says_what_its_facts_say(kind: str) -> None:
    invoice = make(kind, seed=2)
    found = reading_of(xbrl(invoice)).invoice
    unsaid = {"drawer", "remark"} | (
        {"seller_name", "seller_tax_id", "total_in_words"} if kind in ("51", "61") else set()
    )
    unsaid |= {"total"} if kind == "61" else set()
    for name in FIELDS:
        assert getattr(found, name) == getattr(Invoice() if name in unsaid else invoice, name), name
    said = [] if kind in ("51", "61") else [(line.name, line.amount, line.tax) for line in invoice.lines]
    assert [(line.name, line.amount, line.tax) for line in found.lines] == said


def test_each_value_says_where_it_comes_from() -> None:
    invoice = make("82", seed=4)
    reading = reading_of(ofd(invoice))
    assert reading.fields["total"].source == Source.XML
    assert reading.fields["total"].confidence == 1.0
    assert reading.sources == ("xml",)
    face = reading_of(pdf(invoice))
    assert (face.fields["number"].source, face.fields["buyer_name"].source) == (Source.QR, Source.PDF_TEXT)
    assert face.sources == ("qr", "pdf_text")


def codes_of(reading: Reading) -> set[str]:
    return {finding.code for finding in reading.findings}


def _wrong(**fields: object) -> Invoice:
    line = Line(
        "*餐饮服务*餐费", "", "次", Decimal(1), Decimal(100), Decimal("100.00"), "6%", Decimal("6.00"), "3" * 19
    )
    fine = with_lines(make("81", seed=9, issue_date=dt.date(2026, 11, 2)), [line])
    lines = tuple(
        replace(line, **{n[5:]: v for n, v in fields.items() if n.startswith("line_")}) for line in fine.lines
    )
    return replace(fine, lines=lines, **{n: v for n, v in fields.items() if not n.startswith("line_")})


FAULTS: dict[str, tuple[dict[str, object], str]] = {
    "year of the number": ({"number": "25112000000000012345"}, "number.year"),
    "one digit too few": ({"number": "2611200000000001234"}, "number.form"),
    "one digit too many": ({"number": "261120000000000123451"}, "number.form"),
    "rounded by a spreadsheet": ({"number": "26112000000012300000"}, "number.zeros"),
    "region": ({"number": "26992000000000012345"}, "number.region"),
    "O for 0": ({"seller_tax_id": "9111O108MA01ABCD5T"}, "tax_id.form"),
    "check character": ({"buyer_tax_id": "91110108MA01ABCD50"}, "tax_id.check"),
    "neighbours swapped": ({"buyer_tax_id": "91110108MA10ABCD5T"}, "tax_id.check"),
    "issued to oneself": ({"buyer_tax_id": "91110108MA01ABCD5T", "seller_tax_id": "91110108MA01ABCD5T"}, "party.same"),
    "total": ({"total": Decimal("107.00")}, "amount.sum"),
    "words": ({"total_in_words": "壹佰零柒圆整"}, "words.total"),
    "future": ({"issue_date": dt.date(2026, 12, 1)}, "date.future"),
    "older than five years": ({"issue_date": dt.date(2021, 11, 1)}, "date.old"),
    "price": ({"line_unit_price": Decimal("100.02")}, "line.price"),
    "tax of a line": ({"line_tax": Decimal("6.07"), "tax": Decimal("6.07"), "total": Decimal("106.07")}, "line.tax"),
    "rate": ({"line_tax_rate": "7%"}, "line.rate"),
    "sum of lines": ({"amount": Decimal("100.02"), "total": Decimal("106.02")}, "lines.amount"),
    "sum of taxes": ({"tax": Decimal("6.02"), "total": Decimal("106.02")}, "lines.tax"),
    "no buyer": ({"buyer_tax_id": ""}, "buyer.missing"),
}  # fmt: skip


MADE: dict[str, Callable[[Invoice], bytes]] = {"XML": einvoice_xml, "OFD": ofd, "PDF": lambda i: pdf(i, code="")}
#: A number of another length isn't found on a face.
ONLY_IN_DATA = ("one digit too few", "one digit too many")


@pytest.mark.parametrize(
    ("carrier", "fault"), [(c, f) for c in MADE for f in FAULTS if c == "XML" or f not in ONLY_IN_DATA]
)
def test_each_labelled_fault_is_told(carrier: str, fault: str) -> None:
    fields, code = FAULTS[fault]
    assert codes_of(reading_of(MADE[carrier](_wrong()))) == set()
    assert code in codes_of(reading_of(MADE[carrier](_wrong(**fields))))


def test_a_classification_of_the_wrong_length_is_told() -> None:
    reading = reading_of(einvoice_xml(_wrong(line_classification="307")))
    assert codes_of(reading) == {"line.classification"}
    assert reading.findings[0].field == "lines[0].classification"


def test_an_altered_code_is_told() -> None:
    invoice = make("82", seed=1)
    altered = qr_text(invoice).replace(f"{invoice.total:.2f}", f"{invoice.total + 900:.2f}")
    reading = reading_of(pdf(invoice, code=altered))
    assert {"qr.crc", "source.differs"} <= codes_of(reading)
    assert reading.fields["total"].confidence == 0.5
    assert "qr.crc" not in codes_of(reading_of(pdf(invoice)))


def test_a_file_that_says_two_things_is_told() -> None:
    invoice, other = make("82", seed=1), make("82", seed=2)
    reading = reading_of(ofd(invoice, attached=einvoice_xml(replace(other, number=invoice.number))))
    fields = {finding.field for finding in reading.findings if finding.code == "source.differs"}
    assert {"total", "seller_tax_id", "buyer_name"} <= fields
    assert "number" not in fields
    assert reading.fields["total"].value == other.total


def test_a_header_that_contradicts_the_supervision_is_told() -> None:
    data = einvoice_xml(make("82", seed=1, number="26112000000000012345"))
    changed = data.replace(b"<EIid>26112000000000012345", b"<EIid>26112000000000099999")
    assert [f.field for f in reading_of(changed).findings if f.code == "source.differs"] == ["number"]


@pytest.mark.parametrize(
    "made",
    [
        lambda *i: einvoice_xml(*i),
        lambda *i: ofd(*i),
        lambda *i: pdf(*i),
        lambda *i: merged(*i),
        lambda *i: zip_of({f"发票{n}.xml": einvoice_xml(one) for n, one in enumerate(i)}, utf8=False),
        lambda *i: zip_of({"内层.zip": zip_of({f"{n}.pdf": pdf(one) for n, one in enumerate(i)})}),
    ],
    ids=["XML", "OFD", "PDF", "merged PDF", "ZIP in GBK", "ZIP in a ZIP"],
)
def test_every_invoice_of_a_file_is_read(made: Callable[..., bytes]) -> None:
    invoices = [make("82", seed=seed) for seed in (1, 2, 3)]
    reading = reading_of(made(*invoices))
    found = [reading, *reading.others]
    assert {r.invoice.number for r in found} == {i.number for i in invoices}
    assert {r.invoice.total for r in found} == {i.total for i in invoices}
    assert "file.several" in codes_of(reading)
    assert from_json(as_json(reading)) == reading


def test_the_same_invoice_in_two_files_is_one_the_fuller() -> None:
    invoice = make("82", seed=1)
    reading = reading_of(zip_of({"a.png": photo(invoice, kind="PNG"), "b.xml": einvoice_xml(invoice)}))
    assert reading.invoice == invoice
    assert reading.others == ()


def test_other_pages_and_broken_members_are_told() -> None:
    invoice = make("82", seed=1)
    trip = ["滴滴出行-行程单", "DIDI TRAVEL", "共1笔行程，合计10.00元"]
    assert "file.other_pages" in codes_of(reading_of(merged(invoice, trip)))
    packed = zip_of(
        {"a.xml": einvoice_xml(invoice), "b.ofd": b"PK\x03\x04broken", "__MACOSX/._a.xml": b"\0", "c.txt": b"x"}
    )
    reading = reading_of(packed)
    assert reading.invoice == invoice
    assert [f.code for f in reading.findings] == ["member.ofd.broken"]


@pytest.mark.parametrize(
    ("data", "carrier"),
    [
        (text_pdf([["会议纪要", "这一页只是说明文字，没有发票。" * 4]]), Carrier.PDF),
        (list_csv([make("82")]), Carrier.SPREADSHEET),
        (list_xlsx([make("82")]), Carrier.SPREADSHEET),
        (leqi_json([make("82")]), Carrier.JSON),
        (upload_log([make("82")]), Carrier.TEXT),
        (document(("书", [("页", "发票")])), Carrier.XML),
        (document(("EInvoice", [("Header", [("Version", "0.36")])])), Carrier.XML),
        (zip_of({"a.txt": b"hello", "b.csv": b"a,b\n1,2\n"}), Carrier.ARCHIVE),
        (zip_of({"OFD.xml": document(("OFD", []))}), Carrier.OFD),
    ],
    ids=["minutes", "CSV", "XLSX", "JSON", "log", "XML", "empty EInvoice", "ZIP", "empty OFD"],
)
def test_an_honest_file_without_an_invoice_says_so(data: bytes, carrier: Carrier) -> None:
    reading = reading_of(data, "list.csv" if carrier == Carrier.SPREADSHEET else "")
    assert (reading.carrier, reading.is_invoice, reading.fields) == (carrier, False, {})
    assert codes_of(reading) == {"file.no_invoice"}


def _picture(code: str) -> bytes:
    out = io.BytesIO()
    scan(make("82"), code=code).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("code", ["", "https://example.com/p/DO2AgEE", "EkZFJHsejVUD"])
def test_a_picture_without_an_invoice_code_says_so(code: str) -> None:
    reading = reading_of(_picture(code))
    assert not reading.is_invoice
    assert codes_of(reading) == {"file.no_invoice", "ocr.not_run"}


def test_a_seal_is_told_and_not_vouched_for() -> None:
    data = ofd(make("82", seed=1))
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr("Doc_0/Signs/Sign_0/SignedValue.dat", b"\x30\x00")
    assert codes_of(reading_of(out.getvalue())) == {"file.seal"}


def test_entries_of_a_day_that_does_not_exist_are_read() -> None:
    invoice = make("82", seed=1)
    packed = zip_of({"a.xml": einvoice_xml(invoice)}, stamp=(2026, 2, 31, 25, 61, 0))
    assert reading_of(packed).invoice == invoice


@pytest.mark.parametrize(
    ("data", "limits", "code"),
    [
        (b"", Limits(), "file.empty"),
        (b"x" * 3000, Limits(max_bytes=2000), "file.too_large"),
        (einvoice_xml(make("82"), make("82", 2), make("82", 3)), Limits(invoices=2), "file.too_many"),
        (zip_of({f"{n}.xml": einvoice_xml(make("82", n)) for n in range(3)}), Limits(invoices=2), "file.too_many"),
        (zip_of({"a.zip": zip_of({"b.zip": zip_of({"c.zip": b"x"})})}), Limits(), "zip.depth"),
        (zip_of({"../a.xml": b"<a/>"}), Limits(), "zip.path"),
        (zip_of({"a.txt": b"0" * 3_000_000}), Limits(), "zip.bomb"),
        (list_xlsx([make("82")]), Limits(sheet_unpacked=2000), "zip.bomb"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', Limits(), "xml.entity"),
        (b"<x>" * 100 + b"</x>" * 100, Limits(), "xml.depth"),
        (b"<x><y></x>", Limits(), "xml.broken"),
        (b"%PDF-1.7\nbroken\n%%EOF", Limits(), "pdf.broken"),
        (pdf(*[make("82", n) for n in range(3)]), Limits(pdf_pages=2), "pdf.pages"),
        (photo(make("82")), Limits(pixels=1000), "image.pixels"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 40, Limits(), "image.broken"),
        (b"MZ\x90\0", Limits(), "type.refused"),
    ],
)
def test_what_no_helpdesk_should_open_is_refused(data: bytes, limits: Limits, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        read(data, name="a", now=NOW, limits=limits)
    assert refusal.value.code == code
    assert str(refusal.value.message)
