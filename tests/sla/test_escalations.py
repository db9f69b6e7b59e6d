"""What is told of a promise: before it is due and after, once each, while people work."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Organisation, User
from tests.cases import a_ticket
from tests.sla.test_due import at, due
from tests.sla.test_policies import policy
from tickets import services
from tickets.escalations.services import sweep
from tickets.models import Event, Ticket
from tickets.notifications.models import Notification
from tickets.notifications.services import compose
from tickets.sla.models import Escalation, Watch

pytestmark = pytest.mark.django_db
PLAIN = {"first_look": None, "first_response": None, "resolution": None, "kind": "", "warn_before": 90}


def told(ticket: Ticket) -> list[str]:
    due(ticket)
    return list(Event.objects.filter(ticket=ticket, kind__startswith="sla.").values_list("kind", flat=True))


def hears(person: User, kind: str) -> set[str]:
    rows = Notification.objects.visible_to(person).filter(event__kind=kind)
    return set(rows.values_list("channel", flat=True))


def test_who_has_it_is_warned_and_then_supervisors_are_told_in_the_morning(
    clock: Any, alice: User, ann: User, sam: User, alpha: Organisation, client_of: Callable[..., Any]
) -> None:
    policy(sam, **PLAIN, tells_supervisors=True, raises_priority=True)
    ticket = a_ticket(alice, alpha)
    services.assign(ticket=ticket, assignee=ann, by=ann)
    assert due(ticket) == at(hour=18)
    clock(hour=16, minute=29)
    assert (sweep(), told(ticket)) == (0, [])
    clock(hour=16, minute=30)
    assert (sweep(), sweep(), told(ticket)) == (1, 0, ["sla.warned"])
    assert (hears(ann, "sla.warned"), hears(sam, "sla.warned")) == ({"in_app", "email"}, set())
    for night in ({"hour": 18}, {"hour": 23}, {"day": 1, "hour": 8, "minute": 59}):
        clock(**night)
        assert sweep() == 0
    clock(day=1, hour=9)
    assert (sweep(), sweep(), told(ticket)) == (1, 0, ["sla.warned", "sla.breached"])
    assert hears(ann, "sla.breached") == hears(sam, "sla.breached") == {"in_app", "email"}
    assert Ticket.objects.get(pk=ticket.pk).priority == 2
    assert due(ticket) == at(hour=14, minute=30)  # four hours from the same start
    assert (sweep(), told(ticket)) == (0, ["sla.warned", "sla.breached"])
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/?all").content.decode()
    assert "后续回复：已超时，已告知服务台" in page
    assert Escalation.objects.count() == 2


def test_a_ticket_of_nobody_is_the_supervisors_and_a_new_promise_is_told_anew(
    clock: Any, alice: User, ann: User, sam: User, alpha: Organisation
) -> None:
    policy(sam, **PLAIN)
    ticket = a_ticket(alice, alpha)
    due(ticket)
    clock(hour=17)
    sweep()
    assert told(ticket) == ["sla.warned"]
    assert (hears(sam, "sla.warned"), hears(ann, "sla.warned")) == ({"in_app", "email"}, set())
    services.comment(ticket=ticket, body="正在核实", by=ann)
    assert due(ticket) == at(day=1, hour=17)
    clock(day=1, hour=17, minute=30)
    sweep()
    assert told(ticket) == ["sla.warned", "sla.breached"]  # the warning of this one came too late to say anything
    mine = Notification.objects.visible_to(sam).filter(channel="email").order_by("pk").last()
    assert compose(mine).subject.endswith("已超时")


def test_nothing_is_told_while_the_clock_stands_and_nothing_without_a_policy(
    clock: Any, alice: User, ann: User, sam: User, alpha: Organisation
) -> None:
    plain = a_ticket(alice, alpha)
    due(plain)
    assert not Watch.objects.exists()
    clock(minute=1)
    policy(sam, **PLAIN)
    ticket = a_ticket(alice, alpha)
    due(ticket)
    assert Watch.objects.get().look_at == at(hour=16, minute=31)
    services.act(ticket=ticket, action="ask", by=ann, data={"body": "请补充"})
    due(ticket)
    assert Watch.objects.get().look_at is None
    clock(day=3, hour=10)
    assert sweep() == 0
