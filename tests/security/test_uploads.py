"""Hostile files at every door: a clear refusal, nothing kept, no trace shown."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from tests.cases import a_ticket, an_invoice
from tests.invoices_factory import einvoice_xml
from tests.security.files import HOSTILE, LATE, Hostile
from tickets.evidence.models import Blob, Evidence
from tickets.evidence.services import clean_name
from tickets.invoices.limits import _TEXTS

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
Api = Callable[[User | None], APIClient]
SESSIONS = {"sessions.Session", "accounts.IdempotencyKey"}  # an answer that is kept for its key is no upload


def rows() -> dict[str, int]:
    """How many rows each table holds."""
    return {m._meta.label: m._default_manager.count() for m in apps.get_models() if m._meta.label not in SESSIONS}


@contextmanager
def nothing_kept() -> Iterator[None]:
    before = rows()
    yield
    assert rows() == before
    assert not default_storage.exists("evidence")


def upload(case: Hostile) -> SimpleUploadedFile:
    name, make, _code = case
    return SimpleUploadedFile(name, make(), content_type="image/png")  # the client's word for the type is worth nothing


def refused(answer: Any, code: str) -> None:
    assert answer.status_code in (400, 413), answer.content
    assert answer["Content-Type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == answer.status_code
    assert (told["code"], told["errors"][0]["code"], told["errors"][0]["field"]) == (code, code, "file")
    assert told["detail"]
    assert "Traceback" not in answer.content.decode()


def test_every_refusal_is_tried() -> None:
    tried = {case[2] for case in [*HOSTILE.values(), *LATE.values()]}
    here = {
        code for code in _TEXTS if not code.startswith(("package.", "json.", "sheet."))
    }  # those are told by the package check and the reader of lists
    assert tried | {"file.too_large"} == here


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_by_the_api(case: Hostile, alice: User, api_of: Api) -> None:
    started = time.monotonic()
    for address in ("/api/v1/evidence/", "/api/v1/invoices/read/"):
        with nothing_kept():
            refused(api_of(alice).post(address, {"file": upload(case)}, format="multipart"), case[2])
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("case", HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_by_the_pages(case: Hostile, alice: User, client_of: Browser) -> None:
    browser = client_of(alice)
    with nothing_kept():
        refused(browser.post("/evidence/", {"file": upload(case)}), case[2])
    told = client_of(None).post("/check/", {"files": upload(case)})
    assert told.status_code == 422
    assert not Evidence.objects.exists()
    assert b"Traceback" not in told.content


@pytest.mark.parametrize("case", LATE.values(), ids=LATE)
def test_what_the_reader_finds_is_refused_too(case: Hostile, alice: User, api_of: Api) -> None:
    with nothing_kept():
        refused(api_of(alice).post("/api/v1/invoices/read/", {"file": upload(case)}, format="multipart"), case[2])


def test_a_file_past_the_limit_is_413(alice: User, api_of: Api, client_of: Browser, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    large: Hostile = ("log.txt", lambda: b"x" * 1001, "file.too_large")
    browser = client_of(alice)
    with nothing_kept():
        refused(api_of(alice).post("/api/v1/evidence/", {"file": upload(large)}, format="multipart"), large[2])
        refused(browser.post("/evidence/", {"file": upload(large)}), large[2])


def test_no_file_at_all_is_told(alice: User, api_of: Api, client_of: Browser) -> None:
    for answer in (
        api_of(alice).post("/api/v1/evidence/", {"purpose": "invoice"}, format="multipart"),
        api_of(alice).post("/api/v1/evidence/", {"file": "words"}, format="multipart"),
        client_of(alice).post("/evidence/", {}),
    ):
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["field"] == "file"
    assert client_of(None).post("/check/", {}).status_code == 422


def test_an_unknown_purpose_is_refused(alice: User, api_of: Api) -> None:
    given = {"file": upload(("log.txt", lambda: b"a log", "")), "purpose": "'; DROP TABLE tickets--"}
    with nothing_kept():
        answer = api_of(alice).post("/api/v1/evidence/", given, format="multipart")
    assert answer.status_code == 400


def test_a_hostile_file_beside_words_loses_neither_the_words_nor_the_case(
    alice: User, alpha: Organisation, client_of: Browser
) -> None:
    ticket = a_ticket(alice, alpha)
    answer = client_of(alice).post(
        f"/tickets/{ticket.number}/reply/", {"body": "见附件。", "files": [upload(HOSTILE["page"])]}, follow=True
    )
    assert answer.status_code == 200
    assert ticket.messages.get().body == "见附件。"
    assert not Blob.objects.exists()


NAMES = (
    "",
    ".",
    "..",
    "../../../etc/passwd",
    "..\\..\\windows\\win.ini",
    "/etc/passwd",
    "C:\\a.xml",
    "a/../../b.xml",
    "con.xml",
    '"><img src=x onerror=alert(1)>.xml',
    "a\r\nSet-Cookie: x=1.xml",
    "a\x00.xml",
    "\u202egpj.lmx",
    "\ud800.xml",
    "发" * 400 + ".xml",
    "a;filename=b.html.xml",
    "%2e%2e%2fpasswd",
    "{{7*7}}.xml",
    "=cmd|'/C calc'!A0.xml",
)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_are_kept_as_names(name: str, alice: User, client_of: Browser) -> None:
    kept = clean_name(name)
    assert kept
    assert len(kept) <= 200
    assert not set(kept) & set("/\\\r\n\x00\u202e")
    from django.core.files.base import ContentFile

    from tickets.evidence import services

    file = services.receive(file=ContentFile(einvoice_xml(an_invoice())), name=name, purpose="invoice", by=alice)
    services.extract(file.pk)
    assert default_storage.exists(file.blob.key)
    assert file.blob.sha256 in file.blob.key
    answer = client_of(alice).get(f"/evidence/{file.pk}/file/")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "\n" not in answer["Content-Disposition"]
    assert "Set-Cookie" not in answer.headers
    answer.close()


def test_a_name_is_escaped_where_it_is_shown(alice: User, alpha: Organisation, client_of: Browser, ann: User) -> None:
    from django.core.files.base import ContentFile

    from tickets.evidence import services

    name = "<img src=x onerror=alert(1)>.txt"
    file = services.receive(file=ContentFile(b"a log"), name=name, purpose="other", by=alice)
    ticket = a_ticket(alice, alpha, files=(file,))
    for browser, page in ((client_of(alice), "/tickets/"), (client_of(ann), "/desk/tickets/")):
        shown = browser.get(f"{page}{ticket.number}/").content.decode()
        assert "<img src=x" not in shown
        assert "&lt;img src=x" in shown


def test_bytes_are_sealed_at_every_door(alice: User, api_of: Api, client_of: Browser) -> None:
    from django.core.files.base import ContentFile

    from tickets.evidence import services

    file = services.receive(file=ContentFile(b"a log"), name="a.txt", purpose="other", by=alice)
    services.extract(file.pk)
    for answer in (
        client_of(alice).get(f"/evidence/{file.pk}/file/"),
        api_of(alice).get(f"/api/v1/evidence/{file.pk}/file/"),
    ):
        assert answer["Content-Disposition"] == 'attachment; filename="a.txt"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert "no-store" in answer["Cache-Control"]
        answer.close()
