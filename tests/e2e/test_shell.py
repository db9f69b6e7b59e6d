"""The frame around every page: languages, themes, widths, errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.e2e.conftest import PHONE, assert_accessible, assert_fits, inspect, screenshot

LANGUAGES = ("zh-hans", "en")
DOORS = {
    "home": "/",
    "sign-in": "/accounts/login/",
    "sign-up": "/accounts/signup/",
    "reset": "/accounts/password/reset/",
    "verification": "/accounts/confirm-email/",
}
Open = Callable[..., Page]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", DOORS)
def test_a_public_page_reads_well_on_every_screen(page_of: Open, name: str, language: str) -> None:
    page = page_of(language=language)
    page.goto(DOORS[name])
    expect(page.locator("html")).to_have_attribute("lang", "en" if language == "en" else "zh-Hans")
    expect(page.locator("h1")).to_have_count(1)
    inspect(page, f"{name}-{language}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("status", [400, 403, 404, 409, 413, 500, 503])
def test_a_refusal_says_what_to_do_next(page_of: Open, settings: Any, caplog: Any, status: int, language: str) -> None:
    settings.ROOT_URLCONF = "tests.e2e.urls"
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    page = page_of(language=language)
    response = page.goto(f"/refuse/{status}/")
    assert response is not None
    assert response.status == status
    expect(page.locator("main a.btn").first).to_be_visible()
    inspect(page, f"error-{status}-{language}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_wrong_form_names_its_fields_and_takes_the_focus_there(page_of: Open, language: str, db: None) -> None:
    page = page_of(language=language)
    page.goto("/accounts/signup/")
    page.locator("main form button").click()
    summary = page.locator("[data-errsum]")
    expect(summary).to_be_focused()
    link = summary.locator("a").first
    target = link.get_attribute("href") or ""
    link.click()
    expect(page.locator(target)).to_be_focused()
    expect(page.locator(target)).to_have_attribute("aria-invalid", "true")
    inspect(page, f"sign-up-errors-{language}")


def test_the_language_changes_without_javascript(page_of: Open) -> None:
    page = page_of(javascript=False)
    page.goto("/accounts/login/")
    expect(page.locator("h1")).to_have_text("登录")
    page.locator("header button[lang=en]:visible").click()
    expect(page).to_have_url("/accounts/login/")
    expect(page.locator("h1")).to_have_text("Sign in")
    page.locator("header button[lang=zh-Hans]:visible").click()
    expect(page.locator("h1")).to_have_text("登录")


def test_the_language_of_an_account_follows_it(page_of: Open, alice: User) -> None:
    page = page_of(alice)
    page.goto("/accounts/password/change/")
    page.locator("header button[lang=en]:visible").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    alice.refresh_from_db()
    assert alice.language == "en"
    other = page_of(alice, language="zh-hans")
    other.goto("/accounts/password/change/")
    expect(other.locator("html")).to_have_attribute("lang", "en")


def test_the_theme_changes_without_javascript_and_stays(page_of: Open) -> None:
    page = page_of(javascript=False)
    page.goto("/accounts/login/")
    page.locator("header button[name=theme]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/accounts/signup/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.locator("header button[name=theme]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


def test_the_theme_changes_under_a_half_written_form(page_of: Open) -> None:
    page = page_of()
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill("alice@alpha.example")
    with page.expect_response("**/theme/"):
        page.locator("header button[name=theme]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.locator("[name=login]")).to_have_value("alice@alpha.example")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_menu_of_a_phone_leads_everywhere(page_of: Open, alice: User) -> None:
    page = page_of(alice, size=PHONE)
    page.goto("/accounts/password/change/")
    page.locator("details.only-m summary").click()
    links = page.locator("details.only-m nav a")
    leads_to = "links => links.map(link => link.pathname)"
    assert links.evaluate_all(leads_to) == page.locator("header nav.d-only a").evaluate_all(leads_to)
    expect(links.first).to_be_visible()
    expect(page.locator("details.only-m button[lang=en]")).to_be_visible()
    assert_accessible(page)
    assert_fits(page)
    screenshot(page, "menu-phone")
    page.keyboard.press("Escape")
    expect(links.first).to_be_hidden()


def test_a_person_signs_in_and_out(page_of: Open, alice: User) -> None:
    page = page_of()
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(alice.email)
    page.locator("[name=password]").fill("correct horse battery")
    page.locator("main form button").click()
    expect(page).to_have_url("/tickets/")
    page.locator("header details.menu > summary").first.click()
    page.locator("header form[action='/accounts/logout/'] button").click()
    expect(page).to_have_url("/")


def test_the_keyboard_reaches_the_content_first(page_of: Open) -> None:
    page = page_of()
    page.goto("/accounts/login/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
