"""The list of look-ups as a file."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator

from django.utils import timezone
from django.utils.translation import gettext as _

from helpdesk.common.http import say
from helpdesk.common.messages import Message
from tickets.checks import words
from tickets.checks.models import Check

MOST = 20_000  # rows
WIDTHS = (20, 24, 14, 28, 16, 22, 14, 36, 9, 13, 44, 40, 18)


def rows(checks: Iterable[Check], *, with_names: bool) -> Iterator[tuple[object, ...]]:
    """The head, then a row for each look-up, the newest first; `with_names` tells who looked."""
    head = (
        _("Time"), _("Invoice number"), _("Ticket number"), _("Enterprise"), _("Kind of look-up"), _("Where"),
        _("Result of the look-up"),
        _("Reason of the failure"), _("Attempts"), _("Duration (ms)"), _("Differences"), _("Note"),
    )  # fmt: skip
    yield (*head, _("Looked up by")) if with_names else head
    found = iter(checks)
    for check in itertools.islice(found, MOST):
        yield (*_row(check), str(check.by or "")) if with_names else _row(check)
    if next(found, None) is not None:
        yield (say(Message(words.CUT, {"count": MOST})),)


def _row(check: Check) -> tuple[object, ...]:
    differs = "; ".join(
        f"{say(Message(d.label))}: {said(d.claimed)} / {said(d.found)}" for d in check.shown_differences
    )
    return (
        timezone.localtime(check.looked_up_at).strftime("%Y-%m-%d %H:%M:%S"), str(check.invoice), check.ticket.number,
        check.ticket.organisation.name, say(Message(check.source_name)), check.get_site_display(),
        check.get_outcome_display(), say(Message(check.fault_name)) if check.fault else "", check.attempts,
        "" if check.took_ms is None else check.took_ms, differs, check.note,
    )  # fmt: skip


def said(value: str | Message) -> str:
    return say(value) if isinstance(value, Message) else value
