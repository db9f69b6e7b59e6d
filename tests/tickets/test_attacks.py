"""Texts and numbers that nobody means well with: refused by name, nothing half-stored, on both databases."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, NotNow, Stale
from tests.cases import a_file, a_ticket, an_invoice, looked_up
from tickets import drafts, services
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.checks.models import Check
from tickets.checks.services import Covers
from tickets.checks.sources import LookUp
from tickets.invoices.model import Invoice
from tickets.models import Draft, Event, Message, Ticket
from tickets.search import search_tickets
from tickets.services import NewTicket

pytestmark = pytest.mark.django_db
NUL, LONE = "a\x00b", "a\ud800b"
UNUSABLE = pytest.mark.parametrize("text", [NUL, LONE], ids=["nul", "surrogate"])
STRANGE = "发票 🧾🀄 \u202eEVIL\u202c \u200f‏שלום e\u0301 𠮷"
Browser = Callable[[User], Client]


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


def wrong(refusal: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [error.field for error in refusal.value.errors]


# Texts


@UNUSABLE
def test_no_field_of_a_submission_takes_what_can_not_be_stored(text: str, alice: User, alpha: Organisation) -> None:
    claims = (
        Invoice(seller_name=text),
        Invoice(buyer_name=text),
        Invoice(check_code=text),
        Invoice(digital_number=text),
    )
    new = NewTicket(
        subject=text, symptom="no_record", description=text, software=text, software_version=text,
        tried=("waited", text), invoices=claims,
    )  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        services.submit(new=new, organisation=alpha, by=alice)
    fields = {"subject", "description", "software", "software_version", "tried.1", "invoices.0.seller_name"}
    assert fields | {"invoices.1.buyer_name"} <= set(wrong(refusal))
    assert not Ticket.objects.exists()


@UNUSABLE
def test_no_later_text_takes_it_either(text: str, ticket: Ticket, alice: User, ann: User) -> None:
    invoice, before = ticket.invoices.get(), Event.objects.count()
    attempts: dict[str, Callable[[], Any]] = {
        "body": lambda: services.comment(ticket=ticket, body=text, by=alice),
        "body ": lambda: services.act(ticket=ticket, action="ask", by=ann, data={"body": text}),
        "reason": lambda: services.set_aside(invoice=invoice, reason=text, by=ann),
        "note": lambda: services.look_up(invoice=invoice, told=looked_up("found", note=text), by=ann),
        "subject": lambda: services.update(ticket=ticket, changes={"subject": text}, by=alice, version=1),
        "software": lambda: services.update(ticket=ticket, changes={"software": text}, by=alice, version=1),
        "resolution": lambda: services.act(
            ticket=ticket, action="resolve", by=ann, data={"cause": "format", "resolution": text}
        ),
        "article": lambda: services.act(
            ticket=ticket, action="resolve", by=ann, data={"cause": "format", "resolution": "x", "article": text}
        ),
    }
    for field, attempt in attempts.items():
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert wrong(refusal) == [field.strip()]
    ticket.refresh_from_db()
    assert (ticket.status, ticket.version, Event.objects.count()) == ("new", 1, before)
    assert not Message.objects.exists()
    assert not Check.objects.exists()


@pytest.mark.parametrize(
    ("field", "limit"), [("subject", 200), ("description", 20_000), ("software", 80), ("software_version", 40)]
)
def test_a_text_is_as_long_as_its_column(field: str, limit: int, alice: User, alpha: Organisation) -> None:
    new = NewTicket(subject="x", symptom="no_record")
    fits = services.submit(new=dataclasses.replace(new, **{field: "😀" * limit}), organisation=alpha, by=alice)
    assert getattr(Ticket.objects.get(pk=fits.pk), field) == "😀" * limit
    for attempt in (
        lambda: services.submit(
            new=dataclasses.replace(new, **{field: "x" * (limit + 1)}), organisation=alpha, by=alice
        ),
        lambda: services.update(ticket=fits, changes={field: "x" * (limit + 1)}, by=alice, version=fits.version),
    ):
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert wrong(refusal) == [field]
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("field", ["seller_name", "buyer_name", "check_code", "digital_number"])
def test_a_field_of_an_invoice_is_as_long_as_its_column(field: str, alice: User, alpha: Organisation) -> None:
    with pytest.raises(Invalid) as refusal:
        a_ticket(alice, alpha, Invoice(**{field: "1" * 301}))
    assert f"invoices.0.{field}" in wrong(refusal)


def test_a_message_of_20_000_characters_is_kept_and_one_more_is_not(ticket: Ticket, alice: User) -> None:
    body = ("图🧾" * 10_000)[:20_000]
    assert services.comment(ticket=ticket, body=body, by=alice).body == body
    assert Message.objects.get().body == body
    with pytest.raises(Invalid) as refusal:
        services.comment(ticket=ticket, body=body + "x", by=alice)
    assert wrong(refusal) == ["body"]
    with pytest.raises(Invalid) as refusal:
        services.act(ticket=ticket, action="withdraw", by=alice, data={"body": body + "x"})
    assert Ticket.objects.get().status == "new"


def test_emoji_and_direction_marks_come_back_as_they_were(alice: User, alpha: Organisation, ann: User) -> None:
    new = NewTicket(subject=STRANGE, symptom="other", description=STRANGE, invoices=(Invoice(seller_name=STRANGE),))
    ticket = services.submit(new=new, organisation=alpha, by=alice)
    services.comment(ticket=ticket, body=STRANGE, by=alice)
    stored = Ticket.objects.get()
    assert (stored.subject, stored.description, stored.invoices.get().seller_name) == (STRANGE,) * 3
    assert Message.objects.get().body == STRANGE
    assert search_tickets(Ticket.objects.all(), "🧾🀄").get() == ticket


# Numbers of things


def test_a_thousand_invoices_are_too_many_and_two_hundred_are_not(alice: User, alpha: Organisation) -> None:
    many = tuple(an_invoice() for _ in range(200))
    with pytest.raises(Invalid) as refusal:
        a_ticket(alice, alpha, *many * 5)
    assert wrong(refusal) == ["invoices"]
    ticket = a_ticket(alice, alpha, *many)
    assert ticket.invoices.count() == 200


def test_as_many_tried_things_as_anybody_tries(alice: User, alpha: Organisation) -> None:
    new = NewTicket(subject="x", symptom="no_record", tried=("waited",) * 21)
    with pytest.raises(Invalid) as refusal:
        services.submit(new=new, organisation=alpha, by=alice)
    assert wrong(refusal) == ["tried"]


@pytest.mark.parametrize("amount", [Decimal("1e17"), Decimal("0.001"), Decimal("NaN"), Decimal("Infinity")])
def test_money_that_no_column_holds_is_refused(amount: Decimal, alice: User, alpha: Organisation) -> None:
    with pytest.raises(Invalid) as refusal:
        a_ticket(alice, alpha, Invoice(total=amount))
    assert "invoices.0.total" in wrong(refusal)


# What is nobody's to say


def test_an_update_can_not_move_the_status(ticket: Ticket, ann: User) -> None:
    for name in ("status", "number", "organisation", "version", "resolved_at"):
        with pytest.raises(Invalid) as refusal:
            services.update(ticket=ticket, changes={name: "closed"}, by=ann, version=ticket.version)
        assert wrong(refusal) == [name]
    assert Ticket.objects.get().status == "new"


@pytest.mark.parametrize("value", [["data"], {"a": 1}, "moon", None, 7])
def test_a_property_is_one_of_the_list(value: Any, ticket: Ticket, ann: User) -> None:
    with pytest.raises(Invalid) as refusal:
        services.update(ticket=ticket, changes={"queue": value}, by=ann, version=ticket.version)
    assert wrong(refusal) == ["queue"]
    with pytest.raises(Invalid):
        services.act(ticket=ticket, action="resolve", by=ann, data={"cause": value, "resolution": "x"})


def test_an_empty_change_leaves_no_trace(ticket: Ticket, ann: User, abe: User) -> None:
    services.update(ticket=ticket, changes={"priority": 1}, by=ann, version=1)
    services.assign(ticket=ticket, assignee=ann, by=ann)
    before = (ticket.version, ticket.events.count())
    services.update(ticket=ticket, changes={"priority": 1}, by=abe, version=ticket.version)
    services.assign(ticket=ticket, assignee=ann, by=abe)
    ticket.refresh_from_db()
    assert (ticket.version, ticket.events.count()) == before
    with pytest.raises(Stale):
        services.update(ticket=ticket, changes={"priority": 1}, by=abe, version=1)


def test_an_ended_ticket_is_not_changed(ticket: Ticket, alice: User, ann: User) -> None:
    services.act(ticket=ticket, action="withdraw", by=alice)
    with pytest.raises(NotNow):
        services.update(ticket=ticket, changes={"priority": 1}, by=ann, version=ticket.version)


def test_an_enterprise_has_its_own_words_and_no_others(ticket: Ticket, bob: User, charlie: User) -> None:
    services.update(ticket=ticket, changes={"subject": "换个说法"}, by=bob, version=ticket.version)
    assert ticket.subject == "换个说法"
    for who, changes in ((charlie, {"subject": "x"}), (bob, {"priority": 1}), (bob, {"subject": "x", "queue": "data"})):
        with pytest.raises(Forbidden):
            services.update(ticket=ticket, changes=changes, by=who, version=ticket.version)
    with pytest.raises(Invalid):
        services.update(ticket=ticket, changes={"subject": "  "}, by=bob, version=ticket.version)


def test_only_found_invoices_of_this_ticket_are_missing_again(
    ticket: Ticket, alice: User, ann: User, charlie: User, beta: Organisation
) -> None:
    foreign = a_ticket(charlie, beta).invoices.get()
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("found"), by=ann)
    services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "sync_delay", "resolution": "已同步"})
    for invoices in ([foreign.pk], [10**30], [-1]):
        with pytest.raises(Invalid):
            services.act(ticket=ticket, action="reopen", by=alice, data={"body": "又没了", "invoices": invoices})
        ticket = Ticket.objects.get(pk=ticket.pk)
        assert ticket.status == "resolved"
    services.act(ticket=ticket, action="reopen", by=alice, data={"body": "又没了", "invoices": []})
    assert not ticket.invoices.unsettled().exists()


def test_reopening_opens_the_one_that_is_named_and_forgets_the_end(alice: User, alpha: Organisation, ann: User) -> None:
    ticket = a_ticket(alice, alpha, an_invoice(), an_invoice())
    one, _other = ticket.invoices.all()
    for invoice in ticket.invoices.all():
        services.look_up(invoice=invoice, told=looked_up("found"), by=ann)
    services.act(ticket=ticket, action="resolve", by=ann, data={"cause": "sync_delay", "resolution": "已同步"})
    services.act(ticket=ticket, action="confirm", by=alice)
    services.act(ticket=ticket, action="take_up_again", by=ann, data={"body": "还有一张", "invoices": [one.pk, one.pk]})
    ticket.refresh_from_db()
    assert (ticket.resolved_at, ticket.closed_at) == (None, None)
    assert ticket.invoices.unsettled().get() == one


def test_a_word_with_an_action_is_the_desks_or_the_enterprises(ticket: Ticket, alice: User, ann: User) -> None:
    services.act(ticket=ticket, action="accept", by=ann, data={"body": "已受理"})
    services.act(ticket=ticket, action="withdraw", by=alice, data={"body": "不用了"})
    assert list(Message.objects.values_list("body", "by_desk")) == [("已受理", True), ("不用了", False)]
    told = Event.objects.get(kind="ticket.withdrawn").data
    assert "body" not in told
    assert told["message"] == Message.objects.get(body="不用了").pk


# Look-ups


@pytest.mark.parametrize(
    "at",
    [
        dt.datetime.min.replace(tzinfo=dt.UTC),
        dt.datetime.max.replace(tzinfo=dt.UTC),
        dt.datetime.max.replace(tzinfo=dt.timezone(dt.timedelta(hours=-14))),
        dt.datetime(1999, 12, 31, tzinfo=dt.UTC),
    ],
)
def test_a_look_up_lies_between_issuing_and_now(at: dt.datetime, ticket: Ticket, ann: User) -> None:
    with pytest.raises(Invalid) as refusal:
        services.look_up(invoice=ticket.invoices.get(), told=LookUp("public", "found", at), by=ann)
    assert wrong(refusal) == ["looked_up_at"]


def test_a_look_up_before_the_issuing_is_none(ticket: Ticket, ann: User) -> None:
    with pytest.raises(Invalid) as refusal:
        services.look_up(invoice=ticket.invoices.get(), told=looked_up("found", ago=dt.timedelta(days=8)), by=ann)
    assert refusal.value.errors[0].code == "before_issue"


def test_every_wrong_word_of_a_look_up_is_named(ticket: Ticket, ann: User) -> None:
    told = LookUp("moon", "maybe", timezone.now() + dt.timedelta(days=1), note="x" * 501)
    with pytest.raises(Invalid) as refusal:
        services.look_up(invoice=ticket.invoices.get(), told=told, by=ann)
    assert wrong(refusal) == ["site", "outcome", "looked_up_at", "note"]


@pytest.mark.parametrize(
    ("covers", "field"),
    [
        (Covers("moon", timezone.now()), "site"),
        (Covers("authority", timezone.now() + dt.timedelta(days=1)), "exported_at"),
        (Covers("authority", timezone.now(), since=dt.date(2026, 1, 1)), "until"),
        (Covers("authority", timezone.now(), until=dt.date(2026, 1, 1)), "since"),
        (Covers("authority", timezone.now(), dt.date(2026, 2, 1), dt.date(2026, 1, 1)), "until"),
    ],
)
def test_a_list_says_what_it_covers(covers: Covers, field: str, ann: User) -> None:
    with pytest.raises(Invalid) as refusal:
        services.import_list(evidence=a_file(ann, "x", name="list.csv"), covers=covers, by=ann)
    assert wrong(refusal) == [field]


# Pages


def test_no_form_of_a_page_takes_nul(
    ticket: Ticket, alice: User, alpha: Organisation, ann: User, olga: User, client_of: Browser
) -> None:
    invoice = ticket.invoices.get()
    case = backfill.open_backfill(invoice=invoice, by=ann)
    number, posts = ticket.number, []
    desk = {"body": NUL, "reason": NUL, "subject": NUL, "note": NUL, "cause": NUL, "site": "public", "outcome": "found"}
    posts += [(alice, reverse(name, args=args)) for name, args in (
        ("ticket_new_details", []), ("ticket_reply", [number]), ("ticket_act", [number, "withdraw"]),
    )]  # fmt: skip
    posts += [(ann, reverse(name, args=args)) for name, args in (
        ("desk_reply", [number]), ("desk_act", [number, "ask"]), ("desk_change", [number]), ("desk_decide", [number]),
        ("desk_check", [number, invoice.pk]), ("desk_set_aside", [number, invoice.pk]),
        ("desk_backfill_act", [case.pk, "cancel"]), ("desk_material", [case.pk, "statement"]),
    )]  # fmt: skip
    drafts.save(alice, drafts.NEW_TICKET, {"symptom": "no_record"})
    before = Event.objects.count()
    for who, address in posts:
        for given in (desk, {**desk, "body": "x", "invoices-0-seller_name": NUL, "invoices-TOTAL_FORMS": "1"}):
            assert client_of(who).post(address, given).status_code in {400, 422}, address
    assert (Event.objects.count(), Message.objects.count()) == (before, 0)
    assert Draft.objects.get().data == {"symptom": "no_record"}
    assert (Ticket.objects.get().status, Backfill.objects.get().status) == ("new", "materials")


def test_a_page_takes_emoji_and_shows_them(ticket: Ticket, alice: User, client_of: Browser) -> None:
    browser = client_of(alice)
    browser.post(reverse("ticket_reply", args=[ticket.number]), {"body": STRANGE})
    assert Message.objects.get().body == STRANGE
    assert "🧾🀄" in browser.get(reverse("ticket", args=[ticket.number])).content.decode()


def test_a_lone_surrogate_on_the_wire_is_no_text(ticket: Ticket, alice: User, client_of: Browser) -> None:
    address = reverse("ticket_reply", args=[ticket.number])
    answer = client_of(alice).post(address, b"body=a%ED%A0%80b", content_type="application/x-www-form-urlencoded")
    assert answer.status_code < 500
    assert not any("\ud800" <= char <= "\udfff" for m in Message.objects.all() for char in m.body)
