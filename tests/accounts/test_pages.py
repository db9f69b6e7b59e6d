"""Accounts in the browser and over the API: profile, enterprise, members, invitations, people at the desk, tokens."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import services, tax_ids
from accounts.models import AccountEvent, ApiToken, Invitation, Membership, Organisation, User
from accounts.permissions import OrganisationRole, StaffRole
from helpdesk.common.errors import Forbidden, NotNow
from tests.conftest import PASSWORD, member, person

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
CODE = "91110108MA01ABCD5"


@pytest.fixture
def root(db: None) -> User:
    return person("Root", "root@desk.example", StaffRole.ADMINISTRATOR)


def test_a_profile_speaks_the_chosen_language_at_once(alice: User, client_of: Browser) -> None:
    browser = client_of(alice)
    given = {"name": "Alice Li", "phone": "", "language": "en", "time_zone": "Europe/Berlin", "theme": "dark"}
    answer = browser.post("/accounts/profile/", given, follow=True)
    assert "Account and settings" in answer.content.decode()
    alice.refresh_from_db()
    assert (alice.name, alice.theme, alice.shortcuts) == ("Alice Li", "dark", False)
    assert browser.post("/accounts/profile/", {**given, "time_zone": "Moon/Sea"}).status_code == 422


def test_an_enterprise_is_registered_with_its_owner(client_of: Browser, db: None) -> None:
    newcomer = person("Nina", "nina@new.example")
    code = CODE + tax_ids.check_character(CODE)
    answer = client_of(newcomer).post(
        "/accounts/organisation/new/", {"name": "示例新办有限公司", "tax_id": code.lower()}
    )
    made = Organisation.objects.get()
    assert answer["Location"] == f"/accounts/organisation/{made.pk}/"
    assert (made.tax_id, made.is_verified) == (code, False)
    assert made.memberships.get().role == OrganisationRole.OWNER


def test_a_wrong_check_character_warns_and_a_wrong_form_refuses(client_of: Browser, db: None) -> None:
    browser = client_of(person("Nina", "nina@new.example"))
    right = tax_ids.check_character(CODE)
    wrong = CODE + next(c for c in tax_ids.ALPHABET if c != right)
    told = browser.post("/accounts/organisation/new/", {"name": "示例有限公司", "tax_id": wrong}, follow=True)
    assert told.status_code == 200
    assert Organisation.objects.get().tax_id == wrong
    assert browser.post("/accounts/organisation/new/", {"name": "又一家", "tax_id": "123"}).status_code == 422
    assert browser.post("/accounts/organisation/new/", {"name": "又一家", "tax_id": wrong}).status_code == 422
    assert Organisation.objects.count() == 1


def test_an_invited_colleague_joins_once(
    alice: User, alpha: Organisation, client_of: Browser, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        client_of(alice).post(
            f"/accounts/organisation/{alpha.pk}/invite/", {"email": "New@Alpha.example", "role": "viewer"}
        )
    link = re.search(r"/accounts/invitation/\S+", mail.outbox[0].body)[0]  # type: ignore[index]
    assert mail.outbox[0].to == ["new@alpha.example"]
    stranger, colleague = person("Eve", "eve@x.example"), person("New", "new@alpha.example")
    assert client_of(stranger).post(link).status_code == 403
    assert client_of(None).get(link).status_code == 200
    assert client_of(colleague).post(link).status_code == 302
    assert Membership.objects.get(user=colleague).role == OrganisationRole.VIEWER
    assert client_of(colleague).get(link).status_code == 404
    assert not Membership.objects.filter(user=stranger).exists()


def test_an_old_invitation_opens_nothing(alice: User, alpha: Organisation, client_of: Browser) -> None:
    services.invite(organisation=alpha, email="late@x.example", role="member", by=alice)
    Invitation.objects.update(digest=services.digest("t"), expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert client_of(None).get("/accounts/invitation/t/").status_code == 404


def test_a_removed_member_is_out_at_once(alice: User, bob: User, alpha: Organisation, client_of: Browser) -> None:
    browser = client_of(bob)
    assert browser.get(f"/accounts/organisation/{alpha.pk}/").status_code == 200
    row = Membership.objects.get(user=bob)
    client_of(alice).post(f"/accounts/organisation/{alpha.pk}/members/{row.pk}/remove/")
    assert browser.get(f"/accounts/organisation/{alpha.pk}/").status_code == 404


def test_the_last_owner_stays(alice: User, bob: User, alpha: Organisation, client_of: Browser) -> None:
    mine = Membership.objects.get(user=alice)
    browser = client_of(alice)
    browser.post(f"/accounts/organisation/{alpha.pk}/members/{mine.pk}/role/", {"role": "member"})
    browser.post(f"/accounts/organisation/{alpha.pk}/members/{mine.pk}/remove/")
    mine.refresh_from_db()
    assert mine.role == OrganisationRole.OWNER
    browser.post(
        f"/accounts/organisation/{alpha.pk}/members/{Membership.objects.get(user=bob).pk}/role/", {"role": "owner"}
    )
    browser.post(f"/accounts/organisation/{alpha.pk}/members/{mine.pk}/remove/")
    assert not Membership.objects.filter(user=alice).exists()


def test_a_member_manages_nobody(bob: User, alice: User, alpha: Organisation, client_of: Browser) -> None:
    row = Membership.objects.get(user=alice)
    client_of(bob).post(f"/accounts/organisation/{alpha.pk}/members/{row.pk}/remove/")
    client_of(bob).post(f"/accounts/organisation/{alpha.pk}/invite/", {"email": "x@x.example", "role": "owner"})
    assert Membership.objects.filter(pk=row.pk).exists()
    assert not Invitation.objects.exists()


def test_another_enterprise_is_not_there(charlie: User, alpha: Organisation, alice: User, client_of: Browser) -> None:
    row = Membership.objects.get(user=alice)
    browser = client_of(charlie)
    assert browser.get(f"/accounts/organisation/{alpha.pk}/").status_code == 404
    for address in ("invite/", "verify/", f"members/{row.pk}/role/", f"members/{row.pk}/remove/"):
        assert browser.post(f"/accounts/organisation/{alpha.pk}/{address}").status_code == 404


def test_the_desk_verifies_but_nobody_their_own(ann: User, alpha: Organisation, client_of: Browser) -> None:
    Organisation.objects.update(is_verified=False)
    assert alpha.name in client_of(ann).get("/accounts/desk/organisations/?verified=0&q=阿尔法").content.decode()
    member(ann, alpha, OrganisationRole.MEMBER)
    with pytest.raises(Forbidden):
        services.verify_organisation(organisation=alpha, by=User.objects.get(pk=ann.pk))
    Membership.objects.filter(user=ann).delete()
    client_of(ann).post(f"/accounts/organisation/{alpha.pk}/verify/")
    alpha.refresh_from_db()
    assert (alpha.is_verified, alpha.verified_by) == (True, ann)


def test_an_administrator_grants_roles_but_not_to_themselves(root: User, ann: User, client_of: Browser) -> None:
    browser = client_of(root)
    browser.post(f"/accounts/desk/people/{ann.pk}/", {"do": "grant", "role": "supervisor"})
    assert "supervisor" in User.objects.get(pk=ann.pk).roles
    browser.post(f"/accounts/desk/people/{ann.pk}/", {"do": "revoke", "role": "supervisor"})
    assert "supervisor" not in User.objects.get(pk=ann.pk).roles
    browser.post(f"/accounts/desk/people/{root.pk}/", {"do": "grant", "role": "supervisor"})
    assert User.objects.get(pk=root.pk).roles == {"administrator"}
    made = browser.post("/accounts/desk/people/", {"name": "Nia", "email": "nia@desk.example", "roles": ["agent"]})
    assert User.objects.get(email="nia@desk.example").roles == {"agent"}
    assert re.search(r'class="mono">[\w-]{16}<', made.content.decode())
    browser.post(f"/accounts/desk/people/{ann.pk}/", {"do": "deactivate"})
    with pytest.raises(NotNow):
        services.deactivate(user=User.objects.get(pk=ann.pk), by=root)


def test_a_refusal_names_the_permission_and_who_grants_it(alice: User, client_of: Browser) -> None:
    page = client_of(alice).get("/accounts/desk/people/", HTTP_ACCEPT_LANGUAGE="en")
    assert page.status_code == 403
    assert "Grant staff roles" in page.content.decode()
    assert "Administrator" in page.content.decode()


# API


def sign_in(api: APIClient, email: str, password: str, **more: Any) -> Any:
    return api.post("/api/v1/auth/token/", {"email": email, "password": password}, **more)


def test_a_token_opens_the_api_until_it_is_revoked(alice: User, api_of: Callable[[Any], APIClient]) -> None:
    api = api_of(None)
    given = sign_in(api, "Alice@alpha.example", PASSWORD).json()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {given['token']}")
    me = api.get("/api/v1/me/").json()
    assert (me["email"], me["organisations"][0]["role"], me["roles"]) == ("alice@alpha.example", "owner", [])
    assert "org:members:manage" in me["organisations"][0]["permissions"]
    assert api.delete("/api/v1/auth/token/").status_code == 204
    assert api.get("/api/v1/me/").status_code == 401
    assert given["token"] not in str(list(ApiToken.objects.values()))


def test_wrong_credentials_say_nothing(alice: User, api_of: Callable[[Any], APIClient]) -> None:
    known, unknown = (sign_in(api_of(None), name, "wrong") for name in ("alice@alpha.example", "nobody@x.example"))
    assert (known.status_code, known.json()["code"]) == (401, "bad_credentials")
    assert {**known.json(), "instance": ""} == {**unknown.json(), "instance": ""}


def test_a_stranger_elsewhere_locks_nobody_out(alice: User, api_of: Callable[[Any], APIClient]) -> None:
    api = api_of(None)
    for _ in range(6):
        refused = sign_in(api, "ALICE@alpha.example", "wrong", REMOTE_ADDR="203.0.113.9")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert sign_in(api, "alice@alpha.example", PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 429
    assert sign_in(api, "alice@alpha.example", PASSWORD, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_a_new_password_ends_every_token(alice: User) -> None:
    services.issue_token(by=alice)
    services.set_password(user=alice, password="another horse battery")
    assert not ApiToken.objects.exists()
    assert AccountEvent.objects.filter(kind="password.changed", subject=alice).exists()


def test_an_unconfirmed_address_gets_no_token(alice: User, settings: Any, api_of: Callable[[Any], APIClient]) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert sign_in(api_of(None), "alice@alpha.example", PASSWORD).status_code == 401
