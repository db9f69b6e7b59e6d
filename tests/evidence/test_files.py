"""Files in, read, attached and out again: what is kept, what is refused, and who gets the bytes."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import socketserver
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from helpdesk.common.errors import DomainError, Invalid, NotNow
from tests.cases import a_file, a_ticket, an_invoice
from tests.invoices_factory import einvoice_xml, pdf, upload_log
from tickets.evidence import services
from tickets.evidence.models import Blob, Evidence, State
from tickets.models import Event

pytestmark = pytest.mark.django_db
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def receive(by: User, data: bytes, name: str) -> Evidence:
    return services.receive(file=ContentFile(data), name=name, purpose="invoice", by=by)


def read_again(file: Evidence) -> Evidence:
    """Upload hands the file to the worker after the commit; here the worker's work is done by hand."""
    services.extract(file.pk)
    file.refresh_from_db()
    return file


def test_an_invoice_file_is_read(alice: User) -> None:
    invoice = an_invoice()
    file = read_again(receive(alice, einvoice_xml(invoice), "dzfp.xml"))
    assert file.state == State.CLEAN
    assert file.reading
    assert file.reading["fields"]["number"]["value"] == invoice.number
    assert invoice.number in file.text


def test_the_same_bytes_twice_are_stored_once(alice: User, charlie: User) -> None:
    data = einvoice_xml(an_invoice())
    first, second = receive(alice, data, "a.xml"), receive(charlie, data, "b.xml")
    assert first.blob == second.blob
    assert Blob.objects.get().sha256 == hashlib.sha256(data).hexdigest()
    assert charlie.pk != first.uploaded_by_id
    assert first not in Evidence.objects.visible_to(charlie)


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/"), data)
    return out.getvalue()


HOSTILE = {
    "empty": (b"", "file.empty"),
    "html": (b"<!doctype html><script>alert(1)</script>", "type.refused"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "type.refused"),
    "program": (b"MZ" + b"\0" * 600, "type.refused"),
    "bomb": (zipped(a=b"0" * 30_000_000, b=b"1" * 30_000_000), "zip.bomb"),
    "entities": (b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "xml.entity"),
    "deep": (b"<x>" * 500 + b"</x>" * 500, "xml.depth"),
    "broken pdf": (b"%PDF-1.7\nnot really", "pdf.broken"),
    "giant picture": (
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 30_000, 30_000) + b"\x08\x02\0\0\0", "image.broken",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_files_are_refused_at_the_door_and_leave_nothing(alice: User, data: bytes, code: str) -> None:
    with pytest.raises(DomainError) as refusal:
        receive(alice, data, "x.bin" if code != "xml.depth" else "x.xml")
    assert refusal.value.errors[0].field == "file"
    assert refusal.value.code == code or (code.startswith("image.") and refusal.value.code.startswith("image."))
    assert not Evidence.objects.exists()
    assert not Blob.objects.exists()
    assert not default_storage.exists("evidence")


def test_a_file_past_the_limit_is_refused(alice: User, settings: Any) -> None:
    settings.EVIDENCE_MAX_BYTES = 1000
    with pytest.raises(DomainError) as refusal:
        receive(alice, b"x" * 1001, "log.txt")
    assert refusal.value.status == 413


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\zhang\\发票.xml", "发票.xml"),
        ("evil\u202egpj.xml", "evilgpj.xml"),
        ("a\x00b\r\n.txt", "ab.txt"),
        ("", "file"),
        ("票" * 300 + ".ofd", "票" * 196 + ".ofd"),
    ],
)
def test_names_are_cleaned(given: str, kept: str) -> None:
    assert services.clean_name(given) == kept
    assert len(kept) <= 200


def test_a_virus_is_quarantined_and_nobody_opens_it(alice: User, client_of: Callable[[User], Client]) -> None:
    file = read_again(receive(alice, EICAR, "note.txt"))
    assert file.state == State.QUARANTINED
    with pytest.raises(NotNow):
        services.open_file(file)
    assert client_of(alice).get(f"/evidence/{file.pk}/file/").status_code == 409


class _Clamd(socketserver.BaseRequestHandler):
    """The daemon's INSTREAM, as far as a scanner's user sees it."""

    def handle(self) -> None:
        stream = self.request.makefile("rb")
        assert stream.read(10) == b"zINSTREAM\0"
        data = b""
        while size := struct.unpack(">I", stream.read(4))[0]:
            data += stream.read(size)
        self.request.sendall(b"stream: Test.Threat FOUND\0" if b"threat" in data else b"stream: OK\0")


@pytest.fixture
def clamd(settings: Any) -> Iterator[None]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        settings.CLAMD_URL = f"tcp://127.0.0.1:{server.server_address[1]}"
        yield
        server.shutdown()


@pytest.mark.enable_socket
@pytest.mark.usefixtures("clamd")
@pytest.mark.parametrize(("text", "state"), [(b"a threat", State.QUARANTINED), (b"a log", State.CLEAN)])
def test_clamd_is_asked(alice: User, text: bytes, state: State) -> None:
    assert read_again(receive(alice, text, "log.txt")).state == state


@pytest.mark.enable_socket
def test_a_scanner_that_is_down_keeps_the_file_waiting(alice: User, settings: Any) -> None:
    file = receive(alice, b"log", "log.txt")
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    for _ in range(5):
        services.extract(file.pk)
        Evidence.objects.update(taken_at=None)
    assert read_again(file).state in (State.RECEIVED, State.SCANNING)
    settings.CLAMD_URL = ""
    Evidence.objects.update(taken_at=None)
    assert read_again(file).state == State.CLEAN


