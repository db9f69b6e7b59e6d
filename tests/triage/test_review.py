"""A deadline that comes nearer renews the proposal by the sweep alone: once, in turn, and never over a decision."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone, translation

from accounts.models import Organisation, User
from helpdesk.common.http import say, unpack
from tests.cases import a_ticket, an_invoice
from tickets import services
from tickets.models import Event, Ticket
from tickets.outbox import deliver
from tickets.sla.clock import BEIJING
from tickets.triage import rules, tasks
from tickets.triage import services as triage
from tickets.triage.models import Proposal
from tickets.triage.rules import Facts, Suggestion
from tickets.vocabulary import Priority

pytestmark = pytest.mark.django_db
ISSUED = dt.date(2026, 11, 10)
CLOSE = dt.datetime(2026, 12, 13, tzinfo=BEIJING)  # a Sunday


class Clock:
    """The time that the service reads, moved by hand."""

    now = dt.datetime(2026, 12, 7, 10, tzinfo=BEIJING)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(timezone, "now", lambda: made.now.astimezone(dt.UTC))
    return made


def filed(by: User, organisation: Organisation, **more: Any) -> Ticket:
    given = {"issue_date": ISSUED, "seller_tax_id": organisation.tax_id, **more}
    ticket = a_ticket(by, organisation, an_invoice(**given))
    for event in Event.objects.filter(ticket=ticket, delivered_at=None).order_by("pk"):
        deliver(event.pk)
    return ticket


def proposed() -> list[int]:
    return [row.content["values"]["priority"]["value"] for row in Proposal.objects.order_by("pk")]


def test_it_rises_at_each_threshold_and_rests_between(clock: Clock, alice: User, alpha: Organisation) -> None:
    filed(alice, alpha)
    found = []
    while clock.now < CLOSE:
        tasks.sweep()
        assert tasks.sweep() == 0
        if not found or found[-1][1] != proposed()[0]:
            found.append((clock.now.strftime("%d %H:%M"), proposed()[0]))
        clock.now += dt.timedelta(minutes=30)
    # Friday the 11th is the last working day before the close: 7.5 hours, and 24 are reached on Tuesday
    assert found == [("07 10:00", Priority.NORMAL), ("08 16:30", Priority.HIGH), ("10 17:30", Priority.URGENT)]
    assert Proposal.objects.count() == Event.objects.filter(kind="triage.proposed").count() == 1


def test_the_desk_reads_the_same_reason(
    clock: Clock, alice: User, ann: User, alpha: Organisation, client_of: Callable[[User], Any]
) -> None:
    ticket = filed(alice, alpha)
    clock.now = dt.datetime(2026, 12, 11, 10, 3, tzinfo=BEIJING)
    assert tasks.sweep() == 1
    (reason, *_more) = Proposal.objects.get().content["values"]["priority"]["reasons"]
    with translation.override("zh-hans"):
        line = say(unpack(reason))
    assert "2026-12-13 00:00" in line
    assert "6.4" in line  # 6 h 27 min
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert page.count(line) == 2  # the proposal and “why this priority”


def test_a_buyer_is_pressed_by_the_filing_day_alone(clock: Clock, alice: User, alpha: Organisation) -> None:
    filed(alice, alpha, seller_tax_id="91310115MA1K4EXAM3", buyer_tax_id=alpha.tax_id)  # a plain one: nothing to deduct
    clock.now = dt.datetime(2026, 12, 15, 10, tzinfo=BEIJING)
    Proposal.objects.update(review_at=dt.datetime(2026, 12, 15, tzinfo=BEIJING))
    assert tasks.sweep() == 1
    assert proposed() == [Priority.NORMAL]
    Ticket.objects.get().invoices.update(kind="81")
    Proposal.objects.update(review_at=dt.datetime(2026, 12, 15, tzinfo=BEIJING))
    assert tasks.sweep() == 1
    assert proposed() == [Priority.URGENT]


def test_what_was_decided_or_has_ended_is_left_alone(clock: Clock, alice: User, ann: User, alpha: Organisation) -> None:
    decided, ended = filed(alice, alpha), filed(alice, alpha)
    triage.decide(proposal=decided.proposals.get(), values={}, by=ann)
    services.act(ticket=ended, action="withdraw", by=alice)
    before = list(Proposal.objects.order_by("pk").values())
    clock.now = CLOSE - dt.timedelta(hours=1)
    assert tasks.sweep() == 0
    assert [triage.review(one.pk, CLOSE) for one in (decided, ended)] == [False, False]
    assert list(Proposal.objects.order_by("pk").values()) == before


def test_one_sweep_is_bounded_and_takes_the_longest_overdue(
    clock: Clock, alice: User, alpha: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(triage, "BATCH", 2)
    for _turn in range(3):
        filed(alice, alpha)
    clock.now = dt.datetime(2026, 12, 9, 10, tzinfo=BEIJING)
    assert [tasks.sweep() for _turn in range(3)] == [2, 1, 0]
    assert proposed() == [Priority.HIGH] * 3


def test_one_that_fails_holds_up_no_other(
    clock: Clock, alice: User, alpha: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, _good = filed(alice, alpha), filed(alice, alpha)
    Ticket.objects.filter(pk=bad.pk).update(description="trips a rule")

    def trips(facts: Facts) -> Iterator[Suggestion]:
        if "trips a rule" in facts.words:
            raise LookupError
        yield from ()

    monkeypatch.setattr(rules, "TRIAGE_RULES", [trips, *rules.TRIAGE_RULES])
    clock.now = dt.datetime(2026, 12, 9, 10, tzinfo=BEIJING)
    assert tasks.sweep() == 1
    assert proposed() == [Priority.NORMAL, Priority.HIGH]
    assert bad.proposals.get().review_at == clock.now + triage.LATER
    assert tasks.sweep() == 0
