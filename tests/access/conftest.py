"""One world for all rows of the table; what a request changes is undone at once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client, override_settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from tests.access.bodies import BODIES, FILES
from tests.access.world import World, build

BACKEND = "accounts.backends.Accounts"
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def _files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = str(tmp_path_factory.mktemp("world"))
    return {**settings.STORAGES["default"], "OPTIONS": {"location": folder, "base_url": None}}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, _files: dict[str, Any]) -> Iterator[World]:
    stores = {**settings.STORAGES, "default": _files}
    with django_db_blocker.unblock(), override_settings(STORAGES=stores), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def sessions(world: World) -> dict[str, str]:
    """A signed-in browser's cookie of everybody."""
    found = {}
    for name, user in world.people.items():
        client = Client()
        if user:
            client.force_login(user, backend=BACKEND)
            found[name] = client.cookies["sessionid"].value
    return found


@pytest.fixture
def ask(world: World, sessions: dict[str, str], db: None, _own_home: None, _files: dict[str, Any]) -> Iterator[Ask]:
    """One request of one person, undone at once: `ask("bob", "GET /tickets/{ticket}/")`."""

    def request(who: str, row: str, *, body: Any = None, **names: Any) -> Any:
        browser = Client(raise_request_exception=False)
        if who in sessions:
            browser.cookies["sessionid"] = sessions[who]
        method, _, path = row.partition(" ")
        known = {**world.names, **names}
        path, more = path.format_map(known), {"HTTP_IF_MATCH": "*"} if method == "PATCH" else {}
        with transaction.atomic():
            answer = browser.generic(method, path, *encoded(row, path, body, known), **more)
            if answer.streaming:
                answer.bytes = b"".join(answer)
            transaction.set_rollback(True)
        return answer

    with override_settings(STORAGES={**settings.STORAGES, "default": _files}):
        yield request


def encoded(row: str, path: str, body: Any, known: dict[str, Any]) -> tuple[Any, str]:
    """The body of a row as bytes, with its type."""
    if row.startswith("GET"):
        return "", "text/plain"
    if body is None:
        body = BODIES.get(row, {})
        body = {n: v.format_map(known) if isinstance(v, str) and v.startswith("{") else v for n, v in body.items()}
    if row in FILES:
        part, make = FILES[row]
        return encode_multipart(BOUNDARY, {**body, part: make()}), MULTIPART_CONTENT
    if path.startswith("/api/"):
        return json.dumps(body), "application/json"
    return encode_multipart(BOUNDARY, body), MULTIPART_CONTENT
