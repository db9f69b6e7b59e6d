"""The policies as supervisors keep them: a change is a new version; a ticket stays under those it was filed under."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, Stale
from helpdesk.common.inputs import accept_text
from helpdesk.common.messages import Message, gettext_noop
from tickets.invoices.kinds import KINDS
from tickets.sla.models import PolicyVersion
from tickets.sla.policy import PAUSING, TIER_LABELS, Goal, Policy, parse_hours, write_hours
from tickets.vocabulary import Priority

MOST = 60 * 1000  # minutes of one target
_KEPT, _KEEP = "sla-policies", 10  # seconds


def versions() -> list[Policy]:
    """Every version of every policy."""
    return [row.policy for row in PolicyVersion.objects.all()]


def kept_versions() -> list[Policy]:
    """The same for pages that ask often; a change shows within seconds."""
    found: list[Policy] | None = cache.get(_KEPT)
    if found is None:
        cache.set(_KEPT, found := versions(), _KEEP)
    return found


def newest() -> list[PolicyVersion]:
    """The newest version of each policy, the retired ones last."""
    rows = {row.series: row for row in PolicyVersion.objects.select_related("made_by")}
    return sorted(rows.values(), key=lambda row: (row.is_retired, row.series))


def history(series: int) -> list[PolicyVersion]:
    """The versions of one policy, newest first."""
    return list(PolicyVersion.objects.filter(series=series).select_related("made_by").order_by("-number"))


def keep(*, series: int | None, seen: int, values: Mapping[str, Any], reason: str, by: User) -> PolicyVersion:
    """Write a new version of a policy, or a new policy (`series` None); `seen` is the version that was read.

    Raises Forbidden, Invalid, Stale.
    """
    require(by, Permission.SLA_EDIT)
    why = accept_text("reason", reason, limit=300, is_needed=True)
    kept = _checked(values)
    if series is None:
        series, seen = (PolicyVersion.objects.aggregate(last=Max("series"))["last"] or 0) + 1, 0
    elif PolicyVersion.objects.filter(series=series).aggregate(last=Max("number"))["last"] != seen:
        raise Stale
    try:
        with transaction.atomic():
            transaction.on_commit(partial(cache.delete, _KEPT))
            return PolicyVersion.objects.create(
                series=series, number=seen + 1, reason=why, made_by=by, made_at=timezone.now(), **kept
            )
    except IntegrityError:
        raise Stale from None


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of a version. Raises Invalid with all that is wrong."""
    wrong = [_refuse(name) for name in (*Goal, "warn_before") if not _is_amount(values.get(name))]
    hours = parse_hours(values.get("hours") or "")
    if hours is None:
        text = Message(gettext_noop("Give the hours like 09:00-12:00, 13:30-18:00, in order and apart."))
        wrong.append(FieldError("hours", "invalid", text))
    known = {
        "priority": {None, *Priority},
        "kind": {"", *KINDS},
        "tier": set(TIER_LABELS),
    }
    wrong += [_refuse(name) for name, choices in known.items() if values.get(name, "") not in choices]
    pauses = set(values.get("pauses") or ())
    if not pauses <= PAUSING:
        wrong.append(_refuse("pauses"))
    name = accept_text("name", values.get("name") or "", limit=80, is_needed=True)
    if wrong or hours is None:
        raise Invalid(errors=wrong)
    same = ("priority", "kind", "tier", *(goal.value for goal in Goal), "warn_before")
    flags = {key: bool(values.get(key)) for key in ("raises_priority", "tells_supervisors", "is_retired")}
    given = {key: values.get(key) for key in same}
    return {**given, **flags, "name": name, "pauses": sorted(pauses), "hours": write_hours(hours)}


def _is_amount(value: Any) -> bool:
    return value is None or (isinstance(value, int) and 0 < value <= MOST)


def _refuse(name: str) -> FieldError:
    return FieldError(str(name), "invalid", Message(gettext_noop("This is not possible here.")))
