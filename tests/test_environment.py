"""Embedded or in production by the environment alone: what each variable does, and that nothing else differs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from helpdesk import env
from helpdesk.common.errors import Unavailable
from tests import s3
from tickets.evidence import services
from tickets.evidence.models import Blob, Evidence, State

PRODUCTION = {
    "SECRET_KEY": "a long one of its own, with 50 characters or more, 0123456789",
    "DATABASE_URL": "postgres://person:pass%2Fword@db.example/helpdesk?sslmode=verify-full",
    "BROKER_URL": "redis://broker.example/0",
    "CACHE_URL": "rediscache://cache.example/1",
    "STORAGE_URL": "s3://key:secret@s3.example/evidence",
    "EMAIL_URL": "smtp+tls://person:word@mail.example:587",
    "SITE_URL": "https://help.example",
    "ALLOWED_HOSTS": "help.example",
    "TRUSTED_PROXIES": "1",
}
SHOWN = ("DEMO", "DATABASES", "CACHES", "STORAGES", "CELERY_BROKER_URL", "EMAIL_HOST", "EMAIL_USE_TLS", "SITE_URL")


def run(home: Path, *words: str, **given: str) -> subprocess.CompletedProcess[str]:
    """Python in a process that is no test, with this environment and nothing of ours."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "HOME") if name in os.environ}
    place = {**kept, "HELPDESK_HOME": str(home), "DJANGO_SETTINGS_MODULE": "helpdesk.settings", **given}
    command = [sys.executable, *words]
    return subprocess.run(command, env=place, cwd=env.BASE, capture_output=True, text=True, check=False)  # noqa: S603


def settings_with(home: Path, **given: str) -> dict[str, Any]:
    program = "import json; from django.conf import settings as s; "
    program += f"print(json.dumps({{n: getattr(s, n) for n in {SHOWN!r}}}, default=str))"
    done = run(home, "-c", program, **given)
    assert done.returncode == 0, done.stderr
    shown: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return shown


def test_production_passes_the_deployment_checks(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)
    assert done.returncode == 0, done.stderr


def test_production_is_the_environment_alone(tmp_path: Path) -> None:
    shown = settings_with(tmp_path, **PRODUCTION)
    database = shown["DATABASES"]["default"]
    assert (database["ENGINE"], database["PASSWORD"]) == ("django.db.backends.postgresql", "pass/word")
    assert database["OPTIONS"]["sslmode"] == "verify-full"
    assert database["OPTIONS"]["pool"]["max_size"] >= 4  # as many as a web process has threads
    assert shown["CACHES"]["default"]["BACKEND"] == "helpdesk.cache.Redis"
    assert shown["STORAGES"]["default"]["OPTIONS"]["endpoint_url"] == "https://s3.example"
    assert (shown["EMAIL_HOST"], shown["EMAIL_USE_TLS"]) == ("mail.example", True)
    assert shown["DEMO"] is False


def test_without_an_environment_everything_lies_in_the_data_folder(tmp_path: Path) -> None:
    shown = settings_with(tmp_path)
    for place in (
        shown["DATABASES"]["default"]["NAME"],
        shown["CACHES"]["default"]["LOCATION"],
        shown["STORAGES"]["default"]["OPTIONS"]["location"],
    ):
        assert Path(place).is_relative_to(tmp_path)
    assert shown["DEMO"] is True
    assert len((tmp_path / "secret_key").read_text()) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("given", "is_demo"),
    [
        ({}, True),
        ({"DEMO": "0"}, False),
        ({"HOST": "localhost"}, True),
        ({"HOST": "::1"}, True),
        ({"SITE_URL": "https://help.example"}, False),  # behind a proxy on this machine
        ({"HOST": "0.0.0.0"}, False),  # noqa: S104
    ],
)
def test_demo_people_exist_on_this_machine_alone(tmp_path: Path, given: dict[str, str], is_demo: bool) -> None:
    assert settings_with(tmp_path, **given, ALLOWED_HOSTS="*")["DEMO"] is is_demo


@pytest.mark.parametrize("given", [{"HOST": "0.0.0.0"}, {"SITE_URL": "https://help.example"}])  # noqa: S104
def test_demo_people_for_strangers_are_refused_in_words(tmp_path: Path, given: dict[str, str]) -> None:
    done = run(tmp_path, "manage.py", "check", **given, ALLOWED_HOSTS="*", DEMO="1")
    assert done.returncode != 0
    assert "helpdesk.E001" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DEMO": "maybe"}, "DEMO='maybe': use 1 or 0"),
        ({"PORT": "http"}, "PORT='http': use a whole number"),
        *(({"LATE_FEE_RATE": bad}, f"LATE_FEE_RATE={bad!r}: use") for bad in ("0,0005", "0.05%", "-1", "2", "NaN")),
        ({"DATABASE_URL": "mysql://host/name"}, "DATABASE_URL: use"),
        ({"STORAGE_URL": "ftp://host/name"}, "STORAGE_URL: use"),
        ({"CHECK_SITE": "public"}, "CHECK_SITE"),  # nobody but people asks the public site
        ({"CHECK_SECONDS": "61"}, "CHECK_SECONDS"),
        ({"CHECK_URL": "http://gateway.example/"}, "CHECK_URL"),
        ({"CHECK_URL": "ftp://gateway.example/", "CHECK_ALLOW_PRIVATE": "1"}, "CHECK_URL"),
    ],
)
def test_a_bad_value_stops_the_start_with_its_name(tmp_path: Path, given: dict[str, str], said: str) -> None:
    done = run(tmp_path, "-c", "from django.conf import settings; settings.DEBUG", **given)
    assert done.returncode != 0
    assert said in done.stderr


