"""Slices, leases, kills, cancelling; and what the desk does with many items at once."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, LostRace, NotNow, Unavailable
from tests.batches.lists import a_list, filed
from tests.cases import looked_up
from tickets import services
from tickets.batches import services as batches
from tickets.batches import tasks, work
from tickets.batches.models import Batch, BatchRow
from tickets.checks.models import Check
from tickets.evidence import store
from tickets.evidence.models import Evidence
from tickets.models import Event, TicketInvoice

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "CHUNK", 2)


# Slices, leases, kills


@pytest.fixture
def _no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are lost: only what a test does is done."""
    monkeypatch.setattr(batches, "ON_COMMIT", [])


@pytest.mark.usefixtures("_no_worker")
def test_a_list_is_worked_at_in_slices_and_stands_where_it_was_left(alpha: Organisation, alice: User) -> None:
    batch = a_list(alpha, alice, 5)
    turns = 0
    while work.work(batch.pk, seconds=0):
        turns += 1
        batch.refresh_from_db()
        assert batch.rows == batch.lines.count() == min(5, 2 * turns)
        assert batch.taken_at is None
    batch.refresh_from_db()
    assert (batch.state, batch.rows, turns) == ("checked", 5, 3)
    filed(batch, alice)
    turns = 0
    while work.work(batch.pk, seconds=0):
        turns += 1
    batch.refresh_from_db()
    assert (batch.state, batch.filed, TicketInvoice.objects.count(), turns) == ("filed", 5, 5, 3)


@pytest.mark.usefixtures("_no_worker")
@pytest.mark.parametrize("at", ["checking", "filing"])
def test_a_worker_that_dies_leaves_whole_chunks_and_the_sweep_goes_on(
    at: str, alpha: Organisation, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = a_list(alpha, alice, 5)
    model: Any = BatchRow if at == "checking" else TicketInvoice
    if at == "filing":
        assert not work.work(batch.pk)
        batch.refresh_from_db()
        filed(batch, alice)
    made, calls = model.objects.bulk_create, []

    def dying(rows: Any, **more: Any) -> Any:
        calls.append(1)
        done = made(rows, **more)
        if len(calls) == 2:
            raise SystemExit  # after the rows, before the commit
        return done

    monkeypatch.setattr(type(model.objects), "bulk_create", lambda self, rows, **more: dying(rows, **more))
    with pytest.raises(SystemExit):
        work.work(batch.pk)
    assert model.objects.count() == 2
    assert work.work(batch.pk) is False  # the dead one's lease
    Batch.objects.update(taken_at=timezone.now() - work.LEASE)
    assert work.sweep() == 1
    batch.refresh_from_db()
    assert model.objects.count() == 5
    assert sorted(set(model.objects.values_list("position", flat=True))) == sorted(
        model.objects.values_list("position", flat=True)
    )
    assert batch.state == ("checked" if at == "checking" else "filed")


@pytest.mark.usefixtures("_no_worker")
def test_a_list_that_ends_workers_is_given_up(alpha: Organisation, alice: User) -> None:
    batch = a_list(alpha, alice)
    Batch.objects.update(attempts=work.ATTEMPTS)
    assert not work.work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.failure["code"]) == ("failed", "sheet.unsafe")


@pytest.mark.usefixtures("_no_worker")
def test_cancelling_works_between_two_chunks(alpha: Organisation, alice: User) -> None:
    batch = a_list(alpha, alice, 5)
    assert work.work(batch.pk, seconds=0)
    mine = work._take(batch.pk)
    assert mine
    services.cancel_batch(batch=Batch.objects.get(pk=batch.pk), by=alice)
    with pytest.raises(LostRace):
        work._check_rows(mine, work.Sheet(store.read_blob(mine.evidence.blob)), 0)
    assert not work.work(batch.pk)
    assert batch.lines.count() == 2


@pytest.mark.usefixtures("_no_worker")
def test_cancelling_while_it_is_filed_withdraws_the_ticket(alpha: Organisation, alice: User) -> None:
    batch = a_list(alpha, alice, 5)
    work.work(batch.pk)
    ticket = filed(Batch.objects.get(pk=batch.pk), alice)
    assert work.work(batch.pk, seconds=0)
    services.cancel_batch(batch=Batch.objects.select_related("ticket").get(pk=batch.pk), by=alice)
    ticket.refresh_from_db()
    assert ticket.status == "withdrawn"
    assert not work.work(batch.pk)


