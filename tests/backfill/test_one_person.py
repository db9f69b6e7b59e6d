"""Max owns the enterprise and holds every role; two persons are still two persons: in services, pages, API, tables."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Membership, Organisation, User
from accounts.permissions import OrganisationRole, StaffRole
from helpdesk.common.errors import NotNow
from tests.cases import a_ticket, again, face, with_materials
from tests.conftest import person
from tickets import workflow
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill

pytestmark = pytest.mark.django_db


@pytest.fixture
def max_(alpha: Organisation) -> User:
    everything = person("Max", "max@desk.example", *StaffRole)
    Membership.objects.create(user=everything, organisation=alpha, role=OrganisationRole.OWNER)
    return everything


@pytest.fixture
def keyed(max_: User, alpha: Organisation) -> Backfill:
    """Everything up to the first entry is Max's own work."""
    ticket = a_ticket(max_, alpha)
    case = backfill.open_backfill(invoice=ticket.invoices.get(), by=max_)
    with_materials(case, max_, max_)
    return backfill.act(backfill=case, action="key", by=max_, data={"fields": face(case)})


@pytest.fixture
def rekeyed(keyed: Backfill, rita: User) -> Backfill:
    return backfill.act(backfill=keyed, action="rekey", by=rita, data={"fields": again(keyed)})


def as_stored(case: Backfill) -> tuple[str, User | None, User | None]:
    stored = Backfill.objects.get(pk=case.pk)
    return stored.status, stored.rekeyed_by, stored.approved_by


def test_no_service_lets_one_person_be_both(keyed: Backfill, rekeyed: Backfill, max_: User) -> None:
    for action in ("rekey", "approve"):
        with pytest.raises(NotNow):
            backfill.act(
                backfill=rekeyed, action=action, by=max_, data={"fields": again(rekeyed)} if action == "rekey" else {}
            )
    assert as_stored(rekeyed)[0] == "approval"


def test_no_page_lets_one_person_rekey(keyed: Backfill, max_: User, client_of: Callable[[User], Client]) -> None:
    given = {f"field.{name}": value for name, value in again(keyed).items()}
    answer = client_of(max_).post(reverse("desk_backfill_act", args=[keyed.pk, "rekey"]), given)
    assert answer.status_code == 409
    assert as_stored(keyed) == ("rekeying", None, None)


def test_no_page_lets_one_person_approve(
    rekeyed: Backfill, max_: User, rita: User, client_of: Callable[[User], Client]
) -> None:
    assert client_of(max_).post(reverse("desk_backfill_act", args=[rekeyed.pk, "approve"])).status_code == 409
    assert as_stored(rekeyed) == ("approval", rita, None)


def test_no_api_call_lets_one_person_rekey(keyed: Backfill, max_: User, api_of: Callable[[User], APIClient]) -> None:
    answer = api_of(max_).post(f"/api/v1/backfills/{keyed.pk}/actions/rekey/", {"fields": again(keyed)}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "four_eyes")
    assert as_stored(keyed) == ("rekeying", None, None)


def test_no_api_call_lets_one_person_approve(
    rekeyed: Backfill, max_: User, rita: User, api_of: Callable[[User], APIClient]
) -> None:
    answer = api_of(max_).post(f"/api/v1/backfills/{rekeyed.pk}/actions/approve/", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "four_eyes")
    assert as_stored(rekeyed) == ("approval", rita, None)


@pytest.mark.parametrize("column", ["rekeyed_by", "approved_by"])
def test_the_table_refuses_it_on_any_database(keyed: Backfill, max_: User, column: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Backfill.objects.filter(pk=keyed.pk).update(**{column: max_})


def test_the_table_refuses_to_turn_the_preparer_into_the_approver(rekeyed: Backfill, rita: User) -> None:
    backfill.act(backfill=rekeyed, action="approve", by=rita)
    with pytest.raises(IntegrityError), transaction.atomic():
        Backfill.objects.filter(pk=rekeyed.pk).update(keyed_by=rita)


def test_a_third_person_may_approve(rekeyed: Backfill) -> None:
    third = person("Rob", "rob@desk.example", StaffRole.BACKFILL_REVIEWER)
    assert backfill.act(backfill=rekeyed, action="approve", by=third).approved_by == third


def test_after_a_sending_back_the_roles_may_change_places(
    rekeyed: Backfill, rita: User, olga: User, max_: User
) -> None:
    """Who re-keyed may key next time, and is then the one who can't approve."""
    backfill.act(backfill=rekeyed, action="send_back", by=rita, data={"reason": "看不清"})
    backfill.act(backfill=rekeyed, action="key", by=olga, data={"fields": face(rekeyed)})
    with pytest.raises(NotNow):
        backfill.act(backfill=rekeyed, action="rekey", by=olga_as_reviewer(olga), data={"fields": again(rekeyed)})
    backfill.act(backfill=rekeyed, action="rekey", by=max_, data={"fields": again(rekeyed)})
    assert backfill.act(backfill=rekeyed, action="approve", by=max_).status == "approved"


def olga_as_reviewer(olga: User) -> User:
    olga.staff_roles.create(role=StaffRole.BACKFILL_REVIEWER)
    return User.objects.get(pk=olga.pk)


def test_the_guards_are_the_tables_own(rekeyed: Backfill, max_: User) -> None:
    """Also below the service: the workflow itself refuses."""
    with pytest.raises(NotNow):
        workflow.perform(rekeyed, "approve", by=max_, approved_by=max_)


def test_a_page_approves_the_entry_that_it_showed(
    rekeyed: Backfill, rita: User, olga: User, client_of: Callable[[User], Client]
) -> None:
    """Keyed anew since the page was opened: the same state, another entry."""
    browser = client_of(rita)
    page = browser.get(reverse("desk_backfill", args=[rekeyed.pk])).content.decode()
    seen = {"version": re.findall(r'name="version" value="(\d+)"', page)[0]}
    assert seen["version"] == str(rekeyed.version)
    backfill.act(backfill=rekeyed, action="send_back", by=rita, data={"reason": "看不清"})
    backfill.act(backfill=rekeyed, action="key", by=olga, data={"fields": face(rekeyed) | {"seller_name": "另一家"}})
    backfill.act(backfill=rekeyed, action="rekey", by=rita, data={"fields": again(rekeyed)})
    address = reverse("desk_backfill_act", args=[rekeyed.pk, "approve"])
    assert browser.post(address, seen).status_code == 412
    assert as_stored(rekeyed) == ("approval", rita, None)
    assert browser.post(address, {"version": rekeyed.version}).status_code == 302
    assert as_stored(rekeyed) == ("approved", rita, rita)
