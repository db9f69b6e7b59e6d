"""A killed web process and a full disk: no half file, no row, and the same request again succeeds once."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import User
from helpdesk import health
from helpdesk.common.errors import Unavailable
from tests.faults.site import Site, children, until
from tickets.evidence.models import Blob, Evidence
from tickets.evidence.services import receive

pytestmark = pytest.mark.usefixtures("alpha")
LINE = b"2026-11-20 10:00:00 upload failed, code 0499\n"
LARGE = LINE * (4 * 2**20 // len(LINE))  # 4 MB: past what an upload may take of the memory


def upload(api: httpx.Client, data: bytes = LARGE, key: str = "once") -> httpx.Response:
    part = {"file": ("log.txt", data)}
    return api.post("/evidence/", files=part, data={"purpose": "log"}, headers={"Idempotency-Key": key})


def half(api: httpx.Client) -> bytes:
    """The request of `upload` as bytes, cut in the middle of the file."""
    part = {"file": ("log.txt", LARGE)}
    request = api.build_request("POST", "/evidence/", files=part, headers={"Idempotency-Key": "once"})
    head = f"POST {request.url.raw_path.decode()} HTTP/1.1\r\n".encode()
    head += b"".join(name + b": " + value + b"\r\n" for name, value in request.headers.raw)
    return head + b"\r\n" + request.read()[: len(LARGE) // 2]


def largest_open_file(pid: int) -> int:
    """Bytes of the largest nameless file that a process has open."""
    sizes = [0]
    for link in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            if "(deleted)" in str(link.readlink()):
                sizes.append(link.stat().st_size)
    return max(sizes)


def nothing_kept(site: Site) -> bool:
    kept = (
        [path for path in (site.home / "files").rglob("*") if path.is_file()] if (site.home / "files").exists() else []
    )
    return (
        not kept and not list(site.temporary.iterdir()) and not Blob.objects.exists() and not Evidence.objects.exists()
    )


def test_a_web_process_killed_in_the_middle_of_an_upload_leaves_nothing(site: Site, alice: User) -> None:
    [web] = children(site.processes[0].pid)
    with site.caller(alice) as api:
        with socket.create_connection(("127.0.0.1", site.port), timeout=20) as line:
            line.sendall(half(api))
            until(lambda: largest_open_file(web) > 2**20, "half of the file is there")
            os.kill(web, signal.SIGKILL)
            with contextlib.suppress(ConnectionResetError):
                assert line.recv(1) == b""
        until(lambda: children(site.processes[0].pid) not in ([], [web]), "another one")
        assert nothing_kept(site)
        first, again = upload(api), upload(api)
    assert (first.status_code, again.status_code) == (201, 201), first.text
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.json()["id"] == again.json()["id"] == str(Evidence.objects.get().pk)
    assert first.json()["size"] == len(LARGE)


def test_a_disk_that_takes_no_more_refuses_in_words_and_recovers(site: Site, alice: User) -> None:
    [web] = children(site.processes[0].pid)
    before = resource.prlimit(web, resource.RLIMIT_FSIZE)
    # a connection for each request: the web server ends one whose body it has not read to the end
    with site.caller(alice, **{"Accept-Language": "en", "Connection": "close"}) as api:
        resource.prlimit(web, resource.RLIMIT_FSIZE, (2 * 2**20, before[1]))
        refused = upload(api)
        assert refused.status_code == 503, refused.text
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert "Nothing was saved" in refused.json()["detail"]
        assert int(refused.headers["Retry-After"]) > 0
        assert nothing_kept(site)
        assert api.get("/tickets/").status_code == 200
        resource.prlimit(web, resource.RLIMIT_FSIZE, before)
        assert upload(api).status_code == 201
    assert Evidence.objects.count() == Blob.objects.count() == 1


@contextlib.contextmanager
def no_room(size: int) -> Iterator[None]:
    """No file of this process grows past `size`: the kernel answers as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.django_db
def test_a_full_evidence_folder_keeps_no_half_file(alice: User) -> None:
    folder = Path(default_storage.location)  # type: ignore[attr-defined]
    with no_room(len(LARGE) // 2), pytest.raises(Unavailable):
        receive(file=ContentFile(LARGE), name="log.txt", purpose="log", by=alice)
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert not Blob.objects.exists()
    kept = receive(file=ContentFile(LARGE), name="log.txt", purpose="log", by=alice)
    assert [path.stat().st_size for path in folder.rglob("*") if path.is_file()] == [kept.blob.size]


@pytest.mark.django_db
def test_the_draft_of_a_killed_writer_is_removed_by_a_later_one(alice: User) -> None:
    incoming = Path(default_storage.location) / "incoming"  # type: ignore[attr-defined]
    incoming.mkdir(parents=True)
    for name, age in (("old", 7200), ("young", 60)):
        (incoming / name).write_bytes(b"half")
        then = (incoming / name).stat().st_mtime - age
        os.utime(incoming / name, (then, then))
    receive(file=ContentFile(LINE), name="log.txt", purpose="log", by=alice)
    assert [path.name for path in incoming.iterdir()] == ["young"]


@pytest.mark.django_db
def test_the_service_is_not_ready_without_room_for_files(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(health, "ROOM", 2**62)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "MB free" in answer.json()["disk"]
    assert client.get("/healthz").status_code == 200
