"""An incident in three browsers: the supervisor opens it, a reader is warned and subscribes, a ticket gets the update."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from kb.status import seed
from kb.status.models import Incident
from tests.cases import a_ticket, an_invoice
from tests.e2e.conftest import inspect

Open = Callable[..., Page]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_incident_from_its_report_to_the_ticket(
    page_of: Open, sam: User, alice: User, alpha: Organisation, language: str
) -> None:
    seed.load()
    ticket = a_ticket(alice, alpha, an_invoice())
    desk = page_of(sam, language=language)
    desk.goto("/desk/status/")
    desk.locator("a[href$='/incidents/new/']").click()
    inspect(desk, f"status-report-{language}")
    desk.locator("main form.board .primary").click()
    expect(desk.locator("#errsum-h")).to_be_visible()
    desk.locator("#id_title").fill("乐企上传超时")
    desk.locator("#id_title_en").fill("Leqi uploads time out")
    desk.locator("#id_body").fill("正在调查")
    desk.locator("#id_impact").select_option("outage")
    desk.locator("input[value=leqi]").check()
    desk.locator("main form.board .primary").click()
    expect(desk.locator("#h-post")).to_be_visible()
    incident = Incident.objects.get()
    _reader(page_of(language=language), language)
    desk.goto(f"/desk/tickets/{ticket.number}/")
    desk.locator(f"#incident button[value='{incident.pk}']").click()
    inspect(desk, f"status-desk-ticket-{language}")
    desk.goto(f"/desk/status/incidents/{incident.pk}/")
    expect(desk.get_by_role("link", name=str(ticket.number))).to_be_visible()
    inspect(desk, f"status-desk-incident-{language}")
    desk.locator("#id_action").select_option("identify")
    desk.locator("#id_body").fill("网关故障，正在切换")
    desk.locator("main form .primary").click()
    expect(desk.locator(".notice.success")).to_be_visible()
    own = page_of(alice, language=language)
    own.goto(f"/tickets/{ticket.number}/")
    expect(own.locator(".thread")).to_contain_text("网关故障，正在切换")
    inspect(own, f"status-ticket-{language}")
    assert "网关故障" in str(mail.outbox[-1].body) + str(mail.outbox[-2].body)


def _reader(page: Page, language: str) -> None:
    """Nobody in particular: warned on the help home, subscribed without a script being needed."""
    page.goto("/")
    inspect(page, f"status-home-{language}")
    page.locator(".banner a").first.click()
    inspect(page, f"status-incident-{language}")
    page.goto("/status/")
    inspect(page, f"status-board-{language}")
    page.locator("#sub-email").fill("reader@x.example")
    page.locator("#subscribe .btn").click()
    expect(page.locator("main h1")).to_be_visible()
    found = re.search(r"/status/confirm/\S+", str(mail.outbox[-1].body))
    assert found
    page.goto(found[0])
    page.locator("main form .primary").click()
    inspect(page, f"status-subscribed-{language}")
