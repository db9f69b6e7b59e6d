"""Two at the same moment: an owner and an administrator always remain, and an invitation is used once."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts import services
from accounts.models import Invitation, Membership, Organisation, User
from accounts.permissions import OrganisationRole, StaffRole
from tests.conftest import member, person
from tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_owners_cannot_demote_each_other(alice: User, alpha: Organisation) -> None:
    member(other := person("Olive", "olive@alpha.example"), alpha, OrganisationRole.OWNER)
    rows = {row.user_id: row for row in Membership.objects.filter(organisation=alpha)}
    refused = at_once(
        lambda: services.change_role(membership=rows[other.pk], role="member", by=alice),
        lambda: services.change_role(membership=rows[alice.pk], role="member", by=other),
    )
    assert Membership.objects.filter(organisation=alpha, role=OrganisationRole.OWNER).count() == 1
    assert len(refused) == 1


@pytest.mark.parametrize("way", ["revoke", "deactivate"])
def test_two_administrators_cannot_take_each_others_rights(way: str, db: None) -> None:
    one, two = (person(name, f"{name}@desk.example", StaffRole.ADMINISTRATOR) for name in ("one", "two"))

    def act(user: User, by: User) -> None:
        if way == "revoke":
            services.revoke_role(user=user, role="administrator", by=by)
        else:
            services.deactivate(user=user, by=by)

    refused = at_once(lambda: act(one, two), lambda: act(two, one))
    assert User.objects.staff().count() == 1
    assert len(refused) == 1


def test_an_invitation_is_used_once(alice: User, alpha: Organisation) -> None:
    services.invite(organisation=alpha, email="new@alpha.example", role="viewer", by=alice)
    Invitation.objects.update(digest=services.digest("t"))
    colleague = person("New", "new@alpha.example")
    refused = at_once(*(lambda: services.accept_invitation(token="t", by=colleague) for _ in range(4)))
    assert len(refused) == 3
    assert Membership.objects.filter(user=colleague).count() == 1
    assert Invitation.objects.get().accepted_at <= timezone.now()


def test_one_code_is_registered_once(db: None) -> None:
    people = [person(f"P{i}", f"p{i}@x.example") for i in range(4)]
    code = "91110108MA01ABCD5T"
    refused = at_once(
        *(lambda p=p: services.register_organisation(name="示例有限公司", tax_id=code, by=p) for p in people)  # type: ignore[misc]
    )
    assert len(refused) == 3
    assert Organisation.objects.get().memberships.count() == 1
