"""Alice and her ticket: sign-up, the three steps, the thread, the papers, the settings."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import Membership, Organisation, User
from kb.models import Deflection
from tests.cases import a_ticket, an_invoice, looked_up
from tests.conftest import PASSWORD
from tests.e2e.conftest import PHONE, assert_fits, inspect, screenshot
from tests.invoices_factory import einvoice_xml
from tickets import services
from tickets.backfill import services as backfill
from tickets.invoices.model import Invoice
from tickets.models import Draft, Ticket

Open = Callable[..., Page]
SVG = {"name": "bad.svg", "mimeType": "image/svg+xml", "buffer": b"<svg xmlns='http://www.w3.org/2000/svg'></svg>"}
LOG = {"name": "upload.log", "mimeType": "text/plain", "buffer": "2026-11-20 10:00 上传失败 0499\n".encode()}
DROP = """([area, name, text]) => {
  const bag = new DataTransfer();
  bag.items.add(new File([text], name, {type: "text/plain"}));
  area.dispatchEvent(new DragEvent("dragover", {bubbles: true, cancelable: true, dataTransfer: bag}));
  area.dispatchEvent(new DragEvent("drop", {bubbles: true, cancelable: true, dataTransfer: bag}));
}"""
PASTE = """([name, text]) => {
  const bag = new DataTransfer();
  bag.items.add(new File([text], name, {type: "text/plain"}));
  document.dispatchEvent(new ClipboardEvent("paste", {bubbles: true, clipboardData: bag}));
}"""


def xml(invoice: Invoice, name: str = "发票.xml") -> dict[str, Any]:
    return {"name": name, "mimeType": "text/xml", "buffer": einvoice_xml(invoice)}


def to_the_details(page: Page) -> None:
    """Step 1 answered: no record."""
    page.goto("/tickets/new/")
    page.get_by_label("查不到发票记录").check()
    page.locator("main form .primary").click()
    page.wait_for_url("**/details/")


def press(page: Page, name: str) -> None:
    page.locator("main").get_by_role("button", name=name, exact=True).click()


@pytest.mark.usefixtures("db")
def test_somebody_signs_up_with_the_company_and_files_next(page_of: Open, settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    page = page_of()
    page.goto("/accounts/signup/")
    given = {"name": "林晓", "email": "lin@new.example", "password1": PASSWORD, "password2": PASSWORD}
    for name, value in {**given, "company": "示例新办有限公司", "tax_id": "9111 0108 ma01 abcd 5t"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("main form button").click()
    expect(page.locator("h1")).to_be_visible()
    inspect(page, "sign-up-sent")
    link = re.search(r"/accounts/confirm-email/\S+", mail.outbox[0].body)
    assert link is not None
    page.goto(link[0])
    page.locator("main form button").click()
    if "login" in page.url:
        page.locator("[name=login]").fill("lin@new.example")
        page.locator("[name=password]").fill(PASSWORD)
        page.locator("main form button").click()
    page.goto("/tickets/new/")
    expect(page.locator("fieldset.radios")).to_be_visible()
    assert Membership.objects.get().organisation.tax_id == "91110108MA01ABCD5T"


@pytest.mark.usefixtures("library")
def test_alice_files_a_ticket_in_three_steps(page_of: Open, alice: User) -> None:
    page, invoice = page_of(alice), an_invoice()
    page.goto("/tickets/new/")
    inspect(page, "new-1-situation")
    to_the_details(page)
    page.locator("#files").set_input_files([xml(invoice), SVG, LOG])
    expect(page.locator("#read-files .nm")).to_have_text(["发票.xml", "upload.log"])
    refused = page.locator(".file.err")
    expect(refused).to_have_count(1)
    expect(refused).to_contain_text("bad.svg")
    expect(refused.locator(".st")).to_contain_text("不能上传")
    number = page.locator("[name=invoices-0-number]")
    expect(number).to_have_value("")  # nothing is filled in unasked
    page.locator("[name=invoices-0-buyer_name]").fill("我自己写的名称")
    page.get_by_role("button", name=re.compile("填入表单")).click()
    expect(number).to_have_value(invoice.number)
    expect(page.locator(".f", has=number).locator(".src")).to_contain_text("来自 发票.xml · 数据文件 · 可靠")
    expect(page.locator("[name=invoices-0-buyer_name]")).to_have_value("我自己写的名称")
    expect(page.locator("#h-i1")).to_be_focused()
    page.locator("#id_subject").fill("上传后一周仍查无此票")
    expect(page.locator("#kept")).to_contain_text("草稿已自动保存")
    expect(page.locator("#kb a").first).to_be_visible()
    inspect(page, "new-2-details")
    page.reload()
    expect(page.locator("#id_subject")).to_have_value("上传后一周仍查无此票")
    press(page, "下一步：核对")
    expect(page.locator("h2 .num")).to_have_text(invoice.number)
    inspect(page, "new-3-review")
    press(page, "提交工单")
    ticket = Ticket.objects.get()
    expect(page.locator("#number")).to_have_text(ticket.number)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    press(page, "复制")
    expect(page.locator(".toast")).to_have_text("工单号已复制")
    assert page.evaluate("navigator.clipboard.readText()") == ticket.number
    inspect(page, "new-4-received")
    assert sorted(ticket.evidence.values_list("name", flat=True)) == ["upload.log", "发票.xml"]
    assert not Draft.objects.exists()


def test_files_are_dropped_and_pasted_too(page_of: Open, alice: User) -> None:
    page = page_of(alice)
    to_the_details(page)
    names = page.locator("#read-files .nm")
    page.evaluate(DROP, [page.locator("[data-drop]").element_handle(), "dropped.log", "上传失败 4033"])
    expect(names).to_have_text(["dropped.log"])
    page.evaluate(PASTE, ["pasted.log", "上传失败 4057"])
    expect(names).to_have_text(["dropped.log", "pasted.log"])
    page.get_by_role("button", name="移除 dropped.log").click()
    expect(names).to_have_text(["pasted.log"])


def test_a_slow_upload_shows_how_far_it_is(page_of: Open, alice: User) -> None:
    page = page_of(alice)
    to_the_details(page)
    lines = page.context.new_cdp_session(page)
    lines.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
    lines.send("Network.emulateNetworkConditions", slow)
    page.locator("#files").set_input_files({**LOG, "buffer": LOG["buffer"] * 20_000})
    bar = page.get_by_role("progressbar")
    expect(bar).to_be_visible()
    expect(bar).to_have_attribute("aria-label", "正在上传 upload.log")
    expect(bar).not_to_have_js_property("value", 0)
    screenshot(page, "new-2-uploading")
    lines.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})
    expect(page.locator("#read-files .nm")).to_have_text(["upload.log"])
    expect(bar).to_have_count(0)


def test_an_error_keeps_what_was_typed_and_uploaded(page_of: Open, alice: User) -> None:
    page = page_of(alice)
    to_the_details(page)
    page.locator("#files").set_input_files(LOG)
    expect(page.locator("#read-files .nm")).to_have_text(["upload.log"])
    page.locator("[name=invoices-0-amount]").fill("十二万")
    page.locator("#id_description").fill("开具一周仍查不到")
    with page.expect_response(lambda r: r.request.method == "POST" and r.status == 422):
        press(page, "下一步：核对")
    summary = page.locator("[data-errsum]")
    expect(summary).to_be_focused()
    expect(summary.locator("a")).to_have_text(["请输入金额（元），例如 12,800.00", "请用一句话说明问题"])
    assert page.title().startswith("错误：")
    inspect(page, "new-2-errors")
    summary.locator("a").first.click()
    expect(page.locator("[name=invoices-0-amount]")).to_be_focused()
    expect(page.locator("[name=invoices-0-amount]")).to_have_value("十二万")
    expect(page.locator("#id_description")).to_have_value("开具一周仍查不到")
    expect(page.locator("#read-files .nm")).to_have_text(["upload.log"])


@pytest.mark.usefixtures("library")
def test_an_article_ends_the_form(page_of: Open, alice: User) -> None:
    page = page_of(alice)
    to_the_details(page)
    page.locator("#id_subject").fill("还没有同步")
    expect(page.locator("#kept")).to_contain_text("草稿")
    page.locator("#kb").get_by_role("button").first.click()
    expect(page.locator(".notice")).to_contain_text("未提交工单")
    assert (Deflection.objects.get().place, Ticket.objects.count(), Draft.objects.count()) == ("ticket_form", 0, 0)


def test_an_invoice_in_an_open_ticket_is_pointed_out(page_of: Open, alice: User, alpha: Organisation) -> None:
    invoice = an_invoice()
    other = a_ticket(alice, alpha, invoice)
    page = page_of(alice)
    to_the_details(page)
    page.locator("[name=invoices-0-number]").fill(invoice.number)
    page.locator("#id_subject").fill("还是查不到")
    press(page, "下一步：核对")
    expect(page.locator("main [role=status]").get_by_role("link")).to_have_text(other.number)


def test_a_ticket_is_filed_without_javascript(page_of: Open, alice: User) -> None:
    page, invoice, second = page_of(alice, javascript=False, size=PHONE), an_invoice(), an_invoice()
    to_the_details(page)
    page.locator("#files").set_input_files([xml(invoice), SVG, LOG])
    page.locator("#id_subject").fill("上传后查无此票")
    press(page, "上传并识别")
    expect(page.locator(".notice.error")).to_contain_text("bad.svg")
    expect(page.locator("#read-files .nm")).to_have_text(["发票.xml", "upload.log"])
    page.get_by_role("button", name=re.compile("填入表单")).click()
    expect(page.locator("[name=invoices-0-number]")).to_have_value(invoice.number)
    press(page, "再添加一张发票")
    page.locator("[name=invoices-1-number]").fill(second.number)
    assert_fits(page)
    press(page, "下一步：核对")
    press(page, "提交工单")
    ticket = Ticket.objects.get()
    expect(page.locator("#number")).to_have_text(ticket.number)
    assert (ticket.invoices.count(), ticket.evidence.count()) == (2, 2)


def test_alice_answers_hands_papers_in_and_confirms(page_of: Open, alice: User, alpha: Organisation, ann: User) -> None:
    ticket = a_ticket(alice, alpha)
    services.act(ticket=ticket, action="accept", by=ann)
    services.act(ticket=ticket, action="ask", by=ann, data={"body": "请上传票面原件。"})
    page = page_of(alice)
    page.goto("/tickets/")
    inspect(page, "tickets-list")
    page.goto(f"/tickets/{ticket.number}/")
    expect(page.locator("#h-next")).to_have_text("待你处理")
    press(page, "提交补充")
    expect(page.locator("[data-errsum]")).to_be_focused()
    inspect(page, "ticket-empty-answer")
    page.locator("#body").fill("票面原件如下")
    page.locator("#files").set_input_files(LOG)
    press(page, "提交补充")
    expect(page.locator(".thread .att a")).to_contain_text("upload.log")
    ticket.refresh_from_db()
    assert ticket.status == "open"
    case = backfill.open_backfill(invoice=ticket.invoices.get(), by=ann)
    page.reload()
    expect(page.locator("#h-next")).to_have_text("待你处理")
    inspect(page, "ticket-papers")
    paper = case.materials.first()
    assert paper is not None
    page.locator(f"#f{paper.kind}").set_input_files({**LOG, "name": "original.txt"})
    expect(page.locator(".papers")).to_contain_text("original.txt")
    backfill.act(backfill=case, action="cancel", by=ann, data={"reason": "已自动同步"})
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    ticket.refresh_from_db()
    services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "sync_delay", "resolution": "现在可以查到。"})
    page.reload()
    inspect(page, "ticket-resolved")
    press(page, "确认已解决")
    expect(page.locator(".tkm .tag")).to_have_text("已关闭")


def test_alice_reads_and_chooses_what_she_is_told(page_of: Open, alice: User, alpha: Organisation, ann: User) -> None:
    ticket = a_ticket(alice, alpha)
    services.act(ticket=ticket, action="accept", by=ann)
    services.act(ticket=ticket, action="ask", by=ann, data={"body": "请上传票面原件。"})
    page = page_of(alice)
    page.goto("/notifications/")
    expect(page.locator(".is-unread").first).to_be_visible()
    inspect(page, "notifications")
    press(page, "全部标为已读")
    expect(page.locator(".is-unread")).to_have_count(0)
    page.goto("/notifications/preferences/")
    inspect(page, "notification-preferences")
    box = page.locator("[name=on]").nth(1)
    box.uncheck()
    press(page, "保存")
    expect(box).not_to_be_checked()


def test_alice_changes_her_settings(page_of: Open, alice: User) -> None:
    page = page_of(alice)
    page.goto("/accounts/profile/")
    inspect(page, "profile")
    page.locator("#id_language").select_option("en")
    page.locator("#id_time_zone").select_option("Europe/London")
    page.locator("#id_theme").select_option("dark")
    page.locator("#id_shortcuts").uncheck()
    press(page, "保存")
    expect(page.locator("h1")).to_have_text("Account and settings")
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "dark")
    expect(html).to_have_attribute("data-keys", "off")
    alice.refresh_from_db()
    assert (alice.time_zone, alice.language) == ("Europe/London", "en")


def test_alice_invites_a_colleague_who_joins(page_of: Open, alice: User, bob: User, alpha: Organisation) -> None:
    page = page_of(alice)
    page.goto(f"/accounts/organisation/{alpha.pk}/")
    page.locator("#id_email").fill("new@alpha.example")
    press(page, "发送邀请")
    expect(page.get_by_text("new@alpha.example").first).to_be_visible()
    inspect(page, "organisation")
    link = re.search(r"/accounts/invitation/\S+", mail.outbox[-1].body)
    assert link is not None
    guest = page_of()
    guest.goto(link[0])
    inspect(guest, "invitation")
    guest.locator("main a.btn").click()
    for name, value in {
        "name": "新人",
        "email": "new@alpha.example",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }.items():
        guest.locator(f"[name={name}]").fill(value)
    guest.locator("main form button").click()
    press(guest, "加入")
    expect(guest.locator("h1")).to_have_text(alpha.name)
    assert Membership.objects.filter(organisation=alpha, user__email="new@alpha.example").exists()
    page.reload()
    page.locator("li", has_text=bob.email).locator("summary").click()
    inspect(page, "organisation-remove")
    page.locator("li", has_text=bob.email).get_by_role("button", name=re.compile("移除")).click()
    expect(page.get_by_text(bob.email)).to_have_count(0)
