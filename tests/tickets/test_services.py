"""File, talk, ask, answer, resolve, reopen: what each person can do and what is left behind."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.permissions import OrganisationRole
from helpdesk.common.errors import DomainError, Forbidden, Invalid, LostRace, Missing, NotNow, Stale
from tests.cases import a_file, a_ticket, an_invoice, looked_up
from tests.conftest import person
from tickets import intake, services, workflow
from tickets.invoices.model import Invoice
from tickets.models import Event, Message, Ticket, TicketInvoice
from tickets.vocabulary import Outcome

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


def resolve(ticket: Ticket, by: User) -> Ticket:
    return services.act(ticket=ticket, action="resolve", by=by, data={"cause": "sync_delay", "resolution": "已同步"})


def test_a_filed_ticket_has_a_number_that_can_be_said(ticket: Ticket) -> None:
    assert ticket.number
    assert ticket.number.count("-") == 2
    assert ticket.events.get().kind == "ticket.submitted"


def test_the_same_invoice_twice_in_one_ticket_is_one(alice: User, alpha: Organisation) -> None:
    invoice = an_invoice()
    assert a_ticket(alice, alpha, invoice, invoice).invoices.count() == 1


def test_a_viewer_can_not_file(alpha: Organisation) -> None:
    viewer = person("Vera", "vera@alpha.example")
    Membership.objects.create(user=viewer, organisation=alpha, role=OrganisationRole.VIEWER)
    with pytest.raises(Forbidden):
        a_ticket(viewer, alpha)
    assert not Ticket.objects.exists()


def test_a_stranger_can_not_file_for_another_enterprise(charlie: User, alpha: Organisation) -> None:
    with pytest.raises(Forbidden):
        a_ticket(charlie, alpha)


def test_strangers_files_are_refused_and_nothing_is_stored(alice: User, charlie: User, alpha: Organisation) -> None:
    file = a_file(charlie)
    with pytest.raises(Invalid) as refusal:
        a_ticket(alice, alpha, files=(file,))
    assert refusal.value.errors[0].field == "evidence.0"
    assert not Ticket.objects.exists()


def test_duplicates_are_told_inside_the_enterprise_only(
    alice: User, charlie: User, alpha: Organisation, beta: Organisation
) -> None:
    invoice = an_invoice()
    first = a_ticket(alice, alpha, invoice)
    assert [t.pk for t in intake.open_duplicates(a_ticket(alice, alpha, invoice))] == [first.pk]
    assert not intake.open_duplicates(a_ticket(charlie, beta, invoice)).exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"number": "2.411200000004854e+19"}, "invoices.0.number"),
        ({"seller_tax_id": "!!"}, "invoices.0.seller_tax_id"),
        ({"issue_date": dt.date(2999, 1, 1)}, "invoices.0.issue_date"),
    ],
)
def test_what_can_not_be_true_is_refused_with_its_field(
    alice: User, alpha: Organisation, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        a_ticket(alice, alpha, Invoice(**values))
    assert field in [e.field for e in refusal.value.errors]
    assert not Ticket.objects.exists()


def test_an_incomplete_claim_is_welcome(alice: User, alpha: Organisation) -> None:
    assert a_ticket(alice, alpha, Invoice(seller_name="示例公司")).invoices.get().seller_name == "示例公司"


def test_bob_sees_his_companys_ticket_and_charlie_does_not(ticket: Ticket, bob: User, charlie: User, ann: User) -> None:
    seen = {user.name: Ticket.objects.visible_to(user).count() for user in (bob, charlie, ann)}
    assert seen == {"Bob": 1, "Charlie": 0, "Ann": 1}


def test_an_internal_note_is_the_desks_alone(ticket: Ticket, alice: User, ann: User) -> None:
    services.comment(ticket=ticket, body="查询同批次", by=ann, visibility="internal")
    assert not Message.objects.visible_to(alice).exists()
    assert not Event.objects.visible_to(alice).filter(kind="ticket.noted").exists()
    assert Message.objects.visible_to(ann).get().body == "查询同批次"


def test_an_enterprise_can_not_write_internal_notes(ticket: Ticket, alice: User) -> None:
    with pytest.raises(Forbidden):
        services.comment(ticket=ticket, body="hm", by=alice, visibility="internal")


def test_an_answer_ends_the_waiting(ticket: Ticket, alice: User, ann: User) -> None:
    services.act(ticket=ticket, action="accept", by=ann)
    services.act(ticket=ticket, action="ask", by=ann, data={"body": "请补充上传日志"})
    assert ticket.status == "waiting_enterprise"
    services.comment(ticket=ticket, body="已附上", by=alice, evidence_ids=[a_file(alice).pk])
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert Message.objects.latest("pk").evidence.count() == 1


def test_nothing_is_resolved_before_a_look_up_has_found_it(ticket: Ticket, ann: User) -> None:
    with pytest.raises(NotNow) as refusal:
        resolve(ticket, ann)
    assert refusal.value.code == "invoice_unsettled"
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    assert resolve(ticket, ann).status == "resolved"


def test_a_record_with_other_data_settles_nothing(ticket: Ticket, ann: User) -> None:
    invoice = ticket.invoices.get()
    found = Invoice(number=invoice.number, total=invoice.total + 1)
    check = services.look_up(invoice=invoice, told=looked_up("found", found=found), by=ann)
    assert check.outcome == "differs"
    assert check.differences[0]["field"] == "total"
    assert TicketInvoice.objects.unsettled().count() == 1


def test_an_invoice_can_be_set_aside_with_a_reason(ticket: Ticket, ann: User) -> None:
    with pytest.raises(Invalid):
        services.set_aside(invoice=ticket.invoices.get(), reason=" ", by=ann)
    services.set_aside(invoice=ticket.invoices.get(), reason="对方已红冲", by=ann)
    assert resolve(ticket, ann).status == "resolved"


def test_still_missing_opens_the_matter_again(ticket: Ticket, alice: User, ann: User) -> None:
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    resolve(ticket, ann)
    services.act(ticket=ticket, action="reopen", by=alice, data={"body": "今天又查不到了"})
    assert ticket.status == "open"
    assert ticket.invoices.unsettled().count() == 1


def test_after_the_window_a_new_ticket_is_asked_for(ticket: Ticket, alice: User, ann: User) -> None:
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    resolve(ticket, ann)
    Ticket.objects.filter(pk=ticket.pk).update(resolved_at=timezone.now() - dt.timedelta(days=15))
    ticket.refresh_from_db()
    with pytest.raises(NotNow) as refusal:
        services.act(ticket=ticket, action="reopen", by=alice, data={"body": "还是没有"})
    assert refusal.value.code == "reopen_window"


def test_a_closed_ticket_takes_no_words(ticket: Ticket, alice: User) -> None:
    services.act(ticket=ticket, action="withdraw", by=alice)
    with pytest.raises(NotNow):
        services.comment(ticket=ticket, body="还在吗", by=alice)


@pytest.mark.parametrize(
    ("action", "data", "error"),
    [
        ("fly", {}, Missing),
        ("close", {}, NotNow),
        ("ask", {}, Invalid),
        ("accept", {"colour": "red"}, Invalid),
        ("confirm", {}, Forbidden),
    ],
)
def test_refused_actions_leave_no_trace(
    ticket: Ticket, ann: User, action: str, data: dict[str, str], error: type[DomainError]
) -> None:
    before = ticket.events.count()
    with pytest.raises(error):
        services.act(ticket=ticket, action=action, by=ann, data=data)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.events.count(), ticket.messages.count()) == ("new", before, 0)


def test_the_second_of_two_edits_is_told(ticket: Ticket, ann: User, abe: User) -> None:
    version = ticket.version
    services.update(ticket=ticket, changes={"priority": 1}, by=ann, version=version)
    with pytest.raises(Stale):
        services.update(ticket=ticket, changes={"priority": 4}, by=abe, version=version)
    ticket.refresh_from_db()
    assert ticket.priority == 1


def test_a_move_that_another_made_first_is_a_lost_race(ticket: Ticket, ann: User) -> None:
    other = Ticket.objects.get(pk=ticket.pk)
    workflow.perform(other, "accept", by=ann)
    with pytest.raises(LostRace):
        workflow.perform(ticket, "accept", by=ann)
    assert ticket.events.filter(kind="ticket.accepted").count() == 1


def test_tickets_are_assigned_to_people_of_the_desk_only(ticket: Ticket, ann: User, alice: User) -> None:
    with pytest.raises(Invalid):
        services.assign(ticket=ticket, assignee=alice, by=ann)
    assert services.assign(ticket=ticket, assignee=ann, by=ann).assignee == ann


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_once_one_wins(alice: User, alpha: Organisation, ann: User, abe: User) -> None:
    ticket = a_ticket(alice, alpha)
    results: list[str] = []
    gate = threading.Barrier(2, timeout=10)

    def accept(user: User) -> None:
        mine = Ticket.objects.get(pk=ticket.pk)
        gate.wait()
        try:
            workflow.perform(mine, "accept", by=user)
            results.append("done")
        except DomainError as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=accept, args=[user]) for user in (ann, abe)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(results) == ["done", "lost_race"]
    assert ticket.events.filter(kind="ticket.accepted").count() == 1


def test_waiting_for_the_authority_ends_when_the_desk_goes_on(ticket: Ticket, ann: User) -> None:
    services.act(ticket=ticket, action="accept", by=ann)
    services.act(ticket=ticket, action="refer", by=ann, data={"body": "已转主管税务机关"})
    assert ticket.status == "waiting_authority"
    services.act(ticket=ticket, action="resume", by=ann)
    assert ticket.status == "open"


def test_the_desk_takes_a_resolved_case_up_again(ticket: Ticket, ann: User) -> None:
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    resolve(ticket, ann)
    services.act(ticket=ticket, action="take_up_again", by=ann, data={"body": "记录又消失了，继续处理"})
    assert (ticket.status, ticket.invoices.unsettled().count()) == ("open", 1)


def test_a_matter_ends_once_and_is_opened_again_once(ticket: Ticket, ann: User) -> None:
    one, two = ticket.invoices.get(), ticket.invoices.get()
    workflow.settle(one, Outcome.FOUND, reason="", by=ann)
    with pytest.raises(LostRace):
        workflow.settle(two, Outcome.SET_ASIDE, reason="x", by=ann)
    workflow.unsettle(one, reason="又没了", by=ann)
    with pytest.raises(LostRace):
        workflow.unsettle(two, reason="又没了", by=ann)
    kinds = ["invoice.found", "invoice.missing_again"]
    assert list(ticket.events.filter(kind__startswith="invoice.").values_list("kind", flat=True)) == kinds


def test_a_guarded_move_looks_at_the_row_as_it_is(ticket: Ticket, ann: User, alice: User) -> None:
    """The guards' answer would be about another state than the one that was read."""
    stale = Ticket.objects.get(pk=ticket.pk)
    services.act(ticket=ticket, action="accept", by=ann)
    with pytest.raises(LostRace):
        services.act(ticket=stale, action="withdraw", by=alice)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.events.filter(kind="ticket.withdrawn").count()) == ("open", 0)


def test_the_service_itself_needs_no_permission_and_no_other_moment(ticket: Ticket) -> None:
    assert workflow.may_start(ticket, "accept", by=None).action == "accept"
    with pytest.raises(NotNow):
        workflow.may_start(ticket, "close", by=None)
