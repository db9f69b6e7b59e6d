"""Writing for the knowledge base in the browser: draft with preview, review with its difference, a draft from a ticket."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, StaffMembership, User
from accounts.permissions import StaffRole
from kb import services
from kb.models import Category
from tests.cases import a_ticket, an_invoice
from tests.e2e.conftest import inspect
from tickets.services import comment

Open = Callable[..., Page]
EDIT, REVIEW = "/desk/kb/log-export/edit/zh-hans/", "/desk/kb/log-export/review/zh-hans/"


@pytest.fixture
def category(db: None) -> Category:
    made, _new = Category.objects.update_or_create(
        slug="no_record", defaults={"title_zh": "查无此票", "title_en": "No record", "is_situation": True}
    )
    return made


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).first.click()


def test_an_article_from_the_first_word_to_its_readers(page_of: Open, category: Category, ed: User, kate: User) -> None:
    page = page_of(ed)
    page.goto("/desk/kb/new/")
    page.get_by_label("网址").fill("log-export")
    press(page, "下一步：正文")
    expect(page.locator("[data-errsum]")).to_be_focused()  # who may read it is a choice without a default
    inspect(page, "desk-kb-new")
    page.locator("#id_audience").select_option("public")
    press(page, "下一步：正文")
    expect(page).to_have_url(re.compile(re.escape(EDIT)))
    page.get_by_label("标题").fill("怎样导出上传日志")
    page.locator("#id_body").fill("## 步骤\n\n1. 打开**系统设置**\n2. 选择“导出日志”")
    expect(page.locator("#preview strong")).to_have_text("系统设置")  # beside the text, without a click
    inspect(page, "desk-kb-edit")
    press(page, "保存草稿")
    press(page, "保存并提交审核")
    _published(page_of(kate), first=True)
    page.goto(EDIT)
    page.locator("#id_body").fill("## 步骤\n\n1. 打开**系统设置**\n2. 选择“导出上传日志”")
    page.locator("#id_reason").fill("按钮改了名字")
    press(page, "保存并提交审核")
    _published(page_of(kate), first=False)
    reader = page_of()
    reader.goto("/kb/log-export/")
    expect(reader.locator("main")).to_contain_text("导出上传日志")


def _published(page: Page, *, first: bool) -> None:
    page.goto("/desk/kb/?status=in_review")
    if first:
        inspect(page, "desk-kb-list")
    with page.expect_navigation():
        page.locator("a.tag", has_text="审核中").click()
    if not first:
        expect(page.locator(".diff ins")).to_have_text(re.compile(r"上传\s*$"))
        expect(page.locator(".diff")).to_contain_text("导出")
        expect(page.locator("main")).to_contain_text("按钮改了名字")
        inspect(page, "desk-kb-review")
    press(page, "审核并发布")
    expect(page.locator(".notice.success")).to_contain_text("已发布")


def test_a_colleagues_text_is_shown_and_nothing_is_overwritten(
    page_of: Open, category: Category, ed: User, kate: User
) -> None:
    StaffMembership.objects.create(user=kate, role=StaffRole.KB_EDITOR)
    services.create_article(slug="log-export", category=category, audience="public", by=ed)
    mine, theirs = page_of(ed), page_of(kate)
    for page, text in ((mine, "我的写法"), (theirs, "同事的写法")):
        page.goto(EDIT)
        page.get_by_label("标题").fill("怎样导出上传日志")
        page.locator("#id_body").fill(text)
    press(theirs, "保存草稿")
    press(mine, "保存草稿")
    expect(mine.locator("#id_body")).to_have_value("我的写法")
    expect(mine.locator(".diff del")).to_have_text(re.compile("同事"))
    inspect(mine, "desk-kb-collision")


def test_a_ticket_becomes_a_masked_draft(
    page_of: Open, category: Category, ann: User, alice: User, alpha: Organisation
) -> None:
    StaffMembership.objects.create(user=ann, role=StaffRole.KB_EDITOR)
    invoice = an_invoice()
    ticket = a_ticket(alice, alpha, invoice)
    answer = f"Alice 你好，{alpha.name} 的发票 {invoice.number} 请先核对上传日志。"
    comment(ticket=ticket, body=answer, by=ann)
    page = page_of(ann)
    page.goto(f"/desk/tickets/{ticket.number}/")
    page.locator("summary", has_text="相关文章").click()
    with page.expect_navigation():
        page.locator("a", has_text="起草文章").first.click()
    inspect(page, "desk-kb-from-ticket")
    page.locator("#id_slug").fill("from-a-ticket")
    press(page, "起草并编辑")
    body = page.locator("#id_body").input_value()
    assert "请先核对上传日志" in body
    for hidden in ("Alice", alpha.name, invoice.number):
        assert hidden not in body
