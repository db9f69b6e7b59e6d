"""PURE. The life of one revision of an article, as a table."""

from __future__ import annotations

from accounts.permissions import Permission
from helpdesk.common.lifecycle import Lifecycle, State, Transition
from helpdesk.common.messages import gettext_noop as _

DRAFT, IN_REVIEW, PUBLISHED, SUPERSEDED, ARCHIVED = "draft", "in_review", "published", "superseded", "archived"

STATES = (
    State(DRAFT, _("Draft"), tone="neutral"),
    State(IN_REVIEW, _("In review"), tone="warning"),
    State(PUBLISHED, _("Published"), tone="success", is_open=False),
    State(SUPERSEDED, _("Replaced by a newer one"), is_open=False),
    State(ARCHIVED, _("Archived"), is_open=False),
)

TRANSITIONS = (
    Transition(
        "submit", _("Submit for review"), (DRAFT,), IN_REVIEW, Permission.KB_EDIT,
        event="revision.submitted", tone="primary",
    ),
    Transition(
        "approve",
        _("Approve and publish"),
        (IN_REVIEW,),
        PUBLISHED,
        Permission.KB_REVIEW,
        guards=("another_person",),
        event="revision.published",
        tone="primary",
    ),
    Transition(
        "return", _("Send back"), (IN_REVIEW,), DRAFT, Permission.KB_REVIEW,
        needs=("reason",), event="revision.returned",
    ),
    Transition(
        "supersede", _("Replace"), (PUBLISHED,), SUPERSEDED, Permission.KB_REVIEW,
        event="revision.superseded", manual=False,
    ),
    Transition(
        "archive", _("Archive"), (PUBLISHED,), ARCHIVED, Permission.KB_REVIEW,
        needs=("reason",), event="revision.archived", tone="danger",
    ),
)  # fmt: skip

LIFECYCLE = Lifecycle(STATES, TRANSITIONS, initial=DRAFT)
