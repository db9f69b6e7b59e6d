"""Reconciliations as an enterprise and the desk meet them: two lists in, classes out, the missing ones filed once."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Organisation, User
from tests.cases import an_invoice
from tests.invoices_factory import einvoice_xml
from tests.reconciliation.lists import HEADS, a_list, rows_of, started
from tickets.invoices.model import Invoice
from tickets.invoices.reconcile import Result
from tickets.models import Ticket, TicketInvoice
from tickets.reconciliation import filing, services
from tickets.reconciliation.models import Reconciliation

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]


def send(client: Client, own: bytes, theirs: bytes | None, **more: Any) -> Any:
    files = {"own": SimpleUploadedFile("账面.csv", own)}
    if theirs is not None:
        files["theirs"] = SimpleUploadedFile("税局导出.csv", theirs)
    return client.post("/reconcile/", {"against": "file", **more, **files})


def test_two_lists_become_classes(
    alice: User, alpha: Organisation, client_of: Browser, django_capture_on_commit_callbacks: Any
) -> None:
    invoices = [an_invoice() for _ in range(5)]
    own, theirs = rows_of(invoices[:4]), rows_of(invoices[1:])
    own[2]["价税合计"] = "1.00"
    theirs[2]["发票状态"] = "已作废"
    client = client_of(alice)
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(client, a_list(own), a_list(theirs))
    assert answer.status_code == 302, answer.content.decode()
    row = Reconciliation.objects.get()
    assert {name: told["count"] for name, told in row.summary["classes"].items()} == {
        "missing": 1, "amount": 1, "status": 1, "only_there": 1, "matched": 1,
    }  # fmt: skip
    page = client.get(answer["Location"]).content.decode()
    assert invoices[0].number in page
    status = client.get(answer["Location"] + "?class=status").content.decode()
    assert "<mark>已作废</mark>" in status


def test_the_missing_ones_are_filed_once(alice: User, alpha: Organisation, client_of: Browser) -> None:
    invoices = [an_invoice() for _ in range(4)]
    own = rows_of(invoices)
    own[0]["发票状态"] = "已作废"
    row = started(alice, alpha, own, rows_of(invoices[3:]))
    client = client_of(alice)
    first = client.post(f"/reconcile/{row.pk}/tickets/")
    again = client.post(f"/reconcile/{row.pk}/tickets/")
    assert first["Location"] == again["Location"]
    ticket = Ticket.objects.get()
    filed = sorted(ticket.invoices.values_list("number", flat=True))
    assert filed == sorted(invoice.number for invoice in invoices[1:3])
    claim = ticket.invoices.get(number=invoices[1].number)
    assert (claim.total, claim.buyer_tax_id) == (invoices[1].total, invoices[1].buyer_tax_id)
    assert ticket.number in client.get(f"/reconcile/{row.pk}/").content.decode()


def test_more_than_one_ticket_holds_are_split(alice: User, alpha: Organisation, monkeypatch: Any) -> None:
    monkeypatch.setattr(filing, "EACH", 2)
    row = started(alice, alpha, rows_of([an_invoice() for _ in range(5)]), rows_of([an_invoice()]))
    made = filing.file_missing(reconciliation=row, by=alice)
    assert [ticket.invoices.count() for ticket in made] == [2, 2, 1]
    assert "(3/3)" in made[2].subject
    assert TicketInvoice.objects.count() == 5


def test_too_many_missing_go_by_the_batch(
    alice: User, alpha: Organisation, client_of: Browser, monkeypatch: Any
) -> None:
    monkeypatch.setattr(filing, "MOST", 1)
    row = started(alice, alpha, rows_of([an_invoice(), an_invoice()]), rows_of([an_invoice()]))
    client = client_of(alice)
    assert "/tickets/" not in client.get(f"/reconcile/{row.pk}/").content.decode().split("</header>")[1].split(
        "<footer"
    )[0].replace('/tickets/"', "")
    assert client.post(f"/reconcile/{row.pk}/tickets/", follow=True).status_code == 200
    assert not Ticket.objects.exists()


def test_the_desk_sees_it_from_the_ticket_and_only_then(
    alice: User, alpha: Organisation, ann: User, client_of: Browser
) -> None:
    row = started(alice, alpha, rows_of([an_invoice()]), rows_of([an_invoice()]))
    desk = client_of(ann)
    assert desk.get(f"/reconcile/{row.pk}/").status_code == 404
    ticket = filing.file_missing(reconciliation=row, by=alice)[0]
    page = desk.get(f"/reconcile/{row.pk}/")
    assert page.status_code == 200
    assert f"/desk/tickets/{ticket.number}/" in page.content.decode()
    assert f"/reconcile/{row.pk}/" in desk.get(f"/desk/tickets/{ticket.number}/").content.decode()


def test_a_zip_of_einvoices_is_a_list(alice: User, alpha: Organisation) -> None:
    invoices = [an_invoice() for _ in range(3)]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for index, invoice in enumerate(invoices[:2]):
            archive.writestr(f"{index}.xml", einvoice_xml(invoice))
        archive.writestr("readme.txt", "see the invoices")
    row = started(alice, alpha, rows_of(invoices), packed.getvalue(), name="发票.zip")
    assert {name: told["count"] for name, told in row.summary["classes"].items()} == {"missing": 1, "matched": 2}
    assert row.summary["skipped"] == 1


FORMULA = '=HYPERLINK("http://x.example","点")'


def test_no_cell_of_a_download_is_a_formula(alice: User, alpha: Organisation, client_of: Browser) -> None:
    hostile = rows_of([an_invoice()])
    hostile[0] |= {"购方名称": FORMULA, "发票状态": "@SUM(1)"}
    row = started(alice, alpha, hostile, rows_of([an_invoice()]))
    client = client_of(alice)
    book = openpyxl.load_workbook(io.BytesIO(b"".join(client.get(f"/reconcile/{row.pk}/download/"))))
    cells = [cell for sheet in book for line in sheet for cell in line]
    assert {cell.data_type for cell in cells} <= {"s", "n", "inlineStr"}
    assert "'" + FORMULA in [cell.value for cell in cells]
    assert hostile[0]["发票号码"] in [cell.value for cell in cells]
    assert len(book.sheetnames) == 3
    answer = client.get(f"/reconcile/{row.pk}/download/?class=missing")
    lines = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"))))
    assert all(cell[:1] not in "=+-@" for line in lines for cell in line if cell)
    assert "\t" + hostile[0]["发票号码"] in lines[1]


def test_each_class_has_its_page_and_its_rows_stay_whole(alice: User, alpha: Organisation, client_of: Browser) -> None:
    own = rows_of([an_invoice() for _ in range(60)])
    row = started(alice, alpha, own, rows_of([an_invoice()]))
    client = client_of(alice)
    first = client.get(f"/reconcile/{row.pk}/?class=missing").content.decode()
    second = client.get(f"/reconcile/{row.pk}/?class=missing&page=2").content.decode()
    assert [first.count("26112") > 0, own[0]["发票号码"] in first, own[59]["发票号码"] in second] == [True] * 3
    assert own[59]["发票号码"] not in first
    for page in ("0", "99999", "x", "9" * 30, "-1"):
        assert client.get(f"/reconcile/{row.pk}/", {"class": "missing", "page": page}).status_code == 200
    stored = [line.item.number for line in services.rows(row, Result.MISSING)]
    assert stored == [one["发票号码"] for one in own]


@pytest.mark.parametrize(
    ("own", "theirs", "more"),
    [
        (b"", b"x", {}),
        (b"MZ\x90\0\0\0", None, {}),
        (a_list(rows_of([Invoice(number="1")])), None, {}),
        (a_list(rows_of([Invoice(number="1")])), b"<html>", {}),
        (a_list(rows_of([Invoice(number="1")])), a_list(rows_of([Invoice(number="1")])), {"starts": "2026-01-01"}),
        (a_list(rows_of([Invoice(number="1")])), a_list(rows_of([Invoice(number="1")])),
         {"starts": "2026-02-01", "ends": "2026-01-01"}),
        (a_list(rows_of([Invoice(number="1")])), a_list(rows_of([Invoice(number="1")])), {"against": "nothing"}),
    ],
)  # fmt: skip
def test_a_wrong_form_says_why_and_stores_no_reconciliation(
    own: bytes, theirs: bytes | None, more: Any, alice: User, alpha: Organisation, client_of: Browser
) -> None:
    answer = send(client_of(alice), own, theirs, **more)
    assert answer.status_code == 422
    assert 'class="errsum"' in answer.content.decode()
    assert not Reconciliation.objects.exists()


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"nothing,here\n1,2\n", "a.csv", "sheet.heads"),
        (HEADS.encode() + b"\n", "a.csv", "list.empty"),
        (b"PK\x03\x04 broken", "a.xlsx", ""),
    ],
)
def test_a_list_that_is_none_ends_with_its_reason(
    data: bytes, name: str, code: str, alice: User, alpha: Organisation, client_of: Browser
) -> None:
    if not code:
        assert send(client_of(alice), data, a_list(rows_of([an_invoice()]))).status_code == 422
        return
    row = started(alice, alpha, data, rows_of([an_invoice()]), own_name=name)
    assert (row.state, row.refusal["code"], row.refusal["side"]) == ("failed", code, "own")
    assert client_of(alice).get(f"/reconcile/{row.pk}/").status_code == 200


def test_who_has_two_enterprises_chooses_one(
    alice: User, alpha: Organisation, beta: Organisation, client_of: Browser
) -> None:
    from tests.conftest import member

    member(alice, beta, "owner")  # type: ignore[arg-type]
    one = a_list(rows_of([an_invoice()]))
    client = client_of(alice)
    assert send(client, one, one).status_code == 422
    assert send(client, one, one, organisation=str(beta.pk)).status_code == 302
    assert Reconciliation.objects.get().organisation == beta


def test_pages_ask_as_often_for_many_rows_as_for_few(
    alice: User, alpha: Organisation, ann: User, client_of: Browser, django_assert_max_num_queries: Any
) -> None:
    few = started(alice, alpha, rows_of([an_invoice()]), rows_of([an_invoice()]))
    many = started(alice, alpha, rows_of([an_invoice() for _ in range(120)]), rows_of([an_invoice()]))
    ticket = filing.file_missing(reconciliation=many, by=alice)[0]
    client = client_of(alice)
    asked = []
    for row, query in ((few, ""), (many, ""), (many, "?class=missing&page=3")):
        with django_assert_max_num_queries(12) as captured:
            assert client.get(f"/reconcile/{row.pk}/{query}").status_code == 200
        asked.append(len(captured))
    assert asked[1] - asked[0] <= 0
    assert asked[2] == asked[1]
    with django_assert_max_num_queries(12):
        assert client.get("/reconcile/").status_code == 200
    desk, address = client_of(ann), f"/desk/tickets/{ticket.number}/"
    desk.get(address)  # the first visit fills the caches
    with django_assert_max_num_queries(20):
        assert desk.get(address).status_code == 200


def test_a_period_narrows_the_result(alice: User, alpha: Organisation, client_of: Browser) -> None:
    days = [dt.date(2026, 10, 31), dt.date(2026, 11, 1), dt.date(2026, 11, 30)]
    invoices = [an_invoice(issue_date=day) for day in days]
    row = started(
        alice, alpha, rows_of(invoices), rows_of([an_invoice()]), period=(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    )
    assert row.summary["classes"]["missing"]["count"] == 2
    assert row.summary["outside"] >= 1
    nothing = started(
        alice, alpha, rows_of(invoices), rows_of(invoices), period=(dt.date(2020, 1, 1), dt.date(2020, 1, 2))
    )
    assert "两份清单" in client_of(alice).get(f"/reconcile/{nothing.pk}/").content.decode()
