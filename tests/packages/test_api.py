"""POST /packages/check/ for scripts, and what the caller's own tickets know of the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from tests.cases import a_ticket, looked_up
from tests.invoices_factory import einvoice_xml, make
from tests.invoices_factory.packages import Entry, as_json, package
from tickets import services
from tickets.evidence.models import Evidence
from tickets.invoices.model import Invoice

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
PATH = "/api/v1/packages/check/"


def post(api: APIClient, data: bytes, name: str = "package.json", **fields: str) -> Any:
    given = {"file": SimpleUploadedFile(name, data), **fields}
    return api.post(PATH, given, format="multipart", headers={"accept-language": "en"})


def entries_of_now() -> list[Entry]:
    return package(1, now=timezone.localtime())


def claim(entry: Entry) -> Invoice:
    """The first invoice of a package as an enterprise would file it."""
    return make("81", 1, issue_date=timezone.localdate(), number=entry["fphm"])


def test_anybody_gets_the_findings_by_invoice_and_line(api_of: Api) -> None:
    entries = entries_of_now()
    entries[3]["fpmxList"][0]["spfwjc"] = ""
    answer = post(api_of(None), as_json(entries), profile="leqi-json")
    assert answer.status_code == 200
    body = answer.json()
    assert body["profile"] == "leqi-json"
    assert body["rules"] == {"version": "2026.11", "date": "2026-11-24"}
    assert body["counts"] == {"error": 1, "warning": 0, "info": 0}
    assert [one["index"] for one in body["invoices"]] == [1, 2, 3, 4, 5]
    assert [one["number"] for one in body["invoices"]] == [entry["fphm"] for entry in entries]
    assert body["invoices"][3]["findings"] == [
        {
            "code": "field.missing",
            "severity": "error",
            "field": "[3].fpmxList[0].spfwjc",
            "message": "Short name of the category is required and missing.",
            "suggestion": "",
            "invoice": 4,
            "line": 1,
            "name": "Short name of the category",
            "place": "invoice 4, line 1",
        }
    ]
    assert not Evidence.objects.exists()


def test_the_language_is_the_callers(api_of: Api) -> None:
    entries = entries_of_now()
    entries[0]["kpr"] = ""
    given = {"file": SimpleUploadedFile("a.json", as_json(entries))}
    answer = api_of(None).post(PATH, given, format="multipart", headers={"accept-language": "zh-hans"})
    finding = answer.json()["invoices"][0]["findings"][0]
    assert finding["message"] == "缺少必填项“开票人”。"
    assert finding["place"] == "第 1 张发票"


def test_the_profile_is_guessed_and_may_be_said(api_of: Api) -> None:
    assert post(api_of(None), einvoice_xml(make()), "a.xml").json()["profile"] == "einvoice-xml"
    assert post(api_of(None), as_json(entries_of_now()), "a.json").json()["profile"] == "leqi-json"


@pytest.mark.parametrize(
    ("data", "name", "fields", "status", "code"),
    [
        (b"[{]", "a.json", {}, 400, "json.broken"),
        (b"[" * 100_000, "a.json", {}, 400, "json.depth"),
        (b"", "a.json", {}, 400, "file.empty"),
        (b"<x/>", "a.xml", {}, 400, "package.none"),
        (b"<x/>", "a.xml", {"profile": "leqi-json"}, 400, "package.profile"),
        (b"hello, world", "a.csv", {}, 400, "package.unknown"),
        (b"[{}]", "a.json", {"profile": "nonsense"}, 400, "invalid"),
        (b"[" + b" " * (50 << 20) + b"]", "a.json", {}, 413, "file.too_large"),
    ],
)
def test_a_refusal_is_a_problem(
    api_of: Api, data: bytes, name: str, fields: dict[str, str], status: int, code: str
) -> None:
    answer = post(api_of(None), data, name, **fields)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["field"] in ("file", "profile")


def test_a_body_without_a_file_is_refused(api_of: Api) -> None:
    answer = api_of(None).post(PATH, {"profile": "leqi-json"}, format="multipart")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "file"


def test_who_asks_too_often_waits(api_of: Api) -> None:
    answers = [post(api_of(None), b"[]").status_code for _again in range(21)]
    assert answers == [200] * 20 + [429]


def told(answer: Any) -> list[tuple[str, str, str]]:
    found = [finding for one in answer.json()["invoices"] for finding in one["findings"]]
    return [(finding["code"], finding["severity"], finding["field"]) for finding in found]


def test_alice_learns_of_her_own_ticket(alice: User, bob: User, alpha: Organisation, api_of: Api) -> None:
    entries = entries_of_now()
    ticket = a_ticket(alice, alpha, claim(entries[0]))
    for person in (alice, bob):
        answer = post(api_of(person), as_json(entries))
        assert told(answer) == [("number.known", "info", "[0].fphm")]
        finding = answer.json()["invoices"][0]["findings"][0]
        assert ticket.number in finding["message"]
        assert answer.json()["counts"] == {"error": 0, "warning": 0, "info": 1}


def test_nobody_learns_of_somebody_elses_ticket(alice: User, charlie: User, alpha: Organisation, api_of: Api) -> None:
    entries = entries_of_now()
    a_ticket(alice, alpha, claim(entries[0]))
    assert told(post(api_of(charlie), as_json(entries))) == []
    assert told(post(api_of(None), as_json(entries))) == []


def test_a_record_that_was_found_is_a_warning(alice: User, alpha: Organisation, ann: User, api_of: Api) -> None:
    entries = entries_of_now()
    entries.append({**entries[0]})
    entries[1]["fphm"] = ""
    ticket = a_ticket(alice, alpha, claim(entries[0]))
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    findings = told(post(api_of(alice), json.dumps(entries).encode()))
    assert findings == [
        ("number.found", "warning", "[0].fphm"),
        ("field.missing", "error", "[1].fphm"),
        ("number.twice", "error", "[5].fphm"),
        ("number.found", "warning", "[5].fphm"),
    ]


def test_a_check_asks_the_database_once_for_all_numbers(
    alice: User, alpha: Organisation, api_of: Api, django_assert_max_num_queries: Any
) -> None:
    api = api_of(alice)
    with django_assert_max_num_queries(6):
        post(api, as_json(package(1, now=timezone.localtime(), more=95)))
