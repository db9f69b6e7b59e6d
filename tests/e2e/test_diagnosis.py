"""From a missing invoice to what to do, in a browser: with a file, with a reminder, into a ticket, without JavaScript."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import Organisation, User
from kb import content
from tests.cases import a_ticket
from tests.e2e.conftest import NARROW, PHONE, assert_fits, inspect, screenshot
from tests.invoices_factory import einvoice_xml, make
from tickets.models import Ticket
from tickets.notifications.models import Reminder

Open = Callable[..., Page]
WORDS = {
    "zh-hans": {"next": "下一步", "remind": "到时提醒我", "letter": "查看函件"},
    "en": {"next": "Next", "remind": "Remind me", "letter": "The letter"},
}


@pytest.fixture
def invoice() -> FilePayload:
    """A sound digital invoice of two days ago."""
    data = einvoice_xml(make(kind="81", seed=5, issue_date=timezone.localdate() - dt.timedelta(days=2)))
    return {"name": "发票.xml", "mimeType": "text/xml", "buffer": data}


def answer(page: Page, *choices: str) -> None:
    """Choose and go on, one screen after the other."""
    for choice in choices:
        page.locator(f"#c-{choice}").check()
        with page.expect_navigation():
            page.locator("form[method=get] button.primary").click()


def drop(page: Page, file: FilePayload) -> None:
    page.locator("main details summary").click()
    page.locator("input[name=files]").set_input_files(file)
    page.locator("form[enctype] .formacts button").click()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_reader_is_led_to_a_letter(page_of: Open, invoice: FilePayload, language: str, db: None) -> None:
    content.load()
    page = page_of(language=language)
    page.goto("/")
    page.locator("main a[href='/diagnose/']").first.click()
    inspect(page, f"diagnosis-first-{language}")
    answer(page, "buyer")
    drop(page, invoice)
    expect(page.locator("#h-trail")).to_be_visible()
    inspect(page, f"diagnosis-question-{language}")
    answer(page, "received", "none", "same")
    page.go_back()
    page.reload()
    answer(page, "same", "nothing", "no")
    inspect(page, f"diagnosis-outcome-{language}")
    page.get_by_role("link", name=WORDS[language]["letter"]).click()
    inspect(page, f"diagnosis-letter-{language}")
    page.emulate_media(media="print")
    expect(page.locator("header.top")).to_be_hidden()
    expect(page.locator(".letter")).to_be_visible()


def test_an_answer_is_changed_without_javascript_and_the_moment_is_kept(page_of: Open, db: None) -> None:
    content.load()
    page = page_of(language="en", javascript=False)
    page.goto("/diagnose/")
    answer(page, "issuer", "today", "digital_special", "success")
    expect(page.locator("h1")).to_have_text("Uploaded; the record is on its way")
    with page.expect_download() as download:
        page.get_by_role("link", name="Into my calendar").click()
    assert Path(download.value.path()).read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    page.get_by_role("link", name="Change Upload state").click()
    expect(page.locator("#c-success")).to_be_checked()
    answer(page, "failed", "format")
    expect(page.locator("h1")).to_have_text("Correct the field that the error names, then upload again")
    page.get_by_role("button", name="This solved it").click()
    expect(page).to_have_url("/kb/xml-format-noncompliant/")


def test_alice_is_reminded_and_files_a_ticket_the_desk_sees_why(
    page_of: Open, alice: User, alpha: Organisation, ann: User
) -> None:
    content.load()
    page = page_of(alice)
    page.goto("/diagnose/?who=issuer&issued=today&kind=digital_special&state=success")
    page.get_by_role("button", name=WORDS["zh-hans"]["remind"]).click()
    expect(page.locator(".toasts, .msgs, main").first).to_contain_text("提醒你")
    assert Reminder.objects.filter(user=alice).count() == 1
    page.goto("/notifications/")
    inspect(page, "diagnosis-reminders")
    page.goto("/diagnose/?who=issuer&issued=older&kind=digital_special&state=failed&error=other")
    page.locator("#software").fill("开票精灵")
    inspect(page, "diagnosis-software")
    answer(page, "current")
    inspect(page, "diagnosis-ticket")
    page.locator("main form button.primary").click()
    expect(page).to_have_url("/tickets/new/details/")
    expect(page.locator("[name=software]")).to_have_value("开票精灵")
    page.locator("button[name=next]").click()
    expect(page).to_have_url("/tickets/new/review/")
    page.locator("main form button.primary").click()
    page.wait_for_url("**/received/")
    desk = page_of(ann)
    desk.goto(f"/desk/tickets/{Ticket.objects.get().number}/")
    expect(desk.locator("#diagnosis")).to_contain_text("是最新版本")
    desk.locator("#diagnosis").scroll_into_view_if_needed()
    screenshot(desk, "diagnosis-desk")
    for size in (PHONE, NARROW):
        desk.set_viewport_size(size)  # type: ignore[arg-type]
        assert_fits(desk)


def test_a_changed_address_says_so(page_of: Open, db: None) -> None:
    page = page_of(language="en")
    page.goto("/diagnose/?who=martian")
    expect(page.get_by_role("alert")).to_contain_text("was changed")
    inspect(page, "diagnosis-refused")


def test_the_wizard_and_the_articles_lead_here(page_of: Open, alice: User, alpha: Organisation, library: None) -> None:
    page = page_of(alice)
    a_ticket(alice, alpha)
    for start in ("/tickets/new/", "/kb/sync-delay/"):
        page.goto(start)
        page.locator("main a[href='/diagnose/']").click()
        expect(page).to_have_url("/diagnose/")
    page.goto("/")
    inspect(page, "diagnosis-home")


@pytest.mark.parametrize("width", [1300, 1301])
def test_the_links_of_the_header_fit_in_one_row(page_of: Open, alice: User, width: int) -> None:
    page = page_of(alice, language="en", size={"width": width, "height": 700})
    page.goto("/diagnose/")
    assert_fits(page)
    links = page.locator("header nav.d-only a")
    tops = {round(box["y"]) for box in (links.nth(i).bounding_box() for i in range(links.count())) if box}
    assert len(tops) == (width > 1300)  # below that the menu holds them
