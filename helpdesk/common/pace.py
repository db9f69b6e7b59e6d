"""How often one reader may ask a page for something costly. The API has its own limits."""

from __future__ import annotations

from django.http import HttpRequest
from rest_framework.throttling import SimpleRateThrottle

from helpdesk.common.errors import DomainError
from helpdesk.common.messages import gettext_noop


class TooOften(DomainError):
    """More than the pace allows."""

    status = 429
    code = "too_often"
    text = gettext_noop("That was a lot at once. Please wait a minute.")


class _Pace(SimpleRateThrottle):
    def __init__(self, what: str, each_minute: int) -> None:
        self.what, self.rate = what, f"{each_minute}/min"
        super().__init__()

    def get_cache_key(self, request: HttpRequest, view: object) -> str:
        # by address and not by session: whoever drops the cookies is still the same one
        who = request.user.pk or self.get_ident(request)  # type: ignore[arg-type]
        return f"pace:{self.what}:{who}"


def slow_down(request: HttpRequest, what: str, *, each_minute: int) -> None:
    """Raise TooOften past `each_minute` calls of an account, or of an address without one."""
    if not _Pace(what, each_minute).allow_request(request, None):  # type: ignore[arg-type]
        raise TooOften
