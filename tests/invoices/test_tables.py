"""The lines of sheets: against slow oracles in every format, as foreign programs write them, and as enemies do."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from tests.invoices_factory.books import BOOK, links, packed, xls, xlsx
from tickets.invoices import tables
from tickets.invoices.cells import MAX_COLUMNS, MAX_ROWS, Bad, Cell, shown
from tickets.invoices.columns import HEADS, columns_of, key
from tickets.invoices.sheets import Sheet, rows
from tickets.invoices.tables import Unreadable, encoding_of, lines
from tickets.invoices.values import day_of, invoice_of

TEXT = st.text(st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=12).map(str.strip)
DAYS = st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31))
CELLS = (
    st.none()
    | TEXT
    | st.integers(-(10**14), 10**14)
    | st.sampled_from([0.5, 1.25, -3.75, 2.4112e19])
    | DAYS
    | st.booleans()
)
TABLES = st.lists(st.lists(CELLS, max_size=6), max_size=8)


def with_something(table: Sequence[Sequence[Any]]) -> list[tuple[int, list[Any]]]:
    """ORACLE: the lines that hold anything, without the empty cells behind the last one."""
    found = []
    for position, cells in enumerate(table, start=1):
        kept = [None if cell == "" else cell for cell in cells]
        while kept and kept[-1] is None:
            kept.pop()
        if kept:
            found.append((position, kept))
    return found


def read(data: bytes) -> list[tuple[int, list[Any]]]:
    """Days that come as moments are compared as days; empty cells at the end don't count."""
    plain = [
        (position, [c.date() if isinstance(c, dt.datetime) else c for c in cells]) for position, cells in lines(data)
    ]
    return [(position, cells) for position, row in plain for _n, cells in with_something([row])]


@settings(max_examples=60, deadline=None)
@given(table=TABLES)
def test_a_workbook_is_read_as_openpyxl_reads_it(table: list[list[Any]]) -> None:
    book = Workbook()
    for row, cells in enumerate(table, start=1):
        for column, cell in enumerate(cells, start=1):
            at = book.active.cell(row, column)
            at.value = cell
            if isinstance(cell, str):
                at.data_type = "s"  # a text that begins with "=" is no formula
    out = io.BytesIO()
    book.save(out)
    again = load_workbook(io.BytesIO(out.getvalue())).active
    oracle = [[c.date() if isinstance(c, dt.datetime) else c for c in row] for row in again.iter_rows(values_only=True)]
    assert read(out.getvalue()) == with_something(oracle)


@settings(max_examples=30, deadline=None)
@given(table=TABLES)
def test_an_old_workbook_says_what_was_written(table: list[list[Any]]) -> None:
    data = xls(table)
    if not with_something(table):
        assert read(data) == []
        return
    assert read(data) == with_something(table)


@settings(max_examples=60, deadline=None)
@given(
    table=st.lists(st.lists(TEXT.filter(lambda text: "\t" not in text), min_size=2, max_size=5), max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    mark=st.sampled_from(",\t;"),
)
def test_a_text_is_read_as_the_csv_module_reads_it(table: list[list[str]], encoding: str, mark: str) -> None:
    table = [["发票号码", "合计", "税额", "日期"], *table]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=mark, quoting=csv.QUOTE_ALL).writerows(
        [[c.replace(",", "").replace(";", "") for c in r] for r in table]
    )
    data = out.getvalue().encode(encoding)
    oracle = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=mark))
    if encoding == "gb18030" and encoding_of(data) == "utf-8-sig":
        return  # the bytes are text in both
    assert read(data) == with_something([list(row) for row in oracle])


def test_parts_of_foreign_workbooks() -> None:
    sheet = (
        '<row r="2"><c r="B2" t="s"><v>0</v></c><c r="C2" t="s"><v>9</v></c><c r="D2" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r>'
        '<rPh><t>x</t></rPh></is></c><c t="str"><f>A1</f><v>c_x000D_</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c>'
        '<c><f>1+1</f></c><c t="d"><v>2026-01-02T00:00:00</v></c><c s="1"><v>46024.5</v></c><c s="2"><v>46024</v></c><c s="3"><v>7</v></c>'
        '<c s="1"><v>9999999</v></c><c t="inlineStr"/><c/></row><row/><row><c t="s"><v>1</v></c></row>'
    )
    styles = (
        '<numFmts><numFmt numFmtId="200" formatCode="yyyy&quot;年&quot;m"/><numFmt numFmtId="201" formatCode="[Red]0.00&quot;d&quot;"/>'
        '</numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="200"/><xf numFmtId="201"/><xf/></cellXfs>'
    )
    strings = "<si><t>甲</t><rPh><t>jia</t></rPh></si><si><r><t>乙</t></r><r><t>丙</t></r></si>"
    found = list(lines(xlsx(sheet, styles=styles, strings=strings)))
    day = dt.datetime(2026, 1, 2)  # noqa: DTZ001  as a workbook has it
    assert found == [
        (2, [None, "甲", Bad("9"), "ab", "c", True, Bad("#N/A"), Bad("="), day, day.replace(hour=12), day, 7, 9999999]),
        (4, ["乙丙"]),
    ]


