"""Speed as ratios to a floor in the same run, on PostgreSQL: `python -m bench.pages`."""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import functools
import json
import platform
import secrets
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench import load, server
from bench.client import Person

RESULTS = Path(__file__).parent / "results"
CLIENTS = 8
ROUNDS = 5
QUESTION = "查验平台查无此票"
FLOOR = "floor"
MEMORY = 250  # MB a worker


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `value` is a ratio, `bar` what it has to keep."""

    what: str
    size: int
    measured: str
    value: float
    bar: str
    is_kept: bool


Figures = dict[tuple[int, str], float]


def targets(service: server.Server) -> list[load.Target]:
    """The floor and the pages, as the people see them who use them."""
    ann, alice = (_person(service, name) for name in ("ann@desk.example", "alice@alpha.example"))
    at_desk = [row["number"] for row in ann.get("/tickets/", page_size="50")["results"]]
    own = [row["number"] for row in alice.get("/tickets/", page_size="50")["results"]]
    by_ann, by_alice = {"Cookie": ann.session}, {"Cookie": alice.session}
    return [
        load.Target(FLOOR, ["/floor/"]),
        load.Target("queue", ["/desk/queue/all/", "/desk/queue/triage/", "/desk/queue/mine/"], by_ann),
        load.Target("ticket (desk)", [f"/desk/tickets/{number}/" for number in at_desk], by_ann),
        load.Target("ticket (enterprise)", [f"/tickets/{number}/" for number in own], by_alice),
        load.Target("suggest", [f"/api/v1/kb/suggest/?q={word}" for word in _quoted(QUESTION)]),
    ]


def _quoted(text: str) -> list[str]:
    return [quote(text[:end]) for end in range(2, len(text) + 1)]


def _person(service: server.Server, email: str) -> Person:
    person = Person(service.base_url, email, service.password)
    person.fetch_token()
    person.sign_in()
    return person


def measure(services: list[server.Server], seconds: float) -> Figures:
    """Median throughput of every target at every size; the sizes and targets take turns, so a slow minute hits all."""
    known = {service.size: targets(service) for service in services}
    found: dict[tuple[int, str], list[float]] = defaultdict(list)
    for turn in range(ROUNDS + 1):
        for service in services:
            for target in known[service.size]:
                spent = seconds / ROUNDS if turn else 0.5
                rate = load.throughput(service.base_url, target, seconds=spent, clients=CLIENTS)
                if turn:  # the first round warms caches and connections
                    found[service.size, target.name].append(rate)
    return {key: load.median(rates) for key, rates in found.items()}


def submission(service: server.Server) -> tuple[float, float]:
    """Median seconds of (a ticket with a 50 KB file by the API, the floor's request), one at a time, in turns."""
    alice, floor = _person(service, "alice@alpha.example"), _person(service, "ann@desk.example")
    filed, bare = [], []
    for turn in range(40):
        bare.append(_timed(functools.partial(floor.page, "/floor/")))
        filed.append(_timed(functools.partial(_submit, alice, turn)))
    return load.median(filed[5:]), load.median(bare[5:])


def _submit(alice: Person, turn: int) -> None:
    log = f"{secrets.token_hex(8)} 上传失败 code=0499\n".encode() * 1400
    told = {"subject": f"批量上传失败 {turn}", "symptom": "batch_upload_failed"}
    alice.file(f"upload-{turn}.log", log[: 50 * 1024], "log", **told)


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def table(services: list[server.Server], rates: Figures, writes: dict[int, tuple[float, float]]) -> list[Line]:
    """Every figure with its bar."""
    lines = []
    for service in services:
        size = service.size
        floor = rates[size, FLOOR]
        lines.append(Line(FLOOR, size, f"{floor:.0f}/s", 1.0, "", is_kept=True))
        for name in ("queue", "ticket (desk)", "ticket (enterprise)"):
            ratio = rates[size, name] / floor
            lines.append(Line(name, size, f"{rates[size, name]:.0f}/s", ratio, "≥ 0.35 of the floor", ratio >= 0.35))
        ratio = floor / rates[size, "suggest"]
        lines.append(
            Line("suggest", size, f"{rates[size, 'suggest']:.0f}/s", ratio, "≤ 1.5 × the floor's time", ratio <= 1.5)
        )
        filed, bare = writes[size]
        ratio, shown = filed / bare, f"{filed * 1000:.1f} ms to {bare * 1000:.1f} ms"
        lines.append(Line("ticket with 50 KB by API", size, shown, ratio, "< 3 × the floor's time", ratio < 3))
        memory = service.memory()
        lines.append(
            Line("memory of a worker", size, f"{memory} MB", memory / MEMORY, f"< {MEMORY} MB", memory < MEMORY)
        )
    return lines + growth(sorted(service.size for service in services), rates)


def growth(sizes: list[int], rates: Figures) -> list[Line]:
    """The largest size against the smallest."""
    small, large = sizes[0], sizes[-1]
    if small == large:
        return []
    lines = []
    for name in ("queue", "ticket (desk)", "ticket (enterprise)"):
        ratio = rates[large, name] / rates[small, name]
        lines.append(Line(f"{name} against {small}", large, "", ratio, "≥ 0.85", ratio >= 0.85))
    return lines


def show(lines: list[Line]) -> None:
    print(f"\n{'':<28}{'tickets':>9}  {'measured':<22}{'ratio':>7}  bar")
    for line in lines:
        mark = "" if not line.bar else "✓ " if line.is_kept else "✗ "
        print(f"{line.what:<28}{line.size:>9}  {line.measured:<22}{line.value:>7.2f}  {mark}{line.bar}")


def keep(lines: list[Line], seconds: float) -> Path:
    RESULTS.mkdir(exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    setup = {"clients": CLIENTS, "rounds": ROUNDS, "seconds": seconds, "workers": server.WORKERS}
    machine = {"python": platform.python_version(), "system": platform.platform()}
    content = {"at": now.isoformat(), **setup, **machine, "lines": [asdict(line) for line in lines]}
    path = RESULTS / f"pages-{now:%Y%m%d-%H%M%S}.json"
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    return path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="for each page and size")
    parser.add_argument("--sizes", default="1000,100000", help="numbers of tickets")
    given = parser.parse_args()
    with contextlib.ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="helpdesk-bench-")))
        services = [stack.enter_context(server.running(int(size), home)) for size in given.sizes.split(",")]
        rates = measure(services, given.seconds)
        writes = {service.size: submission(service) for service in services}
        lines = table(services, rates, writes)
    show(lines)
    print(f"\n{keep(lines, given.seconds)}")
    return 0 if all(line.is_kept for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
