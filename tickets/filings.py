"""What the knowledge base asks about tickets: who filed one, and whose form lies half-filled."""

from __future__ import annotations

import datetime as dt

from kb import deflection
from tickets.drafts import NEW_TICKET
from tickets.models import Draft, Ticket


def filed(since: dt.datetime, until: dt.datetime) -> list[tuple[int, dt.datetime]]:
    rows = Ticket.objects.filter(created_at__gte=since, created_at__lte=until)
    return list(rows.order_by().values_list("requester", "created_at"))


def half_filled(since: dt.datetime, until: dt.datetime) -> list[tuple[int, dt.datetime]]:
    rows = Draft.objects.filter(key=NEW_TICKET, updated_at__gte=since, updated_at__lte=until)
    return list(rows.values_list("user", "updated_at"))


deflection.FILED.append(filed)
deflection.HALF_FILLED.append(half_filled)
