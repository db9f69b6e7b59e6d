"""PURE. The clocks of the tax side that decide how urgent a missing invoice is."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from tickets.sla.clock import BEIJING, Calendar

#: An issuer's upload has to follow within 48 hours of issuing (乐企 V4.000, §"上传").
UPLOAD = dt.timedelta(hours=48)
#: On the 13th at midnight the server closes the month before; what isn't uploaded then has to be issued again.
MONTH_CLOSES = 13
#: Last days of monthly filing as published for 2026 (税总办征科函〔2025〕64号).
FILING = {
    dt.date(2026, month, day)
    for month, day in (
        (1, 20), (2, 24), (3, 16), (4, 20), (5, 22), (6, 15), (7, 15), (8, 17), (9, 15), (10, 26), (11, 16), (12, 15)
    )
}  # fmt: skip


def filing_deadline(today: dt.date, calendar: Calendar) -> dt.date:
    """The next last day of filing from `today` on: as published, else by the rule."""
    year, month = today.year, today.month
    while True:
        day = next((d for d in FILING if (d.year, d.month) == (year, month)), None) or _rule(year, month, calendar)
        if day >= today:
            return day
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)


def _rule(year: int, month: int, calendar: Calendar) -> dt.date:
    """The 15th; a run of three or more days off before it adds as many working days, and it never ends on a day off."""
    days = [dt.date(year, month, number) for number in range(1, 16)]
    runs = [len(list(run)) for is_worked, run in groupby(days, calendar.is_worked) if not is_worked]
    more, day = sum(length for length in runs if length >= 3), days[-1]
    while more or not calendar.is_worked(day):
        day += dt.timedelta(days=1)
        more -= more > 0 and calendar.is_worked(day)
    return day


def month_close(issued: dt.date) -> dt.datetime:
    """When the month of an invoice issued on `issued` is closed for uploads (aware, Beijing)."""
    year, month = (issued.year + 1, 1) if issued.month == 12 else (issued.year, issued.month + 1)
    return dt.datetime(year, month, MONTH_CLOSES, tzinfo=BEIJING)
