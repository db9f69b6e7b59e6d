"""The look-ups as people and programs see them: filters, files, the button, the same item opened again."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from helpdesk.common import cells
from tests.cases import a_ticket, an_invoice, looked_up
from tests.checks import gateway
from tests.checks.gateway import Place
from tickets import outbox, services
from tickets.checks import export
from tickets.checks.models import Check, Recheck
from tickets.checks.sources import LookUp
from tickets.models import Event, Ticket, TicketInvoice
from tickets.rechecks import services as rechecks

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
Api = Callable[[User | None], APIClient]
DAY = dt.timedelta(days=1)


@pytest.fixture
def ticket(alice: User, ann: User, alpha: Organisation) -> Ticket:
    """Two invoices: one looked up three times on different days, the other found."""
    made = a_ticket(alice, alpha, an_invoice(issue_date=timezone.localdate() - 20 * DAY), an_invoice())
    one, two = made.invoices.all()
    for ago in (9, 5, 1):
        services.look_up(invoice=one, told=looked_up("not_found", ago=ago * DAY, note=f"第 {ago} 天"), by=ann)
    services.look_up(invoice=two, told=looked_up("found"), by=ann)
    return made


@pytest.fixture
def foreign(charlie: User, ann: User, beta: Organisation) -> Ticket:
    made = a_ticket(charlie, beta)
    services.look_up(invoice=made.invoices.get(), told=looked_up("not_found", note="别人的"), by=ann)
    return made


def text(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path, headers={"accept-language": "en"})
    assert answer.status_code == status
    return str(answer.content.decode())


def shown(browser: Client, query: str = "", base: str = "/checks/") -> int:
    """How many look-ups the page lists."""
    return text(browser, f"{base}?{query}").count("<tr data-row>")


def test_an_enterprise_sees_its_own_look_ups_alone(
    client_of: Browser, alice: User, charlie: User, ann: User, ticket: Ticket, foreign: Ticket
) -> None:
    page = text(client_of(alice), "/checks/")
    assert page.count("<tr data-row>") == 4
    assert "别人的" not in page
    assert not re.search(r"\bAnn\b", page)  # who of the desk looked is the desk's matter
    assert shown(client_of(charlie)) == 1
    assert shown(client_of(ann), base="/desk/checks/") == 5
    assert "Ann" in text(client_of(ann), "/desk/checks/")


def test_filters_narrow(client_of: Browser, alice: User, ann: User, ticket: Ticket, foreign: Ticket) -> None:
    browser, number = client_of(alice), str(ticket.invoices.first())
    today = timezone.localdate()
    assert shown(browser, f"invoice_number={number}") == 3
    assert shown(browser, f"invoice_number={number[:6]}") >= 3
    assert shown(browser, "outcome=found") == 1
    assert shown(browser, "source=person") == 4
    assert shown(browser, f"since={today - 5 * DAY}&until={today - DAY}") == 2
    assert shown(browser, f"until={today - 9 * DAY}") == 1  # both days are in it
    assert shown(browser, "source=http") == 0
    assert shown(client_of(ann), f"organisation={ticket.organisation_id}", "/desk/checks/") == 4
    assert shown(browser, f"organisation={foreign.organisation_id}") == 0


@pytest.mark.parametrize(
    "query", ["since=gestern", "until=9999-12-31&since=0001-01-01", "outcome=x", "after=%00&before=x", "organisation=x",
              "organisation=99999999999999999999", "invoice_number=%E6%9F%A5%27--", "source=list&source=x"],
)  # fmt: skip
def test_nonsense_breaks_nothing(client_of: Browser, ann: User, ticket: Ticket, query: str) -> None:
    for path in ("/desk/checks/", "/desk/checks/export/"):
        assert client_of(ann).get(f"{path}?{query}").status_code in (200, 400)


def test_pages_go_forth_and_back(
    client_of: Browser, alice: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.views.lookups.PAGE", 3)
    browser = client_of(alice)
    first = browser.get("/checks/")
    assert [len(first.context["page"].rows), bool(first.context["page"].next)] == [3, True]
    second = browser.get(f"/checks/?after={first.context['page'].next}")
    assert len(second.context["page"].rows) == 1
    back = browser.get(f"/checks/?before={second.context['page'].previous}")
    assert back.context["page"].rows == first.context["page"].rows


def test_a_list_costs_the_same_however_many_there_are(
    client_of: Browser, alice: User, ann: User, alpha: Organisation, ticket: Ticket, django_assert_max_num_queries: Any
) -> None:
    other = a_ticket(alice, alpha, *(an_invoice() for _ in range(15)))
    for invoice in other.invoices.all():
        services.look_up(invoice=invoice, told=looked_up("not_found"), by=ann)
    for user, path in ((alice, "/checks/"), (ann, "/desk/checks/"), (ann, f"/desk/checks/{invoice.pk}/")):
        browser = client_of(user)
        with django_assert_max_num_queries(12):
            assert browser.get(path).status_code == 200


# Files


HOSTILE = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "|calc", "%1", "＝1+1", "＋1", "－1", "＠x"]


@pytest.mark.parametrize("note", HOSTILE)
def test_no_cell_is_ever_a_formula(note: str) -> None:
    line = b"".join(cells.as_csv([["x", note]]))[3:].decode()
    assert next(csv.reader(io.StringIO(line, newline="")))[1].startswith("'")
    sheet = openpyxl.load_workbook(io.BytesIO(cells.as_xlsx("t", (9, 9), [["x", note]]))).active
    assert sheet.cell(1, 2).data_type == "s"
    assert sheet.cell(1, 2).value.startswith("'")


def test_long_numbers_stay_numbers_to_read(client_of: Browser, alice: User, ann: User, ticket: Ticket) -> None:
    services.look_up(invoice=ticket.invoices.first(), told=looked_up("not_found", site="issuer", note="=1+1"), by=ann)  # type: ignore[arg-type]
    answer = client_of(alice).get("/checks/export/?outcome=not_found")
    body = answer.content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(body)))
    assert len(table) == 5
    assert table[1][1].strip() == str(ticket.invoices.first())
    assert "'=1+1" in table[1]
    assert not re.search(r"\bAnn\b", body)
    assert "attachment" in answer["Content-Disposition"]


def test_a_workbook_has_the_same_rows(
    client_of: Browser, ann: User, ticket: Ticket, foreign: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client_of(ann).get("/desk/checks/export/?format=xlsx", headers={"accept-language": "en"})
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert [sheet.max_row, sheet.max_column] == [6, 13]
    assert sheet.cell(2, 13).value == "Ann"
    monkeypatch.setattr(export, "MOST", 2)
    short = client_of(ann).get("/desk/checks/export/").content.decode().splitlines()
    assert len(short) == 4  # head, two rows, and that there are more
    assert "2" in short[-1]


# One invoice


def test_the_page_of_an_invoice_tells_its_ladder(client_of: Browser, alice: User, ann: User, ticket: Ticket) -> None:
    one, two = ticket.invoices.all()
    page = text(client_of(alice), f"/checks/{one.pk}/")
    assert page.count('<td class="c-st">') == 3
    assert "look-ups on different days found nothing" in page
    assert "Look up now" not in page  # there is no source
    assert "Still not found" in text(client_of(alice), f"/checks/{two.pk}/")
    assert client_of(ann).get(f"/checks/{one.pk}/").url == f"/desk/checks/{one.pk}/"  # type: ignore[attr-defined]
    assert "Ann" in text(client_of(ann), f"/desk/checks/{one.pk}/")


def test_a_press_asks_the_source_and_the_next_one_is_told_when(
    place: Place, client_of: Browser, alice: User, alpha: Organisation, django_capture_on_commit_callbacks: Any
) -> None:
    invoice = a_ticket(alice, alpha).invoices.get()
    browser, address = client_of(alice), f"/checks/{invoice.pk}/"
    assert "Look up now" in text(browser, address)
    assert browser.post(f"{address}retry/").status_code == 302
    waiting = text(browser, address)
    assert "It is being looked up just now." in waiting
    assert 'hx-trigger="every 3s"' in waiting
    place.modes = [gateway.status(500)]
    rechecks.run(invoice.pk)
    page = text(browser, address)
    assert "It reported a fault of its own" in page
    assert "2 attempts" in page
    assert "You can have it looked up again from" in page
    again = browser.post(f"{address}retry/", headers={"accept-language": "en"})
    assert again.status_code == 409
    assert "Looking again makes sense from" in again.content.decode()


def test_still_missing_asks_once_and_opens_the_same_item(client_of: Browser, alice: User, ticket: Ticket) -> None:
    invoice = ticket.invoices.last()
    browser, address = client_of(alice), f"/checks/{invoice.pk}/still-missing/"  # type: ignore[union-attr]
    assert "It still can" in text(browser, address)
    assert TicketInvoice.objects.get(pk=invoice.pk).outcome == "found"  # type: ignore[union-attr]  # a look opens nothing
    assert browser.post(address, {"body": " "}).status_code == 422
    assert browser.post(address, {"body": "仍查不到"}).url == f"/tickets/{ticket.number}/"  # type: ignore[attr-defined]
    assert TicketInvoice.objects.get(pk=invoice.pk).outcome == ""  # type: ignore[union-attr]
    assert "open already" in text(browser, address)
    assert browser.post(address, {"body": "仍查不到"}).status_code == 409


def test_a_void_record_is_said_in_words(client_of: Browser, ann: User, ticket: Ticket) -> None:
    told = LookUp("authority", "found", timezone.now(), source="http", state="void")
    services.keep_answer(invoice=ticket.invoices.first(), told=told)  # type: ignore[arg-type]
    for path in ("/desk/checks/", f"/desk/tickets/{ticket.number}/"):
        assert "State of the record: In order / Void" in text(client_of(ann), path)


def test_the_log_of_calls_is_read_and_narrowed(place: Place, client_of: Browser, sam: User, ticket: Ticket) -> None:
    one = ticket.invoices.first()
    for event in Event.objects.filter(ticket=ticket):
        outbox.deliver(event.pk)
    Recheck.objects.filter(invoice=one).update(next_at=timezone.now())
    place.modes = [gateway.status(500), gateway.sound]
    rechecks.run(one.pk)  # type: ignore[union-attr]
    whole = text(client_of(sam), "/desk/calls/")
    assert whole.count("/checks/v1/look-ups") == 2
    assert "token-of-tests" not in whole
    assert text(client_of(sam), "/desk/calls/?failed=1").count("/checks/v1/look-ups") == 1


# The API


def test_every_look_up_is_on_one_page(api_of: Api, alice: User, charlie: User, ticket: Ticket, foreign: Ticket) -> None:
    def rows(query: str = "") -> Iterator[Any]:
        url = f"/api/v1/checks/?page_size=3&{query}"
        while url:
            answer = api_of(alice).get(url).json()
            yield from answer["results"]
            url = answer["next"]

    found = list(rows())
    assert [row["id"] for row in found] == list(
        Check.objects.filter(ticket=ticket).order_by("-pk").values_list("pk", flat=True)
    )
    number = str(ticket.invoices.first())
    assert {row["invoice_number"] for row in rows(f"invoice_number={number}")} == {number}
    assert {row["ticket"] for row in found} == {ticket.number}
    since = (timezone.now() - 6 * DAY).isoformat().replace("+", "%2B")
    until = (timezone.now() - 2 * DAY).isoformat().replace("+", "%2B")
    assert len(list(rows(f"after={since}&before={until}"))) == 1
    assert api_of(alice).get("/api/v1/checks/?outcome=maybe").status_code == 400


def test_a_program_has_the_source_asked(place: Place, api_of: Api, alice: User, alpha: Organisation) -> None:
    invoice = a_ticket(alice, alpha).invoices.get()
    url, api = f"/api/v1/invoices/{invoice.pk}/checks/", api_of(alice)
    assert api.get(url).json()["source"]["is_set_up"] is True
    answer = api.post(url, {"source": "http"}, headers={"idempotency-key": "once"})
    assert (answer.status_code, answer.json()["is_asking"]) == (202, True)
    assert answer["Location"].endswith(url)
    assert api.post(url, {"source": "http"}, headers={"idempotency-key": "once"}).status_code == 202
    rechecks.run(invoice.pk)
    ladder = api.get(url).json()
    assert [(c["source"], c["outcome"], c["attempts"], c["fault"]) for c in ladder["results"]] == [
        ("http", "not_found", 1, "")
    ]
    assert ladder["source"]["is_asking"] is False
    refused = api.post(url, {"source": "http"})
    assert (refused.status_code, refused.json()["code"]) == (409, "too_soon")
    assert 0 < int(refused["Retry-After"]) <= 7200


def test_what_a_program_may_say_of_a_look_up(api_of: Api, ann: User, ticket: Ticket) -> None:
    url, api = f"/api/v1/invoices/{ticket.invoices.first().pk}/checks/", api_of(ann)  # type: ignore[union-attr]
    assert {e["field"] for e in api.post(url, {}).json()["errors"]} == {"site", "outcome"}
    assert {e["field"] for e in api.post(url, {"source": "http", "outcome": "found"}).json()["errors"]} == {"outcome"}
    assert api.post(url, {"source": "list", "site": "buyer", "outcome": "found"}).status_code == 400
    assert api.post(url, {"source": "http"}).json()["code"] == "no_source"
