"""A reader without an account: from the first words typed to an answer, or to a ticket that keeps the words."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from kb.models import Deflection, Feedback
from tests.cases import an_invoice
from tests.conftest import PASSWORD
from tests.e2e.conftest import inspect
from tests.invoices_factory import einvoice_xml

Open = Callable[..., Page]
pytestmark = pytest.mark.usefixtures("library")


def asked(page: Page) -> list[str]:
    """The suggestions that the page asks for from now on."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if "/kb/suggest/" in request.url else None)
    return found


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_arrow_keys_lead_from_words_to_an_answer(page_of: Open, language: str) -> None:
    page = page_of(language=language)
    page.goto("/")
    inspect(page, f"home-full-{language}")
    field, options = page.get_by_role("combobox"), page.get_by_role("option")
    field.press_sequentially("同步" if language == "zh-hans" else "sync")
    expect(field).to_have_attribute("aria-expanded", "true")
    inspect(page, f"home-suggest-{language}")
    field.press("ArrowDown")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", options.first.get_attribute("id") or "")
    field.press("ArrowUp")  # around to the way to a ticket
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).not_to_have_value("")
    field.press_sequentially("延" if language == "zh-hans" else "h")
    field.press("ArrowDown")  # nothing to choose yet: no harm
    expect(options.first).to_be_visible()
    title = options.first.text_content() or ""
    field.press("ArrowDown")
    field.press("Enter")
    expect(page.locator("h1")).to_have_text(title.strip())
    inspect(page, f"article-{language}")


def test_no_request_leaves_while_a_candidate_is_open(page_of: Open) -> None:
    page = page_of()
    page.goto("/")
    requests, keys = asked(page), page.context.new_cdp_session(page)
    page.get_by_role("combobox").focus()
    for typed in ("tong", "tong b", "tong bu"):
        keys.send("Input.imeSetComposition", {"text": typed, "selectionStart": len(typed), "selectionEnd": len(typed)})
    page.wait_for_timeout(600)  # more than twice the delay after which typing asks
    assert requests == []
    keys.send("Input.insertText", {"text": "同步"})
    expect(page.get_by_role("option").first).to_be_visible()
    page.wait_for_timeout(600)
    assert len(requests) == 1


def test_a_reader_says_what_was_missing_and_then_that_it_is_solved(page_of: Open) -> None:
    page = page_of()
    page.goto("/kb/sync-delay/")
    page.get_by_text("没有帮助").click()
    page.get_by_label("缺少什么").fill("没有写月末怎么办")
    page.get_by_role("button", name="发送", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("谢谢")
    vote = Feedback.objects.get()
    assert (vote.is_helpful, vote.text) == (False, "没有写月末怎么办")
    inspect(page, "article-voted")
    page.get_by_role("button", name="有帮助", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("谢谢")
    assert Feedback.objects.get().is_helpful
    page.get_by_role("button", name="问题已解决").click()
    expect(page.locator(".notice")).to_be_visible()
    assert Deflection.objects.get().place == "article"


def test_words_without_an_answer_go_along_to_the_ticket(page_of: Open, alice: User) -> None:
    page = page_of()
    page.goto("/")
    page.get_by_role("combobox").fill("zzqq 0499")
    page.get_by_role("combobox").press("Enter")
    expect(page.locator("h2").first).to_have_text("还没有文章能回答这个问题")
    inspect(page, "search-nothing")
    page.locator("main .empty a.btn").click()
    page.locator("[name=login]").fill(alice.email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    page.get_by_label("查不到发票记录").check()
    page.locator("main form .primary").click()
    expect(page.locator("#id_subject")).to_have_value("zzqq 0499")


def test_results_are_marked_and_narrowed_by_category(page_of: Open) -> None:
    page = page_of()
    page.goto("/kb/search/?q=查无此票")
    expect(page.locator("mark").first).to_be_visible()
    inspect(page, "search-results")
    before = page.locator(".alist li").count()
    page.locator(".filters a").last.click()
    assert 0 < page.locator(".alist li").count() < before


@pytest.mark.parametrize(("name", "path"), [("kb", "/kb/"), ("kb-category", "/kb/category/delayed/")])
def test_the_shelves_read_well(page_of: Open, name: str, path: str) -> None:
    page = page_of()
    assert (page.goto(path) or pytest.fail("no answer")).ok
    inspect(page, name)


def test_an_invoice_is_checked_without_an_account(page_of: Open, alpha: Organisation) -> None:
    page = page_of()
    page.goto("/check/")
    inspect(page, "check-empty")
    invoice = an_invoice()
    wrong = einvoice_xml(invoice).replace(invoice.seller_tax_id.encode(), invoice.seller_tax_id[:-1].encode() + b"I")
    page.locator("#files").set_input_files({"name": "发票.xml", "mimeType": "text/xml", "buffer": wrong})
    expect(page.locator(".file .nm")).to_have_text("发票.xml")
    page.locator("main form .primary").click()
    expect(page.locator(".findings li").first).to_be_visible()
    expect(page.get_by_text(invoice.number)).to_be_visible()
    inspect(page, "check-found")


def test_reading_needs_no_javascript(page_of: Open) -> None:
    page = page_of(javascript=False)
    page.goto("/")
    page.locator("#kq").fill("同步")
    page.locator("main form[role=search] button").click()
    page.locator(".alist a").first.click()
    page.get_by_role("button", name="有帮助", exact=True).click()
    expect(page.locator(".notice")).to_contain_text("谢谢")
    assert Feedback.objects.get().is_helpful


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_qr_text_or_typed_fields_are_checked_while_they_are_written(page_of: Open, language: str, db: None) -> None:
    page = page_of(language=language)
    page.goto("/check/")
    page.locator("details.fold > summary").click()
    page.locator("#id_number").press_sequentially("2411200000004854216O")
    expect(page.locator("#told")).to_contain_text("number.form")
    page.locator("#id_kind").select_option("82")
    expect(page.locator("#told p")).to_be_visible()
    inspect(page, f"check-typing-{language}")
    page.locator("form button.primary").click()
    expect(page.locator("section [class=findings]").first).to_contain_text("number.form")
    inspect(page, f"check-typed-{language}")


def test_the_typed_check_works_without_javascript(page_of: Open, db: None) -> None:
    page = page_of(javascript=False)
    page.goto("/check/")
    page.locator("details.fold > summary").click()
    page.locator("#id_number").fill("2.4112E+19")
    page.locator("form button.primary").click()
    expect(page.locator(".findings").first).to_contain_text("number.excel")
    expect(page.locator("#id_number")).to_have_value("2.4112E+19")
