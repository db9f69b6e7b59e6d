"""The letters of pictures: what a face says, what is mended and what is doubted, and the process that reads them."""

from __future__ import annotations

import datetime as dt
import io
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests.invoices_factory import make, ofd, photo, scan, text_pdf
from tests.invoices_factory.face import Piece, faces
from tests.invoices_factory.numbers import DIGITAL
from tests.invoices_factory.photo import has_letters, paper, printed, taken
from tests.invoices_factory.typeset import Typeset, sheet
from tickets.invoices.identifiers import has_right_checks
from tickets.invoices.limits import Limits
from tickets.invoices.model import Carrier, Invoice, Reading, Source
from tickets.invoices.ocr import process
from tickets.invoices.ocr.process import Busy, Reader
from tickets.invoices.parse.contract import Letters, Seen, Unread
from tickets.invoices.parse.lettering import mended_tax_id
from tickets.invoices.parse.papers import PAPERS, named
from tickets.invoices.read import read
from tickets.invoices.reading_json import as_json, from_json

NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
ASKED = (
    "code",
    "number",
    "issue_date",
    "amount",
    "tax",
    "total",
    "seller_name",
    "seller_tax_id",
    "buyer_name",
    "buyer_tax_id",
)
OFF_TICKETS = {"amount", "tax", "seller_name", "seller_tax_id"}


