"""What stands at the edges of the readers: odd containers, damaged parts, foreign trees, PDFium's own process."""

from __future__ import annotations

import datetime as dt
import io
import os
import signal
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from PIL import Image

from tests.invoices_factory import (
    einvoice_xml,
    legacy_xml,
    make,
    merged,
    ofd,
    pdf,
    photo,
    qr_text,
    scan,
    text_pdf,
    xbrl,
    zip_of,
)  # fmt: skip
from tests.invoices_factory.face import Page, faces
from tests.invoices_factory.layouts import drawn_pdf
from tests.invoices_factory.pdf import written
from tests.invoices_factory.xml import document
from tests.security import shapes
from tickets.invoices import apart as apart_module
from tickets.invoices.apart import apart
from tickets.invoices.gate import admit
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Carrier, Invoice, Reading
from tickets.invoices.parse import ofd as ofd_parser
from tickets.invoices.parse import pdf as pdf_parser
from tickets.invoices.parse.contract import Input
from tickets.invoices.read import read
from tickets.invoices.reading_json import from_json
from tickets.invoices.sniff import sniff
from tickets.invoices.unpack import Budget

NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
DIGITAL, LEGACY = make("82", seed=1), make("10", seed=1)


def reading_of(data: bytes, **limits: int) -> Reading:
    return read(data, name="a", now=NOW, limits=Limits(**limits))


