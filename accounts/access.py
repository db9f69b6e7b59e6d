"""The one question before a use-case."""

from __future__ import annotations

from collections.abc import Callable

from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import Forbidden

#: Asked once the permission is held; raises Forbidden with what is still missing. Filled by the room that teaches.
GATES: list[Callable[[User, Permission], None]] = []


def require(user: User, permission: Permission, organisation_id: int | None = None) -> None:
    """Raise Forbidden unless `user` holds `permission` (inside that enterprise), and has learnt what it needs."""
    if not user.can(permission, organisation_id):
        raise Forbidden(permission=permission)
    for gate in GATES:
        gate(user, permission)
