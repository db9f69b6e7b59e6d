"""How much a page weighs on its first visit; a page that grows past its budget fails here, not on somebody's phone.

The test server hands static files out as they lie there; they count with the brotli form that WhiteNoise delivers.
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import brotli
import pytest
from django.conf import settings as django_settings
from django.contrib.staticfiles import finders
from playwright.sync_api import Page

from accounts.models import Organisation, User
from tests.cases import a_file, a_ticket
from tickets import services
from tickets.backfill import services as backfill

Open = Callable[..., Page]
KB = 1024
ROWS = 25  # a full page of the queue
CSS, OWN_JS, HTMX, PAGE, QUEUE_PAGE = 14 * KB, 12 * KB, 16 * KB, 15 * KB, 20 * KB
PUBLIC, DESK, REQUESTS, NODES = 60 * KB, 80 * KB, 6, 1500
HEADERS = 500  # of an answer, about
STATIC = Path(django_settings.BASE_DIR) / "static"


@dataclass
class Visit:
    """What a first visit cost, as the browser counted it: bytes over the wire by address."""

    bytes: dict[str, int] = field(default_factory=dict)
    html: bytes = b""
    nodes: int = 0
    said: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(_delivered(urlsplit(url).path, seen) for url, seen in self.bytes.items())


def _delivered(path: str, seen: int) -> int:
    if not path.startswith(django_settings.STATIC_URL):
        return seen
    return HEADERS + brotlied(Path(finders.find(path.removeprefix(django_settings.STATIC_URL))))


def visit(page: Page, path: str) -> Visit:
    """Load `path` with an empty cache."""
    seen, addresses = Visit(), {}
    lines = page.context.new_cdp_session(page)
    lines.send("Network.enable")
    lines.send("Network.setCacheDisabled", {"cacheDisabled": True})
    lines.on("Network.requestWillBeSent", lambda e: addresses.update({e["requestId"]: e["request"]["url"]}))
    lines.on(
        "Network.loadingFinished", lambda e: seen.bytes.update({addresses[e["requestId"]]: e["encodedDataLength"]})
    )
    page.on("console", lambda said: seen.said.append(said.text))
    answer = page.goto(path)  # until load: every script, style and picture is there
    assert answer is not None
    assert answer.ok, f"{path} answered {answer.status}"
    seen.html = answer.body()
    seen.nodes = page.evaluate("document.querySelectorAll('*').length")
    return seen


def assert_light(page: Page, path: str, *, total: int = PUBLIC, html: int = PAGE) -> None:
    seen = visit(page, path)
    host = urlsplit(page.url).netloc
    web = [url for url in seen.bytes if not url.startswith("data:")]
    assert {urlsplit(url).netloc for url in web} == {host}, f"{path} asks strangers: {web}"
    assert len(web) <= REQUESTS, f"{path} makes {len(web)} requests: {web}"
    assert seen.total <= total, f"{path} weighs {seen.total} bytes: {seen.bytes}"
    assert len(gzip.compress(seen.html)) <= html
    assert seen.nodes <= NODES, f"{path} has {seen.nodes} elements"
    assert seen.said == [], f"{path} wrote to the console: {seen.said}"


@functools.cache
def brotlied(path: Path) -> int:
    return len(brotli.compress(path.read_bytes()))


def test_style_and_scripts_stay_small() -> None:
    """Compressed as the service hands them out."""
    assert sum(map(brotlied, STATIC.glob("css/*.css"))) <= CSS
    assert sum(map(brotlied, STATIC.glob("js/*.js"))) <= OWN_JS
    assert brotlied(Path(finders.find("django_htmx/htmx-2.min.js"))) <= HTMX
    assert not [p for p in STATIC.rglob("*") if p.suffix in {".woff", ".woff2", ".ttf", ".otf"}]


@pytest.mark.usefixtures("library")
def test_the_pages_of_a_reader_are_light(page_of: Open) -> None:
    shelves = ["/", "/kb/", "/kb/category/delayed/", "/kb/sync-delay/", "/kb/search/?q=同步"]
    for path in [*shelves, "/check/", "/accounts/login/", "/accounts/signup/"]:
        assert_light(page_of(), path)


@pytest.mark.usefixtures("library")
def test_the_pages_of_an_enterprise_are_light(page_of: Open, alice: User, alpha: Organisation, ann: User) -> None:
    tickets = [a_ticket(alice, alpha, files=(a_file(alice),)) for _ in range(20)]
    services.act(ticket=tickets[0], action="accept", by=ann)
    backfill.open_backfill(invoice=tickets[0].invoices.get(), by=ann)
    page = page_of(alice)
    page.goto("/tickets/new/")
    page.locator("[name=symptom]").first.check()
    page.locator("main form .primary").click()
    page.wait_for_url("**/details/")
    paths = ["/tickets/", f"/tickets/{tickets[0].number}/", "/tickets/new/", "/tickets/new/details/", "/notifications/"]
    for path in [*paths, "/notifications/preferences/", "/accounts/profile/", f"/accounts/organisation/{alpha.pk}/"]:
        assert_light(page_of(alice), path)


@pytest.mark.usefixtures("library")
def test_the_pages_of_the_desk_are_light(
    page_of: Open, alice: User, alpha: Organisation, ann: User, olga: User, ed: User, sam: User
) -> None:
    tickets = [a_ticket(alice, alpha, files=(a_file(alice),)) for _ in range(ROWS)]
    services.act(ticket=tickets[0], action="accept", by=ann)
    case = backfill.open_backfill(invoice=tickets[0].invoices.get(), by=ann)
    assert_light(page_of(ann), "/desk/queue/all/", total=DESK, html=QUEUE_PAGE)
    assert_light(page_of(ann), f"/desk/tickets/{tickets[0].number}/", total=DESK)
    assert_light(page_of(olga), "/desk/backfill/", total=DESK)
    assert_light(page_of(olga), f"/desk/backfill/{case.pk}/", total=DESK)
    assert_light(page_of(ed), "/desk/kb/", total=DESK)
    assert_light(page_of(sam), "/desk/lists/", total=DESK)