def test_a_file_that_ends_workers_is_quarantined(alice: User) -> None:
    file = receive(alice, b"log", "log.txt")
    for _ in range(services.ATTEMPTS):
        services._take(file.pk)  # a worker that is killed right after it took the file
        Evidence.objects.update(taken_at=timezone.now() - services.LEASE - dt.timedelta(seconds=1))
    services.sweep()
    file.refresh_from_db()
    assert file.state == State.QUARANTINED


def test_a_killed_worker_loses_no_file(alice: User) -> None:
    file = receive(alice, einvoice_xml(an_invoice()), "a.xml")
    services._take(file.pk)
    assert services.sweep() == 0  # the lease still holds
    Evidence.objects.update(taken_at=timezone.now() - services.LEASE - dt.timedelta(seconds=1))
    assert services.sweep() == 1
    file.refresh_from_db()
    assert file.state == State.CLEAN


def test_half_a_write_is_written_anew(alice: User) -> None:
    data = upload_log([an_invoice()])
    digest = hashlib.sha256(data).hexdigest()
    default_storage.save(f"evidence/{digest[:2]}/{digest}", ContentFile(data[:10]))
    file = read_again(receive(alice, data, "log.txt"))
    with services.open_file(file) as source:
        assert source.read() == data


def test_reading_after_the_submission_tells_the_ticket(alice: User, alpha: Organisation) -> None:
    invoice = an_invoice()
    file = receive(alice, pdf(invoice), "fp.pdf")
    ticket = a_ticket(alice, alpha, invoice, files=(file,))
    read_again(file)
    assert file.invoice == ticket.invoices.get()
    assert Event.objects.filter(ticket=ticket, kind="evidence.read").count() == 1


def test_a_file_is_used_once(alice: User, alpha: Organisation) -> None:
    file = a_file(alice)
    a_ticket(alice, alpha, files=(file,))
    with pytest.raises(Invalid):
        a_ticket(alice, alpha, files=(file,))


# Bytes


def test_bytes_leave_as_an_attachment_that_no_browser_opens(alice: User, client_of: Callable[[User], Client]) -> None:
    file = read_again(receive(alice, einvoice_xml(an_invoice()), "发票 1.xml"))
    answer = client_of(alice).get(f"/evidence/{file.pk}/file/")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Type"] == "application/octet-stream"
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == file.blob.sha256  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "path", ["/evidence/{}/file/", "/evidence/{}/preview/", "/api/v1/evidence/{}/", "/api/v1/evidence/{}/file/"]
)
def test_a_stranger_gets_404(
    path: str,
    alice: User,
    charlie: User,
    alpha: Organisation,
    client_of: Callable[[User], Client],
    api_of: Callable[[User], APIClient],
) -> None:
    file = read_again(receive(alice, pdf(an_invoice()), "fp.pdf"))
    a_ticket(alice, alpha, files=(file,))
    make: Any = api_of if path.startswith("/api") else client_of
    assert make(charlie).get(path.format(file.pk)).status_code == 404
    own = make(alice).get(path.format(file.pk))
    assert own.status_code == 200
    own.close()


def test_an_internal_file_is_the_desks_alone(alice: User, ann: User, alpha: Organisation) -> None:
    ticket = a_ticket(alice, alpha)
    file = a_file(ann)
    services.attach(evidence_ids=[file.pk], ticket=ticket, by=ann, visibility="internal")
    assert file not in Evidence.objects.visible_to(alice)
    assert file in Evidence.objects.visible_to(ann)


def test_a_preview_is_made_anew(alice: User, client_of: Callable[[User], Client]) -> None:
    file = read_again(receive(alice, pdf(an_invoice()), "fp.pdf"))
    answer = client_of(alice).get(f"/evidence/{file.pk}/preview/")
    assert answer["Content-Type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8\xff")
    assert client_of(alice).get(f"/evidence/{file.pk}/preview/?page=99").status_code == 404


# API


def test_the_api_takes_a_file_and_says_what_it_read(alice: User, api_of: Callable[[User], APIClient]) -> None:
    invoice = an_invoice()
    upload = ContentFile(einvoice_xml(invoice), name="a.xml")
    made = api_of(alice).post("/api/v1/evidence/", {"file": upload, "purpose": "invoice"}, format="multipart")
    assert made.status_code == 201, made.content
    services.extract(made.json()["id"])
    told = api_of(alice).get(made["Location"]).json()
    assert told["state"] == "clean"
    assert told["reading"]["fields"]["number"] == invoice.number
    assert told["reading"]["sources"]["number"] == "xml"


def test_reading_alone_stores_nothing(alice: User, api_of: Callable[[User], APIClient]) -> None:
    invoice = an_invoice()
    upload = ContentFile(einvoice_xml(invoice), name="a.xml")
    told = api_of(alice).post("/api/v1/invoices/read/", {"file": upload}, format="multipart").json()
    assert told["fields"]["total"] == f"{invoice.total:.2f}"
    assert not Evidence.objects.exists()


def test_a_refused_file_is_a_problem_in_the_callers_language(alice: User, api_of: Callable[[User], APIClient]) -> None:
    upload = ContentFile(b"<html></html>", name="a.html")
    for address in ("/api/v1/evidence/", "/api/v1/invoices/read/"):
        upload.seek(0)
        answer = api_of(alice).post(address, {"file": upload}, format="multipart", HTTP_ACCEPT_LANGUAGE="en")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"][0]["code"] == "type.refused"
        assert "not accepted" in answer.json()["errors"][0]["detail"]


def test_typed_fields_are_judged(alice: User, api_of: Callable[[User], APIClient]) -> None:
    told = api_of(alice).post("/api/v1/invoices/validate/", {"number": "2.4112E+19"}).json()
    assert "number.excel" in {finding["code"] for finding in told["findings"]}
