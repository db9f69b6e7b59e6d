"""Who follows events, in order. Each is called again without harm; none changes a status."""

from __future__ import annotations

from tickets import outbox
from tickets.notifications.services import notify
from tickets.sla.services import follow_clock
from tickets.triage.services import follow_facts

outbox.FOLLOWERS[:] = [follow_clock, follow_facts, notify]
