"""When two entries agree, which papers a kind asks for, and what a receipt that comes late ends."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, NotNow
from tests.cases import a_ticket, again, face, looked_up, with_materials
from tickets import services
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.backfill.rules import MATERIALS, REKEYED, checklist, differing, parse_date, same
from tickets.invoices.kinds import KINDS
from tickets.models import Event

money = st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2)
days = st.dates(dt.date(2000, 1, 1), dt.date(2099, 12, 31))
WIDE = str.maketrans({chr(code): chr(code + 0xFEE0) for code in range(0x21, 0x7F)})


@given(money, st.sampled_from(["{:.2f}", "{:,.2f}", "¥{:,.2f}", " {:.2f} "]), st.booleans())
def test_one_amount_in_two_spellings_agrees(value: Decimal, spelling: str, is_wide: bool) -> None:
    typed = spelling.format(value).replace("¥-", "-¥")
    assert same("amount", str(value), typed.translate(WIDE) if is_wide else typed)


@given(money, money)
def test_two_amounts_agree_when_they_are_one(one: Decimal, other: Decimal) -> None:
    assert same("total", str(one), str(other)) == (one == other)


@given(
    days, st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y年%m月%d", "%Y%m%d"]), st.booleans()
)
def test_a_day_reads_in_every_spelling(day: dt.date, form: str, is_wide: bool) -> None:
    typed = day.strftime(form)
    assert parse_date(typed.translate(WIDE) if is_wide else typed) == day


@given(st.text(max_size=30))
def test_any_text_is_a_day_or_none(text: str) -> None:
    read = parse_date(text)
    assert read is None or 1 <= read.year <= 9999
    assert same("issue_date", text, text)
    assert same("amount", text, text)


@pytest.mark.parametrize(
    "text", ["26-9-18", "99999999999-1-1", "2026-99999999999-1", "2026-02-30", "2026-9", "十月一日"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_date(text) is None


def test_an_unread_amount_agrees_with_itself_alone() -> None:
    assert not same("amount", "10.00", "ten")
    assert not same("amount", "ten", "10.00")
    assert same("seller_tax_id", "91110108ma01abcd5t", "９１１１０１０８MA01ABCD5T")


@given(st.dictionaries(st.sampled_from(REKEYED), st.text(max_size=12)))
def test_an_entry_agrees_with_itself(entry: dict[str, str]) -> None:
    assert differing(entry, entry) == ()


@pytest.mark.parametrize("kind", ["", *KINDS])
def test_every_kind_asks_for_the_papers_that_prove_it(kind: str) -> None:
    keys = [line.key for line in checklist(kind)]
    assert len(set(keys)) == len(keys)
    assert {"invoice_file", "issue_proof", "statement", "authorisation"} <= set(keys)
    assert {"upload_log", "stub_copy"} & set(keys)
    if not kind:
        assert keys == [line.key for line in MATERIALS]


@pytest.fixture
def handed_over(alice: User, alpha: Organisation, ann: User, olga: User, rita: User) -> Backfill:
    case = backfill.open_backfill(invoice=a_ticket(alice, alpha).invoices.get(), by=ann)
    with_materials(case, alice, olga)
    backfill.act(backfill=case, action="key", by=olga, data={"fields": face(case)})
    backfill.act(backfill=case, action="rekey", by=rita, data={"fields": again(case)})
    backfill.act(backfill=case, action="approve", by=rita)
    return backfill.act(backfill=case, action="hand_over", by=olga, data={"department": " 第一税务所 "})


@pytest.mark.django_db
def test_a_receipt_after_the_record_was_found_ends_it(handed_over: Backfill, ann: User, olga: User) -> None:
    assert handed_over.department == "第一税务所"
    services.look_up(invoice=handed_over.invoice, told=looked_up("found"), by=ann)
    done = backfill.act(backfill=handed_over, action="record_receipt", by=olga, data={"receipt_number": "BL-1"})
    assert (done.status, done.receipt_number) == ("done", "BL-1")
    told = [event.kind for event in Event.objects.filter(ticket=handed_over.ticket).order_by("pk")]
    assert told[-2:] == ["backfill.received", "backfill.verified"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("action", "data", "wrong"),
    [
        ("record_receipt", {"receipt_number": "1" * 61}, "receipt_number"),
        ("record_receipt", {"receipt_number": "  "}, "receipt_number"),
        ("record_receipt", {"receipt_number": "a\x00b"}, "receipt_number"),
        ("record_receipt", {"receipt_number": ["a"]}, "receipt_number"),
        ("record_receipt", {"receipt_number": "1", "colour": "red"}, "colour"),
        ("return_materials", {"reason": "缺" * 501}, "reason"),
        ("cancel", {"reason": "\ud800"}, "reason"),
    ],
)
def test_a_wrong_input_is_named_and_nothing_moves(
    handed_over: Backfill, olga: User, action: str, data: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        backfill.act(backfill=handed_over, action=action, by=olga, data=data)
    assert [error.field for error in refusal.value.errors] == [wrong]
    assert Backfill.objects.get().status == "handed_over"


@pytest.mark.django_db
def test_only_a_look_up_verifies(handed_over: Backfill, olga: User, alice: User) -> None:
    with pytest.raises(NotNow):
        backfill.act(backfill=handed_over, action="verify", by=olga)
    backfill.act(backfill=handed_over, action="record_receipt", by=olga, data={"receipt_number": "1"})
    with pytest.raises(NotNow, match="by itself"):
        backfill.act(backfill=handed_over, action="verify", by=olga)
    with pytest.raises(Forbidden):
        backfill.act(backfill=handed_over, action="cancel", by=alice, data={"reason": "x"})


@pytest.mark.django_db
def test_an_entry_is_made_of_fields(alice: User, alpha: Organisation, ann: User, olga: User) -> None:
    case = backfill.open_backfill(invoice=a_ticket(alice, alpha).invoices.get(), by=ann)
    with_materials(case, alice, olga)
    for fields in (None, "number=1", ["number"]):
        with pytest.raises(Invalid) as refusal:
            backfill.act(backfill=case, action="key", by=olga, data={"fields": fields})
        assert refusal.value.errors[0].field == "fields"
