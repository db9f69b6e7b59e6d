"""The real processes of the service on the tests' own database, to be killed, starved and cut off."""

from __future__ import annotations

import contextlib
import email
import os
import shutil
import signal
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
from celery import Celery
from django.conf import settings
from django.db import connection
from kombu.exceptions import OperationalError

from accounts import services as accounts
from accounts.models import User

PATIENCE = 60.0  # seconds; a busy machine is slow, not broken
LOCK_SECONDS = 2  # how long a write waits for another one; 20 and 10 in service


def until(ask: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first truthy answer of `ask`."""
    end = time.monotonic() + patience
    while not (found := ask()):
        assert time.monotonic() < end, f"{what}: not within {patience:.0f} s"
        time.sleep(0.05)  # between two looks; the deadline is above
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def database_url() -> str:
    """The tests' database, for a process of its own; waiting for a lock is shorter than in service."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}?timeout={LOCK_SECONDS}"
    person = quote(given["USER"]) + (f":{quote(given['PASSWORD'])}" if given["PASSWORD"] else "")
    options = quote(f"-c lock_timeout={LOCK_SECONDS}s -c statement_timeout={LOCK_SECONDS + 2}s")
    return f"postgres://{person}@{given['HOST']}:{given['PORT'] or 5432}/{given['NAME']}?options={options}"


class Site:
    """Starts processes in one data folder; `stop()` ends those that are left."""

    def __init__(self, home: Path, **more: str) -> None:
        self.home, self.port = home, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.temporary = home / "tmp"
        self.temporary.mkdir(parents=True)
        self.queue = f"faults-{self.port}-{os.getpid()}"
        ours = ("PYTEST", "COVERAGE", "TEST_", "PLAYWRIGHT", "DJANGO_ALLOW")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.env |= {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "HELPDESK_HOME": str(home),
            "DATABASE_URL": database_url(),
            "SECRET_KEY": settings.SECRET_KEY,
            "QUEUE": self.queue,
            "SWEEP_SECONDS": "1",
            "TMPDIR": str(self.temporary),
            "PORT": str(self.port),
            **more,
        }
        (home / "static").mkdir()
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *words: str, **env: str) -> subprocess.Popen[bytes]:
        """`python -m` these words."""
        log = (self.home / "log").open("ab")
        with log:
            process = subprocess.Popen(  # noqa: S603  our own interpreter, our own words
                [sys.executable, "-m", *words],
                env={**self.env, **env},
                stdout=log,
                stderr=log,
                cwd=settings.BASE_DIR,
                start_new_session=True,  # a group of its own, to be killed as one
            )
        self.processes.append(process)
        return process

    def web(self, **env: str) -> subprocess.Popen[bytes]:
        words = f"gunicorn helpdesk.wsgi --bind 127.0.0.1:{self.port} --threads 4 --no-control-socket --timeout 60"
        process = self.start(*words.split(), **env)
        until(self.answers, "web")
        return process

    def answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/healthz", timeout=5).status_code == 200
        return False

    def worker(self, *, sweeping: bool = False, **env: str) -> subprocess.Popen[bytes]:
        """A worker; `sweeping` with the scheduler inside, which sweeps each second."""
        words = "celery --quiet -A helpdesk.celery:app worker --loglevel WARNING --concurrency 2 --without-gossip "
        words += "--without-mingle" + (f" --beat --schedule {self.home / 'beat'}" if sweeping else "")
        return self.start(*words.split(), **env)

    @contextlib.contextmanager
    def working(self, *, sweeping: bool = False, **env: str) -> Iterator[subprocess.Popen[bytes]]:
        process = self.worker(sweeping=sweeping, **env)
        try:
            yield process
        finally:
            kill(process)

    def celery(self) -> Celery:
        """The same broker and queue, for messages that only a fault would send."""
        app = Celery(set_as_current=False)
        app.conf.update(
            broker_url=self.env.get("BROKER_URL") or settings.CELERY_BROKER_URL,
            broker_transport_options={
                k: str(self.home / "queue" / Path(v).name) if "folder" in k else v
                for k, v in settings.CELERY_BROKER_TRANSPORT_OPTIONS.items()
            },
            task_default_queue=self.queue,
            task_ignore_result=True,
        )
        return app

    def flush(self) -> int:
        """Empty the broker; how many messages are lost."""
        with self.messages() as queue:
            return int(queue.purge() or 0)

    def waiting(self) -> int:
        """How many messages nobody has taken yet."""
        with self.messages() as queue:
            return int(queue.queue_declare().message_count)

    @contextlib.contextmanager
    def messages(self) -> Iterator[Any]:
        """The queue, as the worker declares it."""
        with self.celery() as app, app.connection_for_write() as broker:
            queue = app.amqp.queues[self.queue].bind(broker.default_channel)
            queue.declare()
            yield queue

    def caller(self, user: User, **headers: str) -> httpx.Client:
        """A person at the API."""
        secret = accounts.issue_token(by=user)[1]
        base = f"{self.url}/api/v1"
        return httpx.Client(base_url=base, headers={"Authorization": f"Bearer {secret}", **headers}, timeout=30)

    def mails(self) -> list[Message]:
        """What the mail folder holds."""
        files = sorted((self.home / "mail").glob("*")) if (self.home / "mail").exists() else []
        parts = [part for file in files for part in file.read_bytes().split(b"-" * 79 + b"\n") if part.strip()]
        return [email.message_from_bytes(part) for part in parts]

    def clear(self) -> None:
        """As on the first day; the database is the tests' own to empty."""
        for folder in ("mail", "files", "cache", "tmp"):
            shutil.rmtree(self.home / folder, ignore_errors=True)
        self.temporary.mkdir()
        self.flush()

    def stop(self, processes: Sequence[subprocess.Popen[bytes]] | None = None) -> None:
        for process in list(self.processes) if processes is None else processes:
            kill(process)
            self.processes.remove(process)
        if not self.processes:
            with contextlib.suppress(OSError, OperationalError), self.messages() as queue:
                queue.delete()

    def log(self) -> str:
        return (self.home / "log").read_text(errors="replace")[-4000:]


def kill(process: subprocess.Popen[bytes]) -> None:
    """kill -9 of all that came of it, as a machine that fails."""
    for pid in family(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.wait(10)


def children(pid: int) -> list[int]:
    """Empty when there is no such process any more."""
    with contextlib.suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def family(pid: int) -> list[int]:
    """The process and all that came of it."""
    return [pid, *(one for child in children(pid) for one in family(child))]


class SlowScanner(socketserver.ThreadingTCPServer):
    """A virus scanner that answers only when it is let: what it has been asked is an extraction in the middle."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Scan)
        self.asked, self.let = threading.Semaphore(0), threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"tcp://127.0.0.1:{self.server_address[1]}"


class _Scan(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        with contextlib.suppress(OSError, struct.error):
            stream = self.request.makefile("rb")
            stream.read(10)
            while size := struct.unpack(">I", stream.read(4))[0]:
                stream.read(size)
            self.server.asked.release()
            self.server.let.wait(PATIENCE)
            self.request.sendall(b"stream: OK\0")
