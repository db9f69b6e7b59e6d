"""The pages of the desk as people see them: both widths, both themes, both languages, little and much."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from accounts.permissions import StaffRole
from tests.cases import a_ticket, again, an_invoice, face, looked_up, with_materials
from tests.conftest import person
from tests.e2e.conftest import assert_accessible, inspect, screenshot
from tests.e2e.desk import a_case, post
from tests.invoices_factory import list_csv
from tickets import services
from tickets.backfill import services as backfill
from tickets.models import Ticket

Open = Callable[..., Page]


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_case(alice, alpha)


def test_the_ticket_page_reads_well(page_of: Open, ticket: Ticket, ann: User, alice: User) -> None:
    services.comment(ticket=ticket, body="请问还要多久？", by=alice)
    services.comment(ticket=ticket, body="先按同步延迟观察两小时。", by=ann, visibility="internal")
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("not_found", site="public", note="无此票"), by=ann)
    for language in ("zh-hans", "en"):
        page = page_of(ann, language=language)
        page.goto(f"/desk/tickets/{ticket.number}/?view=all")
        expect(page.locator("input[type=file]").first).not_to_be_in_viewport(ratio=0.5)
        inspect(page, f"desk-ticket-{language}")
    page.goto(f"/desk/tickets/{ticket.number}/")
    page.keyboard.press("n")
    expect(page.locator("form.is-note")).to_be_visible()
    assert_accessible(page)
    page.locator(".why-due summary").click()
    expect(page.locator(".why-due .menu-b")).to_be_visible()
    assert_accessible(page)
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    assert_accessible(page)
    screenshot(page, "desk-keys")


def test_a_huge_case_stays_readable(page_of: Open, alice: User, ann: User) -> None:
    long = "北京示例超长名称国际供应链管理与数字化税务信息技术服务（集团）股份有限公司海淀第一分公司"
    organisation = Organisation.objects.create(name=long, tax_id="91110108MA01ABCD4U")
    services_for = person("Wilhelmina Featherstonehaugh-Cholmondeley", "w@long.example")
    organisation.memberships.create(user=services_for, role="owner")
    invoices = [
        an_invoice(seller_name=long, buyer_name="Consolidated Intercontinental Manufacturing Ltd.") for _ in range(20)
    ]
    ticket = a_ticket(services_for, organisation, *invoices)
    for turn in range(60):
        services.comment(
            ticket=ticket, body=f"第 {turn} 条：" + "很长的说明" * 20, by=ann if turn % 2 else services_for
        )
    page = page_of(ann)
    page.goto(f"/desk/tickets/{ticket.number}/")
    expect(page.locator("details.item[open]")).to_have_count(0)
    page.locator("details.item summary").first.click()
    inspect(page, "desk-ticket-huge")
    page.goto(f"/desk/tickets/{ticket.number}/#i{ticket.invoices.last().pk}")
    expect(page.locator("details.item").last).to_have_attribute("open", "")
    page.goto("/desk/queue/all/")
    inspect(page, "desk-queue-long-names")


def test_the_bench_and_its_list_read_well(
    page_of: Open, ticket: Ticket, alice: User, ann: User, olga: User, rita: User
) -> None:
    case = backfill.open_backfill(invoice=ticket.invoices.get(), by=ann)
    page = page_of(olga)
    page.goto(f"/desk/backfill/{case.pk}/")
    inspect(page, "desk-bench-materials")
    with_materials(case, alice, olga)
    page.goto(f"/desk/backfill/{case.pk}/")
    page.locator("#k-number").fill("12")
    page.locator("#k-amount").fill("一百")
    post(page, "保存录入")
    expect(page.locator("[data-errsum]")).to_be_focused()
    expect(page.locator("#k-amount")).to_have_value("一百")
    inspect(page, "desk-bench-errors")
    backfill.act(backfill=case, action="key", by=olga, data={"fields": {**face(case), "amount": "1.00"}})
    page = page_of(rita)
    page.goto(f"/desk/backfill/{case.pk}/")
    inspect(page, "desk-bench-blind")
    backfill.act(backfill=case, action="rekey", by=rita, data={"fields": again(case)})
    page.goto(f"/desk/backfill/{case.pk}/")
    inspect(page, "desk-bench-differs")
    page.goto("/desk/backfill/")
    inspect(page, "desk-backfills")


def test_a_list_of_the_tax_side_settles_what_it_holds(page_of: Open, ticket: Ticket, ann: User) -> None:
    invoice = ticket.invoices.get()
    page = page_of(ann)
    page.goto("/desk/lists/")
    inspect(page, "desk-lists-empty")
    page.locator("#id_file").set_input_files(
        {"name": "清单.csv", "mimeType": "text/csv", "buffer": list_csv([invoice.claim])}
    )
    page.locator("#id_site").select_option("buyer")
    page.locator("#id_exported_at").fill("2026-11-20T10:00")
    post(page, "导入清单")
    expect(page.locator(".notice.success")).to_contain_text("1")
    expect(page.locator("tbody tr")).to_contain_text("清单.csv")
    inspect(page, "desk-lists")
    invoice.refresh_from_db()
    assert invoice.outcome == "found"


def test_a_supervisor_verifies_and_an_administrator_grants(
    page_of: Open, ticket: Ticket, alpha: Organisation, sam: User, ann: User
) -> None:
    Organisation.objects.filter(pk=alpha.pk).update(is_verified=False)
    page = page_of(sam)
    page.goto(f"/desk/tickets/{ticket.number}/")
    expect(page.locator(".tkm")).to_contain_text("尚未核实")
    page.goto("/accounts/desk/organisations/?verified=0")
    inspect(page, "desk-organisations")
    with page.expect_navigation():
        page.get_by_role("link", name=alpha.name).click()
    with page.expect_navigation():
        page.locator("form[action$='/verify/'] button").click()
    alpha.refresh_from_db()
    assert alpha.is_verified
    root = person("Root", "root@desk.example", StaffRole.ADMINISTRATOR)
    page = page_of(root)
    page.goto("/accounts/desk/people/")
    inspect(page, "desk-people")
    row = page.locator("li", has_text=ann.email)
    row.locator("select").select_option("kb_editor")
    with page.expect_navigation():
        row.locator("button[value=grant]").click()
    assert set(ann.staff_roles.values_list("role", flat=True)) == {"agent", "kb_editor"}
