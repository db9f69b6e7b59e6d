"""A reader on a phone whom an article doesn't help: the vote says why, the ticket knows what it is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from kb.models import Feedback
from kb.visit_models import Rejection, Visit
from tests.e2e.conftest import PHONE, assert_accessible, assert_fits, inspect, screenshot
from tickets.models import Ticket

Open = Callable[..., Page]


def look(page: Page, name: str) -> None:
    assert_fits(page)
    assert_accessible(page)
    screenshot(page, name)


@pytest.mark.usefixtures("library")
def test_from_a_search_over_a_vote_to_a_ticket(page_of: Open, alice: User, ed: User) -> None:
    page = page_of(alice, size=PHONE)
    page.goto("/kb/search/?q=批量上传失败")
    with page.expect_navigation():
        page.locator("section[aria-label='搜索结果'] a").first.click()
    title = page.locator("h1").inner_text()
    page.locator(".vote summary").click()
    page.locator("#fr").select_option("steps")
    page.locator("#ft").fill("第三步的按钮没有了")
    look(page, "article-vote-phone")
    with page.expect_navigation():
        page.get_by_role("button", name="发送", exact=True).click()
    look(page, "article-voted-phone")
    with page.expect_navigation():
        page.locator(".vote a.primary").click()
    with page.expect_navigation():
        page.locator("main form button.primary").click()
    expect(page.locator("#id_subject")).to_have_value(title)
    page.locator(".kbm summary").click()
    look(page, "ticket-suggestions-phone")
    with page.expect_navigation():
        page.locator("#kb-phone").get_by_role("button", name="不相关").first.click()
    expect(page.locator("#id_subject")).to_have_value(title)
    assert Rejection.objects.get().place == "ticket_form"
    page.locator("#id_description").fill("按文章做了，第三步没有那个按钮。")
    with page.expect_navigation():
        page.get_by_role("button", name="下一步").click()
    with page.expect_navigation():
        page.locator("main form button.primary").click()
    assert Ticket.objects.get().subject == title
    assert (Visit.objects.get().place, Feedback.objects.get().reason) == ("search", "steps")
    desk = page_of(ed)
    desk.goto("/desk/kb/feedback/")
    expect(desk.locator("tbody")).to_contain_text("第三步的按钮没有了")
    inspect(desk, "desk-kb-feedback")
    desk.get_by_role("button", name="已处理").click()
    expect(desk.locator("tbody")).to_have_count(0)
    Visit.objects.update(visitor="", outcome="filed", opened=1)
    desk.get_by_role("link", name="自助解决").click()
    inspect(desk, "desk-kb-deflection")
