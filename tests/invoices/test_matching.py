"""A claim beside a file or a record: only what differs is told, and only where both know."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.invoices_factory import make
from tickets.invoices.kinds import KINDS
from tickets.invoices.matching import COMPARED, Difference, compare, is_near, is_same
from tickets.invoices.model import FIELDS, Invoice

DIGITAL = make("82", seed=5)
LEGACY = make("10", seed=5)
PAPER = make("86", seed=5)


@pytest.mark.parametrize("kind", KINDS)
def test_an_invoice_agrees_with_itself_and_with_nothing_known(kind: str) -> None:
    invoice = make(kind, seed=2)
    assert compare(invoice, invoice) == ()
    assert compare(invoice, Invoice()) == compare(Invoice(), invoice) == ()
    assert set(COMPARED) < set(FIELDS)


@pytest.mark.parametrize(
    ("name", "found", "shown"),
    [
        ("kind", "81", "数电发票（增值税专用发票）"),
        ("number", "26112000000000099999", "26112000000000099999"),
        ("issue_date", dt.date(2026, 1, 1), "2026-01-01"),
        ("amount", Decimal("1E+2"), "100"),
        ("tax", Decimal("0.10"), "0.10"),
        ("total", Decimal("-1.00"), "-1.00"),
        ("seller_name", "北京示例别家有限公司", "北京示例别家有限公司"),
        ("seller_tax_id", "91110108MA01ABCD5T", "91110108MA01ABCD5T"),
        ("buyer_name", "个人", "个人"),
        ("buyer_tax_id", "91110108MA01ABCD5T", "91110108MA01ABCD5T"),
    ],
)
def test_a_field_that_differs_is_told_with_both_values(name: str, found: object, shown: str) -> None:
    (difference,) = compare(DIGITAL, replace(DIGITAL, **{name: found}))
    assert (difference.field, difference.found) == (name, shown)
    assert json.loads(json.dumps(asdict(difference))) == asdict(difference)
    assert compare(replace(DIGITAL, **{name: found}), DIGITAL) == (Difference(name, shown, difference.claimed),)


def test_differences_come_in_the_order_of_the_face() -> None:
    other = replace(LEGACY, check_code="1" * 20, code="011002600211", total=Decimal(1))
    assert [d.field for d in compare(LEGACY, other)] == ["code", "total", "check_code"]


@pytest.mark.parametrize(
    ("name", "one", "two"),
    [
        ("number", "26112000000000012345", " 2611 2000-0000 0001 2345 "),
        ("number", "26112000000000012345", "２６１１２０００００００００01２３４５"),
        ("seller_tax_id", "91110108MA01ABCD5T", "91110108ma01abcd5t"),
        ("seller_name", "示例（北京）科技有限公司", "示例(北京) 科技有限公司"),
        ("seller_name", "示例【北京】科技有限公司", "示例北京科技有限公司"),
        ("buyer_name", "张示例（个人）", "张示例"),
        ("amount", Decimal("100"), Decimal("100.00")),
        ("check_code", "12345678901234567890", "567890"),
        ("check_code", "567890", "12345678901234567890"),
        ("kind", "10", "14"),
    ],
)
def test_the_same_in_another_spelling_is_no_difference(name: str, one: object, two: object) -> None:
    assert compare(replace(DIGITAL, **{name: one}), replace(DIGITAL, **{name: two})) == ()


@pytest.mark.parametrize(
    ("name", "one", "two"),
    [
        ("amount", Decimal("100.00"), Decimal("100.01")),
        ("check_code", "12345678901234567890", "567891"),
        ("seller_name", "北京示例有限公司", "北京示例有限责任公司"),
        ("number", "26112000000000012345", "26112000000000012354"),
        ("number", "26112000000000012345", "12345678"),
        ("kind", "10", "04"),
    ],
)
def test_close_is_not_the_same(name: str, one: object, two: object) -> None:
    (difference,) = compare(replace(DIGITAL, **{name: one}), replace(DIGITAL, **{name: two}))
    assert difference.field == name


def test_paper_with_two_numbers_is_found_by_either() -> None:
    typed = Invoice(kind="86", number=PAPER.digital_number, issue_date=PAPER.issue_date)
    assert compare(typed, PAPER) == compare(PAPER, typed) == ()
    (difference,) = compare(replace(typed, number="26112000000000012345"), PAPER)
    assert (difference.field, difference.found) == ("number", PAPER.digital_number)


@pytest.mark.parametrize("kind", ["04", "10"])
def test_a_purchase_invoice_may_have_its_parties_the_other_way_round(kind: str) -> None:
    invoice = make(kind, seed=8)
    turned = replace(
        invoice, seller_name=invoice.buyer_name, seller_tax_id=invoice.buyer_tax_id,
        buyer_name=invoice.seller_name, buyer_tax_id=invoice.seller_tax_id,
    )  # fmt: skip
    assert compare(invoice, turned) == compare(invoice, replace(turned, kind="")) == ()
    assert len(compare(invoice, replace(turned, seller_tax_id="91110108MA01ABCD5T"))) == 4
    assert len(compare(replace(invoice, kind="81"), replace(turned, kind="81"))) == 4


@given(st.sampled_from([*KINDS, ""]), st.sampled_from([*KINDS, ""]), st.integers(0, 50), st.integers(0, 50))
def test_who_claims_makes_no_difference(kind: str, other: str, seed: int, another: int) -> None:
    one = make(kind, seed) if kind else Invoice(number="12345678")
    two = make(other, another) if other else Invoice(number="87654321", code="011002600211")
    there = {(d.field, d.claimed, d.found) for d in compare(one, two)}
    back = {(d.field, d.found, d.claimed) for d in compare(two, one)}
    assert there == back


def test_one_invoice_is_known_by_every_number_that_both_have() -> None:
    assert is_same(LEGACY, LEGACY)
    assert is_same(DIGITAL, replace(LEGACY, number=DIGITAL.number))
    assert is_same(DIGITAL, Invoice(number=DIGITAL.number))
    assert is_same(PAPER, Invoice(number=PAPER.digital_number))
    assert is_same(LEGACY, Invoice(number=LEGACY.number))
    assert not is_same(LEGACY, Invoice(number=LEGACY.number, code="011002600211"))
    assert not is_same(LEGACY, Invoice(number="00000001", code=LEGACY.code))
    assert not is_same(Invoice(), Invoice())


def test_a_slip_in_the_number_is_near_when_day_and_total_agree() -> None:
    number = DIGITAL.number
    slips = (number[1:], number[:3] + "9" + number[3:], number[1] + number[0] + number[2:], "9" + number[1:], number)
    for slip in slips:
        assert is_near(replace(DIGITAL, number=slip), DIGITAL)
    assert not is_near(replace(DIGITAL, number="0" * 20), DIGITAL)
    assert not is_near(replace(DIGITAL, total=DIGITAL.total + 1), DIGITAL)
    assert not is_near(replace(DIGITAL, issue_date=dt.date(2020, 1, 1)), DIGITAL)
    assert not is_near(replace(DIGITAL, total=None), replace(DIGITAL, total=None))
    assert not is_near(Invoice(), DIGITAL)
