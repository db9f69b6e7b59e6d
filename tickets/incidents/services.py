"""Attach tickets to an incident, and let one update answer all of them."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import DomainError, NotNow
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from kb.status import reading
from kb.status.lifecycle import RESOLVED
from kb.status.models import Incident, IncidentUpdate
from tickets import services, workflow
from tickets.checks import services as checks
from tickets.incidents.models import IncidentNotice, IncidentTicket
from tickets.invoices.kinds import KINDS
from tickets.lifecycle import LIFECYCLE
from tickets.models import Event, Message, Ticket

logger = logging.getLogger(__name__)
STILL_NEWS = dt.timedelta(days=7)  # an older update tells nobody any more


def fitting(*, situation: str, kinds: Iterable[str]) -> list[reading.Outage]:
    """The open incidents that may explain a case of this situation with invoices of these kinds (fplx)."""
    families = [KINDS[kind].family for kind in kinds if kind in KINDS]
    return [one for one in reading.outages() if one.fits(situation=situation, kinds=families)]


def incident_of(ticket: Ticket, events: Iterable[Event]) -> Incident | None:
    """The incident that a ticket with this history waits for; nothing is asked for when it never did."""
    if not any(event.kind == "incident.attached" for event in events):
        return None
    link = IncidentTicket.objects.filter(ticket=ticket).select_related("incident").first()
    return link.incident if link else None


def attach(*, ticket: Ticket, incident: Incident, by: User) -> IncidentTicket:
    """The ticket waits for the incident; its updates reach it. Raises Forbidden, NotNow (either is over)."""
    require(by, Permission.TICKET_ANSWER)
    if not ticket.is_open:
        raise NotNow(Text(gettext_noop("This ticket is closed. Reopen it or file a new one.")))
    if not incident.state.is_open:
        raise NotNow(Text(gettext_noop("This incident is over.")))
    with transaction.atomic():
        workflow.hold(ticket)
        before = IncidentTicket.objects.filter(ticket=ticket).first()
        if before is not None and before.incident_id == incident.pk:
            return before
        values = {"incident": incident, "attached_by": by, "attached_at": timezone.now()}
        link, _is_new = IncidentTicket.objects.update_or_create(ticket=ticket, defaults=values)
        data = {"incident": incident.pk, "name": incident.title}
        workflow.record(ticket, "incident.attached", by=by, public=True, data=data)
    return link


def detach(*, ticket: Ticket, by: User) -> None:
    """It was something else after all. Raises Forbidden."""
    require(by, Permission.TICKET_ANSWER)
    with transaction.atomic():
        workflow.hold(ticket)
        link = IncidentTicket.objects.filter(ticket=ticket).select_related("incident").first()
        if link is None:
            return
        link.delete()
        data = {"incident": link.incident_id, "name": link.incident.title}
        workflow.record(ticket, "incident.detached", by=by, public=True, data=data)


def _untold(update: IncidentUpdate) -> QuerySet[IncidentTicket]:
    """The open tickets that an update has still to reach."""
    told = IncidentNotice.objects.filter(update=update, ticket=OuterRef("ticket"))
    rows = IncidentTicket.objects.filter(incident=update.incident_id, attached_at__lte=update.at)
    return rows.filter(~Exists(told), ticket__status__in=LIFECYCLE.open_states)


def pass_on(update_id: int) -> int:
    """Let an update reach the attached tickets: its words where they are to be told, a new look when all is well again.

    Each ticket in a transaction of its own with its notice, so that a second run goes on where the first has stopped.
    """
    update = IncidentUpdate.objects.select_related("incident", "by").get(pk=update_id)
    if not update.tells_tickets and update.status != RESOLVED:
        return 0
    done = 0
    for link_id in list(_untold(update).order_by("pk").values_list("pk", flat=True)):
        try:
            done += _reach(update, link_id)
        except DomainError:
            logger.exception("update %s waits to reach link %s", update_id, link_id)
    return done


@transaction.atomic
def _reach(update: IncidentUpdate, link_id: int) -> bool:
    link = _untold(update).select_related("ticket__requester").filter(pk=link_id).first()
    if link is None:
        return False
    ticket = link.ticket
    notice, is_new = IncidentNotice.objects.get_or_create(update=update, ticket=ticket)
    if not is_new:
        return False
    if update.tells_tickets and update.by is not None:
        sent = services.comment(ticket=ticket, body=_body(update, ticket), by=update.by)
        notice.message = sent if isinstance(sent, Message) else None  # a trainee's waits for the mentor
        notice.save(update_fields=["message"])
    if update.status == RESOLVED:
        checks.look_again(ticket=ticket)
    return True


def _body(update: IncidentUpdate, ticket: Ticket) -> str:
    """The update in the language of whoever filed the ticket."""
    with translation.override(ticket.requester.language or settings.LANGUAGE_CODE):
        words = {"title": update.incident.name, "state": _(update.state.label)}
        return f"{_('About “%(title)s” (%(state)s):') % words}\n\n{update.text}"


def sweep() -> int:
    """What a lost message or a dead worker has left; returns how many tickets were reached."""
    recent = IncidentUpdate.objects.filter(
        Q(tells_tickets=True) | Q(status=RESOLVED), at__gte=timezone.now() - STILL_NEWS
    )
    attached = IncidentTicket.objects.filter(incident=OuterRef("incident"), attached_at__lte=OuterRef("at"))
    rows = recent.filter(Exists(attached)).order_by("at", "pk")
    return sum(map(pass_on, list(rows.values_list("pk", flat=True))))
