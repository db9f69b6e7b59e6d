"""PURE. The life of an incident, as a table. Every move is an update that readers see."""

from __future__ import annotations

from accounts.permissions import Permission
from helpdesk.common.lifecycle import Lifecycle, State, Transition
from helpdesk.common.messages import gettext_noop as _

INVESTIGATING, IDENTIFIED, MONITORING, RESOLVED = "investigating", "identified", "monitoring", "resolved"

STATES = (
    State(INVESTIGATING, _("Investigating"), tone="danger"),
    State(IDENTIFIED, _("Cause found"), tone="warning"),
    State(MONITORING, _("Watching the recovery"), tone="info"),
    State(RESOLVED, _("Recovered"), tone="success", is_open=False),
)

TRANSITIONS = (
    Transition(
        "identify", _("The cause is found"), (INVESTIGATING,), IDENTIFIED, Permission.STATUS_EDIT,
        needs=("body",), event="incident.identified",
    ),
    Transition(
        "monitor", _("It works again, we watch"), (INVESTIGATING, IDENTIFIED), MONITORING, Permission.STATUS_EDIT,
        needs=("body",), event="incident.monitored",
    ),
    Transition(
        "recover", _("It has recovered"), (INVESTIGATING, IDENTIFIED, MONITORING), RESOLVED, Permission.STATUS_EDIT,
        needs=("body",), event="incident.resolved", tone="primary", stamp="resolved_at",
    ),
    Transition(
        "relapse", _("It is back"), (MONITORING, RESOLVED), INVESTIGATING, Permission.STATUS_EDIT,
        needs=("body",), event="incident.reopened", tone="danger",
    ),
)  # fmt: skip

LIFECYCLE = Lifecycle(STATES, TRANSITIONS, initial=INVESTIGATING)
