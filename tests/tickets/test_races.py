"""Two at the same moment: one effect, one event, and nothing that the other could not have done after it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from tests.cases import a_file, a_ticket, again, an_invoice, face, looked_up, with_materials
from tests.races import at_once
from tickets import services
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill, BackfillMaterial
from tickets.checks.models import Check, CheckList
from tickets.checks.services import Covers
from tickets.evidence.models import Evidence
from tickets.models import Event, Ticket, TicketInvoice
from tickets.triage import services as triage
from tickets.triage.models import Proposal

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(row: Any) -> Any:
    """The row as another request reads it."""
    return type(row).objects.get(pk=row.pk)


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


@pytest.fixture
def case(ticket: Ticket, ann: User) -> Backfill:
    return backfill.open_backfill(invoice=ticket.invoices.get(), by=ann)


def events(ticket: Ticket, kind: str) -> int:
    return Event.objects.filter(ticket=ticket, kind=kind).count()


def test_numbers_are_given_once(alice: User, alpha: Organisation) -> None:
    claims = [an_invoice() for _ in range(6)]
    assert not at_once(*(lambda claim=claim: a_ticket(alice, alpha, claim) for claim in claims))  # type: ignore[misc]
    numbers = list(Ticket.objects.values_list("number", flat=True))
    assert len(set(numbers)) == 6
    assert None not in numbers


def test_of_two_who_take_a_ticket_one_gets_it(ticket: Ticket, ann: User, abe: User) -> None:
    one, two = fresh(ticket), fresh(ticket)
    refused = at_once(
        lambda: services.assign(ticket=one, assignee=ann, by=ann),
        lambda: services.assign(ticket=two, assignee=abe, by=abe),
    )
    assert [error.code for error in refused] == ["stale"]
    assert events(ticket, "ticket.assigned") == 1


def test_of_two_who_decide_one_does(ticket: Ticket, ann: User, abe: User) -> None:
    triage.propose(ticket=ticket)
    proposal = Proposal.objects.get(ticket=ticket)
    refused = at_once(
        lambda: triage.decide(proposal=fresh(proposal), values={"queue": "data"}, by=ann),
        lambda: triage.decide(proposal=fresh(proposal), values={"queue": "account"}, by=abe),
    )
    assert len(refused) == 1
    assert (events(ticket, "triage.decided"), events(ticket, "ticket.accepted")) == (1, 1)


def test_a_double_click_is_one_look_up(ticket: Ticket, ann: User) -> None:
    invoice, told = ticket.invoices.get(), looked_up("not_found", site="public")
    refused = at_once(*[lambda: services.look_up(invoice=fresh(invoice), told=told, by=ann)] * 4)
    assert [error.code for error in refused] == ["check_twice"] * 3
    assert Check.objects.count() == events(ticket, "check.recorded") == 1


def test_eight_at_once_do_not_use_more_than_five_tries(ticket: Ticket, ann: User) -> None:
    invoice = ticket.invoices.get()
    noon = timezone.localtime(timezone.now(), dt.timezone(dt.timedelta(hours=8))) - dt.timedelta(days=1)
    moments = [noon.replace(hour=12, minute=minute * 5) for minute in range(8)]
    told = [looked_up("not_found", site="public") for _ in moments]
    refused = at_once(
        *(
            lambda at=at, one=one: services.look_up(  # type: ignore[misc]
                invoice=fresh(invoice), told=type(one)(one.site, one.outcome, at), by=ann
            )
            for at, one in zip(moments, told, strict=True)
        )
    )
    assert [error.code for error in refused] == ["tries_used_up"] * 3
    assert Check.objects.count() == 5


def test_two_places_that_find_it_at_once_are_both_kept(ticket: Ticket, ann: User, abe: User) -> None:
    invoice = ticket.invoices.get()
    refused = at_once(
        lambda: services.look_up(invoice=fresh(invoice), told=looked_up("found", site="buyer"), by=ann),
        lambda: services.look_up(invoice=fresh(invoice), told=looked_up("found", site="issuer"), by=abe),
    )
    assert not refused
    assert (Check.objects.count(), events(ticket, "invoice.found")) == (2, 1)


def test_a_list_is_imported_once(ticket: Ticket, ann: User) -> None:
    claim = ticket.invoices.get().claim
    text = f"发票号码,开票日期,价税合计\n{claim.number},{claim.issue_date},{claim.total}\n"
    files = [a_file(ann, text, name="list.csv", purpose="check") for _ in range(3)]
    covers = Covers("authority", timezone.now())
    refused = at_once(*(lambda f=f: services.import_list(evidence=fresh(f), covers=covers, by=ann) for f in files))  # type: ignore[misc]
    assert [error.code for error in refused] == ["list_known"] * 2
    assert (CheckList.objects.count(), Check.objects.count(), events(ticket, "invoice.found")) == (1, 1, 1)


def test_a_list_and_a_person_find_it_at_once(ticket: Ticket, ann: User, abe: User) -> None:
    invoice = ticket.invoices.get()
    text = f"发票号码,开票日期,价税合计\n{invoice.number},{invoice.issue_date},{invoice.total}\n"
    file = a_file(ann, text, name="list.csv", purpose="check")
    refused = at_once(
        lambda: services.import_list(evidence=fresh(file), covers=Covers("authority", timezone.now()), by=ann),
        lambda: services.look_up(invoice=fresh(invoice), told=looked_up("found"), by=abe),
    )
    assert not refused
    assert TicketInvoice.objects.get().outcome == "found"
    assert events(ticket, "invoice.found") == 1


def test_one_backfill_is_opened(ticket: Ticket, ann: User, abe: User) -> None:
    invoice = ticket.invoices.get()
    refused = at_once(
        lambda: backfill.open_backfill(invoice=fresh(invoice), by=ann),
        lambda: backfill.open_backfill(invoice=fresh(invoice), by=abe),
    )
    assert [error.code for error in refused] == ["backfill_open"]
    assert Backfill.objects.count() == events(ticket, "backfill.opened") == 1


def test_a_case_is_not_withdrawn_while_its_backfill_opens(ticket: Ticket, alice: User, ann: User) -> None:
    invoice = ticket.invoices.get()
    refused = at_once(
        lambda: services.act(ticket=fresh(ticket), action="withdraw", by=alice),
        lambda: backfill.open_backfill(invoice=fresh(invoice), by=ann),
    )
    assert len(refused) == 1
    assert fresh(ticket).is_open == Backfill.objects.open().exists()


def test_a_backfill_does_not_open_on_a_stale_invoice(ticket: Ticket, ann: User) -> None:
    stale = TicketInvoice.objects.select_related("ticket").get(ticket=ticket)
    services.look_up(invoice=fresh(stale), told=looked_up("found"), by=ann)
    assert at_once(lambda: backfill.open_backfill(invoice=stale, by=ann))[0].code == "invoice_settled"


def test_one_paper_is_handed_in_by_one_person(case: Backfill, alice: User, bob: User) -> None:
    files = {person: a_file(person) for person in (alice, bob)}
    at_once(
        *(
            lambda who=who: backfill.submit_material(  # type: ignore[misc]
                backfill=fresh(case), kind="statement", evidence_id=files[who].pk, by=who
            )
            for who in files
        )
    )
    paper = BackfillMaterial.objects.get(backfill=case, kind="statement")
    assert events(case.ticket, "backfill.material_submitted") == paper.version - 1
    assert Evidence.objects.filter(ticket=case.ticket).count() == paper.version - 1


def test_no_paper_is_refused_after_all_were_accepted(case: Backfill, alice: User, olga: User, ann: User) -> None:
    for material in case.materials.all():
        backfill.submit_material(backfill=case, kind=material.kind, evidence_id=a_file(alice).pk, by=alice)
        backfill.review_material(backfill=case, kind=material.kind, is_accepted=True, by=olga)
    refused = at_once(
        lambda: backfill.act(backfill=fresh(case), action="accept_materials", by=olga),
        lambda: backfill.review_material(
            backfill=fresh(case), kind="statement", is_accepted=False, reason="缺公章", by=ann
        ),
    )
    assert len(refused) == 1
    paper = BackfillMaterial.objects.get(backfill=case, kind="statement")
    assert (fresh(case).status == "keying") == (paper.state == "accepted")


@pytest.fixture
def to_approve(case: Backfill, alice: User, olga: User, rita: User) -> Backfill:
    with_materials(case, alice, olga)
    backfill.act(backfill=case, action="key", by=olga, data={"fields": face(case)})
    return backfill.act(backfill=case, action="rekey", by=rita, data={"fields": again(case)})


def test_it_is_approved_once(to_approve: Backfill, rita: User) -> None:
    refused = at_once(*[lambda: backfill.act(backfill=fresh(to_approve), action="approve", by=rita)] * 3)
    assert len(refused) == 2
    assert events(to_approve.ticket, "backfill.approved") == 1


def test_an_entry_keyed_anew_is_not_the_one_that_was_read(to_approve: Backfill, rita: User, olga: User) -> None:
    """Same state, other entry: the approval of the old one must not hold for the new one."""
    seen = fresh(to_approve)
    backfill.act(backfill=to_approve, action="send_back", by=rita, data={"reason": "金额看不清"})
    other = {"fields": face(to_approve) | {"seller_name": "另一家公司"}}
    backfill.act(backfill=to_approve, action="key", by=olga, data=other)
    backfill.act(backfill=to_approve, action="rekey", by=rita, data={"fields": again(to_approve)})
    assert at_once(lambda: backfill.act(backfill=seen, action="approve", by=rita))[0].code == "lost_race"
    page = {"backfill": fresh(to_approve), "action": "approve", "by": rita, "version": seen.version}
    assert at_once(lambda: backfill.act(**page))[0].code == "stale"
    assert fresh(to_approve).approved_by is None


def test_an_answer_that_crosses_a_question_ends_the_waiting(ticket: Ticket, alice: User, ann: User) -> None:
    stale = fresh(ticket)
    services.act(ticket=ticket, action="ask", by=ann, data={"body": "请补充日志"})
    services.comment(ticket=stale, body="日志在这里", by=alice)
    assert fresh(ticket).status == "open"
