"""New facts renew the proposal; files are paired with claims in spite of a slip; twins stay inside the enterprise."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.files.base import ContentFile

from accounts.models import Organisation, User
from helpdesk.common.errors import LostRace, NotNow
from tests.cases import a_file, a_ticket, an_invoice
from tests.invoices_factory import einvoice_xml
from tickets import intake, services
from tickets.evidence.models import Evidence
from tickets.evidence.services import extract, receive
from tickets.invoices.model import Invoice
from tickets.models import Event, Ticket
from tickets.outbox import deliver
from tickets.triage import services as triage
from tickets.triage.models import Proposal

pytestmark = pytest.mark.django_db


def settled(ticket: Ticket) -> Proposal:
    for event in Event.objects.filter(ticket=ticket, delivered_at=None).order_by("pk"):
        deliver(event.pk)
    return Proposal.objects.filter(ticket=ticket).latest("pk")


def cause(ticket: Ticket) -> str:
    return str(settled(ticket).content["values"]["cause"]["value"])


def missing(ticket: Ticket) -> list[str]:
    return [item["item"] for item in settled(ticket).content["missing"]]


def an_xml(invoice: Invoice, by: User) -> Evidence:
    file = ContentFile(einvoice_xml(invoice), name="a.xml")
    return receive(file=file, name="a.xml", purpose="invoice", by=by)


@pytest.fixture
def claim() -> Invoice:
    return an_invoice()


def test_a_log_that_comes_later_renews_the_proposal(alice: User, alpha: Organisation, ann: User) -> None:
    ticket = a_ticket(alice, alpha)
    assert cause(ticket) == "unknown"
    file = a_file(alice, "2026-11-20 10:00:00 read timed out\n", purpose="log")
    services.comment(ticket=ticket, body="日志", by=alice, evidence_ids=[file.pk])
    extract(file.pk)
    assert cause(ticket) == "network"
    assert Proposal.objects.count() == Event.objects.filter(kind="triage.proposed").count() == 1


def test_words_that_are_changed_renew_it_too(alice: User, alpha: Organisation) -> None:
    ticket = a_ticket(alice, alpha)
    services.update(ticket=ticket, changes={"description": "升级之后就这样"}, by=alice, version=ticket.version)
    assert cause(ticket) == "software"


def test_what_was_decided_is_not_proposed_again(alice: User, alpha: Organisation, ann: User) -> None:
    ticket = a_ticket(alice, alpha)
    triage.decide(proposal=settled(ticket), values={"cause": "policy"}, by=ann)
    services.comment(ticket=ticket, body="read timed out", by=alice)
    assert settled(ticket).decision["cause"] == "policy"
    assert Ticket.objects.get().cause == "policy"


def test_an_ended_case_is_not_decided_on(alice: User, alpha: Organisation, ann: User) -> None:
    ticket = a_ticket(alice, alpha)
    proposal = settled(ticket)
    services.act(ticket=ticket, action="withdraw", by=alice)
    with pytest.raises(NotNow):
        triage.decide(proposal=Proposal.objects.get(pk=proposal.pk), values={}, by=ann)
    assert Proposal.objects.get().decided_at is None


def test_a_ticket_that_changed_since_it_was_read_is_not_decided_on(alice: User, alpha: Organisation, ann: User) -> None:
    ticket = a_ticket(alice, alpha)
    proposal = settled(ticket)
    assert proposal.ticket.status == "new"
    services.update(ticket=ticket, changes={"priority": 4}, by=ann, version=ticket.version)
    with pytest.raises(LostRace):
        triage.decide(proposal=proposal, values={}, by=ann)


def test_the_file_of_the_claim_is_not_missing(alice: User, alpha: Organisation, claim: Invoice) -> None:
    file = an_xml(claim, alice)
    extract(file.pk)
    assert missing(a_ticket(alice, alpha, claim, files=(file,))) == []


def slip(number: str) -> str:
    at = next(i for i in range(19, 0, -1) if number[i] != number[i - 1])
    return number[: at - 1] + number[at] + number[at - 1] + number[at + 1 :]


def test_a_slip_in_the_number_is_found_by_the_file(alice: User, alpha: Organisation, claim: Invoice) -> None:
    file = an_xml(claim, alice)
    extract(file.pk)
    typed = dataclasses.replace(claim, number=slip(claim.number))
    ticket = a_ticket(alice, alpha, typed, files=(file,))
    proposal = settled(ticket)
    assert proposal.content["values"]["cause"]["value"] == "data_entry"
    assert missing(ticket) == []
    differing = triage.differences(ticket.invoices.get(), list(Evidence.objects.filter(ticket=ticket)))
    assert [(d.field, d.claimed, d.found) for d in differing] == [("number", typed.number, claim.number)]


def test_the_file_of_the_next_invoice_is_not_this_ones(alice: User, alpha: Organisation, claim: Invoice) -> None:
    """Numbers in a row are one character apart; day and total tell them apart."""
    following = dataclasses.replace(an_invoice(), number=claim.number[:-1] + str((int(claim.number[-1]) + 1) % 10))
    file = an_xml(following, alice)
    extract(file.pk)
    assert missing(a_ticket(alice, alpha, claim, files=(file,))) == ["file"]


@pytest.mark.parametrize(
    ("first", "second", "is_double"),
    [
        ({"code": "1100211130", "number": "12345678"}, {"code": "1100211130", "number": "12345678"}, True),
        ({"code": "1100211130", "number": "12345678"}, {"number": "12345678"}, True),
        ({"number": "12345678"}, {"number": "12345678"}, True),
        ({"code": "1100211130", "number": "12345678"}, {"code": "1100211131", "number": "12345678"}, False),
        (
            {"code": "1100211130", "number": "12345678", "digital_number": "26112000000012345678"},
            {"number": "26112000000012345678"},
            True,
        ),
        (
            {"code": "1100211130", "number": "12345678", "digital_number": "26112000000012345678"},
            {"code": "1100211130", "number": "12345678"},
            True,
        ),
        ({"number": "26112000000012345678"}, {"number": "26112000000012345679"}, False),
        ({"seller_name": "示例公司"}, {"seller_name": "示例公司"}, False),
    ],
)
def test_one_invoice_is_known_by_any_of_its_numbers(
    alice: User, charlie: User, alpha: Organisation, beta: Organisation,
    first: dict[str, str], second: dict[str, str], is_double: bool,
) -> None:  # fmt: skip
    a_ticket(charlie, beta, Invoice(**first))
    earlier = a_ticket(alice, alpha, Invoice(**first))
    warned = [t.number for t in intake.duplicates_of([Invoice(**second)], organisation_id=alpha.pk)]
    ticket = a_ticket(alice, alpha, Invoice(**second))
    wanted = [earlier.number] if is_double else []
    assert warned == wanted
    assert [t.number for t in intake.open_duplicates(ticket)] == wanted
    assert settled(ticket).content["duplicates"] == wanted
    assert ticket.events.get(kind="ticket.submitted").data["duplicates"] == wanted


def test_an_ended_ticket_is_no_double(alice: User, alpha: Organisation, claim: Invoice) -> None:
    services.act(ticket=a_ticket(alice, alpha, claim), action="withdraw", by=alice)
    assert settled(a_ticket(alice, alpha, claim)).content["duplicates"] == []
