"""The reconciliation of two lists: exact against the slow way, and each class by a case from the field."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reconciliation.oracle import classes, one_slip, plain
from tickets.invoices import near
from tickets.invoices.listed import Item, differences
from tickets.invoices.reconcile import STEPS, Entry, Result, counts, reconcile
from tickets.invoices.states import InvoiceState, agree, state_of

DAY = dt.date(2026, 3, 9)
DIGITAL = ("26112000000000000001", "26112000000000000012", "26112000000000000021", "26112000000000000112")
CODES, EIGHTS = ("011002680026", "011002680062", "1100259130"), ("00000012", "00000021", "00000112")

numbers = st.one_of(
    st.sampled_from(DIGITAL).map(lambda n: {"number": n}),
    st.tuples(st.sampled_from(CODES), st.sampled_from(EIGHTS)).map(lambda both: {"code": both[0], "number": both[1]}),
    st.sampled_from(EIGHTS).map(lambda n: {"number": n}),
    st.tuples(st.sampled_from(DIGITAL[:2]), st.sampled_from(CODES[:1]), st.sampled_from(EIGHTS[:2])).map(
        lambda all3: {"digital_number": all3[0], "code": all3[1], "number": all3[2]}
    ),
    st.sampled_from(("2611200000000000012", "261120000000000000121", "0000012", "1", CODES[0] + EIGHTS[0])).map(
        lambda n: {"number": n}
    ),
    st.tuples(st.sampled_from(DIGITAL[:2]), st.sampled_from(EIGHTS[:2])).map(
        lambda both: {"digital_number": both[0], "number": both[1]}
    ),
    st.just({}),
)
money = st.sampled_from((None, "0", "100.00", "100", "113.00", "-100.00"))


def decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


@st.composite
def lists(draw: Any) -> list[Item]:
    rows = []
    for position in range(draw(st.integers(0, 7))):
        amounts = {name: decimal(draw(money)) for name in ("amount", "total")}
        rows.append(
            Item(
                position + 2,
                **draw(numbers),
                **amounts,
                tax=draw(st.sampled_from((None, Decimal(13)))),
                issue_date=draw(
                    st.sampled_from((None, DAY, DAY, DAY + dt.timedelta(1), DAY + dt.timedelta(2), dt.date.max))
                ),
                status=draw(st.sampled_from(("", "正常", "已作废", "已红冲", "怪"))),
                buyer_tax_id=draw(st.sampled_from(("", "A", "B"))),
                fault=draw(st.sampled_from(("", "", "", "", "damaged"))),
            )
        )
    return rows


@settings(max_examples=250, deadline=None)
@given(lists(), lists(), st.sampled_from((None, (DAY, DAY), (DAY, DAY + dt.timedelta(1)))))
def test_every_row_ends_where_the_slow_way_puts_it(own: list[Item], theirs: list[Item], period: Any) -> None:
    done = reconcile(own, theirs, period=period)
    assert plain(done.entries) == classes(own, theirs, period)
    assert len(done.entries) + done.outside == len(classes(own, theirs))
    places = Counter(
        (s, i) for e in reconcile(own, theirs).entries for s, i in (("o", e.own), ("t", e.theirs)) if i >= 0
    )
    assert set(places.values()) <= {1}
    assert len(places) == len(own) + len(theirs)


texts = st.text("012|", max_size=6)


@settings(max_examples=300, deadline=None)
@given(texts, texts)
def test_a_slip_is_what_one_change_makes(one: str, other: str) -> None:
    if min(len(one), len(other)) > 1:
        assert bool(near.slip(one, other)) == one_slip(one, other)
    assert near.slip(one, other) == near.slip(other, one)
    assert not near.slip(one, one)


@settings(max_examples=150, deadline=None)
@given(st.lists(texts, max_size=12, unique=True), st.lists(texts, max_size=12, unique=True))
def test_all_near_pairs_are_found_and_no_other(own: list[str], theirs: list[str]) -> None:
    def written(some: list[str]) -> list[near.Written]:
        return [near.Written(i, text, Decimal(1 + i % 2), DAY + dt.timedelta(i % 3)) for i, text in enumerate(some)]

    ours, there = written(own), written(theirs)
    wanted = [
        (a.row, b.row)
        for a in ours
        for b in there
        if a.money == b.money and abs((a.day - b.day).days) <= 1 and one_slip(a.text, b.text)
    ]
    assert list(near.pairs(ours, there)) == sorted(wanted)


def row(number: str = DIGITAL[0], position: int = 2, **more: Any) -> Item:
    given = {"issue_date": DAY, "amount": Decimal(100), "tax": Decimal(13), "total": Decimal(113), **more}
    return Item(position, number=number, **given)


def one(own: Item | list[Item], theirs: Item | list[Item], **more: Any) -> Entry:
    """The first entry."""
    mine, others = (side if isinstance(side, list) else [side] for side in (own, theirs))
    return reconcile(mine, others, **more).entries[0]


@pytest.mark.parametrize(
    ("own", "theirs", "result", "reasons"),
    [
        ({}, {}, Result.MATCHED, ()),
        ({"total": Decimal("113.01")}, {}, Result.AMOUNT, ("total",)),
        ({"total": None, "tax": Decimal(12)}, {"amount": None, "tax": None}, Result.AMOUNT, ("total",)),
        ({"total": None, "amount": Decimal(-100), "tax": Decimal(-13)}, {"amount": None, "tax": None}, Result.AMOUNT,
         ("sign", "total")),
        ({"amount": Decimal(-100), "tax": Decimal(-13), "total": Decimal(-113)}, {}, Result.AMOUNT,
         ("sign", "total", "amount", "tax")),
        ({"amount": Decimal(113), "tax": None, "total": None}, {}, Result.MATCHED, ("amount.gross",)),
        ({"amount": Decimal(99), "tax": None, "total": None}, {}, Result.AMOUNT, ("amount",)),
        ({"amount": None, "tax": None}, {"amount": Decimal(113), "tax": None, "total": None}, Result.MATCHED,
         ("amount.gross",)),
        ({"amount": None, "tax": None}, {"amount": Decimal(9), "tax": None, "total": None}, Result.MATCHED,
         ("amount.none",)),
        ({"amount": None, "tax": None, "total": None}, {}, Result.MATCHED, ("amount.none",)),
        ({"status": ""}, {"status": "正常"}, Result.MATCHED, ()),
        ({"status": ""}, {"status": "已作废"}, Result.STATUS, ("status",)),
        ({"status": "已红冲"}, {"status": "全额红冲"}, Result.MATCHED, ()),
        ({"status": "已红冲"}, {"status": "部分红冲"}, Result.STATUS, ("status",)),
        ({"status": "已作废", "total": Decimal(1)}, {}, Result.AMOUNT, ("total", "status")),
        ({"status": "怪"}, {"status": "怪 "}, Result.MATCHED, ()),
        ({"status": "怪"}, {"status": "正常"}, Result.STATUS, ("status",)),
        ({"issue_date": DAY + dt.timedelta(9)}, {}, Result.DETAIL, ("issue_date",)),
        ({"buyer_tax_id": "A"}, {"buyer_tax_id": "B"}, Result.DETAIL, ("buyer_tax_id",)),
        ({"buyer_tax_id": "A", "seller_tax_id": "B"}, {"buyer_tax_id": "B", "seller_tax_id": "A"}, Result.MATCHED, ()),
        ({"number": DIGITAL[1]}, {"number": DIGITAL[2]}, Result.LIKELY, ("slip.swapped",)),
        ({"number": "26112000000000000009"}, {}, Result.LIKELY, ("slip.wrong",)),
        ({"number": DIGITAL[0][:-1]}, {}, Result.LIKELY, ("slip.lost",)),
        ({"number": "26112000000000000009", "issue_date": DAY + dt.timedelta(1)}, {}, Result.LIKELY,
         ("slip.wrong", "day", "issue_date")),
        ({"number": "26112000000000000009", "total": Decimal(5)}, {}, Result.MISSING, ()),
        ({"number": "26112000000000000099"}, {}, Result.LIKELY, ("number.other",)),
        ({"number": "26112000000000000099", "issue_date": DAY - dt.timedelta(1)}, {}, Result.LIKELY,
         ("number.other", "day", "issue_date")),
        ({"number": "26112000000000000099", "buyer_tax_id": "A"}, {"buyer_tax_id": "B"}, Result.MISSING, ()),
        ({"number": "26112000000000000099", "issue_date": DAY - dt.timedelta(2)}, {}, Result.MISSING, ("beyond",)),
        ({"number": "26112000000000000099", "total": Decimal(1), "status": "作废"}, {}, Result.MISSING, ("void",)),
        ({"number": ""}, {}, Result.UNREADABLE, ("number.none",)),
        ({"fault": "damaged"}, {}, Result.UNREADABLE, ("damaged",)),
        ({"number": EIGHTS[0]}, {"number": EIGHTS[0], "code": CODES[0]}, Result.MATCHED, ("code.absent",)),
        ({"number": EIGHTS[0], "issue_date": None}, {"number": EIGHTS[0], "code": CODES[0]}, Result.LIKELY,
         ("code.absent",)),
        ({"number": EIGHTS[0], "total": Decimal(7)}, {"number": EIGHTS[0], "code": CODES[0]}, Result.LIKELY,
         ("code.absent", "money.other", "total")),
        ({"number": EIGHTS[0], "code": CODES[2]}, {"number": EIGHTS[0], "code": CODES[0]}, Result.LIKELY,
         ("code.other",)),
        ({"number": EIGHTS[0], "code": CODES[0]},
         {"number": EIGHTS[0], "code": CODES[0], "digital_number": DIGITAL[0]}, Result.MATCHED, ()),
    ],
)  # fmt: skip
def test_a_row_beside_its_other_side(own: Any, theirs: Any, result: Result, reasons: tuple[str, ...]) -> None:
    entry = one(row(**own), row(**theirs))
    assert (entry.result, entry.reasons) == (result, reasons)


def test_the_second_row_of_an_invoice_is_a_duplicate_and_says_whether_it_differs() -> None:
    own = [row(), row(position=3), row(position=4, total=Decimal(5), amount=Decimal(5), tax=Decimal(0))]
    done = reconcile(own, [row(), row(position=3)])
    assert [(e.result, e.reasons, e.first) for e in done.entries] == [
        (Result.MATCHED, (), -1),
        (Result.DUPLICATED, ("again.same",), 0),
        (Result.DUPLICATED, ("again.differs",), 0),
        (Result.DUPLICATED, ("again.same",), 0),
    ]
    assert counts(done.entries) == {Result.MATCHED: 1, Result.DUPLICATED: 3}


def test_an_invoice_of_today_can_only_be_there_tomorrow() -> None:
    assert one(row(), [], today=DAY).reasons == ("today",)
    assert one(row(), [], today=DAY + dt.timedelta(1)).reasons == ()


def test_two_rows_of_one_amount_are_no_likely_pair() -> None:
    twins = [
        row("26112000000000000055", total=Decimal(113)),
        row("26112000000000000066", total=Decimal(113), position=3),
    ]
    assert {e.result for e in reconcile([row()], twins).entries} == {Result.MISSING, Result.ONLY_THERE}


def test_who_waits_hears_each_step_and_may_stop_the_work() -> None:
    heard: list[str] = []
    reconcile([], [], tell=heard.append)
    assert tuple(heard) == STEPS

    def stop(step: str) -> None:
        raise InterruptedError(step)

    with pytest.raises(InterruptedError, match="duplicates"):
        reconcile([row()], [row()], tell=stop)


def test_a_number_as_long_as_a_book_is_no_number() -> None:
    entries = reconcile([row("1" * 50_000)], [row("1" * 49_999, total=Decimal(1))]).entries
    assert [e.result for e in entries] == [Result.MISSING, Result.ONLY_THERE]


def test_the_same_difference_is_told_of_either_side() -> None:
    assert differences(row(), row(total=Decimal(1))) == differences(row(total=Decimal(1)), row()) == ("total",)


@pytest.mark.parametrize(
    ("text", "state"),
    [("已作废", InvoiceState.VOID), ("红冲", InvoiceState.RED), ("部分红冲", InvoiceState.PART_RED), ("", InvoiceState.NORMAL),
     ("待处理", InvoiceState.PENDING), ("异常", InvoiceState.ABNORMAL), ("正 常", InvoiceState.NORMAL), ("?", InvoiceState.OTHER)],
)  # fmt: skip
def test_the_words_of_a_state(text: str, state: InvoiceState) -> None:
    assert state_of(text) is state
    assert agree(text, text)


def test_paper_that_is_near_in_both_its_numbers_is_one_likely_pair() -> None:
    own = row(EIGHTS[0], code=CODES[0], digital_number=DIGITAL[0])
    theirs = row(EIGHTS[0][:-1] + "9", code=CODES[0], digital_number=DIGITAL[0][:-1] + "9")
    assert [(e.result, e.reasons) for e in reconcile([own], [theirs]).entries] == [(Result.LIKELY, ("slip.wrong",))]


def test_a_paper_with_two_numbers_is_taken_once() -> None:
    by_code, by_digits = row(EIGHTS[0], code=CODES[0]), row(DIGITAL[0])
    theirs = row(EIGHTS[0], code=CODES[0], digital_number=DIGITAL[0])
    twice = [e.result for e in reconcile([by_digits, by_code], [theirs]).entries]
    assert sorted(twice) == [Result.MATCHED, Result.MISSING]
