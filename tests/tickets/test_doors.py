"""Two doors to the rows of one ticket let the same rows through."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Organisation, User
from tests.cases import a_file, a_ticket
from tickets import services
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.checks.models import Check
from tickets.evidence.models import Evidence
from tickets.models import Event, Message, TicketInvoice
from tickets.vocabulary import Visibility

pytestmark = pytest.mark.django_db
TABLES: tuple[Any, ...] = (Event, Message, Evidence, Backfill, Check, TicketInvoice)


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "ann", "olga", "ed", "sam"])
def test_the_door_of_a_ticket_shows_what_the_door_of_the_table_shows(
    who: str, request: pytest.FixtureRequest, alice: User, charlie: User, ann: User, alpha: Any, beta: Any
) -> None:
    """Public and internal words, files of both, a backfill; own and another enterprise's."""
    person: User = request.getfixturevalue(who)
    tickets = [_a_case(alice, alpha, ann), _a_case(charlie, beta, ann)]
    for ticket in tickets:
        for table in TABLES:
            known = set(table.objects.visible_to(person).filter(ticket=ticket).values_list("pk", flat=True))
            assert set(table.objects.of(ticket, person).values_list("pk", flat=True)) == known, table
            assert {row.pk for row in table.objects.rows_of(ticket, person)} == known, table
            assert [row.pk for row in table.objects.rows_of(ticket, person, 1)] == [
                row.pk for row in table.objects.of(ticket, person)[:1]
            ]


def _a_case(owner: User, organisation: Organisation, agent: User) -> Any:
    ticket = a_ticket(owner, organisation, files=(a_file(owner),))
    services.comment(ticket=ticket, body="好的", by=owner, evidence_ids=[a_file(owner).pk])
    note = {"body": "内部", "visibility": Visibility.INTERNAL}
    services.comment(ticket=ticket, by=agent, evidence_ids=[a_file(agent).pk], **note)
    services.act(ticket=ticket, action="accept", by=agent)
    backfill.open_backfill(invoice=ticket.invoices.get(), by=agent)
    return ticket
