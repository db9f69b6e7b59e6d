"""CPU time and memory of a list of 50,000 rows, read and judged, and of its report: `python -m bench.batches`."""

from __future__ import annotations

import csv
import datetime as dt
import io
import multiprocessing
import resource
import sys
from collections.abc import Callable
from pathlib import Path

import xlwt

from tests.invoices_factory import make
from tests.invoices_factory.packs import HEADS, _cells
from tickets.batches.rules import Result, judge
from tickets.invoices.books import xlsx
from tickets.invoices.cells import Cell
from tickets.invoices.sheets import Sheet

ROWS, SECONDS, MEGABYTES = 50_000, 15, 200
Table = list[list[Cell]]


def table() -> Table:
    """Rows of nineteen columns, every number another one; money as numbers, as Excel keeps it."""
    invoices = [make("82", seed=seed) for seed in range(50)]
    rows: Table = [list(HEADS)]
    for position in range(ROWS):
        cells: list[Cell] = list(_cells(position + 1, invoices[position % 50], "正常"))
        cells[3] = f"{str(cells[3])[:12]}{position:08d}"
        cells[9:12] = [float(str(cell)) for cell in cells[9:12]]
        rows.append(cells)
    return rows


def as_csv(rows: Table) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("gb18030")


def as_xls(rows: Table) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("a")
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_xlsx(rows: Table) -> bytes:
    return b"".join(xlsx(rows))


def checked(data: bytes) -> tuple[float, float, int]:
    """CPU seconds, peak megabytes and rows that can be filed, of this process and the one that it opens an XLS in."""
    now, before = dt.datetime.now(dt.UTC), _status("VmRSS")
    filed = sum(judge(row, now=now).result in (Result.OK, Result.WARNING) for row in Sheet(data).rows())
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    child = max(0, used[1].ru_maxrss - before)  # a fork begins with all that its parent holds, and shares it
    return sum(u.ru_utime + u.ru_stime for u in used), (_status("VmHWM") + child) / 1024, filed


def _status(name: str) -> int:
    """Kilobytes; ru_maxrss of a new process would begin with what its parent held."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1])


def apart(work: Callable[[bytes], tuple[float, float, int]], data: bytes) -> tuple[float, float, int]:
    """`work` in a fresh process, whose peak is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, (data,))


def main() -> int:
    rows, kept = table(), True
    for name, write in (("XLSX", as_xlsx), ("XLS", as_xls), ("CSV, GB18030", as_csv)):
        seconds, megabytes, filed = apart(checked, write(rows))
        good = seconds < SECONDS and megabytes < MEGABYTES and filed == ROWS
        kept &= good
        figures = f"{seconds:>7.1f} s {megabytes:>7.0f} MB  {filed:>6} rows"
        print(f"{name:<14}{figures}  {'✓' if good else '✗'} < {SECONDS} s, < {MEGABYTES} MB")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