def test_an_address_that_is_not_answered_for_is_said(tmp_path: Path) -> None:
    done = run(tmp_path, "manage.py", "check", HOST="0.0.0.0")  # noqa: S104
    assert done.returncode != 0
    assert "helpdesk.E002" in done.stderr
    assert "ALLOWED_HOSTS" in done.stderr


# Evidence in an S3-compatible store


@pytest.fixture
def bucket(settings: Any) -> Iterator[s3.Store]:
    with s3.store() as store:
        settings.STORAGES = {**settings.STORAGES, "default": env.storage(store.url, Path("unused"))}
        yield store


def upload(by: User, data: bytes = b"2026-11-20 upload failed, code 0499\n") -> Evidence:
    return services.receive(file=ContentFile(data), name="log.txt", purpose="log", by=by)


@pytest.mark.django_db
def test_evidence_in_a_bucket_is_the_same_evidence(
    bucket: s3.Store, alice: User, client_of: Callable[[User], Client]
) -> None:
    file = upload(alice)
    assert upload(alice).blob == file.blob
    assert list(bucket.objects) == [f"/evidence/{file.blob.key}"]
    assert services.extract(file.pk)
    answer = client_of(alice).get(f"/evidence/{file.pk}/file/")
    assert b"".join(answer.streaming_content) == b"2026-11-20 upload failed, code 0499\n"  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_a_bucket_that_fails_leaves_no_row_and_the_file_waits(
    bucket: s3.Store, alice: User, api_of: Callable[[User], APIClient]
) -> None:
    file = upload(alice)
    bucket.is_broken = True
    with pytest.raises(Unavailable):
        upload(alice, b"another log, code 0500\n")
    part = {"file": ContentFile(b"a third log\n", name="log.txt"), "purpose": "log"}
    assert api_of(alice).post("/api/v1/evidence/", part, format="multipart").status_code == 503
    assert Blob.objects.count() == Evidence.objects.count() == 1
    for _turn in range(services.ATTEMPTS + 2):
        assert services.extract(file.pk) is False
        Evidence.objects.update(taken_at=None)
    assert APIClient().get("/readyz").json()["storage"] == "down"
    bucket.is_broken = False
    assert services.extract(file.pk)
    file.refresh_from_db()
    assert file.state == State.CLEAN


@pytest.mark.django_db
def test_bytes_that_are_gone_are_a_503(bucket: s3.Store, alice: User, api_of: Callable[[User], APIClient]) -> None:
    file = upload(alice)
    services.extract(file.pk)
    default_storage.delete(file.blob.key)
    assert api_of(alice).get(f"/api/v1/evidence/{file.pk}/file/").status_code == 503


# A cache that is gone


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["Redis", "Files"])
def test_pages_work_without_their_cache(
    kind: str, settings: Any, tmp_path: Path, ann: User, client_of: Callable[[User], Client]
) -> None:
    (tmp_path / "file").write_text("where a folder should be")
    places = {"Redis": "redis://127.0.0.1:1/0", "Files": str(tmp_path / "file" / "cache")}
    settings.CACHES = {"default": {"BACKEND": f"helpdesk.cache.{kind}", "LOCATION": str(tmp_path / "cache")}}
    caches["default"]
    settings.CACHES = {"default": {"BACKEND": f"helpdesk.cache.{kind}", "LOCATION": places[kind]}}
    assert client_of(ann).get("/desk/").status_code in (200, 302)
    assert client_of(ann).get("/desk/queue/all/").status_code == 200
    assert caches["default"].get_or_set("name", 7) == 7
    assert caches["default"].get_many(["name"]) == {}


def test_the_docs_name_every_variable() -> None:
    told = (env.BASE / "docs" / "deployment.md").read_text("utf-8")
    sources = [path.read_text("utf-8") for path in (env.BASE / "helpdesk").rglob("*.py")]
    asked = {
        name for text in sources for name in re.findall(r"\b(?:text|flag|integer|share|words)\(\"([A-Z_]+)\"", text)
    }
    assert len(asked) > 15
    assert not [name for name in asked if f"`{name}`" not in told]
