"""The table of filing deadlines that the desk keeps, with who changed what."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import require
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, FieldError, Invalid
from helpdesk.common.messages import Message, gettext_noop
from tickets.sla import services
from tickets.sla.deadlines import filing_day

YEARS = 2  # this one and the next


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def deadlines(request: HttpRequest) -> HttpResponse:
    """Each month with its last day of filing; a change says its source."""
    require(request.user, Permission.DEADLINE_EDIT)
    error = None
    if request.method == "POST":
        try:
            _save(request)
            return redirect("desk_deadlines")
        except DomainError as refused:
            error = refused
    status = (422 if error.status == 400 else error.status) if error else 200
    return render(request, "desk/deadlines.html", _table() | {"error": error, "sent": request.POST}, status=status)


def _save(request: HttpRequest) -> None:
    given, seen = request.POST, request.POST.get("seen", "")
    month, day = _day("month", given.get("month", "") + "-01"), given.get("day", "")
    services.set_filing_day(
        month=month,
        day=_day("day", day) if day else None,
        source=given.get("source", ""),
        by=request.user,
        seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else 0,
    )
    messages.success(request, _("Saved."))


def _day(field: str, text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        wrong = Message(gettext_noop("This is no day."))
        raise Invalid(errors=[FieldError(field, "invalid", wrong)]) from None


def _table() -> dict[str, Any]:
    year = timezone.localdate().year
    months = [dt.date(year + number // 12, number % 12 + 1, 1) for number in range(12 * YEARS)]
    table, changes = services.filing_table(), services.filing_changes()
    last = {change.month: change for change in changes}
    rows = [(month, *filing_day(month, table, services.calendar_of), last.get(month)) for month in months]
    return {"rows": rows, "changes": changes[::-1][:100]}
