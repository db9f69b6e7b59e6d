"""PURE. What a cell of a sheet holds, and how much of a sheet is read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

MAX_ROWS, MAX_COLUMNS, HEAD_ROWS = 50_000, 200, 20
MAX_CELL = 32_767  # characters, as Excel has it


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell without a value: an error such as #N/A, or a formula ("=") whose result was never reckoned."""

    text: str


Cell = str | float | int | bool | dt.datetime | dt.date | Bad | None
Line = tuple[int, list[Cell]]  # position from 1, as people see it, and the cells from column A


def shown(cell: Cell) -> str:
    """The text that a person sees in a cell; "" for an empty one."""
    if cell is None:
        return ""
    if isinstance(cell, Bad):
        return cell.text
    if isinstance(cell, dt.datetime):
        return str(cell.date() if cell.time() == dt.time() else cell.replace(microsecond=0))
    return f"{cell:.10g}" if isinstance(cell, float) and abs(cell) < 1e10 and cell != int(cell) else str(cell)
