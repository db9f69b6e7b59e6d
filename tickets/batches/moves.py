"""The one door to the state of a list, and its history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import LostRace
from tickets.batches.lifecycle import LIFECYCLE
from tickets.batches.models import Batch, BatchEvent


def may_start(batch: Batch, action: str, *, by: User | None) -> None:
    """Raise Forbidden or NotNow unless `by` may start the action now; None is the worker."""
    if by is not None:
        require(by, Permission(LIFECYCLE.find(action).permission), batch.organisation_id)
    LIFECYCLE.check(action, batch.state)


def move(batch: Batch, action: str, *, by: User | None, data: Mapping[str, Any] | None = None, **changes: Any) -> None:
    """UPDATE … WHERE state = old, with its event; LostRace when another was first."""
    may_start(batch, action, by=by)
    transition, old = LIFECYCLE.find(action), batch.state
    values = {**changes, "state": transition.target}
    with transaction.atomic():
        if not Batch.objects.filter(pk=batch.pk, state=old).update(**values):
            raise LostRace
        tell(batch, transition.event, by=by, data=data)
    for name, value in values.items():
        setattr(batch, name, value)


def tell(batch: Batch, kind: str, *, by: User | None, data: Mapping[str, Any] | None = None) -> None:
    """Write what happened to the list; its ticket's history begins with the ticket."""
    BatchEvent.objects.create(batch=batch, kind=kind, actor=by, at=timezone.now(), data=dict(data or {}))
