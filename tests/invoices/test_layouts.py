"""The same face as many printers draw it, and faces of kinds that are laid out in a way of their own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

import pytest

from tests.invoices_factory import einvoice_xml, legacy_xml, make, ofd, photo, special, xbrl
from tests.invoices_factory.face import Page, faces
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
    for kind in KINDS:
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
    for seed in range(60):
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
