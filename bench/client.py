"""A person at the other end of HTTP: a token for the API, a session for the pages, plain words when it goes wrong."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from typing import Any

import httpx

API = "/api/v1"
PATIENCE = 60.0  # seconds for what the worker does
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Unexpected(Exception):
    """The service answered something else than the main job needs."""


def expect(is_true: object, text: str) -> None:
    """Raise Unexpected with `text` unless `is_true`."""
    if not is_true:
        raise Unexpected(text)


def wait_for(ask: Callable[[], Any], what: str) -> Any:
    """The first truthy answer of `ask`; Unexpected after PATIENCE."""
    end = time.monotonic() + PATIENCE
    while not (found := ask()):
        expect(time.monotonic() < end, f"{what}: nothing after {PATIENCE:.0f} s")
        time.sleep(0.25)
    return found


class Person:
    """One account, its token and its browser session."""

    def __init__(self, base_url: str, email: str, password: str) -> None:
        self.email = email
        self._password = password
        english = {"Accept-Language": "en"}
        self._api = httpx.Client(base_url=base_url.rstrip("/") + API, headers=english, timeout=30)
        self._pages = httpx.Client(base_url=base_url, headers=english, timeout=30, follow_redirects=True)

    def fetch_token(self) -> None:
        body = {"email": self.email, "password": self._password}
        token = self.call("POST", "/auth/token/", 200, 201, json=body).json()["token"]
        self._api.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, *codes: int, **more: Any) -> httpx.Response:
        """One request to the API; Unexpected unless the status is one of `codes` (200 when none is named)."""
        answer = self._api.request(method, path, **more)
        wanted = codes or (200,)
        if answer.status_code not in wanted:
            who = self.email.partition("@")[0]
            raise Unexpected(f"{who} {method} {path}: {answer.status_code} instead of {wanted}: {answer.text[:600]}")
        return answer

    def get(self, path: str, **query: str) -> Any:
        return self.call("GET", path, params=query).json()

    def post(self, path: str, **body: Any) -> Any:
        return self.call("POST", path, 200, 201, json=body).json()

    def refused(self, method: str, path: str, *codes: int, **more: Any) -> dict[str, Any]:
        """The problem of a request that has to be refused, as problem+json and nothing else."""
        answer = self.call(method, path, *codes, **more)
        kind = answer.headers.get("Content-Type", "")
        expect(kind.startswith("application/problem+json"), f"{method} {path}: refused as {kind}")
        problem: dict[str, Any] = answer.json()
        return problem

    def file(self, name: str, data: bytes, purpose: str, **body: Any) -> Any:
        """File a ticket with one file, in one request."""
        sent = {"files": {purpose: (name, data)}, "data": {"ticket": json.dumps(body)}}
        return self.call("POST", "/tickets/", 201, **sent).json()

    def upload(self, name: str, data: bytes, purpose: str) -> str:
        """Hand a file in; its id."""
        sent = self.call("POST", "/evidence/", 201, 202, files={"file": (name, data)}, data={"purpose": purpose})
        return str(sent.json()["id"])

    def cleared(self, pk: str) -> dict[str, Any]:
        """The file once the worker has read it."""

        def read() -> dict[str, Any] | None:
            found: dict[str, Any] = self.get(f"/evidence/{pk}/")
            expect(found["state"] not in ("refused", "quarantined"), f"{found['name']}: {found}")
            return found if found["state"] == "clean" else None

        done: dict[str, Any] = wait_for(read, f"evidence {pk} read")
        return done

    def sign_in(self) -> None:
        """By the form of the page, as a browser does."""
        form = self._pages.get("/accounts/login/")
        found = _TOKEN.search(form.text)
        expect(found, f"no form on the sign-in page ({form.status_code})")
        body = {"csrfmiddlewaretoken": found[1], "login": self.email, "password": self._password}  # type: ignore[index]
        there = str(form.url)
        after = self._pages.post(there, data=body, headers={"Referer": there})
        expect(after.status_code == 200 and "sessionid" in self._pages.cookies, f"not signed in: {after.status_code}")

    def page(self, path: str) -> str:
        answer = self._pages.get(path)
        expect(answer.status_code == 200, f"page {path}: {answer.status_code}")
        return answer.text

    @property
    def session(self) -> str:
        """The Cookie header of the browser session."""
        return "; ".join(f"{name}={value}" for name, value in self._pages.cookies.items())
