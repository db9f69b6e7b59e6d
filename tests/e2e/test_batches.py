"""A list of invoices from its upload to a long ticket, in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import FilePayload, Page, expect

from accounts.models import Organisation, User
from tests.batches.lists import a_list, filed, invoices
from tests.e2e.conftest import inspect
from tests.invoices_factory import list_csv
from tickets.models import Ticket

Open = Callable[..., Page]


@pytest.fixture
def mixed() -> FilePayload:
    """Three sound rows with a hole in their numbers, a double, a damaged number."""
    given = invoices(3)
    lines = list_csv([*given, given[0]]).decode("gb18030").splitlines()
    wrong = lines[1].replace(given[0].number, "2.4952E+19")
    data = "\n".join([*lines, wrong]).encode("gb18030")
    return {"name": "查无此票清单.csv", "mimeType": "text/csv", "buffer": data}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_list_becomes_a_ticket(
    page_of: Open, alice: User, alpha: Organisation, mixed: FilePayload, language: str, transactional_db: None
) -> None:
    page = page_of(alice, language=language)
    page.goto("/tickets/")
    page.locator("a[href='/tickets/batches/new/']").click()
    inspect(page, f"batch-new-{language}")
    page.locator("input[name=file]").set_input_files(mixed)
    page.locator("main form button.primary").click()
    expect(page.locator("#rows")).to_be_attached(timeout=15_000)
    inspect(page, f"batch-report-{language}")
    page.locator("form[action$='/file/'] button.primary").click()
    expect(page.locator("a[href^='/tickets/2']").first).to_be_visible(timeout=15_000)
    inspect(page, f"batch-filed-{language}")
    assert Ticket.objects.get().invoices.count() == 3


@pytest.mark.parametrize("language", ["zh-hans"])
def test_columns_that_nobody_knows_are_named(
    page_of: Open, alice: User, alpha: Organisation, language: str, transactional_db: None
) -> None:
    page = page_of(alice, language=language)
    page.goto("/tickets/batches/new/")
    odd: FilePayload = {"name": "a.csv", "mimeType": "text/csv", "buffer": "票据,付了\n12345670,5".encode()}
    page.locator("input[name=file]").set_input_files(odd)
    page.locator("main form button.primary").click()
    expect(page.locator("#column-0")).to_be_visible(timeout=15_000)
    inspect(page, f"batch-columns-{language}")
    page.locator("#column-0").select_option("number")
    page.locator("form[action$='/columns/'] button.primary").click()
    expect(page.locator("#rows")).to_be_attached(timeout=15_000)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_long_ticket_is_worked_on_as_a_list(
    page_of: Open, alice: User, ann: User, alpha: Organisation, language: str, transactional_db: None
) -> None:
    ticket = filed(a_list(alpha, alice, 210), alice)
    page = page_of(alice, language=language)
    page.goto(f"/tickets/{ticket.number}/")
    inspect(page, f"long-ticket-{language}")
    page.locator(f"a[href='/tickets/{ticket.number}/invoices/']").click()
    inspect(page, f"long-ticket-items-{language}")
    desk = page_of(ann, language=language)
    desk.goto(f"/desk/tickets/{ticket.number}/")
    desk.locator(f"a[href='/desk/tickets/{ticket.number}/invoices/']").first.click()
    inspect(desk, f"desk-items-{language}")
    desk.locator("input[name=item]").first.check()
    desk.locator("#b-reason").fill("已作废")
    desk.locator("button[value=set_aside]").click()
    expect(desk.locator(".notice.success").first).to_be_visible()
    assert ticket.invoices.outcomes()["set_aside"] == 1
