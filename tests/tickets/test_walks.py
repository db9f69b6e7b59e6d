"""Random people do random things to a case; whatever they do, the rules of the house hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from random import Random
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Membership, Organisation, User
from accounts.permissions import OrganisationRole, StaffRole
from helpdesk.common.errors import DomainError
from tests.cases import a_file, a_ticket, again, an_invoice, face, looked_up
from tests.conftest import person
from tickets import services, workflow
from tickets.backfill import services as backfill
from tickets.backfill.lifecycle import LIFECYCLE as BACKFILL
from tickets.backfill.models import Backfill, BackfillMaterial
from tickets.checks.models import Check
from tickets.evidence.services import extract
from tickets.lifecycle import LIFECYCLE as TICKET
from tickets.models import Event, Message, Ticket, TicketInvoice
from tickets.triage import services as triage
from tickets.triage.models import Proposal

pytestmark = pytest.mark.django_db

#: Input of every action, honest where it matters; a walk may leave some of it out.
WORDS = {
    "body": "请看附件", "cause": "sync_delay", "resolution": "已同步", "reason": "看不清",
    "department": "第一税务所", "receipt_number": "BL-118",
}  # fmt: skip
EDGES = {
    table: {(t.event, source, t.target) for t in table for source in t.sources} for table in (TICKET, BACKFILL)
}  # fmt: skip


@pytest.fixture
def max_(alpha: Organisation) -> User:
    """Owns the enterprise and holds every role at the desk: only the rules about persons can stop Max."""
    everything = person("Max", "max@desk.example", *StaffRole)
    Membership.objects.create(user=everything, organisation=alpha, role=OrganisationRole.OWNER)
    return everything


def table_step(row: Any, dice: Random, people: list[User]) -> tuple[User, str]:
    """Mostly the button that leads on, else another one, now and then what no button offers."""
    offered = [(who, t) for who in people for t in workflow.allowed(row, who)]
    onward = [(who, t.action) for who, t in offered if t.tone == "primary" or t.action == "resolve"]
    for some in (onward, [(who, t.action) for who, t in offered]):
        if some and dice.randint(0, 4):
            return dice.choice(some)
    return dice.choice(people), dice.choice([*row.lifecycle.transitions, "fly"])


def inputs(row: Any, action: str, dice: Random) -> dict[str, Any]:
    known = row.lifecycle.transitions.get(action)
    names = [*known.needs, *known.takes] if known else ["body"]
    given = {name: WORDS[name] for name in names if name in WORDS and dice.randint(0, 20)}
    if "fields" in names:
        honest = face(row) if action == "key" else again(row)
        given["fields"] = honest if dice.randint(0, 5) else honest | {"amount": "1.00"}  # type: ignore[assignment]
    return given


Steps = Iterator[Callable[[], Any]]


def ticket_step(ticket: Ticket, dice: Random, people: list[User]) -> Steps:
    who, action = table_step(ticket, dice, people)
    given = inputs(ticket, action, dice)
    yield lambda: services.act(ticket=ticket, action=action, by=who, data=given)


def backfill_step(ticket: Ticket, dice: Random, people: list[User]) -> Steps:
    cases = list(Backfill.objects.filter(ticket=ticket).select_related("invoice", "ticket"))
    if not cases or not dice.randint(0, 9):
        invoice = dice.choice(list(ticket.invoices.select_related("ticket")))
        who = dice.choice(people)
        yield lambda: backfill.open_backfill(invoice=invoice, by=who)
        return
    case = dice.choice([case for case in cases if case.state.is_open] or cases)
    who, action = table_step(case, dice, people)
    given = inputs(case, action, dice)
    yield lambda: backfill.act(backfill=case, action=action, by=who, data=given)


def papers_step(ticket: Ticket, dice: Random, people: list[User]) -> Steps:
    """Hand in and judge the papers of the newest backfill."""
    case = Backfill.objects.filter(ticket=ticket).select_related("ticket__organisation", "invoice").last()
    who = dice.choice(people[-3:])
    for kind in case.materials.values_list("kind", flat=True) if case else ():
        if dice.randint(0, 40):
            file = a_file(who)
            extract(file.pk)
            yield partial(backfill.submit_material, backfill=case, kind=kind, evidence_id=file.pk, by=who)
        good = bool(dice.randint(0, 40))
        yield partial(backfill.review_material, backfill=case, kind=kind, is_accepted=good, reason="缺公章", by=who)


def look_up_step(ticket: Ticket, dice: Random, people: list[User]) -> Steps:
    invoice = dice.choice(list(ticket.invoices.all()))
    outcome = dice.choice(["found", "not_found", "differs", "unavailable", "maybe"])
    told = looked_up(outcome, site=dice.choice(["public", "buyer", "issuer", "authority"]))
    who = dice.choice(people)
    yield lambda: services.look_up(invoice=invoice, told=told, by=who)


def other_step(ticket: Ticket, dice: Random, people: list[User]) -> Steps:
    who, whom = dice.choice(people), dice.choice([*people, None])
    aside, proposal = ticket.invoices.last(), triage.propose(ticket=ticket)
    acts: list[Callable[[], Any]] = [
        lambda: services.comment(ticket=ticket, body="在吗", by=who),
        lambda: services.comment(ticket=ticket, body="内部", by=who, visibility="internal"),
        lambda: services.assign(ticket=ticket, assignee=whom, by=who),
        lambda: services.update(ticket=ticket, changes={"priority": 1}, by=who, version=ticket.version),
        lambda: services.set_aside(invoice=aside, reason="已红冲", by=who),  # type: ignore[arg-type]
        lambda: triage.decide(proposal=proposal, values={}, by=who),
    ]
    yield dice.choice(acts)


STEPS = (ticket_step, *[backfill_step] * 4, papers_step, look_up_step, other_step)


def world() -> dict[str, Any]:
    """Everything that a step may have changed."""
    return {
        "tickets": dict(Ticket.objects.values_list("pk", "status")),
        "versions": dict(Ticket.objects.values_list("pk", "version")),
        "backfills": dict(Backfill.objects.values_list("pk", "status")),
        "outcomes": dict(TicketInvoice.objects.values_list("pk", "outcome")),
        "materials": list(BackfillMaterial.objects.order_by("pk").values_list("pk", "state", "version")),
        "events": Event.objects.count(),
        "counts": [model.objects.count() for model in (Message, Check, Proposal)],
    }


def check_history(before: dict[str, Any], after: dict[str, Any], new: list[Event]) -> None:
    """Status and outcome moved along the table, each move with exactly one event."""
    moves = [(TICKET, event) for event in new if event.kind.startswith("ticket.") and "to" in event.data]
    moves += [(BACKFILL, event) for event in new if event.kind.startswith("backfill.") and "to" in event.data]
    for table, event in moves:
        assert (event.kind, event.data["from"], event.data["to"]) in EDGES[table]
    for name, table in (("tickets", TICKET), ("backfills", BACKFILL)):
        for pk, status in after[name].items():
            own = [e.data for t, e in moves if t is table and e.data.get("backfill", e.ticket_id) == pk]
            path = [before[name].get(pk, table.initial), *(data["to"] for data in own)]
            assert [data["from"] for data in own] == path[:-1]
            assert path[-1] == status
    for pk, outcome in after["outcomes"].items():
        told = [e for e in new if e.kind in {"invoice.found", "invoice.set_aside", "invoice.missing_again"}]
        assert len([e for e in told if e.data["invoice"] == pk]) == (outcome != before["outcomes"][pk])


def check_rules(ended: dict[int, str]) -> None:
    """Four eyes, nothing open in an ended case, and what has ended stays ended."""
    for case in Backfill.objects.select_related("ticket"):
        assert case.keyed_by_id is None or case.keyed_by_id not in {case.rekeyed_by_id, case.approved_by_id}
        is_open = case.status in BACKFILL.open_states
        assert case.ticket.is_open or not is_open
        assert ended.get(case.pk, case.status) == case.status
        if not is_open:
            ended[case.pk] = case.status
    assert not TicketInvoice.objects.unsettled().filter(ticket__status__in=["resolved", "closed"]).exists()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, *HealthCheck])
@given(seed=st.integers(0, 2**32))
def test_no_walk_breaks_the_rules(
    seed: int, alpha: Organisation, alice: User, charlie: User, ann: User, olga: User, rita: User, max_: User
) -> None:
    people, dice = [alice, charlie, ann, olga, rita, max_], Random(seed)
    with transaction.atomic():
        ticket = a_ticket(alice, alpha, an_invoice(), an_invoice())
        ended: dict[int, str] = {}
        for _ in range(40):
            fresh = Ticket.objects.select_related("organisation").get(pk=ticket.pk)
            for act in dice.choice(STEPS)(fresh, dice, people):
                before, last = world(), Event.objects.last()
                try:
                    act()
                except DomainError:
                    assert world() == before
                    continue
                check_history(before, world(), list(Event.objects.filter(pk__gt=last.pk)))  # type: ignore[union-attr]
                check_rules(ended)
        transaction.set_rollback(True)
