"""One database of a size, loaded once and kept, and the service on it behind gunicorn."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psycopg

DEFAULT = "postgres://postgres@127.0.0.1:5432/helpdesk_bench"
WORKERS, THREADS = 2, 4


@dataclass(frozen=True, slots=True)
class Server:
    """A running service with `size` tickets."""

    size: int
    base_url: str
    password: str
    process: subprocess.Popen[bytes]

    def memory(self) -> int:
        """Megabytes that the largest worker holds."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return max(_resident(pid) for pid in children) // 1024


def _resident(pid: str) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))


@contextlib.contextmanager
def running(size: int, home: Path) -> Iterator[Server]:
    """The service with `size` tickets on a port of its own, until the block ends."""
    port, password = _free_port(), secrets.token_urlsafe(12)
    folder = home / str(size)
    env = {
        **os.environ,
        "DATABASE_URL": _database(size),
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "HELPDESK_HOME": str(folder),
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "DEMO": "1",
    }
    for name in ("SITE_URL", "ALLOWED_HOSTS"):
        env.pop(name, None)
    _prepare(env, size, password)
    command = [sys.executable, "-m", "gunicorn", "helpdesk.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", str(WORKERS), "--threads", str(THREADS), "--keep-alive", "30", "--log-level", "error"]
    command += ["--no-control-socket"]
    process = subprocess.Popen(command, env=env)  # noqa: S603  our own interpreter, our own words
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        yield Server(size, f"http://127.0.0.1:{port}", password, process)
    finally:
        process.terminate()
        process.wait(30)


def _database(size: int) -> str:
    """The address of the database of that size, made when it isn't there."""
    parts = urlsplit(os.environ.get("DATABASE_URL") or DEFAULT)
    name = f"{parts.path.strip('/')}_{size}"
    with psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))
    return urlunsplit(parts._replace(path=f"/{name}"))


def _prepare(env: dict[str, str], size: int, password: str) -> None:
    start = time.monotonic()
    _manage(env, "compile_messages")
    _manage(env, "migrate", "--verbosity=0")
    _manage(env, "collectstatic", "--no-input", "--verbosity=0")
    _manage(env, "load_content", "--verbosity=0")
    _manage(env, "load_demo", f"--password={password}")
    _manage(env, "load_sample", f"--tickets={size}", "--articles=200", "--fill")
    with psycopg.connect(env["DATABASE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
    print(f"{size} tickets are there ({time.monotonic() - start:.0f} s)", flush=True)


def _manage(env: dict[str, str], *words: str) -> None:
    subprocess.run([sys.executable, "manage.py", *words], env=env, check=True)  # noqa: S603


def _free_port() -> int:
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    for _ in range(200):
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).status_code == 200:
                return
        time.sleep(0.1)
    raise TimeoutError(url)
