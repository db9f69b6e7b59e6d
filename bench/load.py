"""A closed loop of clients against one server: the next request goes out when the answer to the last one is in."""

from __future__ import annotations

import http.client
import itertools
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Target:
    """Addresses that are asked in turn, and the headers that go with them."""

    name: str
    paths: Sequence[str]
    headers: dict[str, str] = field(default_factory=dict)


def throughput(base_url: str, target: Target, *, seconds: float, clients: int) -> float:
    """Answers a second. Raises on the first answer that isn't 200: an error page is fast and worth nothing."""
    turn, counts = itertools.count(), [0] * clients
    wrong: list[str] = []
    end = time.perf_counter() + seconds

    def ask(slot: int) -> None:
        # http.client and not httpx: the client shares the machine with the server, and its own cost evens out ratios
        connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=30)
        while time.perf_counter() < end and not wrong:
            path = target.paths[next(turn) % len(target.paths)]
            connection.request("GET", path, headers=target.headers)
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                wrong.append(f"{path}: {answer.status}")
            counts[slot] += 1
        connection.close()

    start = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(slot,)) for slot in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(wrong[0])
    return sum(counts) / (time.perf_counter() - start)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)
