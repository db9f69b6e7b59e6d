"""PURE. The look-up ladder: when to look again, and how many tries the public site has left today."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _

BEIJING = dt.timezone(dt.timedelta(hours=8))

#: The public verification site answers five look-ups of one invoice a day, misses included (its own notice).
PUBLIC, PUBLIC_TRIES = "public", 5
FOUND, NOT_FOUND, DIFFERS, UNAVAILABLE = "found", "not_found", "differs", "unavailable"

#: The electronic ledger is brought into line within hours; lists of the whole year follow days later.
SYNC = dt.timedelta(hours=2)
OUTAGE = dt.timedelta(minutes=30)
LONGEST_OUTAGE = dt.timedelta(hours=8)
FULL_LIST = dt.timedelta(days=4)


@dataclass(frozen=True, slots=True)
class Tried:
    """One look-up that was made; `at` is aware."""

    site: str
    outcome: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Advice:
    """When to look again and why; `next_at` None means that looking again will not help."""

    next_at: dt.datetime | None
    tries_left: int  # at the public site, today
    reason: Message


def tries_left(tried: Sequence[Tried], now: dt.datetime) -> int:
    """What the public site still answers for this invoice today (Beijing day)."""
    today = now.astimezone(BEIJING).date()
    used = [
        t for t in tried if t.site == PUBLIC and t.outcome != UNAVAILABLE and t.at.astimezone(BEIJING).date() == today
    ]
    return max(0, PUBLIC_TRIES - len(used))


def advise(
    tried: Sequence[Tried], *, issue_date: dt.date | None, now: dt.datetime, since: dt.datetime | None = None
) -> Advice:
    """The next rung for an invoice issued on `issue_date` (Beijing day), from all look-ups so far.

    `since`: when it was reported missing again; what was seen before says nothing of now, but tries stay used.
    """
    left = tries_left(tried, now)
    tried = [t for t in tried if since is None or t.at >= since]
    last = max(tried, key=lambda t: t.at, default=None)
    if last and last.outcome == FOUND:
        return Advice(None, left, Message(_("The record has been found. There is nothing more to look up.")))
    if issue_date and issue_date >= now.astimezone(BEIJING).date():
        text = _("Issued today: the verification site answers from the next day on.")
        return Advice(_morning(issue_date + dt.timedelta(days=1)), left, Message(text))
    if last is None and since is not None:
        return Advice(now, left, Message(_("Reported missing again: nobody has looked since.")))
    if last is None:
        return Advice(now, left, Message(_("Nobody has looked it up yet.")))
    return Advice(*_after(last, tried, issue_date, now, left))


def _after(
    last: Tried, tried: Sequence[Tried], issue_date: dt.date | None, now: dt.datetime, left: int
) -> tuple[dt.datetime | None, int, Message]:
    """The rung after an unsuccessful look-up."""
    if last.outcome == UNAVAILABLE and not (left == 0 and last.site == PUBLIC):
        text = _("The source did not answer. That says nothing about the invoice.")
        return max(now, last.at + _outage(tried)), left, Message(text)
    if last.outcome == DIFFERS:
        return None, left, Message(_("A record exists with other data. Compare the fields before you look again."))
    misses = sorted(t.at for t in tried if t.outcome == NOT_FOUND)
    settled = issue_date is not None and now - _morning(issue_date) > FULL_LIST
    if len(misses) >= 3 and misses[-1] - misses[0] >= dt.timedelta(days=1) and settled:
        text = _(
            "%(count)s look-ups on different days found nothing. Waiting longer rarely helps: "
            "clear up the upload, or backfill."
        )
        return None, left, Message(text, {"count": len(misses)})
    at = max(now, last.at + SYNC)
    if left == 0:
        text = _("The public site's %(limit)s tries of today are used up. Look again tomorrow.")
        tomorrow = now.astimezone(BEIJING).date() + dt.timedelta(days=1)
        return max(at, _morning(tomorrow)), left, Message(text, {"limit": PUBLIC_TRIES})
    text = _("Synchronisation between systems takes up to two hours. Looking sooner only uses up tries.")
    return at, left, Message(text)


def _outage(tried: Sequence[Tried]) -> dt.timedelta:
    """Half an hour, and twice as long after each further silence in a row."""
    silent = 0
    for one in sorted(tried, key=lambda t: t.at, reverse=True):
        if one.outcome != UNAVAILABLE:
            break
        silent += 1
    return min(LONGEST_OUTAGE, OUTAGE * 2 ** min(silent - 1, 8))


def earliest(
    tried: Sequence[Tried], *, issue_date: dt.date | None, now: dt.datetime, since: dt.datetime | None = None
) -> dt.datetime | None:
    """From when on a person may have a source asked again that counts no tries; None while the record is there.

    Asking is pointless before the advised spacing, but whoever has cleared something up meanwhile may ask although the
    ladder has ended.
    """
    last = max((t for t in tried if since is None or t.at >= since), key=lambda t: t.at, default=None)
    if last and last.outcome == FOUND:
        return None
    if issue_date and issue_date >= now.astimezone(BEIJING).date():
        return _morning(issue_date + dt.timedelta(days=1))
    if last is None:
        return now
    return max(now, last.at + (OUTAGE if last.outcome == UNAVAILABLE else SYNC))


def _morning(day: dt.date) -> dt.datetime:
    """Nine o'clock in Beijing."""
    return dt.datetime.combine(day, dt.time(9), BEIJING)