@pytest.mark.usefixtures("_no_worker")
def test_a_ticket_that_is_withdrawn_ends_the_filing(alpha: Organisation, alice: User, ann: User) -> None:
    batch = a_list(alpha, alice, 5)
    work.work(batch.pk)
    ticket = filed(Batch.objects.get(pk=batch.pk), alice)
    with pytest.raises(NotNow) as refusal:
        services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "unknown", "resolution": "x"})
    assert refusal.value.code == "batch_filing"
    services.act(ticket=ticket, action="withdraw", by=alice)
    assert not work.work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, ticket.invoices.count()) == ("cancelled", 0)


@pytest.mark.usefixtures("_no_worker")
def test_a_file_that_is_not_ready_or_refused(alpha: Organisation, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = a_list(alpha, alice)
    Evidence.objects.update(state="scanning", taken_at=timezone.now())  # somebody else is at it
    assert not work.work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.taken_at, batch.attempts) == ("received", None, 0)

    def down(*_: object) -> bytes:
        raise Unavailable

    Evidence.objects.update(state="clean")
    with monkeypatch.context() as patch:
        patch.setattr(store, "read_blob", down)
        assert not work.work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.taken_at, batch.attempts) == ("received", None, 0)
    Evidence.objects.update(
        state="quarantined",
        refusal={
            "code": "file.virus",
            "text": "The virus scanner found %(name)s in this file.",
            "params": {"name": "EICAR"},
        },
    )
    assert not work.work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.failure["code"]) == ("failed", "file.virus")


@pytest.mark.usefixtures("_no_worker")
def test_one_list_that_fails_does_not_stop_the_sweep(
    alpha: Organisation, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = a_list(alpha, alice), a_list(alpha, alice)
    Batch.objects.update(created_at=timezone.now() - dt.timedelta(minutes=1))
    right = work.work

    def failing(pk: int, *, seconds: float) -> bool:
        if pk == first.pk:
            raise RuntimeError
        return right(pk, seconds=seconds)

    monkeypatch.setattr(work, "work", failing)
    assert tasks.sweep() == 1
    second.refresh_from_db()
    assert second.state == "checked"
    monkeypatch.setattr(work, "SLICE_SECONDS", -1)
    assert tasks.sweep() == 0


def test_the_task_goes_on_until_nothing_is_left(
    alpha: Organisation, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work.work, "__kwdefaults__", {"seconds": 0})
    batch = a_list(alpha, alice, 7)
    assert (batch.state, batch.rows) == ("checked", 7)


# What the desk does with many items at once


def test_many_items_are_set_aside_or_looked_up_with_one_event(alpha: Organisation, alice: User, ann: User) -> None:
    ticket = filed(a_list(alpha, alice, 7), alice)
    some = ticket.invoices.filter(position__in=[1, 2, 3, 5])
    before = Event.objects.count()
    assert services.set_aside_many(ticket=ticket, invoices=some, reason="已作废", by=ann) == 4
    event = Event.objects.get(kind="invoices.set_aside")
    assert (event.data["count"], event.data["positions"], event.is_public) == (4, "1-3, 5", True)
    assert services.set_aside_many(ticket=ticket, invoices=some, reason="已作废", by=ann) == 0
    with pytest.raises(Forbidden):
        services.set_aside_many(ticket=ticket, invoices=some, reason="x", by=alice)
    with pytest.raises(Invalid):
        services.set_aside_many(ticket=ticket, invoices=some, reason=" ", by=ann)
    rest = ticket.invoices.filter(outcome="")
    assert services.look_up_many(ticket=ticket, invoices=rest, told=looked_up("not_found"), by=ann) == 3
    assert Check.objects.count() == 3
    assert (
        services.look_up_many(ticket=ticket, invoices=rest, told=looked_up("not_found"), by=ann) == 0
    )  # twice at once
    later = looked_up("found", ago=dt.timedelta(hours=-0.05))
    assert services.look_up_many(ticket=ticket, invoices=rest, told=later, by=ann) == 3
    assert ticket.invoices.filter(outcome="found").count() == 3
    kinds = list(Event.objects.order_by("pk").values_list("kind", flat=True)[before:])
    assert kinds == ["invoices.set_aside", "checks.recorded", "checks.recorded", "invoices.found"]
    services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "unknown", "resolution": "好了"})


def test_reopening_a_long_list_opens_all_that_was_found_with_one_event(
    alpha: Organisation, alice: User, ann: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tickets.intake.MAX_INVOICES", 2)
    ticket = filed(a_list(alpha, alice, 3), alice)
    services.look_up_many(ticket=ticket, invoices=ticket.invoices.all(), told=looked_up("found"), by=ann)
    services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "unknown", "resolution": "好了"})
    services.act(ticket=ticket, action="reopen", by=alice, data={"body": "还是没有"})
    assert ticket.invoices.filter(outcome="").count() == 3
    assert Event.objects.get(kind="invoices.missing_again").data["positions"] == "1-3"
