"""The ladder by itself: who is asked when, once, and what follows; without a source, a reminder for each time."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import Organisation, User
from helpdesk.common.errors import DomainError, Forbidden, NotNow
from tests.cases import a_ticket, an_invoice, looked_up
from tests.checks import gateway
from tests.checks.gateway import Place
from tests.races import at_once
from tickets import outbox, services
from tickets.checks import calls, http
from tickets.checks import services as checks
from tickets.checks.models import Check, OutboundCall, Recheck
from tickets.models import Event, Ticket, TicketInvoice
from tickets.notifications import services as notifications
from tickets.rechecks import services as rechecks
from tickets.rechecks import tasks

pytestmark = pytest.mark.django_db
HOURS = dt.timedelta(hours=1)


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return follow(a_ticket(alice, alpha, an_invoice(), an_invoice()))


def follow(ticket: Ticket) -> Ticket:
    """Deliver what has happened."""
    for event in Event.objects.filter(ticket=ticket, delivered_at=None).order_by("pk"):
        outbox.deliver(event.pk)
    ticket.refresh_from_db()
    return ticket


def turn_to(ticket: Ticket, past: dt.timedelta = HOURS) -> None:
    """As if the advised time had come; of the clock nobody can wait for."""
    Recheck.objects.filter(invoice__ticket=ticket).update(next_at=timezone.now() - past)


def outcomes(ticket: Ticket) -> list[tuple[str, str]]:
    return [(c.source, c.outcome) for c in Check.objects.filter(ticket=ticket).order_by("pk")]


def test_a_new_case_is_looked_up_by_itself_and_found_records_settle(place: Place, ticket: Ticket) -> None:
    one, two = ticket.invoices.all()
    place.holds(one.claim)
    assert tasks.sweep() == 2
    assert outcomes(ticket) == [("http", "found"), ("http", "not_found")]
    one.refresh_from_db()
    assert one.outcome == "found"
    follow(ticket)
    plans = {plan.invoice_id: plan for plan in Recheck.objects.all()}
    assert plans[one.pk].next_at is None
    assert plans[two.pk].next_at > timezone.now() + 1.9 * HOURS  # type: ignore[operator]
    assert (rechecks.sweep(), len(place.asked)) == (0, 2)  # spacing
    check = Check.objects.get(invoice=two)
    assert (check.by, check.attempts, check.site, check.fault) == (None, 1, "authority", "")
    assert check.took_ms is not None


def test_a_void_record_differs_and_settles_nothing(place: Place, ticket: Ticket) -> None:
    one, two = ticket.invoices.all()
    place.holds(one.claim, two.claim, state="void")
    rechecks.sweep()
    assert outcomes(ticket) == [("http", "differs")] * 2
    assert Check.objects.first().differences == [  # type: ignore[union-attr]
        {"field": "state", "claimed": "normal", "found": "void"}
    ]
    assert not TicketInvoice.objects.exclude(outcome="").exists()


def test_an_outage_is_kept_with_its_reason_and_told_to_nobody(place: Place, ticket: Ticket) -> None:
    place.modes = [gateway.status(500)]
    assert rechecks.run(ticket.invoices.first().pk) is not None  # type: ignore[union-attr]
    check = Check.objects.get()
    assert (check.outcome, check.fault, check.attempts) == ("unavailable", "status_5xx", 2)
    assert not Event.objects.get(kind="check.recorded").is_public
    plan = Recheck.objects.get(invoice=check.invoice)
    assert dt.timedelta(minutes=29) < plan.next_at - timezone.now() <= dt.timedelta(minutes=30)  # type: ignore[operator]


def test_equal_answers_fill_no_enterprise_history(place: Place, ticket: Ticket) -> None:
    for _ in range(3):
        turn_to(ticket)
        rechecks.sweep()
    events = Event.objects.filter(kind="check.recorded", data__invoice=ticket.invoices.first().pk).order_by("pk")  # type: ignore[union-attr]
    assert [event.is_public for event in events] == [True, False, False]


def test_nothing_is_asked_of_ended_cases_and_settled_invoices(place: Place, ticket: Ticket, ann: User) -> None:
    one, two = ticket.invoices.all()
    services.set_aside(invoice=one, reason="作废", by=ann)
    turn_to(ticket)
    assert rechecks.run(one.pk) is None
    services.act(ticket=ticket, action="withdraw", by=ticket.requester)
    assert rechecks.run(two.pk) is None
    assert rechecks.sweep() == 0
    assert place.asked == []
    follow(ticket)
    assert not Recheck.objects.exclude(next_at=None).exists()


def test_a_sweep_takes_one_portion(
    place: Place, alice: User, alpha: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(a_ticket(alice, alpha, *(an_invoice() for _ in range(5))))
    monkeypatch.setattr(rechecks, "BATCH", 2)
    assert [rechecks.sweep() for _ in range(4)] == [2, 2, 1, 0]
    assert len({asked["identity"] for asked in place.asked}) == 5


def test_the_sweep_stops_when_the_source_does_not_answer(place: Place, alice: User, alpha: Organisation) -> None:
    place.modes = [gateway.status(400)]
    ticket = follow(a_ticket(alice, alpha, *(an_invoice() for _ in range(8))))
    assert rechecks.sweep() == 5
    assert len(place.asked) == 5
    turn_to(ticket)
    assert rechecks.sweep() == 0
    invoice = ticket.invoices.last()
    assert rechecks.run(invoice.pk) is None  # type: ignore[union-attr]
    plan = Recheck.objects.get(invoice=invoice)
    assert plan.leased_until is None
    assert plan.next_at == http.BREAKER.rests_until()
    assert Check.objects.count() == 5


def test_a_number_that_is_not_complete_is_not_asked_for(place: Place, alice: User, alpha: Organisation) -> None:
    ticket = follow(a_ticket(alice, alpha, type(an_invoice())(number="12345678")))
    assert rechecks.sweep() == 0
    turn_to(ticket)
    assert rechecks.run(ticket.invoices.get().pk) is None
    with pytest.raises(NotNow) as refused:
        rechecks.request(invoice=ticket.invoices.get(), by=alice)
    assert refused.value.code == "no_identity"


def test_a_dead_workers_row_comes_back(place: Place, ticket: Ticket) -> None:
    pk = ticket.invoices.first().pk  # type: ignore[union-attr]
    Recheck.objects.filter(invoice=pk).update(leased_until=timezone.now() + HOURS)
    assert rechecks.run(pk) is None
    Recheck.objects.filter(invoice=pk).update(leased_until=timezone.now() - HOURS)
    assert rechecks.run(pk) is not None
    assert len(place.asked) == 1


def test_one_bad_row_does_not_stop_the_others(place: Place, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    real, first = services.keep_answer, ticket.invoices.first()

    def failing(**given: Any) -> Check:
        if given["invoice"] == first:
            raise RuntimeError("bad row")
        return real(**given)

    monkeypatch.setattr(services, "keep_answer", failing)
    assert rechecks.sweep() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_ask_once(place: Place, alice: User, alpha: Organisation) -> None:
    ticket = follow(a_ticket(alice, alpha))
    pk = ticket.invoices.get().pk
    place.modes = [gateway.sound]
    assert at_once(*[lambda: rechecks.run(pk)] * 4) == []
    assert (len(place.asked), Check.objects.count()) == (1, 1)


# The button


def refusal(invoice: TicketInvoice, by: User) -> DomainError:
    with pytest.raises(DomainError) as refused:
        rechecks.request(invoice=TicketInvoice.objects.select_related("ticket").get(pk=invoice.pk), by=by)
    return refused.value


def test_a_person_has_it_asked_and_then_not_too_soon(
    place: Place, ticket: Ticket, alice: User, ann: User, django_capture_on_commit_callbacks: Any
) -> None:
    one, two = ticket.invoices.all()
    with django_capture_on_commit_callbacks(execute=True):
        rechecks.request(invoice=one, by=alice)
        assert refusal(one, ann).code == "check_running"
    assert Check.objects.get().by == alice
    assert Event.objects.get(kind="check.recorded").is_public
    too_soon = refusal(one, ann)
    assert isinstance(too_soon, rechecks.TooSoon)
    assert (too_soon.status, too_soon.code) == (409, "too_soon")
    assert 7000 < too_soon.retry_after <= 7200
    place.holds(two.claim)
    with django_capture_on_commit_callbacks(execute=True):
        rechecks.request(invoice=two, by=ann)
    assert refusal(two, ann).code == "settled"


def test_a_lost_message_is_made_up_by_the_sweep(place: Place, ticket: Ticket, alice: User) -> None:
    invoice = ticket.invoices.first()
    Recheck.objects.update(next_at=timezone.now() + HOURS)
    rechecks.request(invoice=invoice, by=alice)  # type: ignore[arg-type]
    assert rechecks.sweep() == 1
    assert Check.objects.get().by == alice
    assert Recheck.objects.get(invoice=invoice).asked_by is None


def test_who_may_press_it(place: Place, ticket: Ticket, charlie: User, rita: User, kate: User) -> None:
    invoice = ticket.invoices.first()
    assert isinstance(refusal(invoice, charlie), Forbidden)  # type: ignore[arg-type]
    assert isinstance(refusal(invoice, kate), Forbidden)  # type: ignore[arg-type]
    rechecks.request(invoice=invoice, by=rita)  # type: ignore[arg-type]


def test_the_button_says_why_it_does_nothing(place: Place, ticket: Ticket, ann: User, settings: Any) -> None:
    one, two = ticket.invoices.all()
    services.look_up(invoice=one, told=looked_up("differs"), by=ann)
    assert refusal(one, ann).code == "too_soon"
    for _ in range(5):
        http.BREAKER.failed()
    assert refusal(two, ann).code == "too_soon"
    settings.CHECK_URL = ""
    assert refusal(two, ann).code == "no_source"


# Without a source


def test_people_are_reminded_once_for_each_time(ticket: Ticket, ann: User, alice: User) -> None:
    services.assign(ticket=ticket, assignee=ann, by=ann)
    assert rechecks.sweep() == 0  # what can be done at once is no appointment
    for invoice in ticket.invoices.all():
        services.look_up(invoice=invoice, told=looked_up("not_found"), by=ann)
    follow(ticket)
    assert rechecks.sweep() == 0
    turn_to(ticket)
    assert (rechecks.sweep(), rechecks.sweep()) == (1, 0)
    event = Event.objects.get(kind="check.due")
    assert event.data == {"count": 2, "numbers": [str(i) for i in ticket.invoices.all()]}
    follow(ticket)
    told = notifications.inbox(user=alice).first()
    assert "可以重新查验了" in notifications.subject(told)  # type: ignore[arg-type]
    assert notifications.inbox(user=ann).filter(event=event).exists()
    notifications.sweep()
    letter = next(m for m in mail.outbox if str(ticket.invoices.first()) in m.body)
    assert f"/tickets/{ticket.number}/" in letter.body
    services.comment(ticket=ticket, body="还在等", by=alice)
    follow(ticket)
    assert rechecks.sweep() == 0
    turn_to(ticket, 2 * HOURS)
    assert rechecks.sweep() == 1  # another time


def plans(ticket: Ticket) -> dict[int, tuple[Any, bool]]:
    """Of each invoice when it is to be looked up next ("now", a moment or never), and whether people know of it."""
    now, found = timezone.now(), {}
    for row in Recheck.objects.filter(invoice__ticket=ticket).select_related("invoice"):
        at = "now" if row.next_at and row.next_at <= now else row.next_at
        found[row.invoice.position] = (at, at == "now" and row.reminded_for == row.next_at)
    return found


def test_a_long_list_is_planned_as_a_short_one(
    alice: User, alpha: Organisation, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localdate()
    dated = [an_invoice() for _ in range(4)] + [
        dataclasses.replace(an_invoice(), issue_date=day)
        for day in (today, today, today, today, today - dt.timedelta(days=9))
    ]
    monkeypatch.setattr(checks, "FEW", 1)
    ticket = a_ticket(alice, alpha, *dated)
    for position, day in ((7, today + dt.timedelta(days=1)), (8, None)):
        ticket.invoices.filter(position=position).update(issue_date=day)

    def planned() -> dict[int, tuple[Any, bool]]:
        """What a long list has come to, after holding it against a short one's plan from scratch and anew."""
        follow(ticket)
        long, first = plans(ticket), ticket.advised_until
        with monkeypatch.context() as patch:
            patch.setattr(checks, "FEW", 200)
            checks.plan_ticket(ticket)
        ticket.refresh_from_db()
        assert plans(ticket) == long
        assert first == ticket.advised_until or max(first, ticket.advised_until) <= timezone.now()  # type: ignore[type-var]
        checks.plan_ticket(ticket)
        assert plans(ticket) == long
        return long

    begun = planned()
    assert [begun[n][0] for n in (1, 8, 9)] == ["now"] * 3
    assert begun[5] == begun[6]
    assert begun[5][0] > timezone.now()
    rows = ticket.invoices.order_by("position")
    services.look_up_many(ticket=ticket, invoices=rows.filter(position__lt=4), told=looked_up("not_found"), by=ann)
    assert planned()[2][0] > timezone.now() + HOURS
    services.look_up(invoice=rows[7], told=looked_up("not_found"), by=ann)
    assert planned()[8][0] > timezone.now() + HOURS
    services.set_aside_many(ticket=ticket, invoices=rows.filter(position=2), reason="已作废", by=ann)
    services.look_up_many(
        ticket=ticket, invoices=rows.filter(position=3), told=looked_up("found", site="issuer"), by=ann
    )
    assert [planned()[n][0] for n in (2, 3)] == [None, None]
    Recheck.objects.filter(invoice__in=rows.filter(position__in=(1, 4))).update(missing_since=timezone.now() + HOURS)
    checks.plan_ticket(ticket)
    assert planned()[1] == ("now", True)
    Recheck.objects.update(next_at=timezone.now() + 9 * HOURS)
    checks.plan_ticket(ticket)
    assert planned()[9] == ("now", True)
    services.act(ticket=ticket, action="withdraw", by=alice)
    assert {at for at, _known in planned().values()} == {None}


