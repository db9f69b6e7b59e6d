"""CPU and memory of reading and masking a log of 200 MB, and the growth on hostile lines: `python -m bench.logs`."""

from __future__ import annotations

import resource
import subprocess
import sys
from collections.abc import Callable, Iterator

from tests.logs.samples import stream
from tickets.invoices.logs import Masker, read
from tickets.invoices.logs.masking import masked

MEGABYTES = 200
RATE, MEMORY, GROWTH = 5, 150, 3.0  # MB/s of CPU at least, MB of peak RSS at most, times as long for twice as much
#: Lines that make careless patterns go back and forth; each is one character or word that many patterns begin with.
HOSTILE = {
    "digits": "1 ", "digits and hyphens": "6222-", "words": "password", "quotes": 'password="\\', "mailboxes": "a.b+c@",
    "addresses": "http://a.b", "spaces": " ", "tags": "<password", "keys": "eyJaaaaaaaa.", "codes": "4033",
    "PEM": "-----BEGIN ",
    "statuses": "status code", "dates": "2026-11-20 10:00:", "Chinese": "额度密码是",
}  # fmt: skip


def _read() -> int:
    return read(stream(MEGABYTES), "utf-8").lines


def _mask() -> int:
    return sum(map(len, masked(stream(MEGABYTES), "utf-8", Masker())))


WORK: dict[str, Callable[[], int]] = {"read": _read, "mask": _mask}


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def child(name: str) -> None:
    """One piece of work in a process of its own: prints seconds of CPU and peak RSS in MB."""
    start = _cpu()
    WORK[name]()
    print(_cpu() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def hostile(line: str, length: int) -> float:
    """Seconds of CPU for twenty such lines of `length` characters."""

    def chunks() -> Iterator[bytes]:
        yield from [(line * (length // len(line)) + "\n").encode()] * 20

    start = _cpu()
    read(chunks(), "utf-8")
    sum(map(len, masked(chunks(), "utf-8", Masker())))
    return _cpu() - start


def main() -> int:
    kept = True
    for name in WORK:
        run = subprocess.run([sys.executable, "-m", "bench.logs", name], capture_output=True, text=True, check=True)  # noqa: S603
        seconds, rss = map(float, run.stdout.split())
        good = MEGABYTES / seconds > RATE and rss < MEMORY
        kept &= good
        told = f"{name} a log of {MEGABYTES} MB{MEGABYTES / seconds:>14.1f} MB/s{rss:>9.0f} MB"
        print(f"{told}  {'✓' if good else '✗'} > {RATE} MB/s, < {MEMORY} MB")
    for name, line in HOSTILE.items():
        short, long = hostile(line, 9_500), hostile(line, 19_000)
        good = long / short < GROWTH
        kept &= good
        told = f"hostile lines: {name:<22}{long * 1000:>8.0f} ms{long / short:>6.1f} ×"
        print(f"{told}  {'✓' if good else '✗'} < {GROWTH} × for lines twice as long")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(child(sys.argv[1]) if sys.argv[1:] else main())  # type: ignore[func-returns-value]
