"""A database that is locked, slow or gone: 503 with Retry-After, never a lost or a doubled write, and no restart."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from django.conf import settings
from django.db import OperationalError, connection, connections, transaction

from accounts import services as accounts
from accounts.models import User
from helpdesk.common.faults import passes
from tests.faults.site import LOCK_SECONDS, Site, free_port, until
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("alpha")
SQLITE = settings.DATABASES["default"]["ENGINE"].endswith("sqlite3")


def file_ticket(api: httpx.Client, key: str) -> httpx.Response:
    return api.post("/tickets/", json={"subject": key, "symptom": "other"}, headers={"Idempotency-Key": key})


@contextlib.contextmanager
def writer() -> Iterator[None]:
    """Somebody else who writes and doesn't end."""
    other = connections.create_connection("default")
    try:
        with contextlib.closing(other), other.cursor() as cursor:
            cursor.execute("BEGIN IMMEDIATE" if SQLITE else "BEGIN")
            if not SQLITE:
                cursor.execute("LOCK TABLE tickets_ticket IN SHARE ROW EXCLUSIVE MODE")
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def in_background(ask: Callable[[], httpx.Response]) -> tuple[threading.Thread, list[httpx.Response]]:
    answers: list[httpx.Response] = []
    thread = threading.Thread(target=lambda: answers.append(ask()))
    thread.start()
    return thread, answers


def test_a_write_waits_for_another_one(site: Site, alice: User) -> None:
    with site.caller(alice) as api:
        with writer():
            waiting, answers = in_background(lambda: file_ticket(api, "first"))
            waiting.join(LOCK_SECONDS / 2)
            assert waiting.is_alive(), answers[0].text
        waiting.join()
    assert answers[0].status_code == 201, answers[0].text
    assert Ticket.objects.count() == 1


def test_past_the_wait_it_is_503_and_the_same_request_succeeds_once(site: Site, alice: User) -> None:
    with site.caller(alice) as api:
        with writer():
            refused = file_ticket(api, "first")
            assert (refused.status_code, refused.json()["code"]) == (503, "unavailable"), refused.text
            assert int(refused.headers["Retry-After"]) > 0
            assert api.get("/tickets/").json()["results"] == []  # reading goes on
            assert httpx.get(f"{site.url}/").status_code == 200
        assert [file_ticket(api, "first").status_code for _turn in range(2)] == [201, 201]
    assert Ticket.objects.count() == 1


def test_the_waits_in_service_are_those_of_the_house() -> None:
    """Read from the settings of a process that is no test."""
    program = "from django.conf import settings; print(settings.DATABASES['default']['OPTIONS'])"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "TEST_"))}
    env |= {"DJANGO_SETTINGS_MODULE": "helpdesk.settings"}
    run = subprocess.run([sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True)  # noqa: S603
    wanted = ["'timeout': 20", "synchronous=FULL", "journal_mode=WAL", "foreign_keys=ON", "'IMMEDIATE'"]
    for words in wanted if SQLITE else ["statement_timeout=15000", "lock_timeout=10000", "'pool'"]:
        assert words in run.stdout
    assert "mmap" not in run.stdout


@pytest.mark.django_db(transaction=True)
def test_the_connection_is_what_the_settings_say() -> None:
    with connection.cursor() as cursor:
        for name, value in {"journal_mode": "wal", "foreign_keys": 1, "mmap_size": 0}.items() if SQLITE else ():
            cursor.execute(f"PRAGMA {name}")
            assert cursor.fetchone()[0] == value
        if not SQLITE:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone()[0] == "10s"


@pytest.mark.django_db(transaction=True)
def test_a_fault_of_the_program_is_no_passing_one() -> None:
    with pytest.raises(Exception, match="no_such_table") as mistake, connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM no_such_table")
    assert not passes(mistake.value)
    assert not passes(ValueError())


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_is_a_passing_fault() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 50")
        with pytest.raises(OperationalError) as slow, transaction.atomic():
            cursor.execute("SELECT pg_sleep(5)")
    assert passes(slow.value)


class Cluster:
    """A PostgreSQL of its own, to be stopped in the middle of everything."""

    def __init__(self, folder: Path, tools: Path) -> None:
        self.folder, self.tools, self.port = folder, tools, free_port()
        self.url = f"postgres://postgres@127.0.0.1:{self.port}/postgres"
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self._run("initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-N")

    def _run(self, tool: str, *words: str) -> None:
        """As an unprivileged person: PostgreSQL refuses root."""
        command = [*(["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []), str(self.tools / tool), *words]
        subprocess.run(command, check=True, cwd=self.folder, stdout=subprocess.DEVNULL)  # noqa: S603

    def start(self) -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self._run(
            "pg_ctl", "-D", str(self.folder / "data"), "-w", "-o", options, "-l", str(self.folder / "log"), "start"
        )

    def fail(self) -> None:
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop")

    def copy(self) -> None:
        """The tests' database, as it is now."""
        given = connection.settings_dict
        source = f"postgres://{quote(given['USER'])}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}"
        dump = subprocess.run(["pg_dump", "--no-owner", source], check=True, capture_output=True)  # noqa: S603, S607
        subprocess.run(["psql", "-q", self.url], input=dump.stdout, check=True, capture_output=True)  # noqa: S603, S607


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or not shutil.which("pg_dump"):
        pytest.skip("initdb was not found; install it with: apt-get install -y postgresql")
    # not in pytest's own folder, through which no other person may pass
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        cluster = Cluster(Path(folder), found[-1].parent)
        cluster.start()
        yield cluster
        with contextlib.suppress(subprocess.CalledProcessError):
            cluster.fail()


@pytest.mark.services
def test_the_service_outlives_a_restart_of_postgresql(
    cluster: Cluster, start: Callable[..., Site], alice: User
) -> None:
    key, token = "first", accounts.issue_token(by=alice)[1]
    cluster.copy()
    site = start(DATABASE_URL=cluster.url)
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{site.url}/api/v1", headers=headers, timeout=30) as api:
        assert file_ticket(api, "before").status_code == 201
        cluster.fail()
        refused = file_ticket(api, key)
        assert refused.status_code == 503, refused.text
        assert int(refused.headers["Retry-After"]) > 0
        page = httpx.get(f"{site.url}/kb/", timeout=30)
        assert page.status_code == 503
        assert "Retry-After" in page.headers
        assert httpx.get(f"{site.url}/healthz").status_code == 200
        assert httpx.get(f"{site.url}/readyz", timeout=30).json()["database"] == "down"
        cluster.start()
        until(lambda: file_ticket(api, key).status_code == 201, "it works again without a restart")
        assert file_ticket(api, key).headers["Idempotent-Replayed"] == "true"
        assert len(api.get("/tickets/").json()["results"]) == 2
