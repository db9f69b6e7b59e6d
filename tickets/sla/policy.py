"""PURE. What the desk promises: targets by policy, and which policy a ticket is under."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.common.messages import gettext_noop as _
from tickets.lifecycle import LIFECYCLE
from tickets.sla.clock import Calendar
from tickets.vocabulary import Priority

Hours = tuple[tuple[dt.time, dt.time], ...]


class Goal(StrEnum):
    """What is promised."""

    FIRST_LOOK = "first_look"
    FIRST_RESPONSE = "first_response"
    NEXT_RESPONSE = "next_response"
    RESOLUTION = "resolution"


GOAL_LABELS: Mapping[Goal, str] = {
    Goal.FIRST_LOOK: _("First look"),
    Goal.FIRST_RESPONSE: _("First response"),
    Goal.NEXT_RESPONSE: _("Next response"),
    Goal.RESOLUTION: _("Being resolved"),
}


class Tier(StrEnum):
    """How an enterprise stands with the desk; empty: any."""

    ANY = ""
    VERIFIED = "verified"
    NEW = "new"


TIER_LABELS: Mapping[Tier, str] = {
    Tier.ANY: _("Any enterprise"),
    Tier.VERIFIED: _("Verified enterprises"),
    Tier.NEW: _("Enterprises not verified yet"),
}

#: Working time until the next answer is due, by priority, where no policy says otherwise.
TARGETS: Mapping[Priority, dt.timedelta] = {
    Priority.URGENT: dt.timedelta(hours=2),
    Priority.HIGH: dt.timedelta(hours=4),
    Priority.NORMAL: dt.timedelta(hours=7, minutes=30),
    Priority.LOW: dt.timedelta(hours=15),
}
PAUSING = frozenset(state.name for state in LIFECYCLE.states.values() if state.paused)
HOURS = Calendar().intervals


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of a policy. Matchers that are empty match all; `targets` that are absent are not promised."""

    series: int = 0
    number: int = 0
    name: str = _("Standard")
    priority: int | None = None
    kind: str = ""
    tier: str = Tier.ANY
    targets: Mapping[Goal, dt.timedelta] = field(default_factory=dict)
    pauses: frozenset[str] = PAUSING
    hours: Hours = HOURS
    warn_before: dt.timedelta | None = None
    raises_priority: bool = False
    tells_supervisors: bool = False
    made_at: dt.datetime | None = None
    is_retired: bool = False

    def goals(self, priority: int) -> dict[Goal, dt.timedelta]:
        """What is promised at this priority; the next response always is."""
        return {Goal.NEXT_RESPONSE: TARGETS[Priority(priority)], **self.targets}

    def matches(self, priority: int, kinds: Iterable[str], tier: str) -> bool:
        fits = self.priority in (None, priority) and self.tier in (Tier.ANY, tier)
        return fits and (not self.kind or self.kind in kinds)

    @property
    def weight(self) -> int:
        """How much it asks of a ticket: what asks more goes first."""
        return (self.priority is not None) + bool(self.kind) + bool(self.tier)


DEFAULT = Policy()


def in_force(versions: Iterable[Policy], at: dt.datetime) -> list[Policy]:
    """The newest version of each policy at that moment, without the retired ones."""
    newest: dict[int, Policy] = {}
    for one in versions:
        known = newest.get(one.series)
        if (one.made_at is None or one.made_at <= at) and (known is None or known.number < one.number):
            newest[one.series] = one
    return [one for one in newest.values() if not one.is_retired]


def choose(policies: Sequence[Policy], *, priority: int, kinds: Iterable[str], tier: str) -> Policy:
    """The policy that asks most of the ticket and fits; of equals the older one; none: the standard."""
    fitting = [one for one in policies if one.matches(priority, kinds, tier)]
    return min(fitting, key=lambda one: (-one.weight, one.series), default=DEFAULT)


_INTERVAL = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至]\s*(\d{1,2})[:：](\d{2})")


def parse_hours(text: str) -> Hours | None:
    """Intervals like "09:00-12:00, 13:30-18:00"; None unless they are in order and apart."""
    found: list[tuple[dt.time, dt.time]] = []
    for part in re.split(r"[,，;；、\n]", text.strip()):
        match = _INTERVAL.fullmatch(part.strip())
        try:
            one, two, three, four = map(int, match.groups()) if match else (99, 0, 0, 0)
            begins, ends = dt.time(one, two), dt.time(three, four)
        except ValueError:
            return None
        if begins >= ends or (found and begins < found[-1][1]):
            return None
        found.append((begins, ends))
    return tuple(found) or None


def write_hours(hours: Hours) -> str:
    return ", ".join(f"{begins:%H:%M}-{ends:%H:%M}" for begins, ends in hours)
