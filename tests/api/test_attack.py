"""A stranger with an account, a script and time."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from rest_framework.test import APIClient

from accounts import services as accounts
from accounts.models import ApiToken, Organisation, User
from tests.api.problems import assert_problem
from tests.cases import a_file, a_ticket
from tests.conftest import PASSWORD
from tickets.models import Draft, Ticket

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
Api = Callable[[User | None], APIClient]
V1 = "/api/v1"
EVIL = "<img src=x onerror=alert(1)>\"'`{{7*7}}{% now %}"


def token(email: str, password: str, **more: Any) -> Any:
    return Client().post(f"{V1}/auth/token/", {"email": email, "password": password}, "application/json", **more)


# The way in


def test_another_spelling_or_a_forged_header_is_not_another_five_tries(alice: User) -> None:
    for turn, spelling in enumerate(("alice@alpha.example", "ALICE@alpha.example", " Alice@Alpha.Example ") * 2):
        forged = {"HTTP_X_FORWARDED_FOR": f"198.51.100.{turn}", "HTTP_X_REAL_IP": f"198.51.100.{turn}"}
        refused = token(spelling, "wrong", **forged)
    assert_problem(refused, 429, "locked_out")
    assert int(refused["Retry-After"]) > 0
    assert token(alice.email, PASSWORD).status_code == 429
    assert token(alice.email, PASSWORD, REMOTE_ADDR="198.51.100.7").status_code == 200


def test_the_answer_does_not_tell_who_has_an_account(alice: User) -> None:
    wrong, unknown = token(alice.email, "wrong"), token("nobody@x.example", "wrong")
    assert (wrong.status_code, wrong.content) == (unknown.status_code, unknown.content)
    assert wrong.headers == unknown.headers


def test_a_reset_tells_nobody_who_has_an_account(alice: User) -> None:
    pages = [
        Client().post("/accounts/password/reset/", {"email": email}) for email in (alice.email, "nobody@x.example")
    ]
    assert len({(page.status_code, page["Location"]) for page in pages}) == 1


def test_signing_in_takes_a_new_session(alice: User) -> None:
    browser = Client()
    browser.cookies["sessionid"] = "chosenbytheattacker0000000000000"
    browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert browser.cookies["sessionid"].value != "chosenbytheattacker0000000000000"
    assert browser.cookies["sessionid"]["httponly"]
    assert browser.cookies["sessionid"]["samesite"] == "Lax"
    old = browser.cookies["sessionid"].value
    browser.post("/accounts/logout/")
    browser.cookies["sessionid"] = old
    assert_problem(browser.get(f"{V1}/me/"), 401)


def test_a_new_password_ends_every_token_and_session(alice: User, client_of: Browser) -> None:
    secret, browser = token(alice.email, PASSWORD).json()["token"], client_of(alice)
    accounts.set_password(user=alice, password="another horse battery")
    assert not ApiToken.objects.exists()
    assert_problem(APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}").get(f"{V1}/me/"), 401)
    assert_problem(browser.get(f"{V1}/me/"), 401)


def test_a_token_ends_nobody_elses(alice: User, charlie: User) -> None:
    hers, his = (token(user.email, PASSWORD).json()["token"] for user in (alice, charlie))
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {his}").delete(f"{V1}/auth/token/").status_code == 204
    assert APIClient(HTTP_AUTHORIZATION=f"Bearer {hers}").get(f"{V1}/me/").status_code == 200


def test_a_token_comes_in_the_header_alone(alice: User) -> None:
    secret = token(alice.email, PASSWORD).json()["token"]
    for name in ("token", "access_token", "Authorization", "bearer"):
        assert_problem(Client().get(f"{V1}/me/?{name}={secret}"), 401)


# Somebody else's browser


def test_a_page_elsewhere_writes_nothing(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice, backend="accounts.backends.Accounts")
    given = {"subject": "s", "symptom": "no_record"}
    assert_problem(browser.post(f"{V1}/tickets/", given, "application/json"), 403)
    assert_problem(browser.post(f"{V1}/tickets/", '{"subject":"s","symptom":"other"}', "text/plain"), 403)
    assert_problem(browser.post(f"{V1}/tickets/", {"ticket": '{"subject":"s","symptom":"other"}'}), 403)
    for path in ("/theme/", "/tickets/new/", "/evidence/", "/accounts/profile/", "/accounts/logout/", "/i18n/setlang/"):
        assert browser.post(path, {"theme": "dark"}).status_code == 403, path
    assert browser.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}).status_code == 403
    assert not Ticket.objects.exists()
    assert browser.get(f"{V1}/me/").status_code == 200


@pytest.mark.parametrize(
    "away",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "http:///evil.example",
        "http:evil.example",
        "javascript:alert(1)",
        "\tjavascript:alert(1)",
        "/\t/evil.example",
        "http://testserver.evil.example/",
        "http://testserver@evil.example/",
    ],
)
def test_no_way_leads_to_another_site(away: str, alice: User, client_of: Browser) -> None:
    for path, given in (
        ("/theme/", {"theme": "dark"}),
        ("/i18n/setlang/", {"language": "en"}),
        ("/accounts/logout/", {}),
    ):
        target = client_of(alice).post(path, {**given, "next": away})["Location"]
        assert target.startswith("/"), path
        assert not target.startswith(("//", "/\\")), path
    assert client_of(alice).get("/accounts/login/", {"next": away})["Location"] == "/after-login/"


@pytest.mark.parametrize(
    "host", ["evil.example", "testserver.evil.example", "testserver@evil.example", "testserver:80:80", ""]
)
def test_another_host_is_refused(host: str, db: None) -> None:
    assert_problem(Client().get(f"{V1}/kb/articles/", HTTP_HOST=host), 400, "bad_request")
    assert Client().get("/", HTTP_HOST=host).status_code == 400


def test_no_header_puts_another_host_into_links_and_mails(alice: User, api_of: Api, alpha: Organisation) -> None:
    forged = {
        "HTTP_X_FORWARDED_HOST": "evil.example",
        "HTTP_FORWARDED": "host=evil.example",
        "HTTP_X_HOST": "evil.example",
    }
    Client().post("/accounts/password/reset/", {"email": alice.email}, **forged)
    assert "evil.example" not in mail.outbox[0].body
    for _ in range(2):
        a_ticket(alice, alpha)
    assert "evil.example" not in api_of(alice).get(f"{V1}/tickets/?page_size=1", **forged).json()["next"]


# What is stored and shown to others


def test_text_stays_text_on_every_page(
    alice: User, alpha: Organisation, ann: User, api_of: Api, client_of: Browser
) -> None:
    Organisation.objects.filter(pk=alpha.pk).update(name=EVIL)
    User.objects.filter(pk=alice.pk).update(name=EVIL)
    invoice = {"number": "26112000000000000033", "seller_name": EVIL, "buyer_name": EVIL}
    given = {"subject": EVIL, "symptom": "no_record", "description": EVIL, "software": EVIL[:80], "tried": [EVIL]}
    made = api_of(alice).post(f"{V1}/tickets/", {**given, "invoices": [invoice]}).json()
    path = f"{V1}/tickets/{made['number']}/"
    assert api_of(alice).post(f"{path}messages/", {"body": EVIL}).status_code == 201
    assert api_of(ann).post(f"{path}messages/", {"body": EVIL, "visibility": "internal"}).status_code == 201
    assert api_of(ann).post(f"{path}actions/ask/", {"body": EVIL}).status_code == 200
    for who, pages in (
        (alice, ("/tickets/", f"/tickets/{made['number']}/", "/notifications/", "/accounts/profile/")),
        (alice, (f"/tickets/{made['number']}/received/", f"/accounts/organisation/{alpha.pk}/", "/tickets/?q=<img")),
        (
            ann,
            (
                "/desk/queue/all/",
                f"/desk/tickets/{made['number']}/",
                "/desk/queue/all/?q=%3Cimg",
                "/accounts/desk/organisations/",
            ),
        ),
    ):
        for page in pages:
            answer = client_of(who).get(page)
            text = answer.content.decode()
            assert answer.status_code == 200
            assert "<img src=x" not in text, page
            assert "49" not in re.findall(r"`(\d+)", text), page


def test_a_subject_is_one_line(alice: User, alpha: Organisation, api_of: Api) -> None:
    given = {"subject": " a\r\nBcc: evil@x.example\u2028b\tc ", "symptom": "other"}
    assert api_of(alice).post(f"{V1}/tickets/", given).json()["subject"] == "a Bcc: evil@x.example b c"


def test_the_form_takes_no_strangers_file(alice: User, charlie: User, client_of: Browser) -> None:
    file = a_file(alice, name="alices-log.txt")
    browser = client_of(charlie)
    browser.post("/tickets/new/", {"symptom": "no_record"})
    forms = {f"invoices-{n}_FORMS": "0" for n in ("TOTAL", "INITIAL", "MIN_NUM", "MAX_NUM")}
    browser.post("/tickets/new/details/", {"subject": "s", "evidence": str(file.pk), **forms, "next": "1"})
    assert Draft.objects.filter(user=charlie).exists()
    for page in ("details/", "files/", "review/"):
        assert "alices-log" not in browser.get(f"/tickets/new/{page}").content.decode()
    browser.post("/tickets/new/review/", {})
    file.refresh_from_db()
    assert file.ticket is None


def test_a_range_or_a_condition_opens_nothing(alice: User, charlie: User, api_of: Api) -> None:
    from tickets.evidence.services import extract

    file = a_file(alice)
    extract(file.pk)
    path = f"{V1}/evidence/{file.pk}/file/"
    whole = api_of(alice).get(path)
    assert b"".join(whole)
    tag = whole["ETag"]
    for headers in (
        {"HTTP_RANGE": "bytes=0-3"},
        {"HTTP_IF_NONE_MATCH": tag},
        {"HTTP_IF_MATCH": tag},
        {"HTTP_IF_RANGE": tag},
    ):
        assert_problem(api_of(charlie).get(path, **headers), 404)