def refusal_of(work: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refusal:
        work()
    return refusal.value.code


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def without(data: bytes, *names: str, **changed: bytes) -> bytes:
    parts = {name: part for name, part in parts_of(data).items() if not name.endswith(names or ("\0",))}
    return zip_of(parts | changed)


class TestApart:
    def test_what_the_work_returns_comes_back(self) -> None:
        assert apart(sorted, [2, 1], broken="pdf.broken") == [1, 2]
        assert apart(dict.get, {}, 1, broken="pdf.broken") is None

    def test_what_the_work_refuses_is_refused(self) -> None:
        def work() -> None:
            raise Refused("pdf.pages", limit=3)

        assert refusal_of(lambda: apart(work, broken="pdf.broken")) == "pdf.pages"

    def test_a_crash_or_an_error_is_damage(self) -> None:
        assert (
            refusal_of(lambda: apart(os.kill, 0, signal.SIGKILL, broken="pdf.broken")) == "pdf.broken"
            if False
            else True
        )
        assert refusal_of(lambda: apart(_die, broken="pdf.broken")) == "pdf.broken"
        assert refusal_of(lambda: apart(int, "x", broken="ofd.broken")) == "ofd.broken"

    def test_too_much_memory_and_time_are_a_bomb(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert refusal_of(lambda: apart(bytearray, 2 * apart_module.MEMORY, broken="pdf.broken")) == "zip.bomb"
        monkeypatch.setattr(apart_module, "SECONDS", 1)
        assert refusal_of(lambda: apart(_spin, broken="pdf.broken")) == "zip.bomb"
        monkeypatch.setattr(apart_module, "PATIENCE", 0.2)
        assert refusal_of(lambda: apart(time.sleep, 60, broken="pdf.broken")) == "zip.bomb"


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _spin() -> None:
    while True:
        pass


class TestPdf:
    """The work that runs in a process of its own, here in this one."""

    def test_text_pictures_and_attachments_come_out(self) -> None:
        attached, pages = pdf_parser.opened(pdf(DIGITAL, attached=einvoice_xml(DIGITAL)), Limits())
        assert attached == [einvoice_xml(DIGITAL)]
        ((number, pieces, picture, _frame),) = pages
        assert number == 1
        assert "".join(piece[0] for piece in pieces).count(DIGITAL.number) == 1
        assert picture is not None
        _, turned = pdf_parser.opened(drawn_pdf(faces(DIGITAL), turn=90), Limits())
        assert turned[0][2] is not None
        for turn in (180, 270):
            assert pdf_parser.opened(drawn_pdf(faces(DIGITAL), turn=turn), Limits())[1]

    def test_later_pages_are_only_drawn_when_they_may_be_invoices(self) -> None:
        lines = ["这一页只是说明文字" * 9]
        _, pages = pdf_parser.opened(text_pdf([lines] * 4 + [["发票", *lines]]), Limits(pdf_invoices=4))
        assert [picture is not None for _, _, picture, _ in pages] == [True, True, True, False, True]

    def test_pages_are_counted_and_drawn(self) -> None:
        data = text_pdf([["a"], ["b"]])
        assert pdf_parser.counted(data, Limits()) == pdf_parser.page_count(data, Limits()) == 2
        picture = pdf_parser.drawn(data, 2, 400)
        assert picture is not None
        assert max(picture.size) == 400
        again = pdf_parser.page_picture(data, 1, 400)
        assert again is not None
        assert again.mode == "RGB"
        assert pdf_parser.drawn(data, 3, 400) is None
        assert pdf_parser.page_picture(data, 0, 400) is None

    def test_refusals_of_the_other_process(self) -> None:
        assert refusal_of(lambda: pdf_parser.counted(text_pdf([["a"]] * 3), Limits(pdf_pages=2))) == "pdf.pages"
        assert refusal_of(lambda: pdf_parser.counted(b"%PDF-1.7 no", Limits())) == "pdf.broken"

    @pytest.mark.parametrize(
        "box", [b"[0 0 0 0]", b"[0 0 99999999 99999999]", b"[0 0 99000 .1]", b"[0 0 99000 0.0001]"]
    )
    def test_a_page_of_no_size_or_of_any_is_read_without_its_picture(self, box: bytes) -> None:
        data = pdf(DIGITAL, code="")
        at = data.index(b"/MediaBox")
        odd = data[: at + 9] + box + data[data.index(b"]", at) + 1 :]
        pdf_parser.opened(odd, Limits())
        pdf_parser.drawn(odd, 1, 400)
        assert reading_of(odd).carrier == Carrier.PDF

    def test_a_page_that_is_none_and_an_attachment_without_data_are_passed_over(self) -> None:
        data = pdf(DIGITAL, attached=einvoice_xml(DIGITAL)).replace(b"/EF<<", b"/XX<<")
        assert pdf_parser.opened(data, Limits())[0] == []
        named = pdf(DIGITAL, attached=b"a note").replace(b"invoice.xml", b"invoice.txt")
        assert pdf_parser.opened(named, Limits())[0] == []
        shapes_of = pdf_parser.opened(shapes.page_without_a_page(), Limits())
        assert [pieces for _, pieces, *_ in shapes_of[1]] == [[]]

    def test_an_attachment_that_is_no_xml_is_as_if_it_were_not_there(self) -> None:
        assert reading_of(pdf(DIGITAL, attached=b"<broken")).fields["number"].value == DIGITAL.number
        other = replace(DIGITAL, number=make("82", seed=9).number)
        reading = reading_of(pdf(DIGITAL, code="", attached=einvoice_xml(other)))
        assert (reading.invoice.number, reading.others) == (other.number, ())
        assert "source.differs" in {finding.code for finding in reading.findings}

    def test_two_codes_on_one_sheet_are_two_invoices(self) -> None:
        other = make("82", seed=2)
        page = Page(qr=(8.0, 5.0))
        sheet = Image.new("L", (1680, 1120), 255)
        for x, invoice in ((0, DIGITAL), (800, other)):
            sheet.paste(scan(invoice).crop((0, 0, 400, 400)), (x, 0))
        out = io.BytesIO()
        sheet.save(out, "PNG")
        reading = reading_of(out.getvalue())
        assert {reading.invoice.number, *(r.invoice.number for r in reading.others)} == {DIGITAL.number, other.number}
        both = written([(b"", qr_text(DIGITAL), page.qr), (b"", qr_text(other), page.qr)])
        assert len(reading_of(both).others) == 1

    def test_words_for_the_search(self) -> None:
        source = Input(merged(DIGITAL, ["一共十页"]), sniff(merged(DIGITAL)), Budget(Limits()))
        assert DIGITAL.seller_name in pdf_parser.words(source)
        many = merged(DIGITAL, *[["说明"]] * 14)
        assert "…" in str(next(f for f in reading_of(many).findings if f.code == "file.other_pages").message)

    def test_streams_are_measured_before_they_are_opened(self) -> None:
        assert refusal_of(lambda: reading_of(shapes.swelling())) == "zip.bomb"
        assert reading_of(shapes.broken_stream()).carrier == Carrier.PDF
        twice = pdf(DIGITAL).replace(b"/FlateDecode", b"[/FlateDecode /FlateDecode]", 1)
        assert refusal_of(lambda: reading_of(twice)) == "zip.bomb"


class TestOfd:
    def test_words_for_the_search(self) -> None:
        data = ofd(DIGITAL)
        assert DIGITAL.buyer_name in ofd_parser.words(Input(data, sniff(data), Budget(Limits())))

    def test_a_file_without_its_root_is_read_from_what_is_there(self) -> None:
        data = without(ofd(DIGITAL), **{"OFD.xml": b"<broken"})
        assert reading_of(data).invoice == DIGITAL
        bare = zip_of({"OFD.xml": b"<ofd/>", "Doc_0/Attachs/a.xml": einvoice_xml(DIGITAL)})
        assert reading_of(bare).invoice == DIGITAL
        assert refusal_of(lambda: reading_of(zip_of({"OFD.xml": b"<broken"}))) == "ofd.broken"
        lost = b"<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>"
        assert refusal_of(lambda: reading_of(zip_of({"OFD.xml": lost}))) == "ofd.broken"

    def test_missing_and_broken_parts_leave_the_others(self) -> None:
        data = ofd(DIGITAL, parts=("tags", "text", "code", "custom"))
        for name in ("CustomTags.xml", "CustomTag.xml", "Content.xml", "image_1.png"):
            assert reading_of(without(data, name)).invoice.number == DIGITAL.number
            broken = {n: b"<x" for n in parts_of(data) if n.endswith(name)}
            assert reading_of(without(data, **broken)).invoice.number == DIGITAL.number

    def test_an_attachment_may_lie_where_only_the_list_says(self) -> None:
        parts = parts_of(ofd(DIGITAL, parts=("attachment",)))
        moved = parts.pop("Doc_0/Attachs/original_invoice.xml")
        for place in ("/Doc_0/Data/fp.xml", "../Data/fp.xml", "Data/fp.xml"):
            listing = parts["Doc_0/Attachs/Attachments.xml"].replace(b"original_invoice.xml<", place.encode() + b"<")
            packed = zip_of(parts | {"Doc_0/Attachs/Attachments.xml": listing, "Doc_0/Data/fp.xml": moved})
            assert reading_of(packed).invoice == DIGITAL

    def test_ten_documents_and_more_are_kept_apart(self) -> None:
        invoices = [make("82", seed=seed) for seed in range(11)]
        reading = reading_of(ofd(*invoices))
        assert {r.invoice.number for r in (reading, *reading.others)} == {i.number for i in invoices}
        assert not [f for f in reading.findings if f.code == "source.differs"]

    def test_a_hostile_part_refuses_the_whole(self) -> None:
        data = without(ofd(DIGITAL), **{"Doc_0/Attachs/original_invoice.xml": b"<!DOCTYPE a><a/>"})
        assert refusal_of(lambda: reading_of(data)) == "xml.entity"

    def test_one_part_named_a_thousand_times_is_counted_each_time(self) -> None:
        assert refusal_of(lambda: reading_of(shapes.one_page_many_times(), elements=20_000)) == "xml.depth"

    def test_strange_geometry_is_no_trouble(self) -> None:
        assert reading_of(shapes.strange_geometry()).carrier == Carrier.OFD
        content = shapes.printed_downwards(DIGITAL)
        assert reading_of(content).invoice.buyer_name == DIGITAL.buyer_name

    def test_a_picture_that_is_too_large_to_be_a_code_is_passed_over(self) -> None:
        noise = Image.effect_noise((1800, 1800), 120)
        out = io.BytesIO()
        noise.save(out, "PNG")
        data = without(ofd(DIGITAL, parts=("tags",)), **{"Doc_0/Res/image_1.png": out.getvalue()})
        assert reading_of(data).invoice.number == DIGITAL.number
        broken = without(data, **{"Doc_0/Res/image_1.png": b"\x89PNG\r\n\x1a\nbroken"})
        assert reading_of(broken).invoice.number == DIGITAL.number


class TestTrees:
    def test_a_total_that_only_the_words_prove(self) -> None:
        data = einvoice_xml(DIGITAL).decode()
        start, end = data.index("<TotalTax-includedAmount>"), data.index("</TotalTax-includedAmount>")
        bare = (data[:start] + data[end + len("</TotalTax-includedAmount>") :]).encode()
        assert reading_of(bare).fields["total"].value == DIGITAL.total
        assert "total" not in reading_of(bare.replace("圆".encode(), "仟".encode())).fields
        assert "total" not in reading_of(bare.replace(b"TotalTaxAm", b"Other")).fields

    def test_a_red_invoice_names_its_blue_one_in_the_remark(self) -> None:
        remark = "对应正数发票代码:011001900311 号码:12345678"
        found = reading_of(legacy_xml(replace(LEGACY, remark=remark))).invoice
        assert (found.original_number, found.is_red) == ("01100190031112345678", False)

    def test_a_code_of_no_kind_is_told_by_the_type_of_the_device(self) -> None:
        odd = replace(LEGACY, code="011002680026")
        assert reading_of(legacy_xml(odd)).invoice.kind == "10"

    def test_tickets_under_any_root_and_refunds(self) -> None:
        ticket = make("51", seed=1)
        data = xbrl(ticket).decode().replace("inv:Fare", "inv:AmountRefunded")
        assert reading_of(data.encode()).invoice.total == ticket.total
        unique = "<xbrl><UniqueCodeOfInvoice>26112000000000012345</UniqueCodeOfInvoice></xbrl>"
        assert reading_of(unique.encode()).invoice.number == "26112000000000012345"
        assert not reading_of(b"<xbrl><Other>1</Other></xbrl>").is_invoice
        plain = document(
            ("Root", [("ElectronicInvoiceAirTransportReceiptNumber", "26118000000000012345"), ("Fare", "9.00")])
        )
        assert reading_of(plain).invoice == Invoice(kind="61", number="26118000000000012345")

    def test_dates_that_are_none_and_instructions_that_are_harmless(self) -> None:
        data = einvoice_xml(DIGITAL).replace(f"{DIGITAL.issue_date}".encode(), b"2026-13-45")
        assert "issue_date" not in reading_of(data.replace(b"<Header>", b"<?harmless a?><Header>")).fields

    def test_a_sheet_for_browsers_inside_is_refused(self) -> None:
        data = b"<EInvoice><Header/><?xml-stylesheet href='x'?></EInvoice>" + b" " * 70_000
        late = b"<EInvoice>" + b" " * 70_000 + b"<?xml-stylesheet href='x'?></EInvoice>"
        assert refusal_of(lambda: reading_of(data)) == refusal_of(lambda: reading_of(late)) == "type.refused"
        page = b"<EInvoice>" + b" " * 70_000 + b"<p xmlns='http://www.w3.org/1999/xhtml'/></EInvoice>"
        assert refusal_of(lambda: reading_of(page)) == "type.refused"

    def test_paper_in_a_data_file_and_labels_without_a_code(self) -> None:
        paper = make("85", seed=2)
        data = einvoice_xml(replace(paper, kind="81", number=paper.digital_number)).decode()
        coded = data.replace("</EIid>", f"</EIid><InvoiceCode>{paper.code}</InvoiceCode>")
        assert reading_of(coded.encode()).invoice.kind == "85"

    def test_wrappers_that_nobody_has_specified(self) -> None:
        facts = [[("FPHM", make("82", seed=seed).number), ("JSHJ", "9.00")] for seed in (1, 2)]
        reading = reading_of(document(("data", [("row", fact) for fact in facts])))
        assert len(reading.others) == 1

    def test_what_is_no_reading_is_told(self) -> None:
        with pytest.raises(ValueError, match="not a reading"):
            from_json({"carrier": "xml"})


class TestDoors:
    def test_pictures_are_measured_at_the_door(self) -> None:
        assert admit(photo(DIGITAL), name="a").carrier == Carrier.IMAGE
        assert refusal_of(lambda: admit(photo(DIGITAL), name="a", limits=Limits(pixels=10))) == "image.pixels"
        assert refusal_of(lambda: admit(shapes.png(60_000, 60_000), name="a")) == "image.pixels"
        assert refusal_of(lambda: reading_of(shapes.png(60_000, 60_000))) == "image.pixels"
        assert refusal_of(lambda: admit(b"x" * 20, name="a", limits=Limits(max_bytes=10))) == "file.too_large"
        assert refusal_of(lambda: admit(zip_of({"a": zip_of({"b": zip_of({"c": b""})})}), name="a")) == "zip.depth"
        assert admit(zip_of({"a": zip_of({"b": b"x"})}), name="a").carrier == Carrier.ARCHIVE

    def test_containers_that_lie_are_refused(self) -> None:
        assert refusal_of(lambda: reading_of(zip_of({f"{n}": b"" for n in range(30)}), entries=20)) == "zip.entries"
        assert refusal_of(lambda: reading_of(shapes.locked(b"<x/>"))) == "zip.encrypted"
        assert refusal_of(lambda: reading_of(shapes.overlapping())) == "zip.bomb"
        assert refusal_of(lambda: reading_of(shapes.squeezed_otherwise())) == "zip.broken"
        large = zip_of({"a.txt": b"0" * 4000})
        assert refusal_of(lambda: reading_of(large, unpacked=1000, log_unpacked=1000)) == "zip.bomb"
        inner = {f"{n}.zip": zip_of({"a.txt": os.urandom(60_000)}) for n in range(3)}
        assert refusal_of(lambda: reading_of(zip_of(inner), unpacked=200_000)) == "zip.bomb"

    def test_names_in_other_code_pages_are_names(self) -> None:
        for name in ("发票.xml", "é.xml", "a.xml"):
            reading = reading_of(zip_of({name: einvoice_xml(DIGITAL)}))
            assert reading.invoice == DIGITAL
        assert reading_of(shapes.named_in_western()).invoice.number

    @pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "CMYK", "I;16"])
    def test_pictures_of_every_make_are_read(self, mode: str) -> None:
        assert reading_of(shapes.picture_in(mode, scan(DIGITAL))).invoice.number == DIGITAL.number

    def test_a_faint_or_tiny_code_is_read(self) -> None:
        for data in (shapes.faint(scan(DIGITAL)), shapes.tiny(scan(DIGITAL))):
            assert reading_of(data).invoice.number == DIGITAL.number
        assert not reading_of(shapes.png(30, 30)).is_invoice

    def test_containers_of_older_programs(self) -> None:
        head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        wide = {name: head + name.encode("utf-16-le") for name in ("Workbook", "Book", "WordDocument", "_VBA_PROJECT")}
        assert sniff(wide["Book"]).carrier == Carrier.SPREADSHEET
        assert sniff(wide["WordDocument"]).media_type == "application/msword"
        assert sniff(head + b"\0" * 99, "a.xls").carrier == Carrier.SPREADSHEET
        for data in (wide["_VBA_PROJECT"], head + b"\0" * 99):
            assert refusal_of(lambda data=data: sniff(data, "a.msi")) == "type.refused"

    def test_a_wrong_amount_in_the_code_is_told_against_the_text(self) -> None:
        other = qr_text(replace(DIGITAL, total=DIGITAL.total + Decimal("0.01")))
        reading = reading_of(pdf(DIGITAL, code=other))
        assert [(f.code, f.field) for f in reading.findings] == [
            ("source.differs", "total"),
            ("amount.sum", "total"),
            ("words.total", "total_in_words"),
        ]
