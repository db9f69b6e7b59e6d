"""A working day at the desk, in the browser: one case from the queue to its record through pages alone."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from tests.cases import a_ticket, again, face
from tests.e2e.conftest import PHONE, assert_accessible, assert_fits, inspect, screenshot
from tests.e2e.desk import a_case, post, typed
from tickets import services
from tickets.backfill.models import Backfill
from tickets.models import Message, Ticket
from tickets.triage.models import Proposal

Open = Callable[..., Page]


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_case(alice, alpha)


# The whole story


def test_a_case_from_the_queue_to_its_record(
    page_of: Open, ticket: Ticket, alice: User, ann: User, olga: User, rita: User, tmp_path: Any
) -> None:
    _triaged(page_of(ann), ticket)
    case = _backfill_opened(page_of(ann), ticket)
    _paper_handed_in(page_of(alice), ticket)
    _paper_refused(page_of(olga), case)
    _paper_handed_in(page_of(alice), ticket)
    _papers_reviewed_and_keyed(page_of(olga), case)
    _rekeyed_blind(page_of(rita), case)
    _keyed_again(page_of(olga), case)
    _approved(page_of(rita), case)
    _handed_over(page_of(olga), case, tmp_path)
    _found_and_resolved(page_of(ann), ticket, case)
    _told(page_of(alice), ticket)


def _triaged(page: Page, ticket: Ticket) -> None:
    """Keys alone: open the first ticket, change the proposal, accept it, take the case."""
    page.goto("/desk/queue/triage/")
    page.keyboard.press("j")
    expect(page.locator("tr.is-current")).to_have_count(1)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(ticket.number)
    expect(page.locator("#triage")).to_contain_text("问题情形")
    expect(page.locator("#side")).to_contain_text("upload.log")
    page.keyboard.press("c")
    expect(page.locator("#p-symptom")).to_be_focused()
    page.locator("#p-priority").select_option("2")
    page.locator("h2").first.click()
    with page.expect_navigation():
        page.keyboard.press("y")
    expect(page.locator("#triage")).to_contain_text("Ann 修改后采纳")
    expect(page.locator(".tkm .pri")).to_have_text("高")
    with page.expect_navigation():
        page.keyboard.press("a")
    expect(page.locator("#assignee option:checked")).to_have_text("Ann")


def _backfill_opened(page: Page, ticket: Ticket) -> Backfill:
    page.goto(f"/desk/tickets/{ticket.number}/")
    page.get_by_text("登记查验", exact=True).click()
    page.get_by_label("查验结果").select_option("not_found")
    post(page, "登记")
    expect(page.locator(".checks li")).to_have_count(1)
    expect(page.locator(".advice")).to_contain_text("今日公共平台还可查验 4 次")
    post(page, "发起补录")
    expect(page).to_have_url(re.compile(r"/desk/backfill/\d+/"))
    return Backfill.objects.get(ticket=ticket)


def _paper_handed_in(page: Page, ticket: Ticket) -> None:
    page.goto(f"/tickets/{ticket.number}/")
    paper = {"name": "statement.txt", "mimeType": "text/plain", "buffer": "情况说明，加盖公章".encode()}
    with page.expect_navigation():
        page.locator("#fstatement").set_input_files(paper)
    expect(page.locator("ul.papers > li", has_text="statement.txt").locator(".tag")).to_have_text("已提交")


def _paper_refused(page: Page, case: Backfill) -> None:
    page.goto(f"/desk/backfill/{case.pk}/")
    paper = page.locator("#p-statement")
    paper.get_by_label("退回理由").fill("没有盖章")
    with page.expect_navigation():
        paper.get_by_role("button", name="不通过").click()
    expect(paper).to_contain_text("没有盖章")


def _papers_reviewed_and_keyed(page: Page, case: Backfill) -> None:
    page.goto(f"/desk/backfill/{case.pk}/")
    for material in case.materials.filter(state="missing", is_required=True):  # the ticket's own files serve as well
        page.locator(f"#p-{material.kind} select").select_option(index=1)
        with page.expect_navigation():
            page.locator(f"#p-{material.kind}").get_by_role("button", name="选用").click()
    while (button := page.get_by_role("button", name="通过", exact=True)).count():
        with page.expect_navigation():
            button.first.click()
    post(page, "材料齐全")
    expect(page.locator(".bench > section").first).to_contain_text("发票.pdf")
    expect(page.locator(".bench > section").last.locator("#k-number")).to_be_visible()
    typed(page, {**face(case), "amount": "1.00"})
    post(page, "保存录入")
    expect(page.locator("h1 + .tag")).to_have_text("待复录")


def _rekeyed_blind(page: Page, case: Backfill) -> None:
    case.refresh_from_db()
    page.goto(f"/desk/backfill/{case.pk}/")
    html, entry = page.content(), case.keyed or {}
    for name in ("number", "issue_date", "amount", "seller_tax_id"):
        assert entry[name] not in html, name
    typed(page, again(case))
    post(page, "提交比对")
    expect(page.locator("tr.is-diff")).to_have_count(1)
    expect(page.locator("tr.is-diff")).to_contain_text("1.00")
    page.get_by_label("原因").fill("金额与票面不一致")
    post(page, "退回")


def _keyed_again(page: Page, case: Backfill) -> None:
    page.goto(f"/desk/backfill/{case.pk}/")
    expect(page.locator(".note-box").first).to_contain_text("金额与票面不一致")
    expect(page.locator("#k-amount")).to_have_value("1.00")
    typed(page, {"amount": face(case)["amount"]})
    post(page, "保存录入")


def _approved(page: Page, case: Backfill) -> None:
    page.goto(f"/desk/backfill/{case.pk}/")
    typed(page, again(case))
    post(page, "提交比对")
    expect(page.locator("tr.is-diff")).to_have_count(0)
    post(page, "复核通过")


def _handed_over(page: Page, case: Backfill, folder: Any) -> None:
    page.goto(f"/desk/backfill/{case.pk}/")
    with page.expect_download() as download:
        page.get_by_text("下载").first.click()
    download.value.save_as(folder / "package.zip")
    with zipfile.ZipFile(folder / "package.zip") as archive:
        assert {"cover.html", "SHA256SUMS"} <= set(archive.namelist())
    page.get_by_label("承接部门").fill("海淀区税务局第一税务所")
    post(page, "交接")
    page.get_by_label("回执编号").fill("HD-2026-0099")
    post(page, "登记回执")
    expect(page.locator("h1 + .tag")).to_have_text("已有回执，待查验")


def _found_and_resolved(page: Page, ticket: Ticket, case: Backfill) -> None:
    page.goto(f"/desk/tickets/{ticket.number}/")
    page.get_by_text("登记查验", exact=True).click()
    page.get_by_label("查验渠道").select_option("buyer")
    page.get_by_label("查验结果").select_option("found")
    post(page, "登记")
    expect(page.locator(".item-h .tag").first).to_have_text("已查到记录")
    page.keyboard.press("e")
    page.locator("#id_cause").select_option("omission")
    page.locator("#id_resolution").fill("已人工补录，数字账户可以查到。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".sum.is-done")).to_contain_text("待企业确认")
    case.refresh_from_db()
    assert case.status == "done"


def _told(page: Page, ticket: Ticket) -> None:
    page.goto("/notifications/")
    expect(page.locator("main")).to_contain_text(ticket.number)
    page.goto(f"/tickets/{ticket.number}/")
    expect(page.locator("main")).to_contain_text("已人工补录，数字账户可以查到。")


# Collisions and refusals


def test_a_lost_session_loses_no_words(page_of: Open, ticket: Ticket, ann: User) -> None:
    page = page_of(ann)
    page.goto(f"/desk/tickets/{ticket.number}/")
    page.locator("#reply-body").fill("写了很久的回复")
    page.context.clear_cookies(name="sessionid")
    post(page, "发送")
    page.locator("[name=login]").fill(ann.email)
    page.locator("[name=password]").fill("correct horse battery")
    with page.expect_navigation():
        page.locator("main form button").click()
    expect(page).to_have_url(f"/desk/tickets/{ticket.number}/")
    expect(page.locator("#reply-body")).to_have_value("写了很久的回复")
    post(page, "发送")
    assert Message.objects.get().body == "写了很久的回复"
    page.reload()
    expect(page.locator("#reply-body")).to_have_value("")


def test_an_unsent_note_outlives_a_sent_reply(page_of: Open, ticket: Ticket, ann: User) -> None:
    page = page_of(ann)
    page.goto(f"/desk/tickets/{ticket.number}/")
    page.keyboard.press("n")
    expect(page.locator("#note-body")).to_be_focused()
    page.keyboard.type("稍后再写完")
    page.locator("label[for=mode-reply]").click()
    page.locator("#reply-body").fill("已收到。")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".msg.me")).to_contain_text("已收到。")
    expect(page.locator("#reply-body")).to_have_value("")
    expect(page.locator("#note-body")).to_have_value("稍后再写完")


def test_a_colleagues_change_is_shown_beside_ones_own(page_of: Open, ticket: Ticket, ann: User, abe: User) -> None:
    mine, theirs = page_of(ann), page_of(abe)
    for page, cause in ((mine, "network"), (theirs, "format")):
        page.goto(f"/desk/tickets/{ticket.number}/")
        page.locator("#f-properties-cause").select_option(cause)
    for page in (theirs, mine):
        with page.expect_navigation():
            page.locator("form[action*='/change/'] button").click()
    expect(mine.locator("[data-errsum]")).to_be_focused()
    expect(mine.locator("[data-errsum] tbody tr")).to_contain_text("数据格式不合规")
    expect(mine.locator("#f-properties-cause")).to_have_value("network")
    inspect(mine, "desk-ticket-collision")
    with mine.expect_navigation():
        mine.locator("form[action*='/change/'] button").click()
    ticket.refresh_from_db()
    assert ticket.cause == "network"


# Queue


def test_filters_are_chips_in_the_address(
    page_of: Open, ticket: Ticket, alice: User, alpha: Organisation, ann: User
) -> None:
    urgent = a_ticket(alice, alpha)
    services.update(ticket=urgent, changes={"priority": 1}, by=ann, version=Ticket.objects.get(pk=urgent.pk).version)
    page = page_of(ann)
    page.goto("/desk/queue/all/")
    page.locator(".facet summary", has_text="优先级").click()
    page.get_by_label("紧急").check()
    page.get_by_label("普通").check()
    with page.expect_navigation():
        page.keyboard.press("Escape")  # closing the list applies it
    expect(page).to_have_url("/desk/queue/all/?priority=1&priority=3")
    expect(page.locator("tbody tr")).to_have_count(2)
    with page.expect_navigation():
        page.locator(".chosen a", has_text="普通").click()
    expect(page).to_have_url("/desk/queue/all/?priority=1")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.go_back()
    expect(page.locator("tbody tr")).to_have_count(2)
    with page.expect_navigation():
        page.locator("th a", has_text="单号").click()
    expect(page.locator("th[aria-sort=ascending]")).to_have_text("单号")
    inspect(page, "desk-queue")
    page.goto("/desk/queue/all/?priority=4")
    inspect(page, "desk-queue-nothing")
    english = page_of(ann, language="en")  # half as long again as Chinese
    english.goto("/desk/queue/all/")
    for width in (1440, 1200, 1000):
        english.set_viewport_size({"width": width, "height": 800})
        assert_fits(english)


def test_the_filters_of_a_phone_open_over_the_page(page_of: Open, ticket: Ticket, ann: User) -> None:
    page = page_of(ann, size=PHONE)
    page.goto("/desk/queue/all/")
    page.locator(".facet summary").first.click()
    box = page.locator(".facet-list").first.bounding_box()
    assert box
    assert box["y"] > 0
    assert box["y"] + box["height"] <= PHONE["height"]
    expect(page.locator(".facet-list input").first).to_be_in_viewport()
    assert_accessible(page)
    screenshot(page, "desk-queue-filter-phone")


# Without JavaScript


def test_the_desk_works_without_javascript(page_of: Open, ticket: Ticket, ann: User) -> None:
    page = page_of(ann, javascript=False)
    page.goto("/desk/queue/all/")
    page.locator(".facet summary", has_text="问题情形").click()
    page.get_by_label("查不到发票记录").check()
    with page.expect_navigation():
        page.locator(".facet[open] button").click()
    expect(page).to_have_url(re.compile(r"symptom=no_record"))
    with page.expect_navigation():
        page.locator(".subj a").click()
    page.locator("summary", has_text="修改后采纳").click()
    page.locator("#p-cause").select_option("software")
    post(page, "采纳建议")
    assert Proposal.objects.get().changed == ["cause"]
    page.locator("label[for=mode-ask]").click()
    page.locator("#f-act-ask-body").fill("请补充开票软件的上传日志。")
    page.locator("#f-act-ask-body ~ .ft button").click()
    expect(page.locator(".tkm .tag").first).to_have_text("待企业补充")
    expect(page.locator(".msg.me")).to_contain_text("请补充开票软件的上传日志。")
    page.locator("label[for=mode-note]").click()
    page.locator("#note-body").fill("等日志。")
    page.locator("#note-files").set_input_files({"name": "n.txt", "mimeType": "text/plain", "buffer": b"a note 1"})
    page.locator("form.is-note button").last.click()
    expect(page.locator(".msg.note")).to_contain_text("n.txt")
    assert_fits(page)
