"""What `make run` starts ends as a whole: by Ctrl-C, by a signal, or when one of its parts ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.site import Site, family, until


@pytest.fixture
def site(transactional_db: None, tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "home", WEB_WORKERS="1")
    yield site
    site.stop()


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


def workers_of(site: Site, process: subprocess.Popen[bytes]) -> bool:
    """Web, worker and scheduler run, and the worker has its two children."""
    return site.answers() and len(family(process.pid)) >= 1 + 3 + 3 + 1 + 2


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_everything_ends_with_it(how: signal.Signals, site: Site) -> None:
    process = site.start("helpdesk.processes")
    until(lambda: workers_of(site, process), "web, worker and scheduler")
    everybody = family(process.pid)
    if how == signal.SIGINT:
        os.killpg(process.pid, how)  # as a terminal does
    else:
        process.send_signal(how)
    assert process.wait(40) == 0
    assert [pid for pid in everybody if is_alive(pid)] == []
    assert not list(site.home.rglob("*.pid"))
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", site.port))


def test_a_part_that_ends_takes_the_others_along(site: Site) -> None:
    process = site.start("helpdesk.processes")
    until(lambda: workers_of(site, process), "web, worker and scheduler")
    everybody = family(process.pid)
    scheduler = next(pid for pid in everybody if b"beat" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
    os.kill(scheduler, signal.SIGKILL)
    assert process.wait(40) != 0
    assert [pid for pid in everybody if is_alive(pid)] == []