def test_a_reminder_names_the_first_of_many(ticket: Ticket, ann: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rechecks, "NAMED", 1)
    rows = ticket.invoices.all()
    services.look_up_many(ticket=ticket, invoices=rows, told=looked_up("not_found"), by=ann)
    follow(ticket)
    turn_to(ticket)
    assert (rechecks.sweep(), rechecks.sweep()) == (1, 0)
    assert Event.objects.get(kind="check.due").data == {"count": 2, "numbers": [str(rows[0])]}


def test_a_case_from_before_is_taken_over(alice: User, alpha: Organisation) -> None:
    ticket = follow(a_ticket(alice, alpha))
    Recheck.objects.all().delete()
    rechecks.sweep()
    assert Recheck.objects.get().invoice == ticket.invoices.get()


# Still missing


def found(ticket: Ticket, by: User) -> TicketInvoice:
    for invoice in ticket.invoices.all():
        services.look_up(invoice=invoice, told=looked_up("found"), by=by)
    follow(ticket)
    return ticket.invoices.select_related("ticket").first()  # type: ignore[return-value]


def test_still_missing_opens_the_same_item_while_the_ticket_is_open(
    ticket: Ticket, ann: User, alice: User, charlie: User
) -> None:
    invoice = found(ticket, ann)
    assert ticket.advised_until is None
    with pytest.raises(Forbidden):
        services.still_missing(invoice=invoice, note="没有", by=charlie)
    services.still_missing(invoice=invoice, note="仍查不到", by=alice)
    follow(ticket)
    assert invoice.outcome == ""
    plan = Recheck.objects.get(invoice=invoice)
    assert plan.missing_since is not None
    assert plan.next_at is not None  # found before, and looked up again now
    assert ticket.advised_until is not None
    with pytest.raises(NotNow):
        services.still_missing(invoice=invoice, note="仍查不到", by=alice)
    services.look_up(invoice=invoice, told=looked_up("found", site="issuer"), by=ann)
    assert TicketInvoice.objects.get(pk=invoice.pk).outcome == "found"


