"""The pages of lists without JavaScript, the report, and the long ticket of both sides."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from openpyxl import load_workbook
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from helpdesk.common.cells import neutral
from tests.access.bodies import upload
from tests.batches.lists import a_list, filed, invoices, taken
from tests.invoices_factory import list_csv, list_xlsx
from tickets.batches import report as reports
from tickets.batches.models import Batch
from tickets.invoices.books import xlsx
from tickets.invoices.tables import lines
from tickets.models import Event, Message, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
Browser = Callable[[User | None], Client]
Api = Callable[[User | None], APIClient]
MIXED = "发票号码,价税合计,备注\n12345670,1.00,=cmd|'/c calc'!A1\n12345670,1.00,\n2.4952E+19,1,\n".encode()


def text(answer: Any) -> str:
    return answer.content.decode()


def test_from_the_upload_to_the_ticket(client_of: Browser, alpha: Organisation, alice: User) -> None:
    browser = client_of(alice)
    assert "/tickets/batches/new/" in text(browser.get("/tickets/"))
    assert "/tickets/batches/new/" in text(browser.get("/tickets/new/"))
    assert browser.post("/tickets/batches/new/").status_code == 422
    assert browser.post("/tickets/batches/new/", {"file": upload("a.csv", b"MZ\0\0")}).status_code == 422
    data = list_csv(invoices(3))
    sent = browser.post("/tickets/batches/new/", {"file": upload("清单.csv", data)})
    batch = Batch.objects.get()
    assert sent["Location"] == f"/tickets/batches/{batch.pk}/"
    again = browser.post("/tickets/batches/new/", {"file": upload("清单.csv", data)}, follow=True)
    assert "您上传过这个文件" in text(again)
    assert "清单.csv" in text(browser.get("/tickets/batches/new/"))
    refused = browser.post(f"{sent['Location']}file/", {"subject": " ", "symptom": "no_record"})
    assert refused.status_code == 422
    done = browser.post(f"{sent['Location']}file/", {"subject": "批量", "symptom": "no_record"}, follow=True)
    ticket = Ticket.objects.get()
    assert ticket.number in text(done)
    assert "清单中的 3 张发票已全部加入工单" in text(browser.get(f"/tickets/{ticket.number}/"))
    assert browser.post(f"{sent['Location']}cancel/").status_code == 409


def test_the_pages_of_a_list_and_their_filters(client_of: Browser, alpha: Organisation, alice: User) -> None:
    batch = taken(MIXED, alpha, alice)
    browser, address = client_of(alice), f"/tickets/batches/{batch.pk}/"
    assert "与第 2 行是同一张发票" in text(browser.get(address))
    assert "12345670" not in text(browser.get(f"{address}?result=error")).split('id="rows"')[1]
    assert "与第 2 行" in text(browser.get(f"{address}?result=duplicate"))
    many = a_list(alpha, alice, 120)
    first = browser.get(f"/tickets/batches/{many.pk}/")
    assert [r.position for r in first.context["page"].rows] == list(range(2, 52))
    second = browser.get(f"/tickets/batches/{many.pk}/?after={first.context['page'].next}")
    third = browser.get(f"/tickets/batches/{many.pk}/?after={second.context['page'].next}")
    assert [r.position for r in third.context["page"].rows] == list(range(102, 122))
    back = browser.get(f"/tickets/batches/{many.pk}/?before={third.context['page'].previous}")
    assert [r.position for r in back.context["page"].rows] == list(range(52, 102))
    assert back.context["page"].previous
    assert browser.get(f"/tickets/batches/{many.pk}/?after=x&before=٣").status_code == 200
    assert browser.post(f"{address}cancel/", follow=True).status_code == 200
    batch.refresh_from_db()
    assert batch.state == "cancelled"


def test_unknown_columns_are_named_on_the_page(client_of: Browser, alpha: Organisation, alice: User) -> None:
    batch = taken("票据,付了\n12345670,5".encode(), alpha, alice)
    browser, address = client_of(alice), f"/tickets/batches/{batch.pk}/"
    assert 'name="column-0"' in text(browser.get(address))
    wrong = browser.post(f"{address}columns/", {"column-0": "total", "column-x": "total"})
    assert wrong.status_code == 422
    assert '<option value="total" selected>' in text(wrong)
    assert browser.post(f"{address}columns/", {"column-0": "number", "column-1": "total"}).status_code == 302
    batch.refresh_from_db()
    assert (batch.state, batch.ok) == ("checked", 1)
    assert browser.post(f"{address}columns/", {}).status_code == 422


def test_the_report_is_the_same_sheet_with_two_more_columns(
    client_of: Browser, alpha: Organisation, alice: User
) -> None:
    batch = taken(MIXED, alpha, alice, "清单.csv")
    browser, address = client_of(alice), f"/tickets/batches/{batch.pk}/report"
    answer = browser.get(f"{address}.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0] == ["发票号码", "价税合计", "备注", "结果", "说明"]
    assert rows[1] == ["12345670", "1.00", "'=cmd|'/c calc'!A1", "可提交", ""]
    assert rows[2][3:] == ["重复，不提交", "与第 2 行是同一张发票。"]
    assert rows[3][3] == "有误，不提交"
    book = load_workbook(io.BytesIO(b"".join(browser.get(f"{address}.xlsx").streaming_content)))
    assert [list(row) for row in book.active.iter_rows(values_only=True)][:2] == [
        rows[0], ["12345670", "1.00", "'=cmd|'/c calc'!A1", "可提交", None],
    ]  # fmt: skip
    assert browser.get(f"{address}.pdf").status_code == 404
    english = client_of(alice)
    english.cookies["django_language"] = "en"
    assert "Row result" in b"".join(english.get(f"{address}.csv").streaming_content).decode().splitlines()[0]


def test_a_workbook_keeps_its_title_and_its_figures_in_the_report(alpha: Organisation, alice: User) -> None:
    batch = taken(list_xlsx(invoices(2), title="发票基础信息"), alpha, alice, "a.xlsx")
    with override("zh-hans"):
        back = list(lines(b"".join(reports.report(batch, "xlsx"))))
    assert back[0] == (1, ["发票基础信息"])
    assert back[1][1][-2:] == ["结果", "说明"]
    assert isinstance(back[2][1][9], float | int)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_template_is_read_by_its_own_heads(
    client_of: Browser, alpha: Organisation, alice: User, language: str
) -> None:
    browser = client_of(alice)
    browser.cookies["django_language"] = language
    assert browser.get("/tickets/batches/template.pdf").status_code == 404
    book = load_workbook(io.BytesIO(browser.get("/tickets/batches/template.xlsx").content))
    sheet = book.worksheets[0]
    assert {cell.number_format for cell in sheet[2]} == {"@"}
    heads = [cell.value for cell in sheet[1]]
    assert browser.get("/tickets/batches/template.csv").content.decode("utf-8-sig").strip().split(",") == heads
    sheet["C2"] = "12345670"
    out = io.BytesIO()
    book.save(out)
    batch = taken(out.getvalue(), alpha, alice, "a.xlsx")
    assert (batch.state, batch.ok) == ("checked", 1)
    assert list(batch.columns.values()) == list(reports.TEMPLATE)


def test_nothing_that_goes_out_is_a_formula() -> None:
    for bad in ("=1", "+1", "@a", "-a", "\n=1", " =1", "＝1", "\t=1", "|x", "%x"):
        assert neutral(bad) == f"'{bad}"
    assert [neutral(good) for good in ("-1.5", "1", "a=1", "\x00a\ud800")] == ["-1.5", "1", "a=1", "a"]
    big = list(lines(b"".join(xlsx([f"{n}", n, None, True] for n in range(3000)))))
    assert big[2999] == (3000, ["2999", 2999, None, "True"])


# Long tickets


@pytest.fixture
def long_ticket(monkeypatch: pytest.MonkeyPatch, alpha: Organisation, alice: User) -> Ticket:
    monkeypatch.setattr("tickets.views.worksheet.MAX_INVOICES", 5)
    monkeypatch.setattr("tickets.views.enterprise.FEW", 5)
    return filed(a_list(alpha, alice, 60), alice)


def test_a_long_ticket_shows_counts_and_a_page_of_its_own(
    client_of: Browser, long_ticket: Ticket, alice: User, ann: User
) -> None:
    mine, desk = client_of(alice), client_of(ann)
    own = mine.get(f"/tickets/{long_ticket.number}/")
    assert len(own.context["invoices"]) == 5
    assert "查看全部 60 张发票" in text(own)
    page = mine.get(f"/tickets/{long_ticket.number}/invoices/")
    assert (len(page.context["page"].rows), page.context["counts"]["open"]) == (50, 60)
    work = desk.get(f"/desk/tickets/{long_ticket.number}/")
    assert work.context["items"] == []
    assert "清单中还有 60 张发票没有记录" in text(work)
    one = long_ticket.invoices.get(position=7)
    shown = desk.get(f"/desk/tickets/{long_ticket.number}/?item={one.pk}")
    assert [item.invoice.pk for item in shown.context["items"]] == [one.pk]
    assert desk.get(f"/tickets/{long_ticket.number}/invoices/").status_code == 302
    refused = desk.post(f"/desk/tickets/{long_ticket.number}/invoices/{one.pk}/set-aside/", {"reason": ""})
    assert refused.status_code == 422
    assert [item.is_open for item in refused.context["items"]] == [True]


def test_the_desk_settles_many_at_once(client_of: Browser, long_ticket: Ticket, ann: User) -> None:
    desk, address = client_of(ann), f"/desk/tickets/{long_ticket.number}/invoices/"
    ids = [str(i.pk) for i in long_ticket.invoices.all()[:3]]
    assert desk.get(f"{address}bulk/").status_code == 302
    assert desk.post(f"{address}bulk/", {"do": "nothing", "item": ids}).status_code == 404
    none = desk.post(f"{address}bulk/", {"do": "set_aside", "reason": "作废"})
    assert none.status_code == 422
    assert 'value="作废"' in text(none)
    assert desk.post(f"{address}bulk/", {"do": "set_aside", "item": ids, "reason": ""}).status_code == 422
    desk.post(f"{address}bulk/", {"do": "set_aside", "item": ids, "reason": "作废"})
    assert long_ticket.invoices.outcomes() == {"all": 60, "open": 57, "found": 0, "set_aside": 3}
    assert desk.post(f"{address}bulk/", {"do": "look_up", "scope": "all", "site": "x"}).status_code == 422
    told = {"do": "look_up", "scope": "all", "site": "buyer", "outcome": "found", "state": "open"}
    number = long_ticket.invoices.get(position=60).identity
    assert desk.post(f"{address}bulk/", {**told, "q": number})["Location"].endswith(f"?state=open&q={number}")
    assert long_ticket.invoices.outcomes()["found"] == 1
    desk.post(f"{address}bulk/", told)
    assert long_ticket.invoices.outcomes()["open"] == 0
    assert Event.objects.filter(kind="invoices.found").count() == 2
    assert len(desk.get(f"{address}?state=set_aside").context["page"].rows) == 3


def test_the_desk_asks_about_many_in_one_message(client_of: Browser, long_ticket: Ticket, ann: User) -> None:
    desk, address = client_of(ann), f"/desk/tickets/{long_ticket.number}/invoices/bulk/"
    assert desk.post(address, {"do": "ask", "scope": "all", "body": " "}).status_code == 422
    desk.post(address, {"do": "ask", "scope": "all", "body": "请补充上传日志"})
    body = Message.objects.get().body
    assert body.startswith("请补充上传日志\n\n26")
    assert (body.count("\n"), body.endswith("…")) == (52, True)


def test_no_more_than_so_many_are_settled_by_one_click(
    client_of: Browser, long_ticket: Ticket, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.views.items.AT_ONCE", 10)
    told = {"do": "set_aside", "scope": "all", "reason": "作废"}
    client_of(ann).post(f"/desk/tickets/{long_ticket.number}/invoices/bulk/", told)
    assert long_ticket.invoices.outcomes()["set_aside"] == 10


# API


def test_a_list_over_the_api(api_of: Api, alpha: Organisation, alice: User, charlie: User) -> None:
    api = api_of(alice)
    given = invoices(3)
    data = list_csv([*given, given[0]])
    made = api.post(
        "/api/v1/batches/", {"file": upload("a.csv", data)}, format="multipart", headers={"Idempotency-Key": "k"}
    )
    assert made.status_code == 201, made.content
    address = made["Location"]
    assert api.post("/api/v1/batches/", {"file": upload("a.csv", data)}, format="multipart").status_code == 200
    told = api.get(address).json()
    assert told["counts"] == {"ok": 3, "warning": 0, "error": 0, "duplicate": 1}
    assert [a["action"] for a in told["actions"]] == ["name_columns", "file", "cancel"]
    rows = api.get(f"{address}rows/?result=duplicate").json()["results"]
    assert rows[0]["findings"][0]["code"] == "double.row"
    assert "第 2 行" in rows[0]["findings"][0]["message"]
    assert api.get(f"{address}rows/?result=x").status_code == 400
    assert api.get(f"{address}report/csv/").status_code == 200
    assert api.post(f"{address}columns/", {"columns": {"x": "number"}}, format="json").status_code == 400
    filed = api.post(f"{address}file/", {"subject": "批量", "symptom": "no_record"}, format="json").json()
    assert api.get(address).json()["state"] == "filed"
    ticket = api.get(f"/api/v1/tickets/{filed['ticket']}/").json()
    assert (ticket["invoice_count"], ticket["channel"]) == (3, "api")
    found = api.get(f"/api/v1/tickets/{filed['ticket']}/invoices/?outcome=open&page_size=2").json()
    assert [len(found["results"]), bool(found["next"])] == [2, True]
    assert api.get(f"/api/v1/tickets/{filed['ticket']}/invoices/?outcome=found").json()["results"] == []
    assert api.get(f"/api/v1/tickets/{filed['ticket']}/invoices/?outcome=x").status_code == 400
    assert api.post(f"{address}cancel/").status_code == 409
    assert api_of(charlie).get(address).status_code == 404
    failed = api.post("/api/v1/batches/", {"file": upload("a.csv", b"MZ\0")}, format="multipart")
    assert failed.status_code == 400
    assert [b["id"] for b in api.get("/api/v1/batches/?state=filed").json()["results"]] == [told["id"]]


def test_a_failed_list_tells_why_over_the_api(api_of: Api, alpha: Organisation, alice: User) -> None:
    batch = a_list(alpha, alice)
    Batch.objects.update(state="failed", failure={"code": "sheet.empty", "text": "This sheet is empty.", "params": {}})
    told = api_of(alice).get(f"/api/v1/batches/{batch.pk}/").json()
    assert told["failure"] == {"code": "sheet.empty", "detail": "这张表是空的。"}
