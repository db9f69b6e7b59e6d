"""One row, and the holes between numbers, against a slow oracle."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases import an_invoice
from tickets.batches import rules
from tickets.batches.lifecycle import LIFECYCLE
from tickets.batches.rules import NEAR, SERIES, Gap, Result, claim_of, columns_of, doubled, gaps, judge
from tickets.invoices.model import Invoice
from tickets.invoices.sheets import rows

NOW = dt.datetime(2026, 11, 24, 4, tzinfo=dt.UTC)
GOOD = "26112000000014057999"


@pytest.mark.parametrize(
    ("line", "result", "code"),
    [
        (f"{GOOD},2026-11-02,11.30,", Result.OK, ""),
        (f"{GOOD},2026-11-02,11.30,91110108MA01ABCD5X", Result.WARNING, "tax_id.check"),
        (f"{GOOD},2025-11-02,,", Result.WARNING, "number.year"),
        ("2.4952E+19,2026-11-02,11.30,", Result.ERROR, "number.excel"),
        (",2026-11-02,11.30,", Result.ERROR, "number.missing"),
        ("123,2026-11-02,11.30,", Result.ERROR, "number.form"),
        (f"{GOOD},2027-11-02,,", Result.ERROR, "date.future"),
        (f"{GOOD},never,,", Result.ERROR, "date.form"),
    ],
)
def test_a_row_is_sound_doubtful_or_wrong(line: str, result: Result, code: str) -> None:
    (row,) = rows(f"发票号码,开票日期,价税合计,销方识别号\n{line}".encode())
    judged = judge(row, now=NOW)
    assert judged.result == result, judged
    assert {f["code"] for f in judged.findings} >= ({code} if code else set())
    assert judged.result != Result.OK or not judged.findings


def test_a_double_says_of_what() -> None:
    (row,) = rows(f"发票号码\n{GOOD}".encode())
    judged = judge(row, now=NOW)
    assert doubled(judged, before=7).findings[0]["params"] == {"row": 7}
    twin = doubled(judged, ticket="2026-1-1")
    assert (twin.result, twin.findings[0]["code"], twin.key) == (Result.DUPLICATE, "double.ticket", GOOD)


def test_a_claim_comes_back_from_its_json() -> None:
    invoice = an_invoice()
    values = columns_of(claim_of(invoice))
    assert values["total"] == invoice.total
    assert values["issue_date"] == invoice.issue_date
    assert claim_of(Invoice(**values)) == claim_of(invoice)
    assert columns_of(claim_of(Invoice(total=Decimal("1E+2")))) == {"total": Decimal(100)}
    assert claim_of(Invoice()) == {}


def oracle(numbers: list[tuple[str, str]]) -> set[Gap]:
    """ORACLE: for each seller and length, walk number by number from one to the next that is there."""
    found = set()
    for seller, length in {(s, len(n)) for s, n in numbers}:
        there = {int(n) for s, n in numbers if (s, len(n)) == (seller, length)}
        for first in there:
            if any(first - back in there for back in range(1, NEAR)):
                continue
            series, at = [first], first
            while following := [at + on for on in range(1, NEAR) if at + on in there]:
                at = following[0]
                series.append(at)
            span = range(first, at + 1)
            if len(series) < SERIES or sum(n in there for n in span) * 2 < len(span):
                continue
            missing = [n for n in span if n not in there]
            for start in (n for n in missing if n - 1 in there):
                end = next(n for n in span if n > start and n in there) - 1
                found.add(Gap(seller, str(start).zfill(length), str(end).zfill(length), end - start + 1))
    return found


@given(
    st.lists(
        st.tuples(
            st.sampled_from("AB"),
            st.integers(0, 260).map(lambda n: f"{n:08d}") | st.integers(0, 30).map(lambda n: f"{n:020d}"),
        ),
        max_size=60,
    )
)
def test_holes_are_found_as_the_slow_way_finds_them(numbers: list[tuple[str, str]]) -> None:
    found = list(gaps(numbers))
    assert len(found) == len(set(found))
    assert set(found) == oracle(numbers)


def test_holes_of_a_series() -> None:
    numbers = [("A", f"{n:08d}") for n in (1, 2, 3, 5, 6, 9, 100, 101)] + [("A", "x"), ("B", "00000004")]
    assert list(gaps(numbers)) == [Gap("A", "00000004", "00000004", 1), Gap("A", "00000007", "00000008", 2)]
    assert rules.RESULT_LABELS.keys() == rules.TONES.keys() == set(Result)


def test_the_table_leads_to_an_end_from_everywhere() -> None:
    for name in ("start", "ask_columns", "name_columns", "finish", "fail", "file", "settle", "cancel"):
        assert LIFECYCLE.find(name).event.startswith("batch.")
    assert [t.action for t in LIFECYCLE.allowed("checked", {"org:ticket:file"})] == ["name_columns", "file", "cancel"]
