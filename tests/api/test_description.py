"""The description of the API: complete, without warnings, and readable under the strict policy of content."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.django_db
#: Addresses that describe the API are no part of the description.
OUTSIDE = {"/api/v1/", "/api/v1/schema/", "/api/v1/docs/"}


@pytest.fixture(scope="module")
def description() -> Any:
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    return yaml.safe_load(out.getvalue())


def addresses(resolver: Any = None, prefix: str = "/") -> Iterator[str]:
    for part in (resolver or get_resolver()).url_patterns:
        route = prefix + str(part.pattern).removeprefix("^")
        if isinstance(part, URLResolver):
            yield from addresses(part, route)
        elif isinstance(part, URLPattern) and route.startswith("/api/"):
            yield re.sub(r"<\w+:(\w+)>|\(\?P<(\w+)>[^)]*\)", "{}", route).removesuffix("$")


def test_every_address_of_the_api_is_described(description: Any) -> None:
    known = {re.sub(r"{\w+}", "{}", path) for path in description["paths"]}
    assert set(addresses()) - OUTSIDE == known


def test_the_description_is_of_this_version(description: Any) -> None:
    assert description["openapi"] == "3.1.0"
    assert {"bearer", "session"} == set(description["components"]["securitySchemes"])


def operations(description: Any) -> Iterator[tuple[str, str, Any]]:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            yield path, method, operation


def test_every_operation_tells_what_it_does_and_how_it_refuses(description: Any) -> None:
    for path, method, operation in operations(description):
        assert operation.get("description"), (path, method)
        refusal = operation["responses"]["default"]["content"]
        assert list(refusal) == ["application/problem+json"], (path, method)


#: Writes that store nothing, and the sign-in, which has no account yet to keep a key for.
WITHOUT_KEY = {f"/api/v1/{path}/" for path in ("auth/token", "invoices/read", "invoices/validate", "packages/check")}
WITHOUT_KEY |= {"/api/v1/evidence/{id}/original/"}  # every opening is an act of its own


def test_every_write_knows_the_key_and_every_update_the_version(description: Any) -> None:
    for path, method, operation in operations(description):
        headers = {p["name"] for p in operation.get("parameters", []) if p["in"] == "header"}
        repeats = method in {"post", "put", "patch"} and path not in WITHOUT_KEY
        assert ("Idempotency-Key" in headers, "If-Match" in headers) == (repeats, method == "patch"), (path, method)


def test_every_list_is_paged(description: Any) -> None:
    for path, method, operation in operations(description):
        answer = operation["responses"].get("200", {}).get("content", {}).get("application/json", {})
        assert answer.get("schema", {}).get("type") != "array", (path, method)
    names = ("TicketRow", "Event", "Message", "Backfill", "Notification", "ArticleRow")
    for name in names:
        page = description["components"]["schemas"][f"Paginated{name}List"]
        assert set(page["required"]) == {"next", "previous", "results"}


@pytest.mark.parametrize("accept", ["application/json", "application/vnd.oai.openapi", "*/*"])
def test_machines_fetch_it(accept: str, client: Client) -> None:
    answer = client.get("/api/v1/schema/", HTTP_ACCEPT=accept)
    assert answer.status_code == 200
    assert b"3.1.0" in answer.content


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_people_read_it_as_a_page_without_a_script(language: str, client: Client, description: Any) -> None:
    answer = client.get("/api/v1/docs/", HTTP_ACCEPT_LANGUAGE=language)
    page = answer.content.decode()
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=\"/static/)|(src|href)=\"(https?:)?//", page)
    for path, method, _operation in operations(description):
        assert f"<code>{path}</code>" in page
        assert f">{method.upper()}</span>" in page
    targets = set(re.findall(r'href="#([^"]+)"', page))
    assert targets <= set(re.findall(r'id="([^"]+)"', page))
    assert {f"shape-{name}" for name in description["components"]["schemas"]} <= set(re.findall(r'id="([^"]+)"', page))


def test_the_api_says_where_to_begin(client: Client) -> None:
    found = client.get("/api/v1/").json()
    assert client.get(found["docs"]).status_code == client.get(found["schema"]).status_code == 200
    assert set(found) == {"docs", "schema", "token", "me"}