def test_prefixes_hidden_sheets_and_the_calendar_of_the_mac() -> None:
    book = BOOK.replace(
        "<sheets>", '<workbookPr date1904="1"/><sheets><sheet name="b" sheetId="2" r:id="r9" state="hidden"/>'
    )
    sheet = (
        '<x:worksheet xmlns:x="m"><x:sheetData><x:row><x:c s="1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    )
    more = {"xl/workbook.xml": book, "xl/worksheets/sheet1.xml": sheet}
    styles = '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
    assert list(lines(xlsx("", styles=styles, more=more))) == [(1, [dt.datetime(1904, 1, 2)])]  # noqa: DTZ001
    only_hidden = {"xl/workbook.xml": BOOK.replace('r:id="r1"', 'r:id="r1" state="hidden"')}
    assert list(lines(xlsx("<row><c><v>1</v></c></row>", styles="<fonts/>", more=only_hidden))) == [(1, [1])]


CELL = '<row><c r="{}"><v>1</v></c></row>'
DTD = '<!DOCTYPE a [<!ENTITY b "x">]>'
HOSTILE = {
    "entities": (xlsx("<row/>", head=DTD), "sheet.hostile"),
    "entities of the texts": (xlsx("", more={"xl/sharedStrings.xml": DTD + "<sst/>"}), "sheet.hostile"),
    "entities of the book": (xlsx("", more={"xl/workbook.xml": DTD + BOOK}), "sheet.hostile"),
    "16,384 columns": (xlsx(CELL.format("XFD1")), "sheet.columns"),
    "columns of a text": (("a," * (MAX_COLUMNS + 1) + "b").encode(), "sheet.columns"),
    "no column": (xlsx('<row><c r="7"><v>1</v></c></row>'), "sheet.broken"),
    "a number that is none": (xlsx("<row><c><v>1x</v></c></row>"), "sheet.broken"),
    "a day that is none": (xlsx('<row><c t="d"><v>never</v></c></row>'), "sheet.broken"),
    "no sheet": (xlsx("", more={"xl/worksheets/sheet1.xml": ""}), "sheet.broken"),
    "no book": (packed({"xl/a.xml": "<a/>"}), "sheet.broken"),
    "no list of sheets": (xlsx("", more={"xl/workbook.xml": "<workbook/>"}), "sheet.broken"),
    "a sheet outside": (xlsx("", more={"xl/_rels/workbook.xml.rels": links(("r1", "worksheet", "../../../etc/passwd"))}), "sheet.broken"),
    "cut": (xlsx("<row/>")[:-40], "sheet.broken"),
    "a sheet that is cut": (xlsx("", more={"xl/worksheets/sheet1.xml": "<worksheet><sheetData>"}), "sheet.broken"),
    "depth": (xlsx("<row>" * 100), "sheet.hostile"),
    "a bomb": (xlsx("<row/>" * 3_000_000), "sheet.hostile"),
    "rows": (xlsx("".join(f"<row><c><v>{n}</v></c></row>" for n in range(MAX_ROWS + 30))), "sheet.rows"),
    "rows of a text": (b"1\n" * (MAX_ROWS + 30), "sheet.rows"),
    "bytes of no text": (b"\x81\xff\xff\x00", "sheet.encoding"),
    "GB18030 that breaks at the end": ("发票号码\n".encode("gb18030") * 500_000 + b"\xff", "sheet.encoding"),
    "UTF-16 with half a pair": (b"\xff\xfe\x00\xd8", "sheet.encoding"),
    "a quote that never ends": (b'"' + b"x" * 200_000, "sheet.broken"),
    "no XLS": (b"\xd0\xcf\x11\xe0" + b"\0" * 5000, "sheet.broken"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_hostile_sheets_are_refused_with_a_word(case: tuple[bytes, str]) -> None:
    data, code = case
    with pytest.raises(Unreadable) as refusal:
        list(lines(data))
    assert refusal.value.code == code
    assert str(refusal.value.message)


def test_a_million_declared_rows_are_none() -> None:
    dimension = {
        "xl/worksheets/sheet1.xml": '<worksheet><dimension ref="A1:XFD1048576"/><sheetData>'
        + CELL.format("A1048576")
        + "</sheetData></worksheet>"
    }
    assert list(lines(xlsx("", more=dimension))) == [(1, [1])]
    styled = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert list(lines(xlsx(styled))) == []


def test_lines_of_an_old_workbook_travel_in_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_CHUNK", 2)
    table = [[None, f"{n}"] for n in range(5)]
    assert read(xls(table)) == with_something(table)
    packs = tables.xls_packed(xls(table))
    assert len(packs) == 3
    with pytest.raises(Unreadable):
        list(lines(b"\xd0\xcf\x11\xe0"))


def test_the_cells_of_an_old_workbook() -> None:
    book = xlwt.Workbook()
    hidden, sheet = book.add_sheet("hidden"), book.add_sheet("list")
    hidden.visibility = 1
    hidden.write(0, 0, "no list")
    book.active_sheet = 1
    day = xlwt.easyxf(num_format_str='yyyy"年"m"月"d"日"')
    written = ["a\0b", True, 1.5, xlwt.Formula("1+1"), "", "x" * 99]
    for column, cell in enumerate(written):
        sheet.write(2, column, cell)
    sheet.row(2).set_cell_error(6, 0x2A)
    for column, serial in enumerate((46024, 0.5, 2_958_465), start=7):
        sheet.write(2, column, serial, day)
    sheet.write(2, 10, None, day)
    out = io.BytesIO()
    book.save(out)
    day_read = dt.datetime(2026, 1, 2)  # noqa: DTZ001
    expected = ["ab", True, 1.5, None, None, "x" * 99, Bad("#N/A"), day_read, Bad("0.5"), Bad("2.95846e+06")]
    assert list(lines(out.getvalue())) == [(3, expected)]
    assert len(tables.xls_packed(out.getvalue())) == 1
    hidden_only = xlwt.Workbook()
    sheet = hidden_only.add_sheet("a")
    sheet.write(0, 0, "12345678")
    sheet.visibility = 1
    out = io.BytesIO()
    hidden_only.save(out)
    assert list(lines(out.getvalue())) == [(1, ["12345678"])]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), ("a", "a"), (7, "7"), (1.5, "1.5"), (0.1 + 0.2, "0.3"), (2.0, "2.0"), (1e12, "1000000000000.0"), (Bad("#N/A"), "#N/A"),
        (dt.date(2026, 1, 2), "2026-01-02"), (dt.datetime(2026, 1, 2), "2026-01-02"),  # noqa: DTZ001
        (dt.datetime(2026, 1, 2, 9, 30), "2026-01-02 09:30:00"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_cell_shows_what_people_see(cell: Cell, text: str) -> None:
    assert shown(cell) == text


@pytest.mark.parametrize(
    ("data", "about"), [(b"a\nb\n", 2), (xlsx('<row r="1"></row><row><c/></row>'), 2), (xls([["a"]]), 0)]
)
def test_about_how_long_a_list_is(data: bytes, about: int) -> None:
    assert tables.roughly(data) == about
    tables.check_text(data)


# Heads


def test_every_known_head_is_known_in_any_dress() -> None:
    for name, heads in HEADS.items():
        for head in heads:
            for dress in (head, f" *{head}：", f"{head}（元）", head.upper()):
                assert columns_of([(1, ["发票号码", dress])]).fields.get(1 if name != "number" else 0) == name, dress


def test_what_the_enterprise_said_of_its_heads_wins() -> None:
    first = [(1, ["2026年清单"]), (3, ["票据编号", "金额", "备注"])]
    unknown = columns_of(first)
    assert not unknown.is_known
    assert (unknown.position, unknown.heads) == (3, ("票据编号", "金额", "备注"))
    said = {key("票据编号"): "number", key("金额"): "total", key("备注"): ""}
    assert columns_of(first, said).fields == {0: "number", 1: "total"}
    assert columns_of([]).heads == ()


def test_a_field_comes_from_its_first_column() -> None:
    assert columns_of([(1, ["发票号码", "票号"])]).fields == {0: "number"}


# Values


FORMS = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y年%m月%d日09时30分",
         "%Y%m%d093000", "%d %b %Y", "%b %d, %Y", "%d-%B-%Y")  # fmt: skip


@settings(deadline=None)
@given(day=st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31)), form=st.sampled_from(FORMS))
def test_a_day_in_any_usual_form(day: dt.date, form: str) -> None:
    assert day_of(day.strftime(form)) == day
    serial = (day - dt.date(1899, 12, 30)).days
    assert day_of(str(serial)) == day_of(f"{serial}.5") == day
    assert day_of(f"{day.year}-{day.month}-{day.day}") == day


