"""Who may do what with people and enterprises, for everybody of the cast at once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from accounts import services
from accounts.models import Invitation, Membership, Organisation, StaffMembership, User
from accounts.permissions import OrganisationRole, StaffRole
from tests.conftest import member, person

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]

OWNER, COLLEAGUE, VIEWER, STRANGER, NOBODY = "owner", "member", "viewer", "stranger", "nobody"
SEE_ORGANISATIONS = {"agent", "backfill_operator", "backfill_reviewer", "supervisor", "administrator"}
VERIFY = {"agent", "supervisor", "administrator"}
EVERYBODY = [OWNER, COLLEAGUE, VIEWER, STRANGER, NOBODY, *StaffRole]


@pytest.fixture
def cast(alpha: Organisation, beta: Organisation) -> dict[str, User | None]:
    found: dict[str, User | None] = {NOBODY: None}
    for role in OrganisationRole:
        found[role] = member(person(role, f"{role}@alpha.example"), alpha, role)
    found[STRANGER] = member(person("Stranger", "stranger@beta.example"), beta, OrganisationRole.OWNER)
    for staff in StaffRole:
        found[staff] = person(staff, f"{staff}@desk.example", staff)
    return found


@pytest.mark.parametrize("who", EVERYBODY)
def test_the_page_of_an_enterprise(
    who: str, cast: dict[str, User | None], alpha: Organisation, client_of: Browser
) -> None:
    expected = 200 if who in {OWNER, COLLEAGUE, VIEWER} | SEE_ORGANISATIONS else 302 if who == NOBODY else 404
    page = client_of(cast[who]).get(f"/accounts/organisation/{alpha.pk}/")
    assert page.status_code == expected
    assert ("/invite/" in page.content.decode()) == (who == OWNER)


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_an_owner_changes_the_members(
    who: str, cast: dict[str, User | None], alpha: Organisation, client_of: Browser
) -> None:
    owner, browser = cast[OWNER], client_of(cast[who])
    assert owner
    services.invite(organisation=alpha, email="open@x.example", role="viewer", by=owner)
    guest = member(person("Guest", "guest@alpha.example"), alpha, OrganisationRole.VIEWER)
    row, base = Membership.objects.get(user=guest), f"/accounts/organisation/{alpha.pk}/"
    browser.post(f"{base}invite/", {"email": "x@x.example", "role": "owner"})
    browser.post(f"{base}invitations/{Invitation.objects.get(email='open@x.example').pk}/")
    browser.post(f"{base}members/{row.pk}/role/", {"role": "member"})
    changed = set(Invitation.objects.values_list("email", flat=True)), Membership.objects.get(pk=row.pk).role
    browser.post(f"{base}members/{row.pk}/remove/")
    if who == OWNER:
        assert changed == ({"x@x.example"}, "member")
        assert not Membership.objects.filter(pk=row.pk).exists()
    else:
        assert changed == ({"open@x.example"}, "viewer")
        assert Membership.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_some_of_the_desk_verify(
    who: str, cast: dict[str, User | None], alpha: Organisation, client_of: Browser
) -> None:
    Organisation.objects.update(is_verified=False)
    browser = client_of(cast[who])
    browser.post(f"/accounts/organisation/{alpha.pk}/verify/")
    alpha.refresh_from_db()
    assert alpha.is_verified == (who in VERIFY)
    listed = browser.get("/accounts/desk/organisations/").status_code
    assert listed == (200 if who in VERIFY else 302 if who == NOBODY else 403)


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_administrators_grant(who: str, cast: dict[str, User | None], client_of: Browser) -> None:
    browser, target = client_of(cast[who]), person("Target", "target@desk.example", StaffRole.AGENT)
    page = browser.get("/accounts/desk/people/").status_code
    assert page == (200 if who == StaffRole.ADMINISTRATOR else 302 if who == NOBODY else 403)
    browser.post(f"/accounts/desk/people/{target.pk}/", {"do": "grant", "role": "supervisor"})
    browser.post("/accounts/desk/people/", {"name": "N", "email": "n@desk.example", "roles": ["agent"]})
    browser.post(f"/accounts/desk/people/{target.pk}/", {"do": "deactivate"})
    target = User.objects.get(pk=target.pk)
    granted = StaffMembership.objects.filter(user=target, role="supervisor").exists()
    made = User.objects.filter(email="n@desk.example").exists()
    assert {granted, made, not target.is_active} == {who == StaffRole.ADMINISTRATOR}


def test_roles_inside_an_enterprise_end_at_its_door(
    cast: dict[str, User | None], alpha: Organisation, beta: Organisation, client_of: Browser
) -> None:
    """A row of another enterprise under the own enterprise's address is not there."""
    row = Membership.objects.get(organisation=beta)
    browser = client_of(cast[OWNER])
    for act in ("role", "remove"):
        assert browser.post(f"/accounts/organisation/{alpha.pk}/members/{row.pk}/{act}/").status_code == 404
    services.invite(organisation=beta, email="b@x.example", role="viewer", by=row.user)
    open_ = Invitation.objects.get()
    assert browser.post(f"/accounts/organisation/{alpha.pk}/invitations/{open_.pk}/").status_code == 404
    assert browser.get("/accounts/organisation/999999/").status_code == 404
    assert Membership.objects.filter(pk=row.pk).exists()


def test_a_closed_enterprise_is_nobodys(cast: dict[str, User | None], alpha: Organisation, client_of: Browser) -> None:
    Organisation.objects.filter(pk=alpha.pk).update(is_active=False)
    assert client_of(cast[OWNER]).get(f"/accounts/organisation/{alpha.pk}/").status_code == 404
