"""PURE. The life of one revision of an article, as a table."""

from __future__ import annotations

from accounts.permissions import Permission
from helpdesk.common.lifecycle import Lifecycle, State, Transition
from helpdesk.common.messages import gettext_noop as _

DRAFT, IN_REVIEW, SCHEDULED = "draft", "in_review", "scheduled"
PUBLISHED, SUPERSEDED, ARCHIVED = "published", "superseded", "archived"

STATES = (
    State(DRAFT, _("Draft"), tone="neutral"),
    State(IN_REVIEW, _("In review"), tone="warning"),
    State(SCHEDULED, _("Approved, waiting for its time"), tone="info"),
    State(PUBLISHED, _("Published"), tone="success", is_open=False),
    State(SUPERSEDED, _("Replaced by a newer one"), is_open=False),
    State(ARCHIVED, _("Archived"), is_open=False),
)

TRANSITIONS = (
    Transition(
        "submit", _("Submit for review"), (DRAFT,), IN_REVIEW, Permission.KB_EDIT,
        guards=("described",), event="revision.submitted", tone="primary",
    ),
    Transition(
        "approve",
        _("Approve and publish"),
        (IN_REVIEW, SCHEDULED),
        PUBLISHED,
        Permission.KB_REVIEW,
        guards=("another_person",),
        event="revision.published",
        tone="primary",
    ),
    Transition(
        "schedule",
        _("Approve for a time"),
        (IN_REVIEW,),
        SCHEDULED,
        Permission.KB_REVIEW,
        needs=("publish_at",),
        guards=("another_person",),
        event="revision.scheduled",
    ),
    Transition(
        "publish", _("Publish"), (SCHEDULED,), PUBLISHED, Permission.KB_REVIEW,
        event="revision.published", manual=False,
    ),
    Transition(
        "return", _("Send back"), (IN_REVIEW, SCHEDULED), DRAFT, Permission.KB_REVIEW,
        needs=("reason",), event="revision.returned",
    ),
    Transition(
        "withdraw", _("Take back into the draft"), (IN_REVIEW, SCHEDULED), DRAFT, Permission.KB_EDIT,
        event="revision.withdrawn",
    ),
    Transition(
        "supersede", _("Replace"), (PUBLISHED,), SUPERSEDED, Permission.KB_REVIEW,
        event="revision.superseded", manual=False,
    ),
    Transition(
        "archive", _("Archive"), (PUBLISHED,), ARCHIVED, Permission.KB_REVIEW,
        needs=("reason",), takes=("replaced_by",), event="revision.archived", tone="danger",
    ),
)  # fmt: skip

LIFECYCLE = Lifecycle(STATES, TRANSITIONS, initial=DRAFT)
