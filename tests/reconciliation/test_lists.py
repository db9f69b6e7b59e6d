"""Any file that holds a list is read into the same rows; what is hostile is refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest

from tests.cases import an_invoice
from tests.invoices_factory import einvoice_xml, legacy_xml, make
from tests.reconciliation.lists import a_list, rows_of
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.listed import Item
from tickets.invoices.lists import DAMAGED, Reader
from tickets.invoices.sheets import Unreadable


def packed(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_", "."), data)
    return out.getvalue()


def read(data: bytes, name: str = "list.csv", reader: Reader | None = None) -> list[Item]:
    return list((reader or Reader()).items(data, name))


def test_a_row_of_a_sheet_keeps_what_is_compared() -> None:
    data = "发票代码,发票号码,开票日期,金额,税额,价税合计,发票状态,购方名称\n011002680026,00000012,2026-03-09,100,13,113,已作废,甲\n"
    assert read(data.encode()) == [
        Item(2, "", "011002680026", "00000012", "", dt.date(2026, 3, 9), Decimal(100), Decimal(13), Decimal(113), "已作废",
             buyer_name="甲")
    ]  # fmt: skip


def test_a_number_that_has_lost_digits_is_a_fault() -> None:
    assert [item.fault for item in read("发票号码\n2.4112E+19\n00000012\n".encode())] == [DAMAGED, ""]


def test_sheet_and_einvoices_say_the_same() -> None:
    invoices = [an_invoice() for _ in range(3)]
    book = openpyxl.Workbook()
    for line in (rows_of(invoices)[0], *rows_of(invoices)):
        book.active.append(
            list(line) if book.active.max_row == 1 and not book.active["A1"].value else list(line.values())
        )
    out = io.BytesIO()
    book.save(out)
    files = {f"a{n}_xml": einvoice_xml(invoice) for n, invoice in enumerate(invoices)}
    names = ("number", "issue_date", "amount", "tax", "total", "buyer_tax_id")
    seen = [
        [tuple(getattr(item, name) for name in names) for item in read(data, name)]
        for data, name in (
            (out.getvalue(), "a.xlsx"),
            (a_list(rows_of(invoices)), "a.csv"),
            (packed(**files), "a.zip"),
            (packed(inner_zip=packed(**files)), "b.zip"),
            (packed(list_csv=a_list(rows_of(invoices))), "c.zip"),
        )
    ]
    assert seen[0] == [tuple(getattr(invoice, name) for name in names) for invoice in invoices]
    assert all(one == seen[0] for one in seen)


def test_one_einvoice_and_one_of_before_are_lists_of_one() -> None:
    assert [item.number for item in read(einvoice_xml(make("82", seed=1)), "a.xml")] == [make("82", seed=1).number]
    old = make("10", seed=2)
    assert [(item.code, item.number) for item in read(legacy_xml(old), "a.xml")] == [(old.code, old.number)]


def test_what_lies_beside_the_data_is_counted() -> None:
    reader = Reader()
    files = packed(
        a_xml=einvoice_xml(an_invoice()), b_txt=b"see the invoices", c_xml=b"<other/>", d_csv=b"a,b\n1,2\n1,2\n",
        e_xml=b"<broken", f_dat=b"", g_pdf=b"%PDF-1.4 nothing",
    )  # fmt: skip
    assert len(read(files, "a.zip", reader)) == 1
    assert reader.skipped == 6


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.csv", "file.empty"),
        (packed(a_pdf=b"%PDF-1.4"), "a.zip", "package.none"),
        (b"%PDF-1.4 nothing", "a.pdf", "package.none"),
        (packed(a_zip=packed(b_zip=packed(c_csv=b"x"))), "a.zip", "zip.depth"),
        (packed(a_exe=b"MZ\x90\0\0\0"), "a.zip", "type.refused"),
        (b"PK\x03\x04 broken", "a.zip", "zip.broken"),
        (packed(a_xml=b"<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>"), "a.zip", "xml.entity"),
    ],
)
def test_what_is_no_list_or_hostile_is_refused(data: bytes, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        read(data, name)
    assert refused.value.code == code


def test_a_bomb_is_refused_while_it_comes_out() -> None:
    bomb = packed(a_xml=b" " * 3_000_000)
    with pytest.raises(Refused, match=r"zip\.bomb"):
        read(bomb, "a.zip")
    with pytest.raises(Refused, match=r"zip\.bomb"):
        read(packed(a_csv=b"number\n" * 100), "a.zip", Reader(Limits(unpacked=300)))


def test_no_more_rows_than_the_limit() -> None:
    two = "发票号码\n00000012\n00000013\n".encode()
    assert len(read(two, reader=Reader(most=2))) == 2
    with pytest.raises(Unreadable):
        read(two + b"00000014\n" * 30, reader=Reader(most=2))
    with pytest.raises(Refused, match=r"file\.too_many"):
        read(packed(a_csv=two, b_csv=two), "a.zip", Reader(most=3))


def test_a_text_that_a_program_writes_is_a_list_too() -> None:
    assert [item.number for item in read("发票号码;价税合计\n00000012;3\n".encode(), "export.txt")] == ["00000012"]
