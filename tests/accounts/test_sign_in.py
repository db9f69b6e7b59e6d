"""Signing up, signing in, and what ends it: through allauth's pages as a browser sees them."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from io import StringIO
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from accounts import services
from accounts.models import AccountEvent, Membership, Organisation, User
from accounts.permissions import OrganisationRole, StaffRole
from tests.conftest import PASSWORD, person

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
CODE = "91110108MA01ABCD5T"
NEW = "another horse battery"


@pytest.fixture
def root(db: None) -> User:
    return person("Root", "root@desk.example", StaffRole.ADMINISTRATOR)


@pytest.fixture
def mandatory(settings: Any) -> None:
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def sign_up(browser: Client, email: str, **more: str) -> Any:
    given = {"name": "Nina", "email": email, "password1": PASSWORD, "password2": PASSWORD, **more}
    return browser.post("/accounts/signup/", given)


def sign_in(browser: Client, email: str, password: str = PASSWORD, **more: Any) -> Any:
    return browser.post("/accounts/login/", {"login": email, "password": password}, **more)


def signed_in(browser: Client) -> bool:
    return bool(browser.get("/accounts/profile/").status_code == 200)


# Signing up


@pytest.mark.usefixtures("mandatory")
def test_one_form_makes_the_person_and_the_enterprise(client_of: Browser) -> None:
    browser = client_of(None)
    sign_up(browser, "Nina@New.example", company="示例新办有限公司", tax_id=CODE.lower())
    row = Membership.objects.get()
    assert (row.user.email, row.organisation.tax_id, row.role) == ("nina@new.example", CODE, OrganisationRole.OWNER)
    assert not signed_in(browser)
    link = re.search(r"/accounts/confirm-email/\S+", mail.outbox[0].body)[0]  # type: ignore[index]
    browser.post(link)
    sign_in(browser, "nina@new.example")
    assert signed_in(browser)


def test_a_wrong_enterprise_makes_no_person(alpha: Organisation, client_of: Browser) -> None:
    for given in (
        {"company": "示例", "tax_id": "123"},
        {"company": "示例", "tax_id": alpha.tax_id},
        {"company": "示例"},
    ):
        assert sign_up(client_of(None), "nina@new.example", **given).status_code != 302
    assert not User.objects.filter(email="nina@new.example").exists()


@pytest.mark.parametrize("email", ["ni\u212aa@new.example", "nına@new.example", "ｎina@new.example"])
def test_no_look_alike_of_an_address_signs_up(email: str, client_of: Browser) -> None:
    assert sign_up(client_of(None), email).status_code != 302
    assert not User.objects.exists()


@pytest.mark.usefixtures("mandatory")
def test_signing_up_again_tells_the_owner_of_the_address_alone(alice: User, client_of: Browser) -> None:
    EmailAddress.objects.create(user=alice, email=alice.email, verified=True, primary=True)
    known, unknown = sign_up(client_of(None), alice.email), sign_up(client_of(None), "nina@new.example")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert User.objects.filter(email=alice.email).count() == 1
    assert alice.check_password(PASSWORD)


def invited(alice: User, alpha: Organisation, email: str, callbacks: Any) -> str:
    with callbacks(execute=True):
        services.invite(organisation=alpha, email=email, role="member", by=alice)
    return re.search(r"/accounts/invitation/\S+", mail.outbox[-1].body)[0]  # type: ignore[index]


@pytest.mark.usefixtures("mandatory")
def test_an_invited_person_signs_up_and_joins_without_a_second_mail(
    alice: User,
    alpha: Organisation,
    client_of: Browser,
    django_capture_on_commit_callbacks: Any,
) -> None:
    link = invited(alice, alpha, "nina@new.example", django_capture_on_commit_callbacks)
    browser = client_of(None)
    page = browser.get(link).content.decode()
    assert alpha.name in page
    assert "Alice" in page
    assert f'/accounts/signup/?next={link}"' in page
    sign_up(browser, "nina@new.example", next=link)
    assert browser.post(link)["Location"] == f"/accounts/organisation/{alpha.pk}/"
    assert len(mail.outbox) == 1


@pytest.mark.usefixtures("mandatory")
def test_an_invitation_confirms_no_other_address(
    alice: User,
    alpha: Organisation,
    client_of: Browser,
    django_capture_on_commit_callbacks: Any,
) -> None:
    link = invited(alice, alpha, "nina@new.example", django_capture_on_commit_callbacks)
    browser = client_of(None)
    browser.get(link)
    sign_up(browser, "eve@x.example")
    assert not signed_in(browser)
    assert not EmailAddress.objects.filter(verified=True).exists()


def test_an_invitation_of_somebody_who_left_opens_nothing(
    alice: User, root: User, alpha: Organisation, client_of: Browser, django_capture_on_commit_callbacks: Any
) -> None:
    link = invited(alice, alpha, "nina@new.example", django_capture_on_commit_callbacks)
    services.deactivate(user=alice, by=root)
    assert client_of(None).get(link).status_code == 404


# Signing in


class CountingHasher(MD5PasswordHasher):
    """Counts what it is asked to do: the time that a sign-in takes."""

    done = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).done += 1
        return super().encode(password, salt)


def hashes(send: Callable[[], Any]) -> int:
    CountingHasher.done = 0
    send()
    return CountingHasher.done


def test_an_unknown_address_takes_as_long_as_a_wrong_password(settings: Any, client_of: Browser, db: None) -> None:
    settings.PASSWORD_HASHERS = [f"{__name__}.CountingHasher"]
    person("Alice", "alice@alpha.example")
    person("Gone", "gone@alpha.example")
    User.objects.filter(email="gone@alpha.example").update(is_active=False)
    for path, name in (("/accounts/login/", "login"), ("/api/v1/auth/token/", "email")):
        counts = {}
        for address in ("alice@alpha.example", "gone@alpha.example", "nobody@x.example"):
            given = {name: address, "password": "wrong"}
            counts[address] = hashes(partial(client_of(None).post, path, given, **JSON[name]))
        assert set(counts.values()) == {1}, counts


JSON: dict[str, dict[str, Any]] = {"login": {}, "email": {"content_type": "application/json"}}


def test_a_stranger_elsewhere_locks_nobody_out_of_the_page(alice: User, client_of: Browser) -> None:
    for spelling in ("alice@alpha.example", "ALICE@alpha.example", " alice@alpha.example", "Alice@Alpha.Example") * 2:
        refused = sign_in(client_of(None), spelling, "wrong", REMOTE_ADDR="203.0.113.9")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert sign_in(client_of(None), alice.email, REMOTE_ADDR="203.0.113.9").status_code == 429
    assert sign_in(client_of(None), alice.email, REMOTE_ADDR="198.51.100.7").status_code == 302


def test_a_forged_header_is_no_other_address(alice: User, client_of: Browser) -> None:
    for turn in range(6):
        refused = sign_in(client_of(None), alice.email, "wrong", headers={"X-Forwarded-For": f"198.51.100.{turn}"})
    assert refused.status_code == 429


def test_signing_in_leads_to_no_other_site(alice: User, client_of: Browser) -> None:
    for away in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"):
        answer = client_of(None).post("/accounts/login/", {"login": alice.email, "password": PASSWORD, "next": away})
        assert answer.status_code == 302
        assert answer["Location"].startswith("/")
        assert "evil" not in answer["Location"]


def test_a_new_password_ends_the_other_sessions(alice: User, client_of: Browser) -> None:
    here, elsewhere = client_of(None), client_of(None)
    for browser in (here, elsewhere):
        sign_in(browser, alice.email)
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    assert signed_in(here)
    assert not signed_in(elsewhere)


def test_a_deactivated_person_is_out_at_once_and_old_sessions_stay_dead(
    ann: User, root: User, client_of: Browser, api_of: Callable[[Any], APIClient]
) -> None:
    browser, script = client_of(ann), api_of(None)
    _, secret = services.issue_token(by=ann)
    script.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert (signed_in(browser), script.get("/api/v1/me/").status_code) == (True, 200)
    services.deactivate(user=ann, by=root)
    assert (signed_in(browser), script.get("/api/v1/me/").status_code) == (False, 401)
    services.reactivate(user=ann, by=root)
    assert (signed_in(browser), script.get("/api/v1/me/").status_code) == (False, 401)


# The first password


def created(*arguments: str) -> str:
    out = StringIO()
    call_command("create_staff", *arguments, stdout=out)
    return out.getvalue().strip()


def test_the_first_password_opens_one_door(client_of: Browser, api_of: Callable[[Any], APIClient], db: None) -> None:
    first = created("nia@desk.example", "--name", "Nia", "--role", "agent", "--role", "administrator")
    nia = User.objects.get(email="nia@desk.example")
    assert nia.roles == {"agent", "administrator"}
    script = api_of(None)
    given = {"email": nia.email, "password": first}
    assert script.post("/api/v1/auth/token/", given).status_code == 401
    browser = client_of(None)
    sign_in(browser, nia.email, first)
    for path in ("/desk/", "/accounts/desk/people/", "/accounts/profile/", "/"):
        assert browser.get(path)["Location"] == "/accounts/password/change/"
    assert browser.get("/api/v1/me/").json()["code"] == "password_is_initial"
    browser.post("/accounts/password/change/", {"oldpassword": first, "password1": NEW, "password2": NEW})
    assert browser.get("/accounts/desk/people/").status_code == 200
    assert script.post("/api/v1/auth/token/", {**given, "password": NEW}).status_code == 200


def test_nobody_is_created_twice_or_for_no_role(alice: User) -> None:
    for arguments in (
        ("alice@alpha.example", "--role", "agent"),
        ("new@desk.example", "--role", "king"),
        ("new@desk.example",),
        ("no address", "--role", "agent"),
    ):
        with pytest.raises(CommandError):
            created(*arguments)
    assert User.objects.count() == 1
    assert not AccountEvent.objects.filter(kind="role.granted").exists()


def test_somebody_with_an_account_can_be_found_by_address_and_get_a_role(
    alice: User, root: User, client_of: Browser
) -> None:
    browser = client_of(root)
    assert "alice@alpha.example" not in browser.get("/accounts/desk/people/").content.decode()
    assert "alice@alpha.example" in browser.get("/accounts/desk/people/?q=Alice@alpha.example").content.decode()
    browser.post(f"/accounts/desk/people/{alice.pk}/", {"do": "grant", "role": "agent"})
    assert "alice@alpha.example" in browser.get("/accounts/desk/people/").content.decode()
