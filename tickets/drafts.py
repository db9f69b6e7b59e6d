"""What a person has typed and not sent, kept on the server: nothing is lost by a closed window."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from tickets.models import Draft

NEW_TICKET = "ticket.new"


def load(user: User, key: str) -> dict[str, Any]:
    found = Draft.objects.filter(user=user, key=key).first()
    return dict(found.data) if found else {}


def save(user: User, key: str, data: dict[str, Any]) -> None:
    Draft.objects.update_or_create(user=user, key=key, defaults={"data": data})


def drop(user: User, key: str) -> None:
    Draft.objects.filter(user=user, key=key).delete()