@pytest.mark.parametrize(
    "text", ["1/2/2026", "26-1-2", "2026-02-30", "2026-13-01", "30 Foo 2026", "99999", "soon", "2026", "12"]
)
def test_what_can_be_read_two_ways_is_no_day(text: str) -> None:
    assert day_of(text) is None


@settings(deadline=None)
@given(cents=st.integers(-(10**14), 10**14))
def test_money_with_separators_and_as_a_number(cents: int) -> None:
    value = Decimal(cents) / 100
    forms: list[Cell] = [
        f"{value:.2f}",
        f"{value:,.2f}",
        f"￥{value:,.2f}".replace("￥-", "-￥"),
        f"{value:.2f}元",
        f" {value:.2f} ",
    ]
    if abs(cents) < 10**13:
        forms.append(float(value))
    if cents < 0:
        forms.append(f"（{-value:,.2f}）")
    for form in forms:
        invoice, told = invoice_of({"total": form})
        assert (invoice.total, told) == (value, ()), form


@pytest.mark.parametrize(
    ("name", "cell", "code", "value"),
    [
        ("number", 2.4112e19, "number.excel", ""), ("number", "2.4952E+19", "number.excel", ""), ("number", "2.5E+19", "number.excel", ""),
        ("digital_number", 24112000000000000, "number.excel", ""), ("number", "24112000000048500000.0", "number.excel", ""),
        ("number", "12345678.0", "", "12345678"), ("number", 12345678.0, "", "12345678"), ("number", "'１２３４ 5678", "", "12345678"),
        ("number", "-", "", ""), ("number", "1" * 21, "cell.long", ""), ("number", Bad("#N/A"), "cell.error", ""),
        ("check_code", "123E45", "", "123E45"), ("code", 11001900311, "", "11001900311"), ("total", True, "amount.form", None),
        ("total", Bad("="), "cell.error", None), ("total", 1e16, "amount.form", None), ("total", 1.234, "amount.form", None),
        ("total", float("inf"), "amount.form", None), ("total", "1.2E+05", "amount.form", None), ("total", "(1)", "", Decimal(-1)),
        ("total", "(x)", "amount.form", None), ("total", "***", "", None), ("tax", "免税", "amount.form", None),
        ("total", 100.10000000000001, "", Decimal("100.10")), ("issue_date", "never", "date.form", None), ("issue_date", "--", "", None),
        ("issue_date", dt.date(2026, 1, 2), "", dt.date(2026, 1, 2)), ("issue_date", 46024, "", dt.date(2026, 1, 2)),
        ("issue_date", dt.datetime(2026, 1, 2, 9), "", dt.date(2026, 1, 2)),  # noqa: DTZ001
        ("kind", "数电普票", "", "82"), ("kind", "收据", "kind.unknown", ""), ("kind", "--", "", ""),
        ("seller_name", " 甲\ud800公司 ", "", "甲公司"), ("other", "x", "", None), ("number", "", "", ""), ("number", None, "", ""),
    ],
)  # fmt: skip
def test_each_cell_is_a_value_or_tells_why_not(name: str, cell: Cell, code: str, value: object) -> None:
    invoice, told = invoice_of({name: cell})
    assert [finding.code for finding in told] == ([code] if code else [])
    assert all(finding.field == name and str(finding.message) for finding in told)
    assert getattr(invoice, name, None) == value


def test_a_sheet_of_more_rows_than_a_batch_is_refused_at_the_first_one_too_many() -> None:
    data = b"number\n" + b"12345678\n" * (MAX_ROWS + 1)
    with pytest.raises(Unreadable) as refusal:
        list(rows(data))
    assert refusal.value.code == "sheet.rows"


def test_the_cells_of_a_row_come_along_for_the_report() -> None:
    sheet = Sheet("标题\n发票号码,金额,备注\n12345678,1,甲\n12345679,x".encode())
    assert next((position, cells) for position, cells in sheet.first) == (1, ["标题"])
    one, two = sheet.rows()
    assert list(one.cells) == ["12345678", "1", "甲"]
    assert (two.position, two.error, [f.code for f in two.findings]) == (4, None, ["amount.form"])