def file_of(picture: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def lettered(invoice: Invoice, *, turn: int = 0, reader: Letters | None = None, **ways: object) -> Reading:
    letters = reader or Typeset(faces(invoice)[0], **ways)
    return read(file_of(sheet(turn)), name="a", now=NOW, letters=letters)


def wrong(reading: Reading, invoice: Invoice) -> list[str]:
    unsaid = OFF_TICKETS if invoice.kind in ("51", "61") else set()
    names = [name for name in ASKED if name not in unsaid and getattr(invoice, name) not in ("", None)]
    return [name for name in names if getattr(reading.invoice, name) != getattr(invoice, name)]


@pytest.mark.parametrize("kind", [*DIGITAL, "01", "04", "08", "10", "85", "86"])
def test_letters_say_what_the_face_says_however_it_lies(kind: str) -> None:
    for seed in range(4):
        rng = Random(f"{kind}/{seed}")
        invoice = make(kind, seed)
        reading = lettered(invoice, lean=rng.uniform(-5, 5), fan=rng.choice((0.0, 0.00003)))
        assert wrong(reading, invoice) == [], seed
        assert reading.fields["number"].source == Source.OCR


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_sheet_on_its_side_is_turned_until_it_can_be_read(turn: int) -> None:
    invoice = make("82", seed=3)
    reading = lettered(invoice, turn=turn)
    assert wrong(reading, invoice) == []
    place = reading.fields["number"].place  # on the picture as it was sent
    assert place is not None
    piece = next(piece for piece in faces(invoice)[0].values if piece.field == "number")
    x, y = piece.x / 210, piece.y / 140
    asked = {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[turn]
    assert place.x0 - 0.03 < asked[0] < place.x1 + 0.03
    assert place.y0 - 0.03 < asked[1] < place.y1 + 0.03


def test_a_telephone_says_which_side_was_up() -> None:
    invoice = make("82", seed=3)
    letters = Typeset(faces(invoice)[0])
    for orientation, turn in ((6, 90), (3, 180), (8, 270)):
        out, exif = io.BytesIO(), Image.Exif()
        exif[0x0112] = orientation
        sheet(turn).save(out, "JPEG", exif=exif)
        letters.calls = 0
        assert wrong(read(out.getvalue(), name="a", now=NOW, letters=letters), invoice) == []
        assert letters.calls == 1


def test_words_that_run_downwards_may_be_one_box() -> None:
    invoice = make("81", seed=4)
    page = faces(invoice)[0]
    typeset = Typeset(page)

    def letters(picture: Image.Image) -> list[Seen]:
        seen = [one for one in typeset(picture) if len(one.text) > 1 or one.text not in "购买销售方信息"]
        scale = picture.width / 210
        marks = ((7, "购买方信息"), (106, "销售方信息"))
        boxes = [(x * scale, 29 * scale, (x + 3.4) * scale, 47 * scale, text) for x, text in marks]
        return seen + [Seen(text, 0.99, ((x0, y0), (x1, y0), (x1, y1), (x0, y1))) for x0, y0, x1, y1, text in boxes]

    assert wrong(lettered(invoice, reader=letters), invoice) == []


def test_a_mark_may_stick_to_the_label_beside_it() -> None:
    invoice = make("10", seed=2)
    page = faces(invoice)[0]
    marks = {"购": "名    称：", "买": "纳税人识别号：", "方": "地址、电话："}
    top = [piece for piece in page.order if piece.y < 45]

    def stuck(piece: Piece) -> tuple[str, float]:
        if piece in top and piece.text in marks:
            return "", 0
        mark = next((mark for mark, label in marks.items() if piece in top and piece.text == label), "")
        return mark + piece.text, 0.99

    assert lettered(invoice, read_as=stuck).invoice.buyer_tax_id == invoice.buyer_tax_id


ALIKE = {"0": "O", "1": "I", "2": "Z", "5": "S", "8": "B", "6": "G", "7": "T", "B": "8", "G": "6", "A": "4"}


@given(st.integers(0, 39), st.data())
def test_a_tax_number_is_mended_to_itself_or_not_at_all(seed: int, data: st.DataObject) -> None:
    number = make("82", seed=seed).seller_tax_id
    assert mended_tax_id(number.lower()) == number
    places = [place for place, char in enumerate(number) if char in ALIKE]
    wrong = set(data.draw(st.lists(st.sampled_from(places), max_size=2)))
    misread = "".join(ALIKE[char] if place in wrong else char for place, char in enumerate(number))
    mended = mended_tax_id(misread)
    assert mended == number or not has_right_checks(mended) or len(wrong) == 2
    assert len(mended) == 18


def test_look_alikes_are_mended_where_a_check_or_the_label_proves_them() -> None:
    invoice = make("82", seed=3)
    table = str.maketrans("01", "OI")

    def alike(piece: Piece) -> tuple[str, float]:
        if piece.field in ("number", "seller_tax_id", "buyer_tax_id"):
            return piece.text.translate(table), 0.97
        if piece.text == "发票号码：":
            return "", 0
        return piece.text.replace("¥", "Y"), 0.97

    page = faces(invoice)[0]
    for pieces in (page.order,):
        pieces[:] = [replace(p, x=148, text=f"发票号码：{p.text}") if p.field == "number" else p for p in pieces]
    reading = read(file_of(sheet()), name="a", now=NOW, letters=Typeset(page, read_as=alike))
    assert wrong(reading, invoice) == []
    assert {f.code for f in reading.findings} == set()
    assert reading.fields["seller_tax_id"].confidence == 0.85


def test_what_is_not_sure_is_told_and_what_contradicts_the_sums_is_left_out() -> None:
    invoice = make("82", seed=3, lines=2)

    def bad(piece: Piece) -> tuple[str, float]:
        if piece.field == "seller_tax_id":
            return piece.text[:-1] + ("A" if piece.text[-1] != "A" else "B"), 0.95
        if piece.field == "number":
            return "99" + piece.text[2:4].replace("1", "0") + piece.text[4:], 0.9
        if piece.field == "issue_date":
            return piece.text, 0.55
        if piece.field == "total_in_words":
            return "壹圆整", 0.9
        if piece.field == "lines.amount":
            return "1.00", 0.9
        return piece.text, 0.99

    reading = lettered(invoice, read_as=bad)
    told = {f.field for f in reading.findings if f.code == "ocr.unsure"}
    assert told >= {"seller_tax_id", "issue_date"}
    assert reading.invoice.total_in_words == ""
    assert reading.invoice.lines == ()
    assert reading.fields["total"].confidence == 0.85


def test_a_code_beats_the_letters() -> None:
    invoice, other = make("82", seed=3), make("82", seed=4)
    data = file_of(scan(invoice))
    same = read(data, name="a", now=NOW, letters=Typeset(faces(invoice)[0]))
    assert {same.fields[name].source for name in ("number", "issue_date", "total")} == {Source.QR}
    assert same.fields["buyer_tax_id"].source == Source.OCR
    assert same.fields["number"].place != same.fields["check_code" if "check_code" in same.fields else "total"].place
    unsure = read(data, name="a", now=NOW, letters=Typeset(faces(other)[0], read_as=lambda p: (p.text, 0.7)))
    assert unsure.invoice.number == invoice.number
    assert "source.differs" not in {f.code for f in unsure.findings if f.field == "number"}
    sure = read(data, name="a", now=NOW, letters=Typeset(faces(other)[0]))
    assert "number" in {f.field for f in sure.findings if f.code == "source.differs"}
    assert sure.invoice.number == invoice.number


def test_two_codes_on_one_sheet_are_not_mixed_with_its_letters() -> None:
    one, two = make("82", seed=3), make("82", seed=4)
    both = Image.new("L", (1700, 2300), 255)
    both.paste(scan(one), (0, 0))
    both.paste(scan(two), (0, 1150))
    letters = Typeset(faces(one)[0])
    reading = read(file_of(both), name="a", now=NOW, letters=letters)
    assert (len(reading.others), letters.calls) == (1, 0)


def codes_of(reading: Reading) -> set[str]:
    return {finding.code for finding in reading.findings}


def unread(picture: Image.Image) -> list[Seen]:
    raise Unread


def test_a_picture_says_that_its_letters_were_not_read() -> None:
    invoice = make("82", seed=3)
    scanned = file_of(scan(invoice, code="").convert("RGB"), "PDF")
    for data in (photo(invoice), file_of(sheet()), scanned, file_of(scan(invoice), "PDF")):
        assert "ocr.not_run" in codes_of(read(data, name="a", now=NOW))
        assert "ocr.failed" in codes_of(read(data, name="a", now=NOW, letters=unread))


def test_a_scan_in_a_pdf_is_read_page_by_page() -> None:
    invoice = make("81", seed=3)
    out = io.BytesIO()
    sheet().save(out, "PDF", save_all=True, append_images=[sheet()], resolution=200)
    reading = read(out.getvalue(), name="a", now=NOW, letters=Typeset(faces(invoice)[0]))
    assert (reading.carrier, reading.others, wrong(reading, invoice)) == (Carrier.PDF, (), [])
    assert from_json(as_json(reading)) == reading
    coded = read(file_of(scan(invoice), "PDF"), name="a", now=NOW, letters=Typeset(faces(invoice)[0]))
    assert wrong(coded, invoice) == []


def test_a_scan_in_an_ofd_is_read_when_the_file_says_nothing_else() -> None:
    invoice = make("82", seed=3)
    scanned = ofd(invoice, parts=(), scan=file_of(sheet(), "JPEG"))
    letters = Typeset(faces(invoice)[0])
    reading = read(scanned, name="a.ofd", now=NOW, letters=letters)
    assert (reading.carrier, wrong(reading, invoice)) == (Carrier.OFD, [])
    assert codes_of(read(scanned, name="a.ofd", now=NOW)) >= {"ocr.not_run"}
    assert codes_of(read(scanned, name="a.ofd", now=NOW, letters=unread)) >= {"ocr.failed"}
    coded = ofd(invoice, parts=("JBIG2 code",), scan=file_of(sheet(), "JPEG"))
    assert wrong(read(coded, name="a.ofd", now=NOW, letters=letters), invoice) == []
    heavy = ofd(invoice, parts=("text",), scan=random.Random(1).randbytes(8 * 1024 * 1024 + 1))
    assert codes_of(read(heavy, name="a.ofd", now=NOW, letters=unread)) & {"ocr.failed", "ocr.not_run"} == set()
    letters.calls = 0
    whole = read(ofd(invoice, scan=file_of(sheet(), "JPEG")), name="a.ofd", now=NOW, letters=letters)
    assert (wrong(whole, invoice), letters.calls) == ([], 0)


def test_no_more_pictures_are_read_than_a_file_may_have() -> None:
    out = io.BytesIO()
    sheet().save(out, "PDF", save_all=True, append_images=[sheet()] * 3, resolution=200)
    nothing = Typeset(faces(make("82", seed=1))[0], read_as=lambda piece: ("一二三", 0.99))
    reading = read(out.getvalue(), name="a", now=NOW, letters=nothing, limits=Limits(lettered=2))
    assert nothing.calls == 2
    assert codes_of(reading) == {"file.no_invoice", "ocr.failed"}


HEADS = {
    "itinerary": ("滴滴出行-行程单", "DIDI TRAVEL - TRIP TABLE", "行程起止日期：2026-03-01 至 2026-03-05 共3笔行程，合计88.60元"),
    "customs": ("海关进口增值税专用缴款书", "缴款书号码 010120261000000001-L02"),
    "fiscal": ("中央非税收入统一票据（电子）", "票据代码：00010126 票据号码：0000012345"),
    "tax payment": ("中华人民共和国税收完税证明", "填发日期 2026年3月5日"),
    "bank": ("示例银行电子回单", "回单编号 20260305000001 金额 ¥1,000.00"),
    "red notice": ("红字增值税专用发票信息确认单", "编号 110100260300000001"),
    "contract": ("技术服务合同", "合同编号：HT-2026-001", "发票号码：26112000000000000001 由乙方开具"),
    "statement": ("示例公司对账单", "发票号码：26112000000012345678 金额 100.00 元"),
    "delivery": ("示例公司送货单", "单号 20260305"),
    "order": ("订单详情", "订单编号：202603050001 实付 ¥100.00"),
    "receipt": ("收 款 收 据", "今收到 壹佰元整"),
}  # fmt: skip


@pytest.mark.parametrize("name", PAPERS)
def test_papers_that_are_no_invoice_are_named(name: str) -> None:
    reading = read(text_pdf([HEADS[name]]), name="a.pdf", now=NOW)
    assert not reading.is_invoice
    assert f"paper.{name.replace(' ', '_')}" in codes_of(reading)
    lines = HEADS[name]

    def letters(picture: Image.Image) -> list[Seen]:
        rows = [(20.0, 20 + 40 * row, 20 + 25 * len(line), 50 + 40 * row, line) for row, line in enumerate(lines)]
        return [Seen(text, 0.98, ((x0, y0), (x1, y0), (x1, y1), (x0, y1))) for x0, y0, x1, y1, text in rows]

    pictured = read(file_of(sheet()), name="a", now=NOW, letters=letters)
    assert f"paper.{name.replace(' ', '_')}" in codes_of(pictured) or pictured.is_invoice


def test_faces_of_invoices_are_not_taken_for_another_paper() -> None:
    for kind in ("81", "01", "51", "61", "03", "15"):
        assert named("\n".join(piece.text for piece in faces(make(kind, seed=1))[0].pieces())) == ""
    assert named("会议纪要 2026年") == ""


# The process


CHILD = """
import sys, json, struct, time, resource
from multiprocessing.connection import Connection
pipe = Connection(int(sys.argv[2]))
mode = sys.argv[1]
if mode == "silent": time.sleep(60)
pipe.send_bytes(b"hello" if mode == "rude" else b"ready")
while True:
    size = struct.unpack("<II", pipe.recv_bytes()); pixels = pipe.recv_bytes()
    if mode == "hang": time.sleep(60)
    if mode == "crash": sys.exit(3)
    if mode == "odd": pipe.send_bytes(b'{"a": 1}')
    pipe.send_bytes(json.dumps([[f"{size[0]}x{size[1]}", 0.9, [[0, 0], [1, 0], [1, 1], [0, 1]]]]).encode())
"""


def reader(mode: str, lock: Path, **ways: float) -> Reader:
    return Reader(lock, command=(sys.executable, "-c", CHILD, mode), **ways)


def test_pictures_are_read_one_after_another_by_one_child(tmp_path: Path) -> None:
    with reader("good", tmp_path / "turn") as letters:
        assert [letters(sheet())[0].text for _ in range(2)] == ["1680x1120", "1680x1120"]
        seconds, memory = letters.usage()
        child = letters._child
    assert seconds < 5
    assert memory > 1_000_000
    assert letters.usage() == (0.0, 0)
    assert child is not None
    assert child.returncode is not None


@pytest.mark.parametrize("mode", ["silent", "rude", "hang", "crash", "odd"])
def test_a_child_that_fails_costs_its_picture_alone(mode: str, tmp_path: Path) -> None:
    begun = time.monotonic()
    with reader(mode, tmp_path / "turn", patience=1.5) as letters, pytest.raises(Unread):
        letters(sheet())
    assert time.monotonic() - begun < 10


def test_one_file_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "turn"
    with reader("good", lock) as first, reader("good", lock, queue=0.2) as second:
        first(sheet())
        with pytest.raises(Busy):
            second(sheet())
    with reader("good", lock, queue=0.2) as third:
        assert third(sheet())


def test_the_web_does_not_know_the_engine() -> None:
    code = (
        "import django, sys; django.setup(); import helpdesk.wsgi, helpdesk.urls, tickets.evidence.services;"
        "print(sorted({'rapidocr', 'onnxruntime', 'cv2'} & set(sys.modules)))"  # numpy: openpyxl takes it where it is
    )
    told = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=process._ROOT,
        env={"DJANGO_SETTINGS_MODULE": "helpdesk.settings", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert told.stdout.strip() == "[]"


needs_engine = pytest.mark.skipif(
    not process.is_installed() or not has_letters(), reason="needs the extra ocr and a font with Chinese characters"
)


@needs_engine
def test_the_engine_reads_clean_and_spoilt_pictures(tmp_path: Path) -> None:
    with Reader(tmp_path / "turn", patience=300) as letters:  # many pictures, on whatever machine this is
        for kind, seed in (("81", 1), ("10", 1), ("51", 2)):
            invoice = make(kind, seed, lines=2)
            clean = read(file_of(printed(invoice, code="")), name="a", now=NOW, letters=letters)
            assert wrong(clean, invoice) == [], kind
        invoice = make("82", 5, lines=2)
        spoilt = taken(printed(invoice, code=""), turn=-4, blur=1.2, quality=40)
        assert wrong(read(spoilt, name="a", now=NOW, letters=letters), invoice) == []
        trip = read(taken(paper(HEADS["itinerary"])), name="a", now=NOW, letters=letters)
        assert "paper.itinerary" in codes_of(trip)


@needs_engine
@pytest.mark.parametrize("size", [(1, 60_000), (60_000, 1), (3, 3), (5000, 5000)])
def test_odd_pictures_stay_bounded(size: tuple[int, int], tmp_path: Path) -> None:
    with Reader(tmp_path / "turn", patience=300) as letters:  # many pictures, on whatever machine this is
        reading = read(file_of(Image.new("L", size, 200)), name="a", now=NOW, letters=letters)
    assert not reading.is_invoice
