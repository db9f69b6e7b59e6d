"""Who a session belongs to."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from accounts.models import User


class Accounts(AuthenticationBackend):
    """Signing in by allauth; the person of a session comes with all rights, for every page asks for both."""

    def get_user(self, user_id: Any) -> User | None:
        return User.with_rights(user_id)
