"""From a request to a person and back: what views and the API share. Knows Django, but no app."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext

from helpdesk.common.messages import Message


def say(message: Message) -> str:
    """The message in the active language; values that are messages, or lists of them, are translated too."""
    values = {name: _said(value) for name, value in message.params.items()}
    text = gettext(message.text)
    return text % values if values else text


def _said(value: object) -> object:
    if isinstance(value, list | tuple):
        return gettext(", ").join(str(_said(one)) for one in value)
    return say(value) if isinstance(value, Message) else value


def pack(message: Message) -> dict[str, Any]:
    """A message as JSON, to be said later in another language."""
    return {"text": message.text, "params": {name: _packed(value) for name, value in message.params.items()}}


def _packed(value: object) -> Any:
    if isinstance(value, list | tuple):
        return [_packed(one) for one in value]
    return pack(value) if isinstance(value, Message) else str(value)


def unpack(packed: Mapping[str, Any]) -> Message:
    """The reverse of `pack`."""
    return Message(packed["text"], {name: _unpacked(value) for name, value in packed.get("params", {}).items()})


def _unpacked(value: Any) -> object:
    if isinstance(value, list):
        return [_unpacked(one) for one in value]
    return unpack(value) if isinstance(value, Mapping) else value


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def next_url(request: HttpRequest, default: str) -> str:
    """The `next` parameter when it stays on this site."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if safe and urlsplit(url).path else default


VISITOR = "visitor"  # cookie of a reader without an account, and key of META for a new one
_TOKEN = re.compile(r"[\w-]{22}", re.ASCII)


def visitor(request: HttpRequest) -> str:
    """A digest that tells one reader from another without naming either; a new reader gets a cookie with the answer."""
    if request.user.is_authenticated:
        return digest_of_account(request.user.pk)
    if not has_been_here(request):
        # of the request below the API's, so that the middleware sees it
        request.COOKIES[VISITOR] = request.META[VISITOR] = secrets.token_urlsafe(16)
    return digest_of_browser(request)


def has_been_here(request: HttpRequest) -> bool:
    """Whether the browser carries a visitor's name."""
    return bool(_TOKEN.fullmatch(request.COOKIES.get(VISITOR, "")))


def digest_of_account(pk: int) -> str:
    return _digest(f"user:{pk}")


def digest_of_browser(request: HttpRequest) -> str:
    return _digest(f"{VISITOR}:{request.COOKIES.get(VISITOR, '')}")


def _digest(text: str) -> str:
    """Keyed, for numbers of accounts are few and could be tried."""
    return salted_hmac(VISITOR, text, algorithm="sha256").hexdigest()
