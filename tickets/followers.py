"""Who follows events, in order. Each is called again without harm; none changes a status."""

from __future__ import annotations

from tickets import outbox, workflow
from tickets.checks.services import follow_ladder
from tickets.clusters.services import follow_likeness
from tickets.notifications import services as notifications
from tickets.notifications.models import Notification
from tickets.notifications.services import notify
from tickets.sla.services import follow_clock
from tickets.triage.services import follow_facts


def undelivered(mail: Notification, why: str) -> None:
    """The desk sees on the ticket whom no mail reaches; a reminder belongs to no ticket."""
    if mail.event is None:
        return
    data = {"name": mail.recipient.email, "reason": why[:300]}
    workflow.record(mail.event.ticket, "mail.failed", by=None, public=False, data=data)


notifications.ON_FAILURE[:] = [undelivered]
outbox.FOLLOWERS[:] = [follow_clock, follow_ladder, follow_facts, follow_likeness, notify]
