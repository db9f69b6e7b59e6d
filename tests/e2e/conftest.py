"""A real browser before the real service. Only the loopback is reachable."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from django.conf import settings as django_settings
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User
from kb import content

HERE = Path(__file__).parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")
INSTALL = "Chromium was not found; install it with: apt-get install -y chromium fonts-noto-cjk"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = Path(django_settings.BASE_DIR) / "test-results"
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}  # a screen of 1280 at 400 %
AXE = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
COLOURS = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}  # all that the theme changes
# The browser repeats the status of a refused page as an error; that one is the test's own doing.
EXPECTED_NOISE = ("Failed to load resource: the server responded with a status of",)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "localhost", "::1"]))
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason=INSTALL))


@pytest.fixture(scope="session", autouse=True)
def _beside_the_browser() -> Iterator[None]:
    """Playwright keeps an event loop in this thread, in which the fixtures still use the ORM."""
    Path(django_settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns about a missing one
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    yield
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    return {
        "executable_path": CHROMIUM,
        "args": [*ARGUMENTS, "--lang=zh-CN"],
        "env": {**os.environ, "LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN"},
    }


Open = Callable[..., Page]


@pytest.fixture
def library(db: None, tmp_path: Path) -> None:
    """Four of the service's own articles in both languages, with all categories."""
    shutil.copy(content.FOLDER / "categories.json", tmp_path)
    for language in ("zh-hans", "en"):
        (tmp_path / language).mkdir()
        for slug in ("sync-delay", "verification-no-match", "batch-upload-failure", "sync-history-records"):
            shutil.copy(content.FOLDER / language / f"{slug}.md", tmp_path / language)
    content.load(tmp_path)


@pytest.fixture
def page_of(browser: Browser, live_server: Any, client_of: Any) -> Iterator[Open]:
    """`page_of(user, language=…, javascript=…, size=…)`: a page of a fresh browser in which `user` (or nobody) has
    signed in. The test fails when the page wrote an error to the console."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def make(
        user: User | None = None,
        *,
        language: str = "zh-hans",
        javascript: bool = True,
        size: dict[str, int] | None = None,
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=size or WIDE,
            locale="en-GB" if language == "en" else "zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        cookies = {"django_language": language}
        if user is not None:
            cookies["sessionid"] = client_of(user).cookies["sessionid"].value
        context.add_cookies([{"name": n, "value": v, "url": live_server.url} for n, v in cookies.items()])
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        return page

    yield make
    for context in contexts:
        context.close()
    assert [text for text in wrong if not text.startswith(EXPECTED_NOISE)] == []


def assert_accessible(page: Page, options: dict[str, Any] = AXE) -> None:
    """axe-core finds nothing against WCAG 2.2 A and AA or its best practices."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(f"{AXE_SCRIPT};0")
    # Only what is wrong comes back: the whole answer of a long page takes longer to hand over than to find out.
    found = page.evaluate("options => axe.run(options).then(({violations}) => violations)", options)
    assert not found, f"{page.url}\n{AxeResults({'violations': found}).generate_report()}"


def assert_fits(page: Page) -> None:
    """Nothing makes the page scroll sideways."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert over <= 0, f"{page.url} is {over} px wider than its window of {page.viewport_size}: {_widest(page)}"


def _widest(page: Page) -> list[str]:
    """What reaches over the edge, from the inside out."""
    wide = "[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > innerWidth)"
    return page.evaluate(f"{wide}.reverse().slice(0, 8).map(e => e.outerHTML.slice(0, 160))")  # type: ignore[no-any-return]


def screenshot(page: Page, name: str) -> None:
    """The whole page as test-results/<name>.png, for people to look at."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=True)


#: Each look of a page, and what is asked of axe there: the theme changes colours alone, whatever the width.
LOOKS = (("phone", PHONE, "light", AXE), ("wide", WIDE, "light", AXE), ("wide", WIDE, "dark", COLOURS))


def inspect(page: Page, name: str) -> None:
    """The page as it stands on a phone and wide, light and dark: fits, is accessible, and has its picture taken."""
    for width, size, theme, options in LOOKS:
        page.set_viewport_size(size)  # type: ignore[arg-type]
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert_fits(page)
        assert_accessible(page, options)
        screenshot(page, f"{name}-{width}-{theme}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert_fits(page)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
