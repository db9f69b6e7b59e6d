"""The look-ups in a browser: the list, one invoice, the button, still missing, and the log of calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from tests.cases import a_ticket, an_invoice, looked_up
from tests.checks import gateway
from tests.checks.gateway import Place, serving
from tests.e2e.conftest import inspect
from tickets import services
from tickets.checks.models import Recheck
from tickets.models import Ticket
from tickets.rechecks import services as rechecks

Open = Callable[..., Page]


@pytest.fixture
def place(settings: Any) -> Iterator[Place]:
    with serving() as found:
        settings.CHECK_URL, settings.CHECK_ALLOW_PRIVATE = found.url, True
        settings.CHECK_LIMITS = {"total": 5, "attempts": 2}
        yield found


@pytest.fixture
def ticket(alice: User, ann: User, alpha: Organisation) -> Ticket:
    made = a_ticket(alice, alpha, an_invoice(), an_invoice(), an_invoice())
    one, two, _three = made.invoices.all()
    services.look_up(invoice=one, told=looked_up("found", note="抵扣勾选中已可见"), by=ann)
    services.look_up(invoice=two, told=looked_up("not_found", site="public"), by=ann)
    return made


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_an_enterprise_has_its_invoice_looked_up_and_reads_the_history(
    page_of: Open, place: Place, ticket: Ticket, alice: User, language: str
) -> None:
    waiting = ticket.invoices.last()
    assert waiting is not None
    place.modes = [gateway.silent_after_the_headers] if language == "en" else [gateway.status(500)]
    page = page_of(alice, language=language)
    page.goto("/")
    page.locator("header nav a[href='/checks/']").first.click()
    inspect(page, f"look-ups-{language}")
    page.goto(f"/checks/{waiting.pk}/")
    inspect(page, f"look-ups-invoice-{language}")
    page.locator("main form .primary").click()  # the worker of tests is this very process
    expect(page.locator("#look-ups td.c-st")).to_have_count(1, timeout=15_000)
    inspect(page, f"look-ups-failed-{language}")
    page.goto(f"/checks/?invoice_number={waiting}")
    expect(page.locator("tr[data-row]")).to_have_count(1)
    page.goto("/checks/?invoice_number=00000000")
    inspect(page, f"look-ups-none-{language}")


def test_while_it_is_being_asked_the_page_waits_for_the_answer(
    page_of: Open, place: Place, ticket: Ticket, alice: User
) -> None:
    waiting = ticket.invoices.last()
    assert waiting is not None
    Recheck.objects.update_or_create(invoice=waiting, defaults={"asked_by": alice})
    page = page_of(alice)
    page.goto(f"/checks/{waiting.pk}/")
    expect(page.locator("#look-ups [role=status]")).to_be_visible()
    inspect(page, "look-ups-asking")
    place.holds(waiting.claim)
    rechecks.run(waiting.pk)
    expect(page.locator("#look-ups .tag.green").first).to_be_visible(timeout=15_000)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_still_missing_without_a_script(page_of: Open, ticket: Ticket, alice: User, language: str) -> None:
    invoice = ticket.invoices.first()
    assert invoice is not None
    page = page_of(alice, language=language)
    page.goto(f"/checks/{invoice.pk}/still-missing/")
    inspect(page, f"still-missing-{language}")
    plain = page_of(alice, language=language, javascript=False)
    plain.goto(f"/checks/{invoice.pk}/still-missing/")
    plain.locator("main form .primary").click()
    plain.wait_for_url(f"**/tickets/{ticket.number}/")
    invoice.refresh_from_db()
    assert invoice.outcome == ""


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_desk_reads_look_ups_and_calls(
    page_of: Open, place: Place, ticket: Ticket, sam: User, language: str
) -> None:
    waiting = ticket.invoices.last()
    assert waiting is not None
    place.modes = [gateway.status(500), gateway.redirect("http://169.254.169.254/")]
    Recheck.objects.update_or_create(invoice=waiting, defaults={"asked_by": sam})
    rechecks.run(waiting.pk)
    page = page_of(sam, language=language)
    page.goto("/desk/checks/")
    inspect(page, f"desk-look-ups-{language}")
    page.goto(f"/desk/checks/{waiting.pk}/")
    inspect(page, f"desk-look-ups-invoice-{language}")
    page.goto("/desk/calls/")
    expect(page.locator("td.c-st .tag.red")).to_have_count(2)
    inspect(page, f"desk-calls-{language}")