@pytest.mark.parametrize("name", ["alice", "ann"])
def test_still_missing_reopens_an_ended_ticket_with_that_item_alone(
    name: str, ticket: Ticket, ann: User, alice: User
) -> None:
    invoice = found(ticket, ann)
    services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "sync_delay", "resolution": "已同步"})
    invoice.refresh_from_db()
    again = TicketInvoice.objects.select_related("ticket").get(pk=invoice.pk)
    services.still_missing(invoice=again, note="仍查不到", by={"alice": alice, "ann": ann}[name])
    follow(ticket)
    assert ticket.status == "open"
    assert [i.outcome for i in ticket.invoices.all()] == ["", "found"]


def test_the_mail_of_a_found_record_leads_to_still_missing(ticket: Ticket, ann: User, settings: Any) -> None:
    invoice = found(ticket, ann)
    notifications.sweep()
    letters = [m.body for m in mail.outbox if "/still-missing/" in m.body]
    assert any(f"{settings.SITE_URL}/checks/{invoice.pk}/still-missing/" in body for body in letters)


# The log


def test_the_log_forgets(place: Place, ticket: Ticket, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    rechecks.sweep()
    assert OutboundCall.objects.count() == 2
    monkeypatch.setattr(calls, "BATCH", 1)
    OutboundCall.objects.update(at=timezone.now() - dt.timedelta(days=settings.OUTBOUND_LOG_DAYS + 1))
    assert [calls.forget() for _ in range(3)] == [1, 1, 0]
