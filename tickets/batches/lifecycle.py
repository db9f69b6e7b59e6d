"""PURE. The states of a list of invoices, from the upload to its ticket."""

from __future__ import annotations

from accounts.permissions import Permission
from helpdesk.common.lifecycle import Lifecycle, State, Transition
from helpdesk.common.messages import gettext_noop as _

RECEIVED, COLUMNS, CHECKING, CHECKED, FILING, FILED, FAILED, CANCELLED = (
    "received", "columns", "checking", "checked", "filing", "filed", "failed", "cancelled",
)  # fmt: skip

STATES = (
    State(RECEIVED, _("Received"), tone="info"),
    State(COLUMNS, _("Columns to be named"), tone="warning"),
    State(CHECKING, _("Being checked"), tone="info"),
    State(CHECKED, _("Checked"), tone="success"),
    State(FILING, _("Being filed"), tone="info"),
    State(FILED, _("Filed"), tone="success", is_open=False),
    State(FAILED, _("Unreadable"), tone="danger", is_open=False),
    State(CANCELLED, _("Cancelled"), is_open=False),
)
_FILE = Permission.ORG_TICKET_FILE

TRANSITIONS = (
    Transition("start", _("Check"), (RECEIVED,), CHECKING, _FILE, event="batch.started", manual=False),
    Transition("ask_columns", _("Ask for the columns"), (RECEIVED,), COLUMNS, _FILE, event="batch.asked", manual=False),
    Transition(
        "name_columns", _("Check the list"), (COLUMNS, CHECKED), RECEIVED, _FILE, needs=("columns",),
        event="batch.named",
    ),
    Transition("finish", _("Finish"), (CHECKING,), CHECKED, _FILE, event="batch.checked", manual=False),
    Transition("fail", _("Give up"), (RECEIVED, CHECKING), FAILED, _FILE, event="batch.failed", manual=False),
    Transition(
        "file", _("File the ticket"), (CHECKED,), FILING, _FILE, takes=("subject", "symptom", "description"),
        event="batch.filing", tone="primary",
    ),
    Transition("settle", _("Finish"), (FILING,), FILED, _FILE, event="batch.filed", manual=False),
    Transition(
        "cancel", _("Cancel"), (RECEIVED, COLUMNS, CHECKING, CHECKED, FILING), CANCELLED, _FILE,
        event="batch.cancelled", tone="danger",
    ),
)  # fmt: skip

LIFECYCLE = Lifecycle(STATES, TRANSITIONS, initial=RECEIVED)
#: What a worker still has to do something for.
AT_WORK = (RECEIVED, CHECKING, FILING)
