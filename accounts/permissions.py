"""PURE. Roles and what each may do: one table. Names read `<scope>:<resource>:<action>`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from helpdesk.common.messages import gettext_noop


class Permission(StrEnum):
    """`org:` permissions hold inside one enterprise, all others across the desk."""

    ORG_TICKET_VIEW = "org:ticket:view"
    ORG_TICKET_FILE = "org:ticket:file"
    ORG_MEMBERS_MANAGE = "org:members:manage"
    TICKET_VIEW = "desk:ticket:view"
    TICKET_TRIAGE = "desk:ticket:triage"
    TICKET_ANSWER = "desk:ticket:answer"
    TICKET_ASSIGN = "desk:ticket:assign"
    CHECK_RECORD = "desk:check:record"
    BACKFILL_OPEN = "backfill:case:open"
    BACKFILL_REVIEW_MATERIAL = "backfill:material:review"
    BACKFILL_KEY = "backfill:case:key"
    BACKFILL_APPROVE = "backfill:case:approve"
    BACKFILL_HAND_OVER = "backfill:case:hand_over"
    EVIDENCE_UNSEAL = "desk:evidence:unseal"
    KB_EDIT = "kb:article:edit"
    KB_REVIEW = "kb:article:review"
    KB_READ_STAFF = "kb:article:read_staff"
    TRAINING_EDIT = "kb:training:edit"
    TRAINING_MANAGE = "desk:training:manage"
    PAPER_EDIT = "desk:paper:edit"
    DEADLINE_EDIT = "desk:deadline:edit"
    SLA_EDIT = "desk:sla:edit"
    STATUS_EDIT = "desk:status:edit"
    ANNOUNCE = "desk:announcement:publish"
    ORG_VERIFY = "desk:organisation:verify"
    REPORT_VIEW = "desk:report:view"
    ROLE_GRANT = "accounts:role:grant"
    AUDIT_VIEW = "accounts:audit:view"


class OrganisationRole(StrEnum):
    """What a person is in an enterprise."""

    OWNER = "owner"
    MEMBER = "member"
    VIEWER = "viewer"


class StaffRole(StrEnum):
    """What a person is at the desk; one person may hold several."""

    AGENT = "agent"
    BACKFILL_OPERATOR = "backfill_operator"
    BACKFILL_REVIEWER = "backfill_reviewer"
    KB_EDITOR = "kb_editor"
    KB_REVIEWER = "kb_reviewer"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"


ROLE_LABELS: Mapping[str, str] = {
    OrganisationRole.OWNER: gettext_noop("Owner"),
    OrganisationRole.MEMBER: gettext_noop("Member"),
    OrganisationRole.VIEWER: gettext_noop("Viewer"),
    StaffRole.AGENT: gettext_noop("Agent"),
    StaffRole.BACKFILL_OPERATOR: gettext_noop("Backfill operator"),
    StaffRole.BACKFILL_REVIEWER: gettext_noop("Backfill reviewer"),
    StaffRole.KB_EDITOR: gettext_noop("Knowledge base editor"),
    StaffRole.KB_REVIEWER: gettext_noop("Knowledge base reviewer"),
    StaffRole.SUPERVISOR: gettext_noop("Supervisor"),
    StaffRole.ADMINISTRATOR: gettext_noop("Administrator"),
}

PERMISSION_LABELS: Mapping[Permission, str] = {
    Permission.ORG_TICKET_VIEW: gettext_noop("See the enterprise's tickets"),
    Permission.ORG_TICKET_FILE: gettext_noop("File and answer tickets for the enterprise"),
    Permission.ORG_MEMBERS_MANAGE: gettext_noop("Manage the enterprise's members"),
    Permission.TICKET_VIEW: gettext_noop("See the desk's tickets"),
    Permission.TICKET_TRIAGE: gettext_noop("Triage tickets"),
    Permission.TICKET_ANSWER: gettext_noop("Answer tickets"),
    Permission.TICKET_ASSIGN: gettext_noop("Assign tickets to others"),
    Permission.CHECK_RECORD: gettext_noop("Record look-ups"),
    Permission.BACKFILL_OPEN: gettext_noop("Open and cancel backfills"),
    Permission.BACKFILL_REVIEW_MATERIAL: gettext_noop("Review backfill materials"),
    Permission.BACKFILL_KEY: gettext_noop("Key backfills"),
    Permission.BACKFILL_APPROVE: gettext_noop("Re-key and approve backfills"),
    Permission.BACKFILL_HAND_OVER: gettext_noop("Hand over backfills and record receipts"),
    Permission.EVIDENCE_UNSEAL: gettext_noop("Open sealed originals of logs"),
    Permission.KB_EDIT: gettext_noop("Write articles"),
    Permission.KB_REVIEW: gettext_noop("Review and publish articles"),
    Permission.KB_READ_STAFF: gettext_noop("Read staff articles"),
    Permission.TRAINING_EDIT: gettext_noop("Write learning paths"),
    Permission.TRAINING_MANAGE: gettext_noop("See who has learnt what, and assign mentors"),
    Permission.PAPER_EDIT: gettext_noop("Edit the templates of papers"),
    Permission.DEADLINE_EDIT: gettext_noop("Edit the filing deadlines"),
    Permission.SLA_EDIT: gettext_noop("Edit service levels and the working calendar"),
    Permission.STATUS_EDIT: gettext_noop("Report incidents and plan maintenance"),
    Permission.ANNOUNCE: gettext_noop("Publish announcements"),
    Permission.ORG_VERIFY: gettext_noop("Verify enterprises"),
    Permission.REPORT_VIEW: gettext_noop("See reports"),
    Permission.ROLE_GRANT: gettext_noop("Grant staff roles"),
    Permission.AUDIT_VIEW: gettext_noop("See the audit log"),
}

_P = Permission
_DESK = frozenset({_P.TICKET_VIEW, _P.KB_READ_STAFF})

ROLES: Mapping[str, frozenset[Permission]] = {
    OrganisationRole.OWNER: frozenset({_P.ORG_TICKET_VIEW, _P.ORG_TICKET_FILE, _P.ORG_MEMBERS_MANAGE}),
    OrganisationRole.MEMBER: frozenset({_P.ORG_TICKET_VIEW, _P.ORG_TICKET_FILE}),
    OrganisationRole.VIEWER: frozenset({_P.ORG_TICKET_VIEW}),
    StaffRole.AGENT: _DESK
    | {
        _P.TICKET_TRIAGE,
        _P.TICKET_ANSWER,
        _P.TICKET_ASSIGN,
        _P.CHECK_RECORD,
        _P.BACKFILL_OPEN,
        _P.BACKFILL_REVIEW_MATERIAL,
        _P.BACKFILL_HAND_OVER,
        _P.ORG_VERIFY,
        _P.STATUS_EDIT,
    },
    StaffRole.BACKFILL_OPERATOR: _DESK
    | {_P.BACKFILL_OPEN, _P.BACKFILL_REVIEW_MATERIAL, _P.BACKFILL_KEY, _P.BACKFILL_HAND_OVER, _P.CHECK_RECORD},
    StaffRole.BACKFILL_REVIEWER: _DESK | {_P.BACKFILL_APPROVE, _P.CHECK_RECORD},
    StaffRole.KB_EDITOR: frozenset({_P.KB_EDIT, _P.KB_READ_STAFF, _P.PAPER_EDIT, _P.TRAINING_EDIT}),
    StaffRole.KB_REVIEWER: frozenset({_P.KB_REVIEW, _P.KB_READ_STAFF}),
    StaffRole.SUPERVISOR: _DESK
    | {
        _P.TICKET_TRIAGE,
        _P.TICKET_ANSWER,
        _P.TICKET_ASSIGN,
        _P.CHECK_RECORD,
        _P.BACKFILL_OPEN,
        _P.ORG_VERIFY,
        _P.PAPER_EDIT,
        _P.TRAINING_EDIT,
        _P.TRAINING_MANAGE,
        _P.DEADLINE_EDIT,
        _P.SLA_EDIT,
        _P.STATUS_EDIT,
        _P.ANNOUNCE,
        _P.EVIDENCE_UNSEAL,
        _P.REPORT_VIEW,
        _P.AUDIT_VIEW,
    },
    StaffRole.ADMINISTRATOR: frozenset({_P.ROLE_GRANT, _P.AUDIT_VIEW, _P.ORG_VERIFY, _P.DEADLINE_EDIT}),
}


def roles_with(permission: Permission) -> tuple[str, ...]:
    """The roles that hold `permission`, in table order."""
    return tuple(role for role, held in ROLES.items() if permission in held)
