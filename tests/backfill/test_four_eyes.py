"""Four eyes are two persons; the second one types blind; nothing is handed over before both agree."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from hashlib import sha256
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Organisation, StaffMembership, User
from accounts.permissions import StaffRole
from helpdesk.common.errors import Forbidden, Invalid, NotNow
from tests.cases import a_file, a_ticket, again, face, looked_up, with_materials
from tickets import services, workflow
from tickets.backfill import package
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill, MaterialState
from tickets.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(alice: User, alpha: Organisation, ann: User) -> Backfill:
    ticket = a_ticket(alice, alpha)
    return backfill.open_backfill(invoice=ticket.invoices.get(), by=ann)


@pytest.fixture
def keyed(case: Backfill, alice: User, olga: User) -> Backfill:
    with_materials(case, alice, olga)
    return backfill.act(backfill=case, action="key", by=olga, data={"fields": face(case)})


def test_the_checklist_follows_the_kind_of_invoice(case: Backfill) -> None:
    kinds = set(case.materials.values_list("kind", flat=True))
    assert {"invoice_file", "upload_log", "statement"} <= kinds
    assert "stub_copy" not in kinds


def test_a_second_backfill_of_the_same_invoice_is_refused(case: Backfill, ann: User) -> None:
    with pytest.raises(NotNow):
        backfill.open_backfill(invoice=case.invoice, by=ann)
    assert Backfill.objects.count() == 1


def test_the_database_refuses_a_second_open_backfill(case: Backfill, ann: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Backfill.objects.create(invoice=case.invoice, ticket=case.ticket, opened_by=ann)


def test_keying_waits_for_the_papers(case: Backfill, olga: User) -> None:
    with pytest.raises(NotNow) as refusal:
        backfill.act(backfill=case, action="accept_materials", by=olga)
    assert refusal.value.code == "materials_open"


def test_a_refused_paper_tells_the_enterprise_why(case: Backfill, alice: User, olga: User) -> None:
    backfill.submit_material(backfill=case, kind="statement", evidence_id=a_file(alice).pk, by=alice)
    backfill.review_material(backfill=case, kind="statement", is_accepted=False, reason="没有盖章", by=olga)
    paper = case.materials.get(kind="statement")
    assert (paper.state, paper.reason) == (MaterialState.REFUSED, "没有盖章")
    told = Event.objects.visible_to(alice).filter(kind="backfill.material_refused").get()
    assert told.data["reason"] == "没有盖章"


def test_a_refusal_needs_its_reason(case: Backfill, alice: User, olga: User) -> None:
    backfill.submit_material(backfill=case, kind="statement", evidence_id=a_file(alice).pk, by=alice)
    with pytest.raises(Invalid):
        backfill.review_material(backfill=case, kind="statement", is_accepted=False, by=olga)


def test_a_stranger_hands_in_nothing(case: Backfill, charlie: User) -> None:
    with pytest.raises(Forbidden):
        backfill.submit_material(backfill=case, kind="statement", evidence_id=a_file(charlie).pk, by=charlie)


def test_the_operator_can_not_re_key_her_own_entry_whatever_her_roles(keyed: Backfill, olga: User) -> None:
    StaffMembership.objects.create(user=olga, role=StaffRole.BACKFILL_REVIEWER)
    both = User.objects.get(pk=olga.pk)
    with pytest.raises(NotNow) as refusal:
        backfill.act(backfill=keyed, action="rekey", by=both, data={"fields": again(keyed)})
    assert refusal.value.code == "four_eyes"


def test_the_database_refuses_one_person_for_both(keyed: Backfill, olga: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Backfill.objects.filter(pk=keyed.pk).update(approved_by=olga)


def test_a_slip_in_one_entry_stops_the_approval(keyed: Backfill, rita: User) -> None:
    wrong = again(keyed) | {"amount": "1.00"}
    backfill.act(backfill=keyed, action="rekey", by=rita, data={"fields": wrong})
    assert keyed.differing == ["amount"]
    with pytest.raises(NotNow) as refusal:
        backfill.act(backfill=keyed, action="approve", by=rita)
    assert refusal.value.code == "entries_differ"


def test_entries_agree_in_spite_of_width_commas_and_date_forms(keyed: Backfill, rita: User) -> None:
    typed = again(keyed)
    typed |= {"amount": f"¥{float(typed['amount']):,.2f}", "issue_date": typed["issue_date"].replace("-", "/")}
    typed["seller_tax_id"] = typed["seller_tax_id"].lower()
    backfill.act(backfill=keyed, action="rekey", by=rita, data={"fields": typed})
    assert keyed.differing == []


def test_no_entry_ever_enters_the_history(keyed: Backfill, rita: User) -> None:
    backfill.act(backfill=keyed, action="rekey", by=rita, data={"fields": again(keyed)})
    for event in Event.objects.filter(kind__startswith="backfill."):
        assert face(keyed)["amount"] not in str(event.data)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"amount": "ten"}, "fields.amount"),
        ({"issue_date": "2026-02-31"}, "fields.issue_date"),
        ({"number": ""}, "fields.number"),
        ({"colour": "red"}, "fields.colour"),
        ({"seller_name": "甲" * 301}, "fields.seller_name"),
    ],
)
def test_a_wrong_field_is_named(case: Backfill, alice: User, olga: User, fields: dict[str, str], wrong: str) -> None:
    with_materials(case, alice, olga)
    with pytest.raises(Invalid) as refusal:
        backfill.act(backfill=case, action="key", by=olga, data={"fields": face(case) | fields})
    assert [e.field for e in refusal.value.errors] == [wrong]
    case.refresh_from_db()
    assert (case.status, case.keyed) == ("keying", None)


def test_the_whole_way_ends_with_the_record_found(keyed: Backfill, rita: User, olga: User, ann: User) -> None:
    for action, by, data in (
        ("rekey", rita, {"fields": again(keyed)}),
        ("approve", rita, {}),
        ("hand_over", olga, {"department": "第一税务所"}),
        ("record_receipt", olga, {"receipt_number": "BL-2026-118"}),
    ):
        backfill.act(backfill=keyed, action=action, by=by, data=data)
    with pytest.raises(NotNow):
        services.act(ticket=keyed.ticket, action="resolve", by=ann, data={"cause": "omission", "resolution": "已补录"})
    services.look_up(invoice=keyed.invoice, told=looked_up("found"), by=ann)
    keyed.refresh_from_db()
    assert keyed.status == "done"
    services.act(ticket=keyed.ticket, action="resolve", by=ann, data={"cause": "omission", "resolution": "已补录"})
    assert keyed.ticket.status == "resolved"


def test_the_package_holds_what_was_accepted_with_its_hashes(keyed: Backfill, rita: User, olga: User) -> None:
    backfill.act(backfill=keyed, action="rekey", by=rita, data={"fields": again(keyed)})
    with pytest.raises(NotNow):
        package.build(backfill=keyed, by=olga)
    backfill.act(backfill=keyed, action="approve", by=rita)
    with package.build(backfill=keyed, by=olga) as bundle, zipfile.ZipFile(io.BytesIO(bundle.read())) as archive:
        sums = dict(reversed(line.split("  ", 1)) for line in archive.read("SHA256SUMS").decode().splitlines())
        assert {n: sha256(archive.read(n)).hexdigest() for n in sums} == sums
        assert len(sums) == 1 + keyed.materials.count()
        assert keyed.ticket.number in archive.read("cover.html").decode()


def test_a_sent_back_entry_is_keyed_anew(keyed: Backfill, rita: User, olga: User) -> None:
    backfill.act(backfill=keyed, action="send_back", by=rita, data={"reason": "金额看不清"})
    assert (keyed.status, keyed.rekeyed) == ("keying", None)
    assert next(t.action for t in workflow.allowed(keyed, olga)) == "key"


def test_it_can_be_cancelled_at_any_open_moment(keyed: Backfill, ann: User) -> None:
    backfill.act(backfill=keyed, action="cancel", by=ann, data={"reason": "企业已自行重新上传"})
    assert keyed.status == "cancelled"
    assert backfill.open_backfill(invoice=keyed.invoice, by=ann).status == "materials"


def test_a_found_look_up_from_before_the_hand_over_proves_nothing(
    keyed: Backfill, rita: User, olga: User, ann: User
) -> None:
    backfill.act(backfill=keyed, action="rekey", by=rita, data={"fields": again(keyed)})
    backfill.act(backfill=keyed, action="approve", by=rita)
    backfill.act(backfill=keyed, action="hand_over", by=olga, data={"department": "第一税务所"})
    backfill.act(backfill=keyed, action="record_receipt", by=olga, data={"receipt_number": "R1"})
    services.look_up(invoice=keyed.invoice, told=looked_up("found", ago=dt.timedelta(days=1)), by=ann)
    keyed.refresh_from_db()
    assert keyed.status == "received"


def test_the_list_holds_what_waits_for_the_person(keyed: Backfill, olga: User, rita: User, client_of: Any) -> None:
    number = keyed.invoice.number
    assert number in client_of(rita).get("/desk/backfill/").content.decode()
    assert number not in client_of(olga).get("/desk/backfill/").content.decode()
    assert number in client_of(olga).get("/desk/backfill/?tab=open").content.decode()


def test_materials_asked_for_again_begin_a_new_second_look(
    keyed: Backfill, alice: User, rita: User, olga: User
) -> None:
    backfill.act(backfill=keyed, action="rekey", by=rita, data={"fields": again(keyed)})
    backfill.act(backfill=keyed, action="approve", by=rita)
    backfill.act(backfill=keyed, action="return_materials", by=olga, data={"reason": "情况说明缺公章"})
    assert (keyed.status, keyed.rekeyed, keyed.approved_by, keyed.approved_hash) == ("materials", None, None, "")
    told = Event.objects.visible_to(alice).filter(kind="backfill.materials_returned").get()
    assert told.data["reason"] == "情况说明缺公章"
    backfill.review_material(backfill=keyed, kind="statement", is_accepted=False, reason="缺公章", by=olga)
    with pytest.raises(NotNow):
        backfill.act(backfill=keyed, action="accept_materials", by=olga)
