"""From two lists to a ticket for what is missing, in a browser."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from tests.cases import an_invoice
from tests.e2e.conftest import inspect
from tests.reconciliation.lists import a_list, rows_of, waiting
from tickets.models import Ticket
from tickets.reconciliation import services
from tickets.reconciliation.models import Reconciliation

Open = Callable[..., Page]


def lists() -> tuple[bytes, bytes]:
    """One row at least of every class."""
    invoices = [an_invoice() for _ in range(60)]
    own, theirs = rows_of(invoices[:58]), rows_of(invoices[3:])
    number = own[10]["发票号码"]
    own[10]["发票号码"] = number[:18] + number[19] + number[18]
    if own[10]["发票号码"] == number:
        own[10]["发票号码"] = number[:19] + str((int(number[19]) + 1) % 10)
    own[11]["价税合计"] = "88.00"
    theirs[12]["发票状态"] = "已作废"
    own[13]["开票日期"] = "2026-01-05"
    own.append(own[20])
    own.append({**own[21], "发票号码": "2.4112E+19"})
    return a_list(own), a_list(theirs)


def compare(page: Page) -> None:
    own, theirs = lists()
    page.goto("/reconcile/")
    page.locator("input[name=own]").set_input_files({"name": "11月开票清单.csv", "mimeType": "text/csv", "buffer": own})
    page.locator("input[name=theirs]").set_input_files(
        {"name": "税局导出.csv", "mimeType": "text/csv", "buffer": theirs}
    )
    page.locator("form:has(#id_own) .formacts button.primary").click()
    expect(page.locator("#h-sum")).to_be_visible()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_two_lists_are_compared_and_read_on_every_screen(
    page_of: Open, alice: User, alpha: Organisation, language: str
) -> None:
    page = page_of(alice, language=language)
    page.goto("/reconcile/")
    inspect(page, f"reconcile-form-{language}")
    compare(page)
    inspect(page, f"reconcile-result-{language}")
    for name in ("likely", "status", "duplicated", "matched"):
        page.goto(f"{page.url.split('?')[0].split('#')[0]}?class={name}")
        inspect(page, f"reconcile-{name}-{language}")
    page.goto("/reconcile/")
    inspect(page, f"reconcile-list-{language}")


def test_likely_pairs_mark_what_differs(page_of: Open, alice: User, alpha: Organisation) -> None:
    page = page_of(alice, language="en")
    compare(page)
    page.locator(".tabs a", has_text="Probably the same").click()
    expect(page.locator("#rows tbody")).to_have_count(1)
    expect(page.locator("#rows mark").first).to_be_visible()
    page.locator(".tabs a", has_text="Matched").click()
    page.get_by_role("link", name="Next page").click() if page.get_by_role("link", name="Next page").count() else None


def test_the_missing_ones_become_a_ticket_without_javascript(page_of: Open, alice: User, alpha: Organisation) -> None:
    page = page_of(alice, javascript=False, language="en")
    compare(page)
    page.get_by_role("button", name="File a ticket for the 3 missing invoices").click()
    ticket = Ticket.objects.get()
    expect(page).to_have_url(f"/tickets/{ticket.number}/received/")
    assert ticket.invoices.count() == 3
    page.goto(f"/reconcile/{Reconciliation.objects.get().pk}/")
    expect(page.locator("#work")).to_contain_text(ticket.number)
    expect(page.get_by_role("button", name="File a ticket")).to_have_count(0)


def test_who_waits_sees_how_far_it_is(page_of: Open, alice: User, alpha: Organisation) -> None:
    row = waiting(alice, alpha, rows_of([an_invoice()]), rows_of([an_invoice()]))
    Reconciliation.objects.filter(pk=row.pk).update(state="running", step="own", rows_read=24_000)
    page = page_of(alice, language="en")
    page.goto(f"/reconcile/{row.pk}/")
    expect(page.locator("#work [role=status]")).to_contain_text("24000")
    inspect(page, "reconcile-running")
    Reconciliation.objects.filter(pk=row.pk).update(state="waiting", taken_at=None)
    services.run(row.pk)
    expect(page.locator("#h-sum")).to_be_visible()


def test_it_is_cancelled(page_of: Open, alice: User, alpha: Organisation) -> None:
    row = waiting(alice, alpha, rows_of([an_invoice()]), rows_of([an_invoice()]))
    Reconciliation.objects.filter(pk=row.pk).update(state="waiting")
    page = page_of(alice, language="en")
    page.goto(f"/reconcile/{row.pk}/")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#work")).to_contain_text("Nothing was compared.")


def test_a_wrong_list_says_why(page_of: Open, alice: User, alpha: Organisation) -> None:
    page = page_of(alice)
    page.goto("/reconcile/")
    page.locator("form:has(#id_own) .formacts button.primary").click()
    expect(page.locator(".errsum")).to_be_visible()
    inspect(page, "reconcile-refused")
    page.locator("input[name=own]").set_input_files({"name": "a.csv", "mimeType": "text/csv", "buffer": b"a,b\n1,2\n"})
    page.get_by_label("工单里已登记的查验结果").check()
    page.locator("form:has(#id_own) .formacts button.primary").click()
    expect(page.locator("#work")).to_contain_text("a.csv")
    inspect(page, "reconcile-failed")


def test_the_desk_opens_it_from_the_ticket(page_of: Open, alice: User, alpha: Organisation, ann: User) -> None:
    page = page_of(alice, language="en")
    compare(page)
    page.get_by_role("button", name="File a ticket for the 3 missing invoices").click()
    desk = page_of(ann, language="en")
    desk.goto(f"/desk/tickets/{Ticket.objects.get().number}/")
    desk.get_by_role("link", name="The comparison it was filed from").click()
    expect(desk.locator("#h-sum")).to_be_visible()
