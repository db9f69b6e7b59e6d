"""Roles that require a path: without a valid completion the permissions that matter are refused."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.access import GATES
from accounts.models import User
from accounts.permissions import ROLES, Permission
from helpdesk.common.errors import Forbidden
from helpdesk.common.messages import Message, gettext_noop
from kb.training.models import Completion, Edition, Path, Waiver

#: What changes a case, an article or the board for others. Looking, learning and managing the training stay open.
GUARDED = frozenset({
    Permission.TICKET_TRIAGE, Permission.TICKET_ANSWER, Permission.CHECK_RECORD, Permission.BACKFILL_OPEN,
    Permission.BACKFILL_REVIEW_MATERIAL, Permission.BACKFILL_KEY, Permission.BACKFILL_APPROVE,
    Permission.BACKFILL_HAND_OVER, Permission.EVIDENCE_UNSEAL, Permission.KB_REVIEW, Permission.STATUS_EDIT,
    Permission.ANNOUNCE,
})  # fmt: skip
_KEPT, _KEEP = "training-required", 10  # seconds


class Untrained(Forbidden):
    """The role is there, what it requires is not learnt yet; `url` leads to the path."""

    def __init__(self, edition: Edition) -> None:
        text = gettext_noop("Complete the learning path “%(path)s” first: your role requires it.")
        super().__init__(Message(text, {"path": edition.name}), code="untrained")
        self.url = reverse("training_path", args=[edition.path.slug])


def forget() -> None:
    """The requirements have changed; called in the transaction of the change."""
    transaction.on_commit(partial(cache.delete, _KEPT), robust=True)


def _required() -> list[tuple[int, list[str], str]]:
    """(path, roles, from when) of every path in force or ahead; kept, for every use-case asks."""
    found: list[tuple[int, list[str], str]] | None = cache.get(_KEPT)
    if found is None:
        rows = Path.objects.live().exclude(required_from=None).order_by("pk")
        found = [(row.pk, row.required_roles, str(row.required_from)) for row in rows if row.required_roles]
        cache.set(_KEPT, found, _KEEP)
    return found


def required_of(roles: frozenset[str]) -> dict[str, set[int]]:
    """Role → the paths that it requires today."""
    today = timezone.localdate().isoformat()
    found: dict[str, set[int]] = {}
    for path, needing, since in _required():
        for role in roles & set(needing) if since <= today else ():
            found.setdefault(role, set()).add(path)
    return found


def satisfied(user: User, paths: set[int]) -> set[int]:
    """Those of `paths` that the person has completed in a valid edition, or was excused from."""
    done = Completion.objects.filter(
        person=user, edition__path__in=paths, edition__number__gte=F("edition__path__renewed_from")
    )
    waived = Waiver.objects.filter(person=user, path__in=paths)
    return set(done.values_list("edition__path", flat=True)) | set(waived.values_list("path", flat=True))


def check(user: User, permission: Permission) -> None:
    """Refuse what every role that gives `permission` requires a path for that is missing."""
    if permission not in GUARDED:
        return
    giving = {role for role in user.roles if permission in ROLES[role]}
    needs = required_of(frozenset(giving))
    if not giving or giving - set(needs):
        return
    done = satisfied(user, set().union(*needs.values()))
    missing = [paths - done for paths in needs.values()]
    if all(missing):
        raise Untrained(_edition(min(missing[0])))


def _edition(path: int) -> Any:
    return Edition.objects.live().select_related("path").get(path=path)


GATES.append(check)
