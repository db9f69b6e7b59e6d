from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.faults.site import Site, SlowScanner


@pytest.fixture(scope="session")
def running(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One web process for all tests; workers are started by whoever needs one."""
    site = Site(tmp_path_factory.mktemp("home"))
    site.web()
    yield site
    site.stop()


@pytest.fixture
def site(running: Site, transactional_db: None, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The service with nothing in it."""
    running.clear()
    yield running
    running.stop(running.processes[1:])
    request.node.add_report_section("call", "processes", running.log())


@pytest.fixture
def start(transactional_db: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Site]]:
    """`start(NAME=value…)`: another web process in that environment."""
    sites: list[Site] = []

    def make(**env: str) -> Site:
        sites.append(Site(tmp_path_factory.mktemp("home"), **env))
        sites[-1].web()
        return sites[-1]

    yield make
    for site in sites:
        site.stop()


@pytest.fixture
def scanner() -> Iterator[SlowScanner]:
    with SlowScanner() as server:
        yield server
        server.let.set()
        server.shutdown()
