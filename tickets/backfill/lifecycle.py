"""PURE. The manual backfill (人工补录) of one invoice, as a table."""

from __future__ import annotations

from accounts.permissions import Permission
from helpdesk.common.lifecycle import Lifecycle, State, Transition
from helpdesk.common.messages import gettext_noop as _

MATERIALS, KEYING, REKEYING, APPROVAL, APPROVED, HANDED_OVER, RECEIVED, DONE, CANCELLED = (
    "materials",
    "keying",
    "rekeying",
    "approval",
    "approved",
    "handed_over",
    "received",
    "done",
    "cancelled",
)

STATES = (
    State(MATERIALS, _("Collecting materials"), _("Materials needed"), tone="warning"),
    State(KEYING, _("To be keyed"), _("Being entered"), tone="info"),
    State(REKEYING, _("To be re-keyed"), _("Being entered"), tone="info"),
    State(APPROVAL, _("To be approved"), _("Being reviewed"), tone="info"),
    State(APPROVED, _("Approved"), _("Reviewed"), tone="info"),
    State(HANDED_OVER, _("Handed over"), _("Handed over"), tone="neutral"),
    State(RECEIVED, _("Receipt recorded, to be verified"), _("Accepted by the office"), tone="neutral"),
    State(DONE, _("Record found"), _("Record found"), tone="success", is_open=False),
    State(CANCELLED, _("Cancelled"), _("Cancelled"), is_open=False),
)

_OPEN = (MATERIALS, KEYING, REKEYING, APPROVAL, APPROVED, HANDED_OVER, RECEIVED)

TRANSITIONS = (
    Transition(
        "accept_materials",
        _("Materials complete"),
        (MATERIALS,),
        KEYING,
        Permission.BACKFILL_REVIEW_MATERIAL,
        guards=("materials_accepted",),
        event="backfill.materials_accepted",
        tone="primary",
    ),
    Transition(
        "key",
        _("Save the entry"),
        (KEYING,),
        REKEYING,
        Permission.BACKFILL_KEY,
        needs=("fields",),
        event="backfill.keyed",
        tone="primary",
    ),
    Transition(
        "rekey",
        _("Compare"),
        (REKEYING,),
        APPROVAL,
        Permission.BACKFILL_APPROVE,
        needs=("fields",),
        guards=("another_person", "as_it_was_read"),
        event="backfill.rekeyed",
        public=False,
        tone="primary",
    ),
    Transition(
        "approve",
        _("Approve"),
        (APPROVAL,),
        APPROVED,
        Permission.BACKFILL_APPROVE,
        guards=("another_person", "as_it_was_read", "entries_agree"),
        event="backfill.approved",
        tone="primary",
    ),
    Transition(
        "send_back",
        _("Send back"),
        (REKEYING, APPROVAL, APPROVED),
        KEYING,
        Permission.BACKFILL_APPROVE,
        needs=("reason",),
        event="backfill.sent_back",
        public=False,
    ),
    Transition(
        "hand_over",
        _("Hand over"),
        (APPROVED,),
        HANDED_OVER,
        Permission.BACKFILL_HAND_OVER,
        needs=("department",),
        event="backfill.handed_over",
        stamp="handed_over_at",
        tone="primary",
    ),
    Transition(
        "record_receipt",
        _("Record the receipt"),
        (HANDED_OVER,),
        RECEIVED,
        Permission.BACKFILL_HAND_OVER,
        needs=("receipt_number",),
        event="backfill.received",
        tone="primary",
    ),
    Transition(
        "verify",
        _("Record found"),
        (RECEIVED,),
        DONE,
        Permission.CHECK_RECORD,
        guards=("found_since_hand_over",),
        event="backfill.verified",
        manual=False,
    ),
    Transition(
        "return_materials",
        _("Ask for materials again"),
        (KEYING, REKEYING, APPROVAL, APPROVED, HANDED_OVER, RECEIVED),
        MATERIALS,
        Permission.BACKFILL_REVIEW_MATERIAL,
        needs=("reason",),
        event="backfill.materials_returned",
    ),
    Transition(
        "cancel",
        _("Cancel the backfill"),
        _OPEN,
        CANCELLED,
        Permission.BACKFILL_OPEN,
        needs=("reason",),
        event="backfill.cancelled",
        tone="danger",
    ),
)

LIFECYCLE = Lifecycle(STATES, TRANSITIONS, initial=MATERIALS)
