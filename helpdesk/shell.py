"""What every page's frame shows."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from kb.status import reading
from tickets.notifications.queries import unread_count
from tickets.rail import rail


def shell(request: HttpRequest) -> dict[str, Any]:
    """Theme, shortcuts, unread count, what doesn't work just now, and on desk pages the rail."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    theme = user.theme if signed_in else request.COOKIES.get("theme", "auto")
    frame = {
        "theme": theme if theme in {"auto", "light", "dark"} else "auto",
        "keys": user.shortcuts if signed_in else True,
        "unread": unread_count(user) if signed_in else 0,
        "demo": settings.DEMO,
        "outages": reading.outages,  # called by the pages that show them
        "banners": partial(reading.banners, user),
        "rail": rail(request) if signed_in and request.path.startswith(("/desk/", "/accounts/desk/")) else (),
    }
    return {"shell": frame}
