"""Lists of invoices from spreadsheets and logs of uploads: what is read, what is told, what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import io

import pytest
from openpyxl import Workbook

from tests.invoices_factory import list_csv, list_xlsx, make, upload_log
from tickets.invoices.logs import MAX_LINE, Sign, traces
from tickets.invoices.sheets import MAX_ROWS, Unreadable, rows

KINDS = ("81", "82", "01", "04", "08", "10", "51", "61", "85", "86")
SAID = (
    "kind", "code", "issue_date", "amount", "tax", "total", "seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id",
)  # fmt: skip
INVOICES = [make(kind, seed=4) for kind in KINDS]


def book(*lines: list[object]) -> bytes:
    made = Workbook()
    for line in lines:
        made.active.append(line)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def text(*lines: list[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(lines)
    return out.getvalue().encode()


@pytest.mark.parametrize(
    "data",
    [
        list_csv(INVOICES), list_csv(INVOICES, "utf-8-sig"), list_csv(INVOICES, "utf-8"), list_csv(INVOICES, "utf-16"),
        list_xlsx(INVOICES), list_xlsx(INVOICES, title="发票基础信息"),
    ],
    ids=["GB18030", "UTF-8 with mark", "UTF-8", "UTF-16", "XLSX", "XLSX with a title"],
)  # fmt: skip
def test_an_export_of_the_tax_side_is_read_line_by_line(data: bytes) -> None:
    found = list(rows(data))
    assert [row.status for row in found] == ["正常"] * len(KINDS)
    for row, invoice in zip(found, INVOICES, strict=True):
        assert row.error is None
        assert {name: getattr(row.invoice, name) for name in SAID} == {name: getattr(invoice, name) for name in SAID}
        assert row.invoice.identity == invoice.identity
    assert found[0].position in (2, 3)


def test_a_number_stored_as_a_number_is_told_and_never_repaired() -> None:
    (row,) = rows(list_xlsx([make("82")], damaged=True))
    assert row.error is not None
    assert row.invoice.number == ""
    (shown,) = rows(text(["发票号码"], ["2.4112E+19"]))
    assert shown.error is not None


def test_short_numbers_days_and_blank_lines_of_a_workbook() -> None:
    found = list(rows(book(
        ["发票代码", "发票号码", "开票日期", "金额（元）"],
        [11001900311, 12345678.0, dt.datetime(2026, 1, 2, 9, 30), 1.5],  # noqa: DTZ001  as a workbook has it
        [None, None, None, None],
        ["", "12345678", "2026年1月3日", "x"],
        ["", "12345678", "20260104", ""],
        ["", "12345678", "never", None],
    )))  # fmt: skip
    assert [row.position for row in found] == [2, 4, 5, 6]
    assert [row.invoice.issue_date for row in found] == [
        dt.date(2026, 1, 2),
        dt.date(2026, 1, 3),
        dt.date(2026, 1, 4),
        None,
    ]
    assert found[0].invoice.number == "12345678"
    assert [str(row.invoice.amount) for row in found] == ["1.50", "None", "None", "None"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04broken", "sheet.broken"),
        (b"a,b\r\n1,2\r\n", "sheet.heads"),
        (b"", "sheet.heads"),
        (b"\x81\xff\xff\x00", "sheet.encoding"),
        (b"number\n" + b"1\n" * (MAX_ROWS + 30), "sheet.rows"),
    ],
)
def test_what_is_no_list_is_told(data: bytes, code: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        list(rows(data))
    assert refusal.value.code == code
    assert str(refusal.value.message) == str(refusal.value)


def test_a_log_tells_each_known_thing_once_at_its_first_line() -> None:
    log = upload_log(
        [make("82", 1), make("82", 2)], ("4057", "BI1005"), texts=("发票号码为[{number}]在数据库中已存在",)
    ).decode()
    found = {trace.code: trace for trace in traces(log)}
    assert {code: trace.sign for code, trace in found.items()} == {
        "4057": Sign.SECURITY, "BI1005": Sign.QUOTA, "quota": Sign.QUOTA, "duplicate": Sign.DUPLICATE,
    }  # fmt: skip
    assert (found["4057"].line, found["BI1005"].line, found["duplicate"].line) == (2, 3, 4)
    assert all(trace.text for trace in found.values())


def test_a_number_that_only_contains_a_code_is_none() -> None:
    assert list(traces("fphm=26112000000014057999 A4057 40571")) == []
    assert list(traces(" " * MAX_LINE + "4057")) == []
