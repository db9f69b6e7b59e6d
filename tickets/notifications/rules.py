"""PURE. Who is told what: one line for each kind of event. Adding a notification is adding a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.common.messages import gettext_noop as _

REQUESTER, ASSIGNEE, DESK = "requester", "assignee", "desk"  # DESK: everybody who triages
PERSON = "person"  # whom the event names
MINDERS = "minders"  # the assignee, or supervisors while nobody has it; both when the event says so


@dataclass(frozen=True, slots=True)
class Rule:
    """`topic` is what a person switches on and off; `text` takes the ticket number and the event's data."""

    topic: str
    to: str
    text: str
    is_receipt: bool = False  # told even to whoever did it themselves


#: Topic → its name on the preferences page.
TOPICS: Mapping[str, str] = {
    "received": _("We have received your ticket"),
    "asked": _("We need something from you"),
    "answered": _("We have answered"),
    "item": _("The state of an invoice has changed"),
    "look_again": _("It is time to look an invoice up again"),
    "same_problem": _("Many enterprises have the same problem"),
    "unsealed": _("Somebody at the desk has opened a sealed original of yours"),
    "resolved": _("Your ticket is resolved"),
    "assigned": _("A ticket is assigned to you"),
    "customer": _("The enterprise has written"),
    "mentoring": _("A reply waits for your release, or yours was dealt with"),
    "clock": _("A promised time is near or over"),
    "reminder": _("The time of a reminder has come"),
}

_ITEM = _("Ticket %(ticket)s: the record of invoice %(number)s is there")

RULES: Mapping[str, tuple[Rule, ...]] = {
    "ticket.submitted": (Rule("received", REQUESTER, _("Ticket %(ticket)s has been received"), is_receipt=True),),
    "ticket.asked": (Rule("asked", REQUESTER, _("Ticket %(ticket)s: we need something from you")),),
    "ticket.commented": (
        Rule("answered", REQUESTER, _("Ticket %(ticket)s: new answer")),
        Rule("customer", ASSIGNEE, _("Ticket %(ticket)s: the enterprise has written")),
    ),
    "ticket.answered": (Rule("customer", ASSIGNEE, _("Ticket %(ticket)s: the enterprise has written")),),
    "ticket.referred": (Rule("answered", REQUESTER, _("Ticket %(ticket)s is with the tax authority")),),
    "ticket.reopened": (
        Rule("answered", REQUESTER, _("Ticket %(ticket)s has been reopened")),
        Rule("customer", ASSIGNEE, _("Ticket %(ticket)s has been reopened")),
    ),
    "ticket.withdrawn": (Rule("customer", ASSIGNEE, _("Ticket %(ticket)s has been withdrawn")),),
    "ticket.assigned": (Rule("assigned", ASSIGNEE, _("Ticket %(ticket)s is assigned to you")),),
    "ticket.resolved": (Rule("resolved", REQUESTER, _("Ticket %(ticket)s is resolved")),),
    "ticket.closed": (Rule("resolved", REQUESTER, _("Ticket %(ticket)s is closed")),),
    "check.due": (
        Rule("look_again", REQUESTER, _("Ticket %(ticket)s: it is time to look again")),
        Rule("look_again", ASSIGNEE, _("Ticket %(ticket)s: it is time to look again")),
    ),
    "reply.held": (Rule("mentoring", PERSON, _("Ticket %(ticket)s: a reply waits for your release")),),
    "reply.released": (Rule("mentoring", PERSON, _("Ticket %(ticket)s: your reply was released")),),
    "reply.released_changed": (Rule("mentoring", PERSON, _("Ticket %(ticket)s: your reply was changed and released")),),
    "reply.returned": (Rule("mentoring", PERSON, _("Ticket %(ticket)s: your reply was sent back")),),
    "sla.warned": (Rule("clock", MINDERS, _("Ticket %(ticket)s will be overdue soon")),),
    "sla.breached": (Rule("clock", MINDERS, _("Ticket %(ticket)s is overdue")),),
    "cluster.alarm": (Rule("same_problem", DESK, _("%(count)s enterprises have the same problem today: %(ticket)s")),),
    "evidence.unsealed": (Rule("unsealed", REQUESTER, _("Ticket %(ticket)s: a sealed original of yours was opened")),),
    "invoice.found": (Rule("item", REQUESTER, _ITEM),),
    "invoice.set_aside": (Rule("item", REQUESTER, _("Ticket %(ticket)s: invoice %(number)s was set aside")),),
    "backfill.opened": (Rule("item", REQUESTER, _("Ticket %(ticket)s: papers are needed for invoice %(number)s")),),
    "backfill.material_refused": (Rule("asked", REQUESTER, _("Ticket %(ticket)s: a paper was refused")),),
    "backfill.materials_returned": (Rule("asked", REQUESTER, _("Ticket %(ticket)s: papers are needed again")),),
    "backfill.handed_over": (Rule("item", REQUESTER, _("Ticket %(ticket)s: invoice %(number)s was handed over")),),
    "backfill.cancelled": (
        Rule("item", REQUESTER, _("Ticket %(ticket)s: the backfill of invoice %(number)s was cancelled")),
    ),
    "backfill.received": (Rule("item", REQUESTER, _("Ticket %(ticket)s: invoice %(number)s has a receipt")),),
}

#: Channels that are on for a topic until the person decides otherwise.
DEFAULTS: Mapping[str, frozenset[str]] = {topic: frozenset({"in_app", "email"}) for topic in TOPICS}
