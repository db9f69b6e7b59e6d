"""Input that no honest caller sends: always a problem of the 400s that names what is wrong, and nothing is stored."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Organisation, User
from tests.api.problems import assert_problem
from tests.cases import a_ticket

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
JSON = "application/json"
TICKETS = "/api/v1/tickets/"


def rows() -> dict[str, int]:
    """How many rows each table has; signing the caller in makes a session."""
    tables = [model for model in apps.get_models() if model._meta.label not in ("sessions.Session", "axes.AccessLog")]
    return {model._meta.label: model._default_manager.count() for model in tables}


@contextmanager
def nothing_stored() -> Iterator[None]:
    before = rows()
    yield
    assert rows() == before


def ticket(**fields: str) -> bytes:
    """A ticket whose fields are raw JSON."""
    given = {"subject": '"s"', "symptom": '"no_record"', **fields}
    return ("{" + ",".join(f'"{name}":{text}' for name, text in given.items()) + "}").encode()


DEEP = 100_000
BODIES = {
    "nothing": (b"", 400),
    "cut off": (b'{"subject":', 400),
    "two values": (b"{} {}", 400),
    "a list": (b"[]", 400),
    "a string": (b'"x"', 400),
    "null": (b"null", 400),
    "not UTF-8": (b'{"subject":"\xff"}', 400),
    "GBK": ('{"subject":"发票"}'.encode("gbk"), 400),
    "UTF-16": ('{"subject":"发票"}'.encode("utf-16"), 400),
    "a lone surrogate": (ticket(subject='"\\ud800"'), 400),
    "a lone surrogate as a key": (b'{"\\ud800":"x"}', 400),
    "a lone surrogate deep inside": (ticket(tried='["a","\\udfff"]'), 400),
    "NUL": (ticket(subject='"a\\u0000b"'), 400),
    "NUL in the description": (ticket(description='"\\u0000"'), 400),
    "NUL in an invoice": (ticket(invoices='[{"seller_name":"\\u0000"}]'), 400),
    "a deep list": (b"[" * DEEP + b"]" * DEEP, 400),
    "a deep object": (b'{"a":' * DEEP + b"1" + b"}" * DEEP, 400),
    "a deep list that never ends": (b"[" * DEEP, 400),
    "a deep list in a field": (ticket(tried="[" * DEEP + "]" * DEEP), 400),
    "NaN": (ticket(organisation="NaN"), 400),
    "Infinity": (ticket(organisation="-Infinity"), 400),
    "a number beyond every float": (ticket(organisation="1e999"), 400),
    "a huge id": (ticket(organisation="9" * 30), 400),
    "an id of 5,000 digits": (ticket(organisation="9" * 5000), 400),
    "a negative id": (ticket(organisation="-1"), 400),
    "a list as an id": (ticket(organisation="[]"), 400),
    "true as an id": (ticket(organisation="true"), 400),
    "a huge amount": (ticket(invoices='[{"amount":1e30}]'), 400),
    "an amount of 400 digits": (ticket(invoices='[{"amount":"' + "9" * 400 + '"}]'), 400),
    "an amount that is no number": (ticket(invoices='[{"amount":"NaN"}]'), 400),
    "a date that is none": (ticket(invoices='[{"issue_date":"2026-02-30"}]'), 400),
    "invoices that are no list": (ticket(invoices='"x"'), 400),
    "an invoice that is none": (ticket(invoices="[null]"), 400),
    "201 invoices": (ticket(invoices=json.dumps([{}] * 201)), 400),
    "files that are no ids": (ticket(evidence='["x"]'), 400),
    "numbers as files": (ticket(evidence="[1]"), 400),
    "21 files": (ticket(evidence=json.dumps(["x"] * 21)), 400),
    "an unknown situation": (ticket(symptom='"sold"'), 400),
    "a subject of 201 characters": (ticket(subject=json.dumps("发" * 201)), 400),
    "a subject of spaces": (ticket(subject='" \\u3000 "'), 400),
    "a description of 20,001 characters": (ticket(description=json.dumps("发" * 20_001)), 400),
    "3 MB": (ticket(description=json.dumps("x" * 3_000_000)), 413),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies(name: str, alice: User, client_of: Browser) -> None:
    body, status = BODIES[name]
    with nothing_stored():
        answer = client_of(alice).post(TICKETS, body, JSON)
    assert_problem(answer, status)


def test_the_wrong_field_is_named(alice: User, client_of: Browser) -> None:
    body = ticket(
        invoices='[{},{"amount":"x","issue_date":"gestern"}]', tried='["a",{}]', subject='"' + "x" * 201 + '"'
    )
    told = assert_problem(client_of(alice).post(TICKETS, body, JSON), 400)
    assert {error["field"] for error in told["errors"]} == {
        "subject",
        "tried.1",
        "invoices.1.amount",
        "invoices.1.issue_date",
    }
    assert all(error["code"] and error["detail"] for error in told["errors"])


def test_unstorable_text_names_its_place(alice: User, client_of: Browser) -> None:
    told = assert_problem(client_of(alice).post(TICKETS, ticket(tried='["a","\\u0000"]'), JSON), 400)
    assert (told["code"], told["errors"][0]["field"]) == ("bad_text", "tried.1")


@pytest.mark.parametrize("content_type", ["text/xml", "application/x-www-form-urlencoded", "", "a"])
def test_types_that_are_not_json(content_type: str, alice: User, client_of: Browser) -> None:
    with nothing_stored():
        assert_problem(client_of(alice).generic("POST", TICKETS, b"{}", content_type), 415)


def test_a_multipart_body_without_its_boundary(alice: User, client_of: Browser) -> None:
    with nothing_stored():
        assert_problem(client_of(alice).generic("POST", TICKETS, b"{}", "multipart/form-data"), 400)


QUERIES = {
    **dict.fromkeys(
        (
            "q=%00",
            "%00=1",
            "assignee=99999999999999999999999",
            "assignee=-1",
            "assignee=1.5",
            "assignee=NaN",
            "organisation=99999999999999999999",
            "organisation=x",
            "priority=9",
            "status=gone",
            "queue=gone",
            "cause=gone",
            "symptom=gone",
            "created_after=2026",
            "created_after=2026-13-45T00:00:00Z",
            "created_after=0001-01-01T00:00:00%2B14:00",
            "created_before=9999-12-31T23:59:59-14:00",
            "due_before=yesterday",
            "ordering=subject",
            "ordering=-",
            "ordering=organisation__tax_id",
            "cursor=x",
            "cursor=cD0xZTQwMA%3D%3D",
            "page_size=0",
            "page_size=-1",
            "page_size=x",
            "page_size=%D9%A3",
        ),
        400,
    ),
    **dict.fromkeys(
        (
            "q=" + "+".join(f"w{n}" for n in range(1100)),
            "q=" + "a" * 100000,
            "q=%FF%ED%A0%80",
            "q=%25_%27%22%5C",
            "invoice_number=" + "9" * 10000,
            "page_size=" + "9" * 5000,
            "nothing=known",
        ),
        200,
    ),
}


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query[:40])
def test_queries(query: str, alice: User, alpha: Organisation, client_of: Browser) -> None:
    a_ticket(alice, alpha)
    answer = client_of(alice).get(f"{TICKETS}?{query}")
    if QUERIES[query] == 200:
        assert answer.status_code == 200
        assert "results" in answer.json()
    else:
        assert_problem(answer, QUERIES[query])


@pytest.mark.parametrize("path", ["/api/v1/kb/articles/", "/api/v1/kb/suggest/", "/kb/search/", "/kb/suggest/"])
@pytest.mark.parametrize(
    "q", ["+".join(f"w{n}" for n in range(1100)), "%E5%8F%91" * 5000, "%22%27%28%2A%25_%5C", "OR+AND+NOT+NEAR", "%FF"]
)
def test_searches_of_any_size(path: str, q: str, client_of: Browser, db: None) -> None:
    assert client_of(None).get(f"{path}?q={q}").status_code == 200


@pytest.mark.parametrize("names", [2001, 2500])
def test_more_parameters_than_anybody_needs(names: int, client_of: Browser, db: None) -> None:
    assert_problem(client_of(None).get("/api/v1/kb/articles/?" + "&".join(["a=1"] * names)), 413)


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1/nothing/",
        "/api/v1/tickets",
        "/api/v1/tickets/x/",
        "/api/v1/tickets/26-00001-1/nothing/",
        "/api/v1/tickets/" + "9" * 4000 + "/",
        "/api/v1/tickets/%2e%2e/",
        "/api/v1/tickets/" + "9" * 4000 + "/proposal/",
        "/api/v1/tickets/%ED%A0%80/proposal/",
        "/api/v1/invoices/99999999999999999999999/checks/",
        "/api/v1/backfills/999999999999999999/",
        "/api/v1/backfills/9999999999999999999999/",
        "/api/v1/evidence/x/",
        "/api/v1/evidence/00000000-0000-4000-8000-000000000000/file/",
        "/api/v1/kb/articles/" + "a" * 5000 + "/",
        "/api/v1/batches/999999999999999999/",
        "/api/v1/webhooks/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_addresses_that_lead_nowhere(method: str, path: str, ann: User, client_of: Browser) -> None:
    answer = client_of(ann).generic(method, path, b"{}", JSON)
    if answer.status_code != 405:  # an address that is there, for another method
        assert_problem(answer, 404)


def test_a_nul_in_an_address(ann: User, client_of: Browser) -> None:
    for path in ("/api/v1/tickets/%00/", "/api/v1/kb/articles/a%00b/", "/api/v1/%00/"):
        assert_problem(client_of(ann).get(path), 400)


def part(name: bytes, filename: bytes = b"", data: bytes = b"2026-11-20 upload failed\n") -> bytes:
    file = b'; filename="' + filename + b'"' if filename else b""
    return b'--B\r\nContent-Disposition: form-data; name="' + name + b'"' + file + b"\r\n\r\n" + data + b"\r\n"


UPLOADS = {
    "nothing": (b"", 400),
    "no multipart": (b"garbage", 400),
    "cut off": (b'--B\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nxx', 400),
    "another part": (part(b"other", b"a.txt"), 400),
    "text instead of a file": (part(b"file"), 400),
    "an empty file": (part(b"file", b"a.txt", b""), 400),
    "a name of bytes": (part(b"file", b"\xff\xfe.txt"), 400),
    "a lone surrogate in the name": (part(b"file", b"\xed\xa0\x80.txt"), 400),
    "a header of 5,000 bytes": (part(b"file", b"x" * 5000), 400),
    "an unknown purpose": (part(b"purpose", data=b"sold") + part(b"file", b"a.txt"), 400),
    "NUL in the purpose": (part(b"purpose", data=b"log\x00") + part(b"file", b"a.txt"), 400),
    "2,100 fields": (b"".join(part(b"f%d" % n) for n in range(2100)) + part(b"file", b"a.txt"), 413),
    "30 files": (b"".join(part(b"f%d" % n, b"f") for n in range(30)) + part(b"file", b"a.txt"), 413),
    "a field of 3 MB": (part(b"purpose", data=b"x" * 3_000_000) + part(b"file", b"a.txt"), 413),
}


@pytest.mark.parametrize("path", ["/api/v1/evidence/", "/api/v1/invoices/read/"])
@pytest.mark.parametrize("name", UPLOADS)
def test_uploads(name: str, path: str, alice: User, client_of: Browser) -> None:
    body, status = UPLOADS[name]
    with nothing_stored():
        end = b"" if name == "cut off" else b"--B--\r\n"
        answer = client_of(alice).post(path, body + end, "multipart/form-data; boundary=B")
    if path.endswith("read/") and "purpose" in name and status == 400:
        assert answer.status_code == 200  # reading asks for none
    else:
        assert_problem(answer, status)


@pytest.mark.parametrize("path", ["/api/v1/evidence/", "/api/v1/invoices/read/"])
def test_a_file_past_the_limit(path: str, alice: User, client_of: Browser, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    with nothing_stored():
        file = SimpleUploadedFile("a.txt", b"x" * (50 * 1024 * 1024 + 1))
        told = assert_problem(client_of(alice).post(path, {"file": file}), 413)
    assert told["errors"][0]["field"] == "file"


@pytest.mark.parametrize("boundary", ["", "; boundary=", "; boundary=\u00e9"])
def test_multipart_without_a_boundary(boundary: str, alice: User, client_of: Browser) -> None:
    with nothing_stored():
        assert_problem(client_of(alice).post("/api/v1/evidence/", b"x", f"multipart/form-data{boundary}"), 400)


def test_pages_refuse_what_no_database_stores_alike(alice: User, alpha: Organisation, client_of: Browser) -> None:
    number, browser = a_ticket(alice, alpha).number, client_of(alice)
    for path, name in (
        (f"/tickets/{number}/reply/", "body"),
        (f"/tickets/{number}/actions/withdraw/", "body"),
        ("/tickets/new/", "symptom"),
        ("/tickets/new/details/", "subject"),
        ("/accounts/profile/", "name"),
        ("/accounts/organisation/new/", "name"),
        ("/theme/", "theme"),
        ("/i18n/setlang/", "language"),
        ("/notifications/read/", "up_to"),
        ("/accounts/login/", "login"),
        ("/accounts/password/reset/", "email"),
    ):
        with nothing_stored():
            assert browser.post(path, {name: "a\x00b"}).status_code == 400, path
    assert client_of(None).post("/accounts/login/", {"login": "a\x00b", "password": "x"}).status_code == 400
    assert client_of(None).get("/kb/search/?q=%00").status_code == 400


def test_a_page_that_is_sent_too_much_says_so(alice: User, client_of: Browser) -> None:
    with nothing_stored():
        assert client_of(alice).post("/accounts/profile/", {"name": "x" * 3_000_000}).status_code == 413
        many = {f"f{n}": "x" for n in range(2100)}
        assert client_of(alice).post("/accounts/profile/", many).status_code == 413
