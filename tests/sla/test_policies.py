"""Policies as supervisors keep them, and what a ticket is due by them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, Stale
from tests.cases import a_ticket
from tests.sla.test_due import MONDAY, at, due
from tickets import services
from tickets.models import Ticket
from tickets.sla import policies
from tickets.sla.models import PolicyVersion

pytestmark = pytest.mark.django_db
VALUES: dict[str, Any] = {
    "name": "数电普票", "priority": None, "kind": "82", "tier": "", "first_look": 30, "first_response": 120,
    "next_response": None, "resolution": 2250, "pauses": ["waiting_enterprise"], "hours": "09:00-12:00, 13:30-18:00",
    "warn_before": None,
}  # fmt: skip
FORM = {
    "name": "加急", "priority": "1", "kind": "", "tier": "verified", "first_look": "0.5", "next_response": "",
    "pauses": ["waiting_enterprise"], "hours": "09:00-12:00，13:30-20:00", "reason": "征期",
}  # fmt: skip


def policy(by: User, **other: Any) -> PolicyVersion:
    return policies.keep(series=None, seen=0, values=VALUES | other, reason="试行", by=by)


def test_what_is_promised_follows_the_policy_of_its_day(
    clock: Any,
    alice: User,
    ann: User,
    sam: User,
    alpha: Organisation,
) -> None:
    before = a_ticket(alice, alpha)
    assert due(before) == at(hour=18)
    clock(minute=1)
    first = policy(sam)
    clock(minute=2)
    ticket = a_ticket(alice, alpha)
    assert due(ticket) == at(hour=9, minute=32)
    clock(minute=3)
    policies.keep(series=first.series, seen=1, values=VALUES | {"first_look": 60}, reason="太短", by=sam)
    services.assign(ticket=ticket, assignee=ann, by=ann)
    assert due(ticket) == at(hour=11, minute=2)  # the first response, by the version that it was filed under
    assert due(before) == at(hour=18)
    services.act(ticket=Ticket.objects.get(pk=ticket.pk), action="ask", by=ann, data={"body": "请补充"})
    assert due(ticket) is None


def test_a_waiting_that_pauses_nothing_leaves_the_resolution_running(
    clock: Any,
    alice: User,
    ann: User,
    sam: User,
    alpha: Organisation,
    client_of: Callable[..., Any],
) -> None:
    policy(sam, first_look=None, first_response=None)
    ticket = a_ticket(alice, alpha)
    services.act(ticket=ticket, action="accept", by=ann)
    services.act(ticket=ticket, action="refer", by=ann)
    assert due(ticket) == at(day=4, hour=18)  # 37.5 hours: a week of work
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert "2026-11-27 13:30–18:00" in page
    assert "数电普票" in page


def test_each_change_is_a_version_and_the_second_of_two_people_is_told(sam: User, ann: User) -> None:
    one = policy(sam)
    told = {"series": one.series, "values": VALUES, "reason": "x"}
    policies.keep(seen=1, by=sam, **told)
    with pytest.raises(Stale):
        policies.keep(seen=1, by=sam, **told)
    with pytest.raises(Forbidden):
        policies.keep(seen=2, by=ann, **told)
    for wrong in ({"resolution": 0}, {"hours": "9"}, {"kind": "xx"}, {"pauses": ["open"]}, {"name": " "}):
        with pytest.raises(Invalid):
            policies.keep(seen=2, by=sam, **told | {"values": VALUES | wrong})
    assert [row.number for row in policies.history(one.series)] == [2, 1]
    assert [row.number for row in policies.newest()] == [2]


def test_a_supervisor_keeps_policies_on_their_pages(client_of: Callable[..., Any], sam: User) -> None:
    client = client_of(sam)
    assert client.post("/desk/sla/new/", FORM | {"hours": "x"}).status_code == 422
    assert client.post("/desk/sla/new/", FORM | {"first_look": "-1"}).status_code == 422
    assert client.post("/desk/sla/new/", FORM).status_code == 302
    row = PolicyVersion.objects.get()
    assert (row.first_look, row.next_response, row.hours) == (30, None, "09:00-12:00, 13:30-20:00")
    address = f"/desk/sla/{row.series}/"
    assert client.post(address, FORM | {"seen": "1", "first_look": "1", "is_retired": "on"}).status_code == 302
    assert client.post(address, FORM | {"seen": "1"}).status_code == 412
    assert "征期" in client.get(address).content.decode()
    assert "加急" in client.get("/desk/sla/").content.decode()
    assert policies.kept_versions()[-1].is_retired
    assert client.get("/desk/sla/9/").status_code == 404


def test_the_standard_counts_while_nobody_has_written_a_policy(clock: Any, alice: User, alpha: Organisation) -> None:
    assert due(a_ticket(alice, alpha)) == MONDAY + dt.timedelta(hours=9)
