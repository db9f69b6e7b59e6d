"""A log in the browser: what it says, who sees what of it; and tickets of the same problem."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.cases import an_invoice
from tests.clusters.test_clusters import filed
from tests.e2e.conftest import inspect
from tests.e2e.test_enterprise import DROP, xml
from tickets import outbox
from tickets.models import Event, Ticket

Open = Callable[..., Page]
PERSON, PASSWORD = "11010119900307771X", "geheim-4711"
LOG = f"""2026-11-20 10:00:00 POST https://dppt.example.cn:8443/api/upload operator={PERSON}
2026-11-20 10:00:01 login password={PASSWORD}
2026-11-20 10:00:02 ERROR code 4057 报文解密失败
2026-11-20 10:00:30 ERROR read timed out
2026-11-20 10:01:02 ERROR code 4057 报文解密失败
"""
MASKED = LOG.replace(PERSON, "[ID number hidden]").replace(PASSWORD, "[secret hidden]")


def saved(page: Page, selector: str) -> str:
    with page.expect_download() as got:
        page.locator(selector).first.click()
    return Path(got.value.path()).read_text(encoding="utf-8")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.usefixtures("alpha", "library")
def test_a_log_is_read_masked_and_opened_for_a_reason(
    page_of: Open, language: str, alice: User, ann: User, sam: User
) -> None:
    ticket = _filed_with_a_log(page_of(alice, language=language), language)
    file = ticket.evidence.get(name="upload.log")
    link, seal = f"main a[href='/evidence/{file.pk}/file/']", f"main a[href='/evidence/{file.pk}/original/']"
    desk = page_of(ann, language=language)
    desk.goto(f"/desk/tickets/{ticket.number}/")
    expect(desk.locator("#side .log")).to_contain_text("4057")
    expect(desk.locator(seal)).to_have_count(0)
    desk.locator("details.item summary").first.click()  # its buttons would lie half under the bar of a phone
    inspect(desk, f"log-desk-{language}")
    assert saved(desk, link) == MASKED
    lead = page_of(sam, language=language)
    lead.goto(f"/desk/tickets/{ticket.number}/")
    lead.locator(seal).click()
    inspect(lead, f"log-original-{language}")
    lead.locator("main form .primary").click()
    expect(lead.locator("#reason")).to_have_attribute("aria-invalid", "true")
    inspect(lead, f"log-original-refused-{language}")
    lead.locator("#reason").fill("与税务局核对操作员")
    assert saved(lead, "main form .primary") == LOG
    _told(page_of(alice, language=language), ticket, language)


def _filed_with_a_log(page: Page, language: str) -> Ticket:
    page.goto("/tickets/new/")
    page.locator("input[value=no_record]").check()
    page.locator("main form .primary").click()
    page.wait_for_url("**/details/")
    page.evaluate(DROP, [page.locator("[data-drop]").element_handle(), "upload.log", LOG])
    fact = page.locator("#read-files .log li", has_text="4057")
    expect(fact).to_contain_text("3")
    expect(fact.locator("a[href='/kb/api-call-failure/']")).to_be_visible()
    page.locator("#files").set_input_files([xml(an_invoice())])
    page.locator("button[name=fill]").click()
    expect(page.locator("[name=invoices-0-number]")).not_to_have_value("")
    page.locator("#id_subject").fill("上传报 4057，查不到")
    inspect(page, f"log-new-{language}")
    page.locator("main form .primary").click()
    page.wait_for_url("**/review/")
    inspect(page, f"log-review-{language}")
    page.locator("main form .primary").last.click()
    expect(page.locator("#number")).to_be_visible()
    ticket = Ticket.objects.get()
    page.goto(f"/tickets/{ticket.number}/")
    inspect(page, f"log-ticket-{language}")
    return ticket


def _told(page: Page, ticket: Ticket, language: str) -> None:
    outbox.deliver(Event.objects.get(ticket=ticket, kind="evidence.unsealed").pk)
    page.goto("/notifications/")
    expect(page.locator("main")).to_contain_text(ticket.number)
    inspect(page, f"log-told-{language}")
    page.goto(f"/tickets/{ticket.number}/")
    expect(page.locator("main")).to_contain_text("与税务局核对操作员")
    inspect(page, f"log-told-ticket-{language}")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_desk_reads_who_has_the_same_problem(page_of: Open, ann: User, language: str) -> None:
    mine, *rest = [*filed(6), *filed(2, "百望税控盘开票软件", first=6)]
    page = page_of(ann, language=language)
    page.goto("/desk/same-problem/")
    expect(page.locator("tbody tr")).to_have_count(2)
    inspect(page, f"same-problem-{language}")
    page.locator("tbody a").first.click()
    expect(page.locator("tbody tr")).to_have_count(6)
    inspect(page, f"same-problem-queue-{language}")
    page.goto(f"/desk/tickets/{mine.number}/")
    panel = page.locator("#side details", has=page.locator("[hx-get$='/same-problem/']"))
    panel.locator("summary").click()
    expect(panel.locator("li")).to_have_count(5)
    expect(panel).to_contain_text(rest[0].number)
    inspect(page, f"same-problem-panel-{language}")
    enterprise = page_of(mine.requester, language=language)
    enterprise.goto(f"/tickets/{mine.number}/")
    expect(enterprise.locator(".note-box[role=status]")).to_contain_text("5")
    inspect(enterprise, f"same-problem-told-{language}")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_cluster_says_so(page_of: Open, ann: User, language: str) -> None:
    page = page_of(ann, language=language)
    page.goto("/desk/same-problem/")
    expect(page.locator(".empty h2")).to_be_visible()
    inspect(page, f"same-problem-none-{language}")
