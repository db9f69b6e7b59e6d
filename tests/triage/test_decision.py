"""The proposal of a real ticket, and the agent's decision."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, NotNow
from tests.cases import a_file, a_ticket, an_invoice
from tickets.evidence.services import extract
from tickets.models import Event, Ticket
from tickets.outbox import deliver
from tickets.triage import services
from tickets.triage.models import Proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    file = a_file(alice, "2026-11-20 10:00:00 read timed out\n", purpose="log")
    extract(file.pk)
    return a_ticket(alice, alpha, files=(file,))


def settle(ticket: Ticket) -> Proposal:
    for event in Event.objects.filter(ticket=ticket, delivered_at=None):
        deliver(event.pk)
    return Proposal.objects.get(ticket=ticket)


def test_a_ticket_is_proposed_for_and_nothing_is_applied(ticket: Ticket) -> None:
    proposal = settle(ticket)
    assert proposal.content["values"]["cause"]["value"] == "network"
    ticket.refresh_from_db()
    assert (ticket.cause, ticket.queue, ticket.status) == ("", "triage", "new")


def test_accepting_applies_it_and_accepts_the_ticket(ticket: Ticket, ann: User) -> None:
    services.decide(proposal=settle(ticket), values={}, by=ann)
    ticket.refresh_from_db()
    assert (ticket.cause, ticket.queue, ticket.status) == ("network", "technical", "open")
    assert Proposal.objects.get(ticket=ticket).changed == []


def test_what_the_agent_changed_is_kept(ticket: Ticket, ann: User) -> None:
    services.decide(proposal=settle(ticket), values={"cause": "format", "priority": "1"}, by=ann)
    row = Proposal.objects.get(ticket=ticket)
    assert row.changed == ["cause", "priority"]
    assert row.decision["priority"] == 1
    assert row.decided_by == ann


def test_it_is_decided_once(ticket: Ticket, ann: User, abe: User) -> None:
    proposal = settle(ticket)
    services.decide(proposal=proposal, values={}, by=ann)
    with pytest.raises(NotNow):
        services.decide(proposal=proposal, values={}, by=abe)


@pytest.mark.parametrize("values", [{"cause": "moon"}, {"priority": "9"}, {"queue": ["a"]}])
def test_a_value_outside_the_list_is_refused(ticket: Ticket, ann: User, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        services.decide(proposal=settle(ticket), values=values, by=ann)


def test_only_who_triages_decides(ticket: Ticket, alice: User, olga: User) -> None:
    for person in (alice, olga):
        with pytest.raises(Forbidden):
            services.decide(proposal=settle(ticket), values={}, by=person)


def test_new_facts_renew_an_open_proposal_and_leave_a_decided_one(ticket: Ticket, alice: User, ann: User) -> None:
    first = settle(ticket)
    Ticket.objects.filter(pk=ticket.pk).update(description="证书 ukey")
    ticket.refresh_from_db()
    assert services.propose(ticket=ticket).pk == first.pk
    services.decide(proposal=first, values={}, by=ann)
    assert settle(ticket).pk == first.pk


def test_another_enterprises_ticket_is_never_a_duplicate(
    alice: User, alpha: Organisation, charlie: User, beta: Organisation
) -> None:
    invoice = an_invoice()
    a_ticket(charlie, beta, invoice)
    assert settle(a_ticket(alice, alpha, invoice)).content["duplicates"] == []
    again = a_ticket(alice, alpha, invoice)
    assert len(settle(again).content["duplicates"]) == 1


def test_the_api_shows_it_to_the_desk_alone(
    ticket: Ticket, alice: User, charlie: User, ann: User, api_of: Callable[[User], APIClient]
) -> None:
    settle(ticket)
    address = f"/api/v1/tickets/{ticket.number}/proposal/"
    assert api_of(charlie).get(address).status_code == 404
    assert api_of(alice).get(address).status_code == 403
    assert api_of(ann).get(address).json()["values"]["queue"]["value"] == "technical"
    assert api_of(ann).post(address + "decision/", {"queue": "data"}).json()["changed"] == ["queue"]
