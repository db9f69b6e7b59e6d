"""PURE. The ticket's states and actions: the one truth for buttons, API, permission checks, tests and the diagram."""

from __future__ import annotations

from accounts.permissions import Permission
from helpdesk.common.lifecycle import Lifecycle, State, Transition
from helpdesk.common.messages import gettext_noop as _

NEW, OPEN, WAITING, AUTHORITY, RESOLVED, CLOSED, WITHDRAWN = (
    "new",
    "open",
    "waiting_enterprise",
    "waiting_authority",
    "resolved",
    "closed",
    "withdrawn",
)

STATES = (
    State(NEW, _("New"), _("Received"), tone="info"),
    State(OPEN, _("In progress"), _("In progress"), tone="info"),
    State(WAITING, _("Waiting for the enterprise"), _("Waiting for you"), tone="warning", paused=True),
    State(AUTHORITY, _("Waiting for the tax authority"), _("With the tax authority"), tone="neutral", paused=True),
    State(RESOLVED, _("Resolved"), _("Resolved"), tone="success", is_open=False),
    State(CLOSED, _("Closed"), _("Closed"), is_open=False),
    State(WITHDRAWN, _("Withdrawn"), _("Withdrawn"), is_open=False),
)

_WORKING = (NEW, OPEN, WAITING, AUTHORITY)

TRANSITIONS = (
    Transition("accept", _("Accept"), (NEW,), OPEN, Permission.TICKET_TRIAGE, event="ticket.accepted", tone="primary"),
    Transition(
        "ask",
        _("Ask for more"),
        (NEW, OPEN, AUTHORITY),
        WAITING,
        Permission.TICKET_ANSWER,
        needs=("body",),
        event="ticket.asked",
    ),
    Transition(
        "answer",
        _("Send what was asked"),
        (WAITING,),
        OPEN,
        Permission.ORG_TICKET_FILE,
        needs=("body",),
        event="ticket.answered",
        tone="primary",
    ),
    Transition(
        "resume", _("Go on working"), (WAITING, AUTHORITY), OPEN, Permission.TICKET_ANSWER, event="ticket.resumed"
    ),
    Transition(
        "refer",
        _("Wait for the tax authority"),
        (OPEN,),
        AUTHORITY,
        Permission.TICKET_ANSWER,
        takes=("body",),
        event="ticket.referred",
    ),
    Transition(
        "resolve",
        _("Resolve"),
        (NEW, OPEN, WAITING, AUTHORITY),
        RESOLVED,
        Permission.TICKET_ANSWER,
        needs=("cause", "resolution"),
        takes=("article",),
        guards=("no_open_backfill", "every_invoice_settled"),
        event="ticket.resolved",
        stamp="resolved_at",
        tone="primary",
    ),
    Transition(
        "confirm",
        _("It is solved"),
        (RESOLVED,),
        CLOSED,
        Permission.ORG_TICKET_FILE,
        event="ticket.confirmed",
        stamp="closed_at",
        tone="primary",
    ),
    Transition(
        "close", _("Close"), (RESOLVED,), CLOSED, Permission.TICKET_ANSWER, event="ticket.closed", stamp="closed_at"
    ),
    Transition(
        "reopen",
        _("Still missing: reopen"),
        (RESOLVED, CLOSED),
        OPEN,
        Permission.ORG_TICKET_FILE,
        needs=("body",),
        takes=("invoices",),
        guards=("within_reopen_window",),
        event="ticket.reopened",
    ),
    Transition(
        "take_up_again",
        _("Take up again"),
        (RESOLVED, CLOSED),
        OPEN,
        Permission.TICKET_ANSWER,
        needs=("body",),
        takes=("invoices",),
        event="ticket.reopened",
    ),
    Transition(
        "withdraw",
        _("Withdraw"),
        _WORKING,
        WITHDRAWN,
        Permission.ORG_TICKET_FILE,
        takes=("body",),
        guards=("no_open_backfill",),
        event="ticket.withdrawn",
        stamp="closed_at",
        tone="danger",
    ),
)

LIFECYCLE = Lifecycle(STATES, TRANSITIONS, initial=NEW)
