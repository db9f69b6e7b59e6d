from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.site import Site, SlowScanner


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("faults"))


@pytest.fixture
def start(
    transactional_db: None, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Site]]:
    """`start(NAME=value…)`: the web process in that environment; workers are started by whoever needs one."""
    sites: list[Site] = []

    def make(**env: str) -> Site:
        sites.append(Site(tmp_path_factory.mktemp("home"), **env))
        sites[-1].web()
        return sites[-1]

    yield make
    for site in sites:
        site.stop()
        request.node.add_report_section("call", "processes", site.log())


@pytest.fixture
def site(start: Callable[..., Site]) -> Site:
    return start()


@pytest.fixture
def scanner() -> Iterator[SlowScanner]:
    with SlowScanner() as server:
        yield server
        server.let.set()
        server.shutdown()
