"""What a person remembers of a ticket finds it, whatever it looks like."""

from __future__ import annotations

import pytest

from accounts.models import Organisation, User
from tests.cases import a_ticket
from tickets import numbers
from tickets.invoices.model import Invoice
from tickets.models import Ticket
from tickets.search import search_tickets

pytestmark = pytest.mark.django_db


def found(q: str) -> list[str]:
    return [t.number for t in search_tickets(Ticket.objects.order_by("pk"), q)]


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


def test_a_number_is_found_as_people_say_it(ticket: Ticket) -> None:
    wide = ticket.number.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789-"})
    for said in (
        ticket.number,
        f" #{ticket.number}",
        ticket.number.replace("-", ""),
        ticket.number.replace("-", " "),
        wide,
    ):
        assert found(said) == [ticket.number]


def test_an_invoice_number_that_could_be_a_tickets_is_found(alice: User, alpha: Organisation) -> None:
    number = next(str(n) for n in range(12_345_600, 12_345_700) if numbers.parse(str(n)))
    ticket = a_ticket(alice, alpha, Invoice(code="1100211130", number=number))
    assert found(number) == [ticket.number]


def test_it_is_found_by_enterprise_tax_number_and_words(ticket: Ticket) -> None:
    invoice = ticket.invoices.get()
    for said in (
        "查验平台", "阿尔法", "91110108ma01abcd5t", invoice.number, invoice.seller_tax_id, f"查无此票 {invoice.number}", "",
    ):  # fmt: skip
        assert found(said) == [ticket.number]
    for said in ("查验平台 贝塔", "99999999", "26-00042-0"):
        assert found(said) == []


@pytest.mark.parametrize("q", ["' OR 1=1 --", "%", "_", "\\", "🧾" * 300, "词 " * 2000, "١٢٣٤٥٦٧٨"])
def test_any_query_gets_an_answer(ticket: Ticket, q: str) -> None:
    assert isinstance(found(q), list)
