"""Writing for the knowledge base in the browser: draft with preview, review with its difference, a draft from a ticket."""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Organisation, StaffMembership, User
from accounts.permissions import StaffRole
from kb import services
from kb.models import Article, Category, Revision
from tests.cases import a_ticket, an_invoice
from tests.e2e.conftest import inspect
from tests.kb.test_files import picture
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


def test_a_picture_a_remark_and_a_time(page_of: Open, category: Category, ed: User, kate: User) -> None:
    services.create_article(slug="log-export", category=category, audience="public", by=ed)
    page = page_of(ed)
    page.goto(EDIT + "?start=outline")
    page.get_by_label("标题", exact=True).fill("怎样导出上传日志")
    body = page.locator("#id_body")
    expect(body).to_have_value(re.compile("如何确认已解决"))
    body.fill("打开系统设置")
    body.press("Control+a")
    body.press("Control+b")
    expect(body).to_have_value("**打开系统设置**")
    body.press("End")
    body.press("Enter")
    page.evaluate(PASTE % base64.b64encode(picture(size=(2, 2))).decode())
    expect(body).to_have_value(re.compile(r"!\[\]\(/kb/files/[0-9a-f]{32}/\)"))
    with page.expect_response(lambda answer: "/autosave/" in answer.url) as kept:
        page.locator("#id_title").focus()
        page.locator("h1").click()
    assert kept.value.status == 200
    expect(page.locator("[data-saved]")).to_contain_text("已自动保存")
    press(page, "保存并提交审核")
    expect(page.locator("[data-errsum]")).to_contain_text("请为每张图片写说明")
    body.fill(body.input_value().replace("![]", "![系统设置页面]"))
    expect(page.locator("#preview img")).to_have_js_property("naturalWidth", 2)
    inspect(page, "desk-kb-write")
    press(page, "保存并提交审核")
    _remarked_and_scheduled(page, page_of(kate))
    Revision.objects.update(publish_at=timezone.now())
    services.publish_due()
    reader = page_of()
    reader.goto("/kb/log-export/")
    expect(reader.get_by_alt_text("系统设置页面")).to_have_js_property("naturalWidth", 2)


#: A screenshot from the clipboard.
PASTE = """() => {
  const bytes = Uint8Array.from(atob("%s"), (c) => c.charCodeAt(0));
  const bag = new DataTransfer();
  bag.items.add(new File([bytes], "shot.png", { type: "image/png" }));
  document.querySelector("#id_body").dispatchEvent(new ClipboardEvent("paste", { clipboardData: bag, bubbles: true, cancelable: true }));
}"""


def _remarked_and_scheduled(page: Page, reviewer: Page) -> None:
    """Kate says what is missing and sends it back; Ed mends it; Kate approves it for a time."""
    reviewer.goto(REVIEW)
    reviewer.locator("summary", has_text="批注").first.click()
    reviewer.locator("#t-0").fill("请写明菜单名称")
    press(reviewer, "添加批注")
    inspect(reviewer, "desk-kb-remarks")
    reviewer.locator("#r-return").fill("见批注")
    press(reviewer, "退回")
    page.goto(EDIT)
    expect(page.locator(".remark")).to_contain_text("请写明菜单名称")
    expect(page.locator(".note-box")).to_contain_text("见批注")
    with page.expect_navigation():
        page.locator(".remark button").click()
    page.locator("#id_body").press("End")
    page.locator("#id_body").press_sequentially("，菜单“日志”")
    press(page, "保存并提交审核")
    reviewer.goto(REVIEW)
    reviewer.locator("#at-schedule").fill(f"{timezone.localtime() + dt.timedelta(days=1):%Y-%m-%dT%H:%M}")
    press(reviewer, "批准并定时发布")
    reviewer.goto(REVIEW)
    expect(reviewer.locator(".tkm")).to_contain_text("将于")


def test_what_keeps_articles_right(page_of: Open, library: None, ed: User, kate: User) -> None:
    Article.objects.filter(slug="sync-delay").update(review_by=timezone.localdate())
    Revision.objects.filter(article__slug="sync-delay", language="en").update(published_at="2020-01-01T00:00Z")
    page = page_of(ed)
    page.goto("/desk/kb/upkeep/")
    inspect(page, "desk-kb-upkeep")
    with page.expect_navigation():
        page.locator("button", has_text="已核对，无需修改").first.click()
    expect(page.locator("main")).to_contain_text("两周内没有需要核对的文章")
    page.goto("/desk/kb/sync-delay/upkeep/")
    page.locator("#id_slug").fill("sync-is-late")
    press(page, "更改网址")
    expect(page.locator("main")).to_contain_text("/kb/sync-delay/")
    inspect(page, "desk-kb-article")
    text = Revision.objects.get(article__slug="sync-is-late", language="zh-hans")
    values = {"title": text.title, "body": text.body.replace("步骤", "操作步骤")}
    services.save_draft(article=text.article, language="zh-hans", text=values, reason="改名", by=ed)
    page.goto("/desk/kb/sync-is-late/history/zh-hans/")
    inspect(page, "desk-kb-history")
    for revision in text.article.revisions.filter(status="published"):
        after = Article.objects.get(slug="verification-no-match")
        services.perform(revision=revision, action="archive", by=kate, reason="x", replaced_by=after)
    reader = page_of()
    assert reader.goto("/kb/sync-delay/").status == 410  # the old address leads to the tomb
    expect(reader).to_have_url(re.compile("/kb/sync-is-late/$"))
    inspect(reader, "kb-gone")


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
