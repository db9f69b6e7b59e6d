"""PURE. The words of the board: groups, states, kinds of invoices, kinds of announcements. Labels are msgids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.common.messages import gettext_noop as _


class Group(StrEnum):
    """Whose system a component is."""

    SERVICE = "service"
    TAX = "tax"
    ISSUING = "issuing"


GROUP_LABELS: Mapping[Group, str] = {
    Group.SERVICE: _("This service"),
    Group.TAX: _("Systems of the tax side"),
    Group.ISSUING: _("Issuing platforms"),
}


class Impact(StrEnum):
    """How much an incident takes away."""

    DEGRADED = "degraded"
    OUTAGE = "outage"


@dataclass(frozen=True, slots=True)
class Condition:
    """What a component is like: words, colour and icon together."""

    name: str
    label: str
    tone: str
    icon: str


#: From the best to the worst: the last that applies is shown.
CONDITIONS: Mapping[str, Condition] = {
    "normal": Condition("normal", _("Running normally"), "success", "circle-check"),
    "maintenance": Condition("maintenance", _("Under maintenance"), "info", "wrench"),
    Impact.DEGRADED: Condition("degraded", _("Partly disrupted"), "warning", "triangle-alert"),
    Impact.OUTAGE: Condition("outage", _("Down"), "danger", "octagon-x"),
}
IMPACT_LABELS: Mapping[Impact, str] = {impact: CONDITIONS[impact].label for impact in Impact}

#: The families of invoices that the diagnosis asks about.
KIND_LABELS: Mapping[str, str] = {
    "digital_special": _("Digital, special"),
    "digital_ordinary": _("Digital, ordinary"),
    "control_special": _("Tax-control, special"),
    "control_ordinary": _("Tax-control, ordinary"),
    "travel": _("Road toll, railway or air ticket"),
}


class Subject(StrEnum):
    """What an announcement is about."""

    POLICY = "policy"
    INTERFACE = "interface"
    HOLIDAY = "holiday"
    OTHER = "other"


SUBJECT_LABELS: Mapping[Subject, str] = {
    Subject.POLICY: _("Policy"),
    Subject.INTERFACE: _("Interface version"),
    Subject.HOLIDAY: _("Holiday"),
    Subject.OTHER: _("Other news"),
}


class Topic(StrEnum):
    """What a reader may subscribe to."""

    STATUS = "status"
    ANNOUNCEMENTS = "announcements"


TOPIC_LABELS: Mapping[Topic, str] = {
    Topic.STATUS: _("Incidents and maintenance"),
    Topic.ANNOUNCEMENTS: _("Announcements"),
}

#: Event → its line, on the board's history and as the subject of a mail, which takes the title.
EVENT_LABELS: Mapping[str, str] = {
    "incident.opened": _("Incident: %(title)s"),
    "incident.updated": _("Update: %(title)s"),
    "incident.identified": _("Cause found: %(title)s"),
    "incident.monitored": _("Watching: %(title)s"),
    "incident.resolved": _("Resolved: %(title)s"),
    "incident.reopened": _("Back again: %(title)s"),
    "maintenance.planned": _("Maintenance planned: %(title)s"),
    "maintenance.changed": _("Maintenance moved or changed: %(title)s"),
    "maintenance.cancelled": _("Maintenance cancelled: %(title)s"),
    "announcement.published": _("Announcement: %(title)s"),
}


def topic_of(kind: str) -> Topic | None:
    """The subscribers an event is mailed to; None for what is kept as history alone."""
    if kind not in EVENT_LABELS:
        return None
    return Topic.ANNOUNCEMENTS if kind.startswith("announcement.") else Topic.STATUS
