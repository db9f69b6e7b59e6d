"""The one question before a use-case."""

from __future__ import annotations

from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import Forbidden


def require(user: User, permission: Permission, organisation_id: int | None = None) -> None:
    """Raise Forbidden unless `user` holds `permission` (inside that enterprise)."""
    if not user.can(permission, organisation_id):
        raise Forbidden(permission=permission)
