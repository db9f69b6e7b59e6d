"""Papers in a browser: look, make, print; and the template that staff edit."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from tests.cases import a_file, a_ticket, an_invoice
from tests.e2e.conftest import inspect, screenshot
from tickets.evidence.services import extract
from tickets.papers import services

Open = Callable[..., Page]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_enterprise_makes_a_paper_and_prints_it(
    page_of: Open, alice: User, alpha: Organisation, language: str
) -> None:
    file = a_file(alice)
    extract(file.pk)
    ticket = a_ticket(alice, alpha, an_invoice(), an_invoice(), files=(file,))
    page = page_of(alice, language=language)
    page.goto(f"/tickets/{ticket.number}/papers/")
    inspect(page, f"papers-{language}")
    page.locator("a[href$='/papers/application/']").click()
    inspect(page, f"papers-preview-{language}")
    page.locator("main form .primary").click()
    expect(page.locator(".sheet-foot")).to_contain_text("1")
    inspect(page, f"papers-made-{language}")
    page.emulate_media(media="print")
    expect(page.locator(".noprint").first).to_be_hidden()
    screenshot(page, f"papers-printed-{language}")
    page.emulate_media(media="screen")
    with page.expect_download() as got:
        page.locator("a[href$='/docx/']").click()
    assert got.value.suggested_filename.endswith(".docx")
    page.goto(f"/tickets/{ticket.number}/print/")
    inspect(page, f"papers-case-file-{language}")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_staff_edit_a_template_without_a_script(page_of: Open, sam: User, language: str) -> None:
    services.load_built_in()
    page = page_of(sam, language=language)
    page.goto("/desk/papers/")
    inspect(page, f"paper-templates-{language}")
    page.goto("/desk/papers/statement/zh-hans/")
    inspect(page, f"paper-template-{language}")
    plain = page_of(sam, language=language, javascript=False)
    plain.goto("/desk/papers/statement/zh-hans/")
    plain.locator("#body").fill("# 标题\n\n{没有}\n\n{签章}")
    plain.locator("button[name=save]").click()
    expect(plain.locator("#errsum-h")).to_be_visible()
    plain.locator("#body").fill("# 标题\n\n{企业名称}\n\n{签章}")
    plain.locator("button[name=save]").click()
    page.goto("/desk/papers/statement/zh-hans/2/")
    inspect(page, f"paper-version-{language}")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_deadlines_on_the_ticket_and_in_the_table(
    page_of: Open, alice: User, sam: User, alpha: Organisation, language: str
) -> None:
    invoice = an_invoice(issue_date=timezone.localdate(), seller_tax_id=alpha.tax_id)
    ticket = a_ticket(alice, alpha, invoice)
    page = page_of(alice, language=language)
    page.goto(f"/tickets/{ticket.number}/")
    inspect(page, f"deadlines-ticket-{language}")
    page = page_of(sam, language=language)
    page.goto(f"/desk/tickets/{ticket.number}/")
    inspect(page, f"deadlines-desk-{language}")
    page.goto("/desk/deadlines/")
    inspect(page, f"deadlines-table-{language}")
