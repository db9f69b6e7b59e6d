"""Who is told what: every rule speaks of an event that happens, in a text that can be said."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Organisation, User
from tests.architecture.source import modules
from tests.cases import a_ticket, again, face, looked_up, with_materials
from tickets import services
from tickets.backfill import services as backfill
from tickets.backfill.lifecycle import LIFECYCLE as BACKFILL
from tickets.lifecycle import LIFECYCLE as TICKET
from tickets.models import Event, Ticket
from tickets.notifications.models import Notification
from tickets.notifications.rules import ASSIGNEE, DEFAULTS, DESK, MINDERS, PERSON, REQUESTER, RULES, TOPICS
from tickets.notifications.services import subject
from tickets.outbox import deliver


def test_every_rule_speaks_of_an_event_that_the_code_writes() -> None:
    texts = {n.value for tree in modules().values() for n in ast.walk(tree) if isinstance(n, ast.Constant)}
    written = {t.event for table in (TICKET, BACKFILL) for t in table} | {"invoice.found", "invoice.set_aside"}
    assert all(kind in written or kind in texts for kind in RULES)


def test_what_an_enterprise_is_told_of_it_may_see() -> None:
    hidden = {t.event for table in (TICKET, BACKFILL) for t in table if not t.public}
    assert not [kind for kind, rules in RULES.items() if kind in hidden and any(r.to == REQUESTER for r in rules)]


def test_every_rule_has_a_known_topic_and_a_text_that_can_be_said() -> None:
    for rules in RULES.values():
        assert len({rule.to for rule in rules}) == len(rules)
        for rule in rules:
            assert rule.topic in TOPICS
            assert rule.to in {REQUESTER, ASSIGNEE, DESK, MINDERS, PERSON}
            assert "26-00042-7" in rule.text % {"ticket": "26-00042-7", "number": "1", "count": 5}
            assert set(re.findall(r"%\((\w+)\)", rule.text)) <= {"ticket", "number", "count"}


def test_all_channels_are_on_until_somebody_decides() -> None:
    assert set(DEFAULTS) == set(TOPICS)
    assert all(channels == {"in_app", "email"} for channels in DEFAULTS.values())


# What arrives


def told(ticket: Ticket, who: User) -> list[str]:
    """The lines in the person's inbox, oldest first."""
    for event in Event.objects.filter(ticket=ticket, delivered_at=None).order_by("pk"):
        deliver(event.pk)
    rows = Notification.objects.filter(recipient=who, channel="in_app").select_related("event__ticket").order_by("pk")
    return [subject(row).replace(ticket.number, "T") for row in rows]


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


Act = Callable[..., Any]


@pytest.mark.django_db
def test_the_enterprise_hears_of_every_step_of_its_case(ticket: Ticket, alice: User, ann: User, settings: Any) -> None:
    settings.LANGUAGE_CODE = "en"
    act: Act = lambda action, **data: services.act(ticket=ticket, action=action, by=ann, data=data)  # noqa: E731
    act("accept")
    act("ask", body="请补充")
    act("resume")
    act("refer", body="已转交")
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    act("resolve", cause="sync_delay", resolution="已同步")
    act("take_up_again", body="又没了")
    kinds = list(Event.objects.filter(ticket=ticket).values_list("kind", flat=True))
    lines = told(ticket, alice)
    known = [kind for kind in kinds if any(rule.to == REQUESTER for rule in RULES.get(kind, ()))]
    wanted = ["submitted", "asked", "referred", "resolved", "reopened"]
    assert [kind for kind in known if kind != "invoice.found"] == [f"ticket.{name}" for name in wanted]
    assert len(lines) == len(known)


@pytest.mark.django_db
def test_the_agent_hears_when_the_enterprise_acts(ticket: Ticket, alice: User, ann: User) -> None:
    services.assign(ticket=ticket, assignee=ann, by=ann)
    ticket.refresh_from_db()
    services.comment(ticket=ticket, body="在吗", by=alice)
    services.act(ticket=ticket, action="ask", by=ann, data={"body": "请补充"})
    services.comment(ticket=ticket, body="给你", by=alice)
    services.act(ticket=Ticket.objects.get(), action="withdraw", by=alice)
    assert len(told(ticket, ann)) == 3


@pytest.mark.django_db
def test_the_enterprise_hears_of_every_step_of_a_backfill(
    ticket: Ticket, alice: User, ann: User, olga: User, rita: User
) -> None:
    case = backfill.open_backfill(invoice=ticket.invoices.get(), by=ann)
    backfill.act(backfill=case, action="cancel", by=ann, data={"reason": "对方已重新上传"})
    case = backfill.open_backfill(invoice=ticket.invoices.get(), by=ann)
    with_materials(case, alice, olga)
    backfill.act(backfill=case, action="key", by=olga, data={"fields": face(case)})
    backfill.act(backfill=case, action="rekey", by=rita, data={"fields": again(case)})
    backfill.act(backfill=case, action="approve", by=rita)
    backfill.act(backfill=case, action="hand_over", by=olga, data={"department": "第一税务所"})
    backfill.act(backfill=case, action="record_receipt", by=olga, data={"receipt_number": "1"})
    lines = told(ticket, alice)
    assert len(lines) == 6  # received, opened, cancelled, opened, handed over, receipt
    assert all(case.invoice.number in line for line in lines[1:])
