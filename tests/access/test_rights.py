"""The table of rights, asked over HTTP: every address, every method, everybody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.access.table import TABLE
from tests.access.world import ROLES, World

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]
#: Who is asked where everybody gets the same.
SOME = ("nobody", "alice", "charlie", "ann", "root")


class Row(NamedTuple):
    """`request` is "METHOD address"; `answers` by name."""

    request: str
    answers: dict[str, int]

    @property
    def path(self) -> str:
        return self.request.partition(" ")[2]


def rows() -> Iterator[Row]:
    for line in TABLE.splitlines():
        if line and not line.startswith("#"):
            method, path, *given = line.split()
            codes = [int(code) for code in given]
            if len(codes) < len(ROLES):
                yield Row(f"{method} {path}", {who: codes[0 if who == "nobody" else -1] for who in SOME})
            else:
                yield Row(f"{method} {path}", dict(zip(ROLES, codes, strict=True)))


ROWS = list(rows())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.request)
def test_everybody_gets_what_the_table_says(row: Row, ask: Ask) -> None:
    found = {who: ask(who, row.request).status_code for who in row.answers}
    assert found == row.answers


def routes(resolver: Any = None, prefix: str = "") -> Iterator[str]:
    for part in (resolver or get_resolver()).url_patterns:
        route = prefix + str(part.pattern).removeprefix("^")
        if isinstance(part, URLResolver):
            yield from routes(part, route)
        elif isinstance(part, URLPattern):
            yield route


def test_the_table_knows_every_address(world: World) -> None:
    known = {resolve(row.path.format_map(world.names)).route for row in ROWS}
    assert not sorted(set(routes()) - known)


METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")
PATHS = sorted({row.path for row in ROWS})
#: allauth's forms take PUT as POST, and read an empty form from it; its dead link says so to every method.
FORMS = re.compile(r"^/accounts/(login|logout|signup|reauthenticate|email|password|confirm-email)/")


@pytest.mark.parametrize("path", PATHS)
def test_no_other_method_does_anything(path: str, ask: Ask) -> None:
    """Asked by whoever has the most rights there; a form's address leads back to its page."""
    mine = [row for row in ROWS if row.path == path]
    able = [who for row in mine for who, code in row.answers.items() if code < 400 and who != "nobody"]
    for method in METHODS:
        if any(row.request.startswith(f"{method} ") for row in mine):
            continue
        answer = ask(able[-1] if able else "ann", f"{method} {path}", body={})
        pages = {200, 302, 405} if FORMS.match(path) else {302, 405}
        assert answer.status_code in ({405} if path.startswith("/api/") else pages), method


NOTHING = {
    **dict.fromkeys(("ticket", "asked", "fresh"), "26-99999-9"),
    **dict.fromkeys(("file", "upload", "note", "unchecked"), "00000000-0000-4000-8000-000000000000"),
    "picture": "0" * 32,
    **dict.fromkeys(
        ("remark", "vote", "papers", "keyed", "approved", "invoice", "alpha", "guest", "invitation", "person"),
        999_999_999,
    ),
    **dict.fromkeys(("attempt", "mentorship", "held"), 999_999_999),
    **dict.fromkeys(("paper", "compared", "filed", "waiting", "settled", "reminder"), 999_999_999),
}


def told(answer: Any) -> tuple[int, str]:
    """An answer without what differs from one request to the next, and without the address that was asked for."""
    text = getattr(answer, "bytes", b"") or answer.content
    return answer.status_code, re.sub(r'csrfmiddlewaretoken" value="\w+|next=[^"]*|value="/[^"]*"', "", text.decode())


@pytest.mark.parametrize("row", [row for row in ROWS if "{" in row.path], ids=lambda row: row.request)
def test_a_stranger_cannot_tell_anothers_from_nothing(row: Row, ask: Ask) -> None:
    for who in ("nobody", "charlie"):
        assert told(ask(who, row.request)) == told(ask(who, row.request, **NOTHING))
