"""From an upload package to a ticket with its report, in a browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import Organisation, User
from tests.cases import a_ticket
from tests.e2e.conftest import inspect
from tests.invoices_factory.packages import FAULTS, as_json, package
from tickets.evidence.models import Evidence
from tickets.models import Message

Open = Callable[..., Page]


NAME = "上传包.json"


@pytest.fixture
def faulty() -> FilePayload:
    """A package with three errors, one of a line, and a warning."""
    entries = package(1, now=timezone.localtime(), more=3)
    for label in ("tax off", "total off", "check character", "person without the mark"):
        FAULTS[label][0](entries)
    return {"name": NAME, "mimeType": "application/json", "buffer": as_json(entries)}


def check(page: Page, file: FilePayload) -> None:
    page.goto("/check/")
    page.locator("a[href='/check/package/']").first.click()
    page.locator("input[name=file]").set_input_files(file)
    page.locator("form:has(#profile) button.primary").click()
    expect(page.locator("section [role=status]")).to_contain_text(NAME)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_package_is_checked_and_read_on_every_screen(
    page_of: Open, faulty: FilePayload, language: str, db: None
) -> None:
    page = page_of(language=language)
    page.goto("/check/package/")
    inspect(page, f"package-{language}")
    check(page, faulty)
    inspect(page, f"package-result-{language}")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_refused_package_names_its_reason(page_of: Open, tmp_path: Path, language: str, db: None) -> None:
    page, broken = page_of(language=language), tmp_path / "broken.json"
    broken.write_bytes(b'[{"fphm": "1",}]')
    page.goto("/check/package/")
    page.locator("input[name=file]").set_input_files(broken)
    page.locator("form:has(#profile) button.primary").click()
    expect(page.locator("main [role=alert]")).to_contain_text("broken.json")
    inspect(page, f"package-refused-{language}")


def test_findings_are_filtered_and_saved_without_javascript(page_of: Open, faulty: FilePayload, db: None) -> None:
    page = page_of(javascript=False, language="en")
    check(page, faulty)
    findings = page.locator(".findings li")
    expect(findings).to_have_count(4)
    page.locator("#severity").select_option("warning")
    page.get_by_role("button", name="Apply").click()
    expect(findings).to_have_count(1)
    expect(findings).to_contain_text("check character")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the report").click()
    assert Path(download.value.path()).read_bytes().startswith(b"PK")


def test_the_printable_report_fits_and_is_accessible(page_of: Open, faulty: FilePayload, db: None) -> None:
    page = page_of(language="en")
    check(page, faulty)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="Printable report").click()
    printed = opened.value
    expect(printed.locator("tbody tr")).to_have_count(4)
    inspect(printed, "package-print")


def test_alice_files_a_ticket_with_package_and_report(page_of: Open, faulty: FilePayload, alice: User) -> None:
    page = page_of(alice)
    check(page, faulty)
    page.locator("button[formaction$='/attach/']").click()
    expect(page).to_have_url("/tickets/new/details/")
    expect(page.locator("main")).to_contain_text(NAME)
    expect(page.locator("main")).to_contain_text("上传包-检查报告.xlsx")
    assert Evidence.objects.filter(uploaded_by=alice).count() == 2


def test_alice_adds_them_to_an_open_ticket(
    page_of: Open, faulty: FilePayload, alice: User, alpha: Organisation
) -> None:
    ticket, page = a_ticket(alice, alpha), page_of(alice)
    check(page, faulty)
    page.locator("#target").select_option(ticket.number)
    inspect(page, "package-result-member")
    page.locator("button[formaction$='/attach/']").click()
    expect(page).to_have_url(f"/tickets/{ticket.number}/")
    expect(page.locator("main")).to_contain_text("上传包-检查报告.xlsx")
    assert Message.objects.get(ticket=ticket).evidence.count() == 2
