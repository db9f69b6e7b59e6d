"""The page of the package check: no account needed, nothing kept, no JavaScript."""

from __future__ import annotations

import base64
import io
import json
import re
import zlib
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Organisation, User
from tests.cases import a_ticket
from tests.invoices_factory import einvoice_xml, make, text_pdf
from tests.invoices_factory.packages import as_json, package
from tickets.evidence.models import Evidence
from tickets.models import Draft, Message, Ticket

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
PAGE = "/check/package/"


def a_package(**head: Any) -> bytes:
    """A package as of now with one fault in its first invoice, or with the fields of `head`."""
    from django.utils import timezone

    entries = package(1, now=timezone.localtime())
    entries[0] |= head or {"jshj": "1.00"}
    return as_json(entries)


def upload(data: bytes, name: str = "package.json", **fields: str) -> dict[str, Any]:
    return {"file": SimpleUploadedFile(name, data), **fields}


def hidden(page: Any) -> dict[str, str]:
    """What the page carries to the next button."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.content.decode())
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def test_anybody_checks_a_package_and_nothing_stays(client: Client) -> None:
    page = client.post(PAGE, upload(a_package()), headers={"accept-language": "en"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "amount.sum" in text
    assert "[0].jshj" in text
    assert "Invoice 1" in text
    assert not Evidence.objects.exists()
    assert not Draft.objects.exists()


def test_a_sound_package_says_so(client: Client) -> None:
    page = client.post(PAGE, upload(a_package(bz="")), headers={"accept-language": "en"})
    assert "No rule of the upload check is broken" in page.content.decode()


def test_findings_are_filtered_by_what_the_page_carries(client: Client) -> None:
    entries = json.loads(a_package())
    entries[1]["kpr"] = ""
    first = client.post(PAGE, upload(as_json(entries)))
    carried = hidden(first)
    assert {"package", "name", "profile"} <= carried.keys()

    def paths(**chosen: str) -> list[str]:
        page = client.post(PAGE, {**carried, **chosen})
        return re.findall(r"(\[\d\]\.\w+) · ", page.content.decode())

    assert paths() == ["[0].jshj", "[1].kpr"]
    assert paths(code="field.missing") == ["[1].kpr"]
    assert paths(invoice="1") == ["[0].jshj"]
    assert paths(severity="warning") == []
    assert paths(severity="error", invoice="2") == ["[1].kpr"]


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"package": "not base64"}, 422),
        ({"package": base64.b64encode(b"not zlib").decode()}, 422),
        ({"package": base64.b64encode(zlib.compress(b"")).decode()}, 422),
    ],
)
def test_what_is_no_package_is_refused_on_the_page(client: Client, given: dict[str, str], status: int) -> None:
    page = client.post(PAGE, given)
    assert page.status_code == status
    assert b"errsum" in page.content


def test_a_carried_bomb_stays_small(client: Client) -> None:
    bomb = base64.b64encode(zlib.compress(b"[" + b" " * (60 << 20), 9)).decode()
    page = client.post(PAGE, {"package": bomb, "name": "bomb.json"})
    assert page.status_code == 422


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"[{]", "broken.json"),
        (b"[" * 100_000, "deep.json"),
        (text_pdf(["x"]), "invoice.pdf"),
        (b"<invoice/>", "none.xml"),
        (b"MZ" + b"\0" * 100, "program.json"),
    ],
)
def test_a_refusal_names_the_file_and_the_reason(client: Client, data: bytes, name: str) -> None:
    page = client.post(PAGE, upload(data, name))
    assert page.status_code == 422
    assert name in page.content.decode()


def test_the_wrong_kind_is_refused(client: Client) -> None:
    page = client.post(PAGE, upload(a_package(), profile="einvoice-xml"))
    assert page.status_code == 422
    assert client.post(PAGE, upload(a_package(), profile="nonsense")).status_code == 200


def test_the_report_is_a_workbook_without_formulas(client: Client) -> None:
    data = a_package(jshj="=1+1", kpr="@SUM(A1)", gmfzrrbz="=cmd")
    carried = hidden(client.post(PAGE, upload(data, "=HYPERLINK.json")))
    answer = client.post(f"{PAGE}report/", carried, headers={"accept-language": "en"})
    assert "attachment" in answer["Content-Disposition"]
    assert "HYPERLINK-check-report.xlsx" in answer["Content-Disposition"]
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert {"Summary", "Findings"} == set(book.sheetnames)
    rows = list(book["Findings"].iter_rows(values_only=True))
    assert ("[0].jshj", "field.form") in {(row[5], row[8]) for row in rows}
    assert any(str(row[9]).startswith("乐企") for row in rows[1:])
    assert "'=HYPERLINK.json" in {cell.value for cell in cells}


def test_the_workbook_counts_what_it_does_not_list(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.invoices.packages.check.MOST_FINDINGS", 3)
    carried = hidden(client.post(PAGE, upload(a_package(fpmxList=[{}]))))
    answer = client.post(f"{PAGE}report/", carried, headers={"accept-language": "en"})
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    told = dict(row[:2] for row in book["Summary"].iter_rows(values_only=True))
    assert told["Not listed"] == told["Errors"] - 3 > 0
    assert book["Findings"].max_row == 4


def test_the_printed_report_lists_every_finding_with_its_source(client: Client) -> None:
    entries = [json.loads(a_package())[0] | {"kpr": "", "fpmxList": [{}] * 40} for _ in range(5)]
    carried = hidden(client.post(PAGE, upload(as_json(entries))))
    shown = client.post(PAGE, carried).content.decode()
    printed = client.post(f"{PAGE}print/", carried).content.decode()
    assert shown.count("field.missing</span>") < printed.count("field.missing</span>")
    assert "V4.000 §10.2" in printed


@pytest.mark.parametrize("path", ["report/", "print/"])
def test_the_buttons_of_a_page_that_was_left_lead_back(client: Client, path: str) -> None:
    assert client.get(f"{PAGE}{path}").status_code == 200
    assert client.post(f"{PAGE}{path}").status_code == 422


def test_a_large_package_is_asked_for_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.views.package.CARRIED", 100)
    page = client.post(PAGE, upload(a_package()))
    assert "package" not in hidden(page)
    assert page.content.decode().count('type="file"') == 2


def test_alice_puts_package_and_report_into_a_new_ticket(
    alice: User, client_of: Browser, django_capture_on_commit_callbacks: Any
) -> None:
    browser = client_of(alice)
    carried = hidden(browser.post(PAGE, upload(a_package())))
    with django_capture_on_commit_callbacks(execute=True):
        answer = browser.post(f"{PAGE}attach/", {**carried, "target": "new"})
    assert answer.status_code == 302
    assert answer["Location"] == "/tickets/new/details/"
    draft = Draft.objects.get(user=alice).data
    assert draft["symptom"] == "batch_upload_failed"
    kept = Evidence.objects.filter(pk__in=draft["files"])
    assert {file.name.rpartition(".")[2] for file in kept} == {"json", "xlsx"}
    assert {file.state for file in kept} == {"clean"}
    assert browser.get("/tickets/new/details/").status_code == 200


def test_alice_puts_them_into_her_open_ticket(alice: User, alpha: Organisation, client_of: Browser) -> None:
    ticket, browser = a_ticket(alice, alpha), client_of(alice)
    page = browser.post(PAGE, upload(a_package()))
    assert ticket.number in page.content.decode()
    answer = browser.post(f"{PAGE}attach/", {**hidden(page), "target": ticket.number})
    assert answer["Location"] == f"/tickets/{ticket.number}/"
    assert Message.objects.get(ticket=ticket).evidence.count() == 2


def test_charlie_can_not_write_into_alices_ticket(
    alice: User, alpha: Organisation, charlie: User, client_of: Browser
) -> None:
    ticket, browser = a_ticket(alice, alpha), client_of(charlie)
    page = browser.post(PAGE, upload(a_package()))
    assert ticket.number not in page.content.decode()
    assert browser.post(f"{PAGE}attach/", {**hidden(page), "target": ticket.number}).status_code == 404
    assert not Message.objects.filter(ticket=ticket).exists()


def test_nobody_attaches_without_signing_in(client: Client) -> None:
    page = client.post(PAGE, upload(a_package()))
    assert "/check/package/attach/" not in page.content.decode()
    assert client.post(f"{PAGE}attach/", hidden(page))["Location"].startswith("/accounts/login/")
    assert not Ticket.objects.exists()


def test_xml_is_recognised(client: Client) -> None:
    page = client.post(PAGE, upload(einvoice_xml(make()), "a.xml"), headers={"accept-language": "en"})
    assert "EInvoice files (XML)" in page.content.decode()


def test_the_page_asks_as_often_for_one_finding_as_for_many(client: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(12):
        client.post(PAGE, upload(as_json(json.loads(a_package()) * 15)))
