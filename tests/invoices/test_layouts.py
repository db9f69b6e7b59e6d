"""The same face as many printers draw it, and faces of kinds that are laid out in a way of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest

from tests.invoices_factory import einvoice_xml, legacy_xml, make, ofd, photo, special, xbrl
from tests.invoices_factory.face import Page, Piece, faces
from tests.invoices_factory.layouts import STYLES, drawn_pdf
from tests.invoices_factory.numbers import DIGITAL, qr_text
from tests.invoices_factory.xml import air_facts
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import Invoice, Source
from tickets.invoices.read import read
from tickets.invoices.validate import validate

NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
ASKED = (
    "kind", "code", "number", "issue_date", "amount", "tax", "total", "seller_name", "seller_tax_id", "buyer_name",
    "buyer_tax_id", "check_code",
)  # fmt: skip
#: What the face of a ticket, of a roll and of a used car doesn't show.
UNSAID = {
    **{kind: {"amount", "tax", "seller_name", "seller_tax_id"} for kind in ("51", "61")},
    "11 roll": {"amount", "tax"}, "15 car": {"amount", "tax"}, "84 car": {"amount", "tax"}, "88 car": {"amount", "tax"},
}  # fmt: skip
SHAPES: tuple[dict[str, object], ...] = (
    {}, {"lines": 1}, {"lines": 12}, {"discount": True}, {"exempt": True}, {"red": True},
)  # fmt: skip


def read_back(data: bytes, invoice: Invoice, unsaid: set[str] | frozenset[str] = frozenset()) -> list[str]:
    """The names of the fields that a look-up asks and that come back otherwise."""
    found = read(data, name="a", now=NOW).invoice
    return [name for name in ASKED if name not in unsaid and getattr(found, name) != getattr(invoice, name)]


@pytest.mark.parametrize("style", STYLES)
def test_a_face_is_read_in_whatever_way_it_is_drawn(style: str) -> None:
    for kind in ("81", "83", "51", "61", "01", "10", "11", "86"):
        if style == "unlabelled" and kind not in ("81", "82", "83", "84"):
            continue  # a code and eight digits without labels could be anything
        invoice = make(kind, seed=5)
        assert read_back(drawn_pdf(faces(invoice), style), invoice, UNSAID.get(kind, set())) == [], kind


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_face_is_read_on_its_side(turn: int) -> None:
    for kind in ("81", "10", "51"):
        invoice = make(kind, seed=6)
        assert read_back(drawn_pdf(faces(invoice), turn=turn), invoice, UNSAID.get(kind, set())) == [], kind


#: The order in which styles may follow one another; the first ones look at whole pieces.
ORDER = (
    "stretched", "sign_apart", "tight", "noisy", "with_radicals", "spaced", "by_character", "sunk", "bold", "labels_first", "shuffled",
)  # fmt: skip


def test_ninety_nine_of_a_hundred_fields_of_any_face_come_back() -> None:
    wrong, asked = [], 0
    for seed in range(40):
        rng = Random(seed)
        kind = rng.choice(list(KINDS))
        invoice = make(kind, seed, **rng.choice(SHAPES))
        styles = sorted(rng.sample(ORDER, rng.choice((1, 2, 3))), key=ORDER.index)
        unsaid = UNSAID.get(kind, set())
        asked += len(ASKED) - len(unsaid)
        data = drawn_pdf(faces(invoice), *styles, seed=seed, turn=rng.choice((0, 0, 90, 180, 270)))
        wrong += [(seed, kind, styles, name) for name in read_back(data, invoice, unsaid)]
    assert len(wrong) <= asked / 100, wrong


@pytest.mark.parametrize("name", special.BLOCKS)
def test_the_columns_of_a_service_are_told_apart(name: str) -> None:
    for kind in ("81", "82"):
        invoice = make(kind, seed=8)
        data = drawn_pdf([special.block(invoice, name)])
        assert read_back(data, invoice) == []
        lines = read(data, name="a", now=NOW).lines
        assert [(line.name, line.amount, line.tax) for line in lines] == [
            (line.name, line.amount, line.tax) for line in invoice.lines
        ]


PAGES: dict[str, tuple[Callable[[Invoice], Page], tuple[str, ...]]] = {
    "purchase": (special.purchase, ("82",)),
    "cipher": (special.cipher, ("01", "04", "08", "10", "14")),
    "roll": (special.roll, ("11",)),
    "car": (special.car, ("03", "83")),
    "used car": (special.used_car, ("15", "84")),
}


@pytest.mark.parametrize("name", PAGES)
def test_kinds_with_a_face_of_their_own_are_read(name: str) -> None:
    page, kinds = PAGES[name]
    for kind in kinds:
        for seed in range(3):
            invoice = make(kind, seed, lines=1)
            unsaid = UNSAID.get(f"{kind} {name.split()[-1]}", set())
            assert read_back(drawn_pdf([page(invoice)]), invoice, unsaid) == [], kind


def test_a_person_has_no_tax_number_and_the_cipher_is_none() -> None:
    invoice = replace(make("10", seed=3), buyer_name="张示例", buyer_tax_id="")
    assert read_back(drawn_pdf([special.cipher(invoice)]), invoice) == []
    nameless = replace(invoice, buyer_name="")
    assert read_back(drawn_pdf([special.cipher(nameless)]), nameless) == []


def redrawn(invoice: Invoice, change: Callable[[Piece], Sequence[Piece]]) -> Invoice:
    """What is read from the face after each of its pieces went through `change`."""
    (page,) = faces(invoice)
    page.order[:] = [part for piece in page.order for part in change(piece)]
    return read(drawn_pdf([page]), name="a", now=NOW).invoice


def test_sums_may_stand_a_little_under_their_label() -> None:
    invoice = make("82", seed=3)

    def lower(piece: Piece) -> list[Piece]:
        return [replace(piece, y=piece.y + 3) if piece.field in ("amount", "tax") else piece]

    found = redrawn(invoice, lower)
    assert (found.amount, found.tax) == (invoice.amount, invoice.tax)
    bare = redrawn(
        invoice, lambda piece: [] if piece.field in ("amount", "tax", "total", "total_in_words") else [piece]
    )
    assert (bare.amount, bare.tax, bare.total) == (None, None, None)


def test_numbers_without_labels_belong_to_the_names_beside_them() -> None:
    invoice = make("82", seed=3)
    found = redrawn(invoice, lambda piece: [] if "纳税人识别号" in piece.text else [piece])
    assert (found.seller_tax_id, found.buyer_tax_id) == (invoice.seller_tax_id, invoice.buyer_tax_id)
    far = redrawn(
        invoice, lambda p: [] if "纳税人识别号" in p.text else [replace(p, y=90) if "tax_id" in p.field else p]
    )
    assert (far.seller_tax_id, far.buyer_tax_id) == ("", "")
    one = redrawn(invoice, lambda p: [] if "纳税人识别号" in p.text or p.field == "seller_tax_id" else [p])
    assert one.buyer_tax_id == invoice.buyer_tax_id


def test_numbers_alone_stand_left_and_right() -> None:
    invoice = make("82", seed=3)
    found = redrawn(invoice, lambda piece: [piece] if piece.field and "_name" not in piece.field else [])
    assert (found.seller_tax_id, found.buyer_tax_id) == (invoice.seller_tax_id, invoice.buyer_tax_id)
    assert (found.seller_name, found.buyer_name) == ("", "")


def test_long_names_run_on_to_the_next_row() -> None:
    invoice = make("82", seed=3, lines=1)
    long = replace(
        invoice, buyer_name="北京示例长风远山信息技术办公用品会展服务股份有限公司",
        lines=(replace(invoice.lines[0], name="*信息技术服务*年度软件技术维护服务费"),),
    )  # fmt: skip

    def broken(piece: Piece) -> list[Piece]:
        if piece.field not in ("buyer_name", "lines.name"):
            return [piece]
        cut = len(piece.text) // 2
        return [
            replace(piece, text=piece.text[:cut]),
            replace(piece, text=piece.text[cut:], y=piece.y + 1.3 * piece.size),
        ]

    found = redrawn(long, broken)
    assert (found.buyer_name, found.lines[0].name) == (long.buyer_name, long.lines[0].name)


def test_a_label_and_the_next_may_be_one_text() -> None:
    invoice = make("82", seed=3)

    def in_one(piece: Piece) -> list[Piece]:
        if piece.y == 31 or piece.y == 41:
            return []
        return [piece]

    (page,) = faces(invoice)
    page.order[:] = [part for piece in page.order for part in in_one(piece)]
    for x, who in ((12, "buyer"), (111, "seller")):
        name, number = getattr(invoice, f"{who}_name"), getattr(invoice, f"{who}_tax_id")
        page.order.append(Piece(x, 31, f"名称：{name} 统一社会信用代码/纳税人识别号：{number}", size=1.6))
    page.order.append(Piece(12, 44, "名称：统一社会信用代码：", size=1.6))
    assert read_back(drawn_pdf([page]), invoice) == []


def test_a_remark_may_have_its_label_in_one_row_or_none() -> None:
    invoice = make("82", seed=3)

    def label(text: str) -> Callable[[Piece], Sequence[Piece]]:
        return lambda p: [] if p.text == "注" else [replace(p, text=text, x=7, y=124)] if p.text == "备" else [
            replace(p, x=24) if p.field == "remark" else p
        ]  # fmt: skip

    assert redrawn(invoice, label("备注：")).remark == invoice.remark
    assert redrawn(invoice, lambda p: [] if p.text in ("备", "注") else [p]).remark == ""


def test_a_table_may_begin_with_a_heading_and_end_with_the_page() -> None:
    invoice = make("82", seed=3, lines=2)
    (page,) = faces(invoice)
    page.order[:] = [piece for piece in page.order if piece.y < 100]
    for pieces in (page.order,):
        pieces[:] = [replace(p, y=p.y + 5) if p.field.startswith("lines.") else p for p in pieces]
    page.order.append(Piece(12, 54.5, "以下为本期项目", size=2.8))
    found = read(drawn_pdf([page]), name="a", now=NOW).invoice
    assert [line.amount for line in found.lines] == [line.amount for line in invoice.lines]


def test_a_car_without_its_net_price_leaves_it_unknown() -> None:
    invoice = make("83", seed=3, lines=1)
    page = special.car(invoice)
    page.order[:] = [piece for piece in page.order if piece.field not in ("amount", "total_in_words")]
    found = read(drawn_pdf([page]), name="a", now=NOW).invoice
    assert (found.amount, found.total) == (None, invoice.total)


def test_paper_prints_its_digital_number_without_a_label() -> None:
    invoice = make("85", seed=3)
    (page,) = faces(invoice)
    for pieces in (page.labels, page.order):
        pieces[:] = [
            replace(p, text="北京增值税专用发票") if p.text.startswith("数电纸质") else p
            for p in pieces
            if "数电票号码" not in p.text
        ]
    found = read(drawn_pdf([page]), name="a", now=NOW).invoice
    assert (found.kind, found.number, found.digital_number) == ("85", invoice.number, invoice.digital_number)


def test_an_air_ticket_is_taxed_on_fare_and_fuel() -> None:
    ticket = make("61", seed=3, lines=1)
    paid = replace(ticket, total=ticket.total + 50)
    on_face = read(drawn_pdf([special.air(ticket)]), name="a", now=NOW)
    assert read_back(drawn_pdf([special.air(ticket)]), paid, {"seller_name", "seller_tax_id"}) == []
    assert [f.code for f in on_face.findings] == []
    for root in ("xbrl", "Root"):
        assert read_back(air_facts(ticket, root=root), paid, {"seller_tax_id"}) == []


@pytest.mark.parametrize(("kind", "title"), [("61", "航空运输 电子客票 行程单"), ("51", "铁路电子客票")])
def test_tickets_of_older_make_are_known_by_their_title(kind: str, title: str) -> None:
    ticket = make(kind, seed=3, lines=1)
    (page,) = faces(ticket)
    page.order[:] = [
        replace(p, text=title, size=4) if "电子发票" in p.text else p for p in page.order if p.field != "total"
    ]
    found = read(drawn_pdf([page]), name="a", now=NOW).invoice
    assert (found.kind, found.number, found.total) == (kind, ticket.number, None)


def test_the_lines_of_a_list_belong_to_its_face() -> None:
    invoice = make("10", seed=3, lines=20)
    only = replace(
        invoice.lines[0], name="(详见销货清单)", amount=invoice.amount, tax=invoice.tax, quantity=None, unit_price=None
    )
    pages = [*faces(replace(invoice, lines=(only,))), special.goods_list(invoice, invoice.lines)]
    reading = read(drawn_pdf(pages, code=qr_text(invoice)), name="a", now=NOW)
    assert [(line.name, line.amount) for line in reading.lines] == [(line.name, line.amount) for line in invoice.lines]
    assert (reading.others, reading.findings) == ((), ())


def test_tags_that_hold_only_the_sign_of_the_total_leave_it_to_the_page() -> None:
    for kind in ("81", "82"):
        invoice = make(kind, seed=3)
        reading = read(ofd(invoice, parts=("digital tags",)), name="a", now=NOW)
        assert read_back(ofd(invoice, parts=("digital tags",)), invoice) == []
        assert reading.fields["amount"].source == Source.OFD_TAGS
        assert reading.fields["total"].source == Source.OFD_TEXT


CARRIERS: tuple[tuple[Callable[[Invoice], bytes], Sequence[str]], ...] = (
    (einvoice_xml, DIGITAL),
    (lambda invoice: einvoice_xml(invoice, rate="percent", encoding="GB18030", version="0.33"), DIGITAL),
    (legacy_xml, [kind for kind in KINDS if kind not in DIGITAL and KINDS[kind].is_digital is False]),
    (lambda invoice: ofd(invoice, parts=("attachment",)), DIGITAL),
    (xbrl, ("10", "81", "82")),
)


def test_data_files_of_five_hundred_invoices_come_back_whole() -> None:
    for seed in range(500):
        rng = Random(seed)
        made, kinds = rng.choice(CARRIERS)
        invoice = make(rng.choice(kinds), seed, **rng.choice(SHAPES))
        unsaid = {"tax", "kind"} if made is xbrl and invoice.tax is None else set()
        assert read_back(made(invoice), invoice, unsaid) == [], (seed, invoice.kind)


def test_five_hundred_right_invoices_have_nothing_wrong() -> None:
    for seed in range(600):
        rng = Random(seed)
        invoice = make(rng.choice(list(KINDS)), seed, **rng.choice(SHAPES))
        assert validate(invoice, now=NOW) == (), seed


def test_every_code_of_a_picture_can_be_read() -> None:
    for seed in range(24):
        rng = Random(seed)
        invoice = make(rng.choice(list(KINDS)), seed)
        data = photo(invoice, turn=rng.uniform(-5, 5), blur=rng.choice((0, 0.8, 1.2)), quality=rng.randint(40, 85))
        found = read(data, name="a.jpg", now=NOW).invoice
        assert (found.number, found.issue_date) == (invoice.number, invoice.issue_date), seed
