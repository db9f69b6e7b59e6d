"""Kinds of invoice: every name that people and exports use leads to one code, and each kind asks its own fields."""

from __future__ import annotations

import pytest
from django.utils.translation import gettext, override
from hypothesis import given
from hypothesis import strategies as st

from tickets.invoices.kinds import KINDS, lookup_fields, normalise_kind
from tickets.invoices.model import FIELDS


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_is_known_by_its_code_its_names_and_its_aliases(code: str) -> None:
    kind = KINDS[code]
    for name in (kind.code, kind.name, kind.chinese, *kind.aliases):
        assert normalise_kind(name) == code, name


@pytest.mark.parametrize("code", KINDS)
def test_the_translated_name_is_the_official_one(code: str) -> None:
    with override("zh-hans"):
        assert gettext(KINDS[code].name) == KINDS[code].chinese


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("电子发票(增值税专用发票)", "81"),
        ("电子发票（普通发票）", "82"),
        ("数电票（普通发票）", "82"),
        ("全电专票", "81"),
        (" 增值税电子普通发票 ", "10"),
        ("增值税电子专用发票", "08"),
        ("增值税普通发票(卷票)", "11"),
        ("０４", "04"),
        ("1", "01"),
        ("digital special vat invoice", "81"),
        ("Railway E-Ticket", "51"),
        ("026", "10"),
    ],
)
def test_usual_spellings_lead_to_the_code(text: str, code: str) -> None:
    assert normalise_kind(text) == code


@pytest.mark.parametrize("text", ["", "专票", "普票", "数电票", "发票", "31", "99", "9", "收据", "\x00", "²"])
def test_an_unknown_or_ambiguous_name_is_no_kind(text: str) -> None:
    assert normalise_kind(text) == ""


@given(st.text(max_size=60))
def test_any_text_is_a_known_code_or_nothing(text: str) -> None:
    assert normalise_kind(text) in {"", *KINDS}


def test_the_nineteen_kinds_of_the_look_up_are_there() -> None:
    assert set(KINDS) == {
        *("01", "02", "03", "04", "08", "10", "11", "14", "15"),
        *("51", "61", "81", "82", "83", "84", "85", "86", "87", "88"),
    }


@pytest.mark.parametrize(
    ("kinds", "fourth"),
    [
        (("01", "02", "03", "08", "85", "87"), "amount"),
        (("04", "10", "11", "14"), "check_code"),
        (("86",), "digital_number"),
        (("15", "51", "61", "81", "82", "83", "84", "88"), "total"),
    ],
)
def test_a_look_up_asks_what_the_tax_side_asks_for_that_kind(kinds: tuple[str, ...], fourth: str) -> None:
    for kind in kinds:
        front = ("code", "number", "issue_date") if KINDS[kind].has_code else ("number", "issue_date")
        assert lookup_fields(kind) == (*front, fourth)
        assert KINDS[kind].check_code_needed is (fourth == "check_code")


def test_an_unknown_kind_asks_what_all_kinds_ask() -> None:
    assert lookup_fields("") == lookup_fields("zz") == ("number", "issue_date")


def test_asked_fields_are_fields_of_an_invoice() -> None:
    assert {name for kind in KINDS for name in lookup_fields(kind)} <= set(FIELDS)


def test_paper_and_digital_kinds_are_told_apart() -> None:
    paper = {code for code, kind in KINDS.items() if kind.is_paper}
    assert paper == {"01", "02", "03", "04", "11", "15", "85", "86", "87", "88"}
    assert all(KINDS[code].is_electronic is (code not in paper) for code in KINDS)
    assert {code for code, kind in KINDS.items() if kind.number_length == 20} == {"51", "61", "81", "82", "83", "84"}
    digital = {code for code, kind in KINDS.items() if kind.is_digital}
    assert digital == {"51", "61", "81", "82", "83", "84", "85", "86", "87", "88"}
