"""From a question that nothing answers to the editor who sees it, in the browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from kb.query_models import Query
from tests.e2e.conftest import inspect

Open = Callable[..., Page]


@pytest.mark.usefixtures("library")
def test_a_question_without_an_answer_reaches_the_editors(page_of: Open, ed: User) -> None:
    reader = page_of()
    for question in ("打印机没有墨水", "打印机没有墨水", "同步需要多长时间"):
        reader.goto("/kb/search/")
        reader.locator("#kq").fill(question)
        with reader.expect_navigation():
            reader.get_by_role("button", name="搜索", exact=True).click()
    with reader.expect_navigation():
        reader.locator("section[aria-label='搜索结果'] a").first.click()
    with reader.expect_navigation():
        reader.get_by_role("button", name="问题已解决").click()
    assert set(Query.objects.values_list("text", "outcome")) == {
        ("打印机没有墨水", "left"),
        ("同步需要多长时间", "solved"),
    }
    page = page_of(ed)
    page.goto("/desk/kb/")
    page.get_by_role("link", name="待补内容").click()
    expect(page.locator("tbody")).to_contain_text("打印机没有墨水")
    expect(page.locator("tbody")).not_to_contain_text("同步需要多长时间")
    inspect(page, "desk-kb-gaps")
    page.get_by_role("button", name="已处理").click()
    expect(page.locator(".notice.success")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("打印机没有墨水")
    for name, link in (("numbers", "文章使用情况"), ("health", "待修订")):
        page.get_by_role("link", name=link).click()
        inspect(page, f"desk-kb-{name}")
    page.get_by_role("link", name="同义词").click()
    page.locator("#id_phrases").fill("没有墨水\n缺墨")
    with page.expect_navigation():
        page.get_by_role("button", name="添加", exact=True).click()
    inspect(page, "desk-kb-synonyms")
    with page.expect_navigation():
        page.get_by_role("link", name="编辑 没有墨水, 缺墨").click()
    inspect(page, "desk-kb-synonym-group")
