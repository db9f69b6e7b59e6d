"""Enterprises, members and roles: what is refused, and the line that every change leaves in the log."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from accounts import services
from accounts.access import require
from accounts.models import AccountEvent, ApiToken, Invitation, Membership, Organisation, StaffMembership, User
from accounts.permissions import ROLES, OrganisationRole, Permission, StaffRole, roles_with
from helpdesk.common.errors import Forbidden, Invalid, LostRace, Missing, NotNow
from tests.conftest import member, person
from tests.races import at_once

pytestmark = pytest.mark.django_db
CODE = "91110108MA01ABCD5T"


@pytest.fixture
def root(db: None) -> User:
    return person("Root", "root@desk.example", StaffRole.ADMINISTRATOR)


def log() -> list[str]:
    return list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))


def field(refusal: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    return refusal.value.errors[0].field, refusal.value.errors[0].code


# Enterprises


@pytest.mark.parametrize(
    ("name", "code", "wrong"),
    [
        ("甲", CODE, ("name", "length")),
        ("甲" * 201, CODE, ("name", "length")),
        ("示例有限公司", "9111010", ("tax_id", "format")),
        ("示例有限公司", "91110108MA01ABCDOT", ("tax_id", "format")),
        ("示例有限公司", "", ("tax_id", "format")),
    ],
)
def test_a_wrong_enterprise_is_refused_with_its_field(name: str, code: str, wrong: Any, alice: User) -> None:
    before = log()
    with pytest.raises(Invalid) as refusal:
        services.register_organisation(name=name, tax_id=code, by=alice)
    assert field(refusal) == wrong
    assert log() == before


def test_a_wrong_check_character_is_a_warning_for_whoever_verifies(db: None) -> None:
    nina = person("Nina", "nina@new.example")
    made = services.register_organisation(name=" 示例  新办有限公司 ", tax_id="9111 0108 ma01 abcd 5u", by=nina)
    assert (made.name, made.tax_id, made.is_verified) == ("示例 新办有限公司", "91110108MA01ABCD5U", False)
    assert AccountEvent.objects.get(kind="organisation.registered").data == {"right_check": False}
    assert Membership.objects.get().role == OrganisationRole.OWNER


def test_who_is_registered_under_a_code_is_no_strangers_business(alpha: Organisation, charlie: User) -> None:
    with pytest.raises(Invalid) as refusal:
        services.register_organisation(name="冒名公司", tax_id=CODE, by=charlie)
    assert field(refusal) == ("tax_id", "registered")
    assert alpha.name not in str(refusal.value.errors[0].message)


def test_an_enterprise_is_verified_once_by_somebody_outside_it(alpha: Organisation, ann: User, alice: User) -> None:
    Organisation.objects.update(is_verified=False)
    with pytest.raises(Forbidden):
        services.verify_organisation(organisation=alpha, by=alice)
    services.verify_organisation(organisation=alpha, by=ann)
    with pytest.raises(NotNow):
        services.verify_organisation(organisation=alpha, by=ann)
    assert log() == ["organisation.verified"]


# Members


@pytest.mark.parametrize(
    ("email", "role", "wrong"),
    [
        ("nobody", "member", ("email", "format")),
        ("a\u212a@x.example", "member", ("email", "format")),  # the Kelvin sign would fold into a k
        (f"{'a' * 250}@x.example", "member", ("email", "format")),
        ("new@x.example", "emperor", ("role", "unknown")),
        ("BOB@alpha.example", "member", ("email", "member")),
    ],
)
def test_a_wrong_invitation_is_refused(
    email: str, role: str, wrong: Any, alice: User, bob: User, alpha: Organisation
) -> None:
    with pytest.raises(Invalid) as refusal:
        services.invite(organisation=alpha, email=email, role=role, by=alice)
    assert field(refusal) == wrong
    assert not Invitation.objects.exists()


def test_a_second_invitation_replaces_the_first_and_not_too_many_wait(
    alice: User, alpha: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "OPEN_INVITATIONS", 2)
    for email in ("a@x.example", "A@x.example", "b@x.example"):
        services.invite(organisation=alpha, email=email, role="viewer", by=alice)
    assert Invitation.objects.count() == 2
    with pytest.raises(NotNow):
        services.invite(organisation=alpha, email="c@x.example", role="viewer", by=alice)
    Invitation.objects.filter(email="a@x.example").update(expires_at=timezone.now() - dt.timedelta(days=1))
    services.invite(organisation=alpha, email="c@x.example", role="viewer", by=alice)


def test_an_invitation_is_withdrawn_by_an_owner_while_it_is_open(alice: User, bob: User, alpha: Organisation) -> None:
    waiting = services.invite(organisation=alpha, email="a@x.example", role="viewer", by=alice)
    with pytest.raises(Forbidden):
        services.withdraw_invitation(invitation=waiting, by=bob)
    services.withdraw_invitation(invitation=waiting, by=alice)
    with pytest.raises(NotNow):
        services.withdraw_invitation(invitation=Invitation(pk=waiting.pk or 1, organisation=alpha), by=alice)
    assert log() == ["invitation.sent", "invitation.withdrawn"]


@pytest.mark.parametrize("way", ["left", "deactivated enterprise", "used"])
def test_an_invitation_ends_with_who_sent_it(way: str, alice: User, alpha: Organisation) -> None:
    services.invite(organisation=alpha, email="new@x.example", role="viewer", by=alice)
    Invitation.objects.update(digest=services.digest("t"))
    guest = person("New", "new@x.example")
    if way == "left":
        User.objects.filter(pk=alice.pk).update(is_active=False)
    elif way == "used":
        services.accept_invitation(token="t", by=guest)
    else:
        Organisation.objects.update(is_active=False)
    with pytest.raises(Missing):
        services.accept_invitation(token="t", by=guest)


def test_who_is_a_member_already_keeps_the_role(alice: User, alpha: Organisation) -> None:
    services.invite(organisation=alpha, email="new@x.example", role="viewer", by=alice)
    Invitation.objects.update(digest=services.digest("t"))
    guest = member(person("New", "new@x.example"), alpha, OrganisationRole.MEMBER)
    assert services.accept_invitation(token="t", by=guest).role == OrganisationRole.MEMBER


def test_a_role_is_changed_to_another_one_of_the_list(alice: User, bob: User, alpha: Organisation) -> None:
    row = Membership.objects.get(user=bob)
    with pytest.raises(Invalid):
        services.change_role(membership=row, role="emperor", by=alice)
    services.change_role(membership=row, role="member", by=alice)
    services.change_role(membership=row, role="viewer", by=alice)
    assert log() == ["member.role_changed"]
    services.remove_member(membership=row, by=bob)
    with pytest.raises(LostRace):
        services.change_role(membership=row, role="owner", by=alice)
    assert log()[-1] == "member.removed"


# People at the desk


def test_rights_are_granted_once_and_revoked_once(root: User, ann: User) -> None:
    for _ in range(2):
        services.grant_role(user=ann, role="supervisor", by=root)
    for _ in range(2):
        services.revoke_role(user=ann, role="supervisor", by=root)
    assert log() == ["role.granted", "role.revoked"]
    with pytest.raises(Invalid):
        services.grant_role(user=ann, role="emperor", by=root)


def test_nobody_changes_their_own_rights_or_without_the_right(root: User, ann: User, sam: User) -> None:
    for by in (ann, sam):
        with pytest.raises(Forbidden):
            services.grant_role(user=ann, role="supervisor", by=by)
    with pytest.raises(Forbidden):
        services.deactivate(user=root, by=root)
    stale = User.objects.get(pk=root.pk)
    assert stale.can(Permission.ROLE_GRANT)
    StaffMembership.objects.filter(user=root).delete()
    with pytest.raises(Forbidden) as refusal:
        services.grant_role(user=ann, role="supervisor", by=stale)
    assert refusal.value.permission == Permission.ROLE_GRANT


def test_a_deactivated_person_is_nobody_until_reactivated(root: User, ann: User) -> None:
    services.issue_token(by=ann)
    services.deactivate(user=ann, by=root)
    gone = User.objects.get(pk=ann.pk)
    assert (gone.roles, gone.permissions(), gone.has_usable_password()) == (frozenset(), frozenset(), False)
    assert not ApiToken.objects.exists()
    with pytest.raises(NotNow):
        services.grant_role(user=gone, role="supervisor", by=root)
    services.reactivate(user=gone, by=root)
    with pytest.raises(NotNow):
        services.reactivate(user=gone, by=root)
    assert User.objects.get(pk=ann.pk).roles == {"agent"}
    assert log()[-2:] == ["person.deactivated", "person.reactivated"]


def test_staff_is_made_by_who_may_with_roles_of_the_list(root: User, ann: User) -> None:
    with pytest.raises(Forbidden):
        services.create_staff(email="n@desk.example", name="N", roles=("agent",), by=ann)
    for roles in ((), ("agent", "emperor")):
        with pytest.raises(Invalid):
            services.create_staff(email="n@desk.example", name="N", roles=roles, by=root)
    made, password = services.create_staff(email="N@desk.example", name="N", roles=("agent", "agent"), by=root)
    assert (made.email, made.password_is_initial, made.check_password(password)) == ("n@desk.example", True, True)
    with pytest.raises(Invalid) as refusal:
        services.create_staff(email="n@DESK.example", name="N", roles=("agent",), by=root)
    assert field(refusal) == ("email", "registered")
    assert log() == ["role.granted"]


@pytest.mark.django_db(transaction=True)
def test_staff_with_one_address_is_made_once(root: User) -> None:
    def make() -> None:
        services.create_staff(email="n@desk.example", name="N", roles=("agent",), by=User.objects.get(pk=root.pk))

    assert [error.code for error in at_once(make, make, make)] == ["invalid"] * 2
    assert User.objects.filter(email="n@desk.example").count() == 1


# The own account


def test_a_profile_knows_its_settings_and_logs_their_names(alice: User) -> None:
    with pytest.raises(Invalid) as refusal:
        services.update_profile(changes={"is_active": False}, by=alice)
    assert field(refusal) == ("is_active", "unknown")
    services.update_profile(changes={"name": "Alice", "theme": "auto"}, by=alice)
    assert log() == []
    services.update_profile(changes={"name": "爱丽丝", "theme": "dark"}, by=alice)
    assert AccountEvent.objects.get().data == {"fields": ["name", "theme"]}


def test_tokens_are_few_and_end_once(alice: User, bob: User) -> None:
    for _ in range(services.TOKENS_EACH + 2):
        token, _secret = services.issue_token(by=alice)
    assert ApiToken.objects.count() == services.TOKENS_EACH
    with pytest.raises(Missing):
        services.revoke_token(token=token, by=bob)
    for _ in range(2):
        services.revoke_token(token=ApiToken(pk=token.pk, user=alice), by=alice)
    assert log().count("token.revoked") == 1


# The table of rights


def test_every_permission_is_held_and_org_rights_stay_inside_the_enterprise() -> None:
    for permission in Permission:
        holders = roles_with(permission)
        assert holders
        kind = OrganisationRole if permission.startswith("org:") else StaffRole
        assert set(holders) <= set(kind)
    assert set(ROLES) == {*OrganisationRole, *StaffRole}


def test_no_single_role_prepares_and_approves() -> None:
    assert not [role for role, held in ROLES.items() if {Permission.BACKFILL_KEY, Permission.BACKFILL_APPROVE} <= held]
    assert not [role for role, held in ROLES.items() if {Permission.KB_EDIT, Permission.KB_REVIEW} <= held]


def test_a_right_in_one_enterprise_is_none_in_another(alice: User, alpha: Organisation, beta: Organisation) -> None:
    require(alice, Permission.ORG_TICKET_FILE, alpha.pk)
    for elsewhere in (beta.pk, None, 0):
        with pytest.raises(Forbidden):
            require(alice, Permission.ORG_TICKET_FILE, elsewhere)
    Organisation.objects.filter(pk=alpha.pk).update(is_active=False)
    with pytest.raises(Forbidden):
        require(User.objects.get(pk=alice.pk), Permission.ORG_TICKET_FILE, alpha.pk)
