"""Tickets that wait for an incident: attached, told by one update, looked up again when it is over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, NotNow
from kb.status import seed
from kb.status import services as board
from kb.status.models import Incident
from tests.cases import a_ticket, an_invoice
from tests.status.cases import an_incident
from tickets import services as tickets
from tickets.checks.models import Recheck
from tickets.incidents import services
from tickets.incidents.models import IncidentNotice, IncidentTicket
from tickets.models import Event, Message, Ticket

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]


@pytest.fixture
def incident(sam: User) -> Incident:
    seed.load()
    given = an_incident(kinds=["digital_ordinary"], situations=["no_record"])
    return board.open_incident(given=given, by=sam)


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha, an_invoice())


def test_what_fits_is_offered_and_attached_with_a_click(
    incident: Incident, ticket: Ticket, ann: User, alice: User, client_of: Browser
) -> None:
    desk, address = client_of(ann), f"/desk/tickets/{ticket.number}/"
    assert "关联此故障" in desk.get(address).content.decode()
    assert desk.post(f"{address}incident/", {"incident": incident.pk}).status_code == 302
    page = client_of(alice).get(f"/tickets/{ticket.number}/").content.decode()
    assert page.count(f"/status/incidents/{incident.pk}/") >= 2  # the banner, and the ticket's own line
    assert "已关联故障" in page
    assert ticket.number in desk.get(f"/desk/status/incidents/{incident.pk}/tickets/").content.decode()
    assert (
        ticket.number
        in desk.get(f"/desk/status/incidents/{incident.pk}/tickets/", headers={"hx-request": "true"}).content.decode()
    )
    desk.post(f"{address}incident/", {"incident": ""})
    assert not IncidentTicket.objects.exists()
    kinds = Event.objects.filter(ticket=ticket, kind__startswith="incident.").values_list("kind", flat=True)
    assert list(kinds) == ["incident.attached", "incident.detached"]


@pytest.mark.parametrize(
    ("situation", "kinds", "fits"),
    [
        ("no_record", ["82"], True), ("no_record", ["01", "82"], True), ("no_record", ["81"], False),
        ("delayed", ["82"], False), ("no_record", [], False), ("no_record", ["nonsense"], False),
    ],
)  # fmt: skip
def test_fitting(incident: Incident, situation: str, kinds: list[str], *, fits: bool) -> None:
    assert bool(services.fitting(situation=situation, kinds=kinds)) is fits


def test_one_update_answers_all_and_each_once(
    incident: Incident, sam: User, ann: User, alice: User, charlie: User, alpha: Organisation, beta: Organisation
) -> None:
    cases = [a_ticket(alice, alpha, an_invoice()), a_ticket(charlie, beta, an_invoice())]
    closed, late = a_ticket(alice, alpha, an_invoice()), a_ticket(alice, alpha, an_invoice())
    charlie.language = "en"
    charlie.save(update_fields=["language"])
    for one in (*cases, closed):
        services.attach(ticket=one, incident=incident, by=ann)
    tickets.act(ticket=closed, action="withdraw", by=alice)
    silent = board.post_update(incident=incident, body="内部还在查", by=sam)
    update = board.post_update(incident=incident, action="identify", body="网关故障", tells_tickets=True, by=sam)
    services.attach(ticket=late, incident=incident, by=ann)
    assert services.pass_on(silent.pk) == 0
    assert services.pass_on(update.pk) == 2
    assert services.pass_on(update.pk) == services.sweep() == 0
    said = Message.objects.order_by("ticket")
    assert [(m.ticket, m.author, m.visibility) for m in said] == [(one, sam, "public") for one in cases]
    assert said[0].body == "关于“乐企上传超时”（已定位）：\n\n网关故障"
    assert said[1].body.startswith("About “Leqi uploads time out” (Cause found):")
    assert Event.objects.filter(kind="ticket.commented").count() == 2


def test_the_sweep_makes_up_for_a_message_that_was_lost(
    incident: Incident, ticket: Ticket, sam: User, ann: User
) -> None:
    services.attach(ticket=ticket, incident=incident, by=ann)
    board.post_update(incident=incident, body="仍在处理", tells_tickets=True, by=sam)  # not committed: nobody was told
    assert not Message.objects.exists()
    assert [services.sweep(), services.sweep()] == [1, 0]
    assert Message.objects.count() == IncidentNotice.objects.count() == 1


def test_when_it_is_over_every_open_invoice_is_looked_up_again(
    incident: Incident, ticket: Ticket, sam: User, ann: User
) -> None:
    services.attach(ticket=ticket, incident=incident, by=ann)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    Recheck.objects.update_or_create(invoice=ticket.invoices.get(), defaults={"next_at": tomorrow})
    update = board.post_update(incident=incident, action="recover", body="已恢复", by=sam)
    assert services.pass_on(update.pk) == 1
    assert Recheck.objects.get().next_at <= timezone.now()
    ticket.refresh_from_db()
    assert ticket.advised_until is not None
    assert ticket.advised_until <= timezone.now()
    assert not Message.objects.exists()  # nobody asked for words


def test_posting_reaches_the_tickets_by_itself(
    incident: Incident,
    ticket: Ticket,
    sam: User,
    ann: User,
    client_of: Browser,
    django_capture_on_commit_callbacks: Any,
) -> None:
    services.attach(ticket=ticket, incident=incident, by=ann)
    sent = {"action": "monitor", "body": "正在恢复", "tells_tickets": "on"}
    with django_capture_on_commit_callbacks(execute=True):
        client_of(sam).post(f"/desk/status/incidents/{incident.pk}/", sent)
    assert "正在恢复" in Message.objects.get(ticket=ticket).body


def test_who_may_attach_and_when(
    incident: Incident, ticket: Ticket, sam: User, ann: User, olga: User, alice: User
) -> None:
    for who in (olga, alice):
        with pytest.raises(Forbidden):
            services.attach(ticket=ticket, incident=incident, by=who)
    assert services.attach(ticket=ticket, incident=incident, by=ann) == services.attach(
        ticket=ticket, incident=incident, by=sam
    )
    assert Event.objects.filter(kind="incident.attached").count() == 1
    board.post_update(incident=incident, action="recover", body="好了", by=sam)
    other = board.open_incident(given=an_incident(), by=sam)
    services.attach(ticket=ticket, incident=other, by=ann)
    with pytest.raises(NotNow):
        services.attach(ticket=ticket, incident=incident, by=ann)
    tickets.act(ticket=ticket, action="withdraw", by=alice)
    with pytest.raises(NotNow):
        services.attach(ticket=ticket, incident=other, by=ann)


def test_the_form_and_the_diagnosis_say_so_first(incident: Incident, alice: User, client_of: Browser) -> None:
    browser = client_of(alice)
    browser.post("/tickets/new/", {"symptom": "no_record"})
    Incident.objects.update(kinds=[], situations=[])
    assert "可能与已知故障有关" in browser.get("/tickets/new/details/").content.decode()
    page = client_of(None).get("/diagnose/?who=door&door=down").content.decode()
    assert "已知故障" in page
    assert f"/status/incidents/{incident.pk}/" in page
