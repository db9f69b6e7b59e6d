"""100,000 × 100,000 rows compared, measured in CPU time and memory: `python -m bench.reconciliation`.

Each case runs in a process of its own, for what memory it takes at most is known of a process alone.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

from tickets.invoices.listed import Item
from tickets.invoices.lists import Reader
from tickets.invoices.reconcile import Result, counts, reconcile

ROWS = 100_000
SECONDS, MEGABYTES = 30.0, 600
HEADS = (
    "发票种类", "发票代码", "发票号码", "开票日期", "金额", "税额", "价税合计", "发票状态", "销方名称", "销方识别号",
    "购方名称", "购方识别号",
)  # fmt: skip


def year(seed: int) -> bytes:
    """A year's list of an enterprise as CSV: the same invoices for every seed, each side with slips of its own."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEADS)
    writer.writerows(_rows(random.Random(0), random.Random(seed)))
    return out.getvalue().encode()


def _rows(truth: random.Random, slips: random.Random) -> Iterator[list[str]]:
    for index in range(ROWS):
        number = f"2611{truth.randrange(10**8):08d}{index:08d}"
        net = truth.randrange(100, 10**7)
        fate = slips.random()
        if fate < 0.02:
            continue
        if fate < 0.04:
            number = number[:7] + number[8] + number[7] + number[9:]
        if fate > 0.98:
            net += 1
        day = f"2026-{1 + index % 12:02d}-{1 + index % 28:02d}"
        money = [f"{value / 100:.2f}" for value in (net, net * 13 // 100, net + net * 13 // 100)]
        buyer = [f"示例客户{index % 5000}有限公司", f"91110105MA00F{index % 5000:05d}"]
        yield [
            "数电票（普通发票）",
            "",
            number,
            day,
            *money,
            "正常",
            "示例阿尔法科技有限公司",
            "91110108MA01ABCD5T",
            *buyer,
        ]


def from_files() -> object:
    own, theirs = (list(Reader().items(data, "list.csv")) for data in (year(1), year(2)))
    return _compared(own, theirs)


def nothing_alike() -> object:
    """The worst for the search of slips: one amount on one day, all numbers a slip apart, none the same."""
    money = Decimal(100)
    own = [_plain(index, f"2611{index:05d}{index:05d}{index:05d}1", money) for index in range(ROWS)]
    theirs = [one._replace(number=f"{one.number[:-1]}2") for one in own]
    return _compared(own, theirs)


def one_number() -> object:
    """Eight digits without a code, all the same: told apart by day and amount alone."""
    own = [_plain(index, "00000012", Decimal(index % 1000 + 1)) for index in range(ROWS)]
    theirs = [one._replace(code=f"{index:012d}") for index, one in enumerate(own)]
    return _compared(own, theirs)


def _plain(index: int, number: str, money: Decimal) -> Item:
    return Item(index + 2, number=number, issue_date=dt.date(2026, 3, 9), amount=money, tax=money * 0, total=money)


def _compared(own: list[Item], theirs: list[Item]) -> object:
    found = counts(reconcile(own, theirs).entries)
    assert sum(found.values()) >= ROWS  # noqa: S101
    return {result.value: found[result] for result in Result if found[result]}


CASES: dict[str, Callable[[], object]] = {
    "two lists read and compared": from_files,
    "no number the same, all a slip apart": nothing_alike,
    "one number of eight digits": one_number,
}


def measure(name: str) -> int:
    start = time.process_time()
    found = CASES[name]()
    spent, memory = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    kept = spent < SECONDS and memory < MEGABYTES
    print(
        f"{name:<38}{spent:>7.1f} s {memory:>5} MB  {'✓' if kept else '✗'} < {SECONDS:.0f} s, {MEGABYTES} MB  {found}"
    )
    return 0 if kept else 1


def main() -> int:
    if len(sys.argv) > 1:
        return measure(sys.argv[1])
    words = [sys.executable, "-m", "bench.reconciliation"]
    return max(subprocess.run([*words, name], check=False, env=os.environ).returncode for name in CASES)  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
