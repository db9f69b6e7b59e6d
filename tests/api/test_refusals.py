"""Signing in by script, and how the API says no."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient
from rest_framework.throttling import UserRateThrottle

from accounts.models import ApiToken, Organisation, User
from tests.api.problems import assert_problem
from tests.cases import a_ticket
from tests.conftest import PASSWORD
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
V1 = "/api/v1"


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


# Signing in by script


def token(email: str = "alice@alpha.example", password: str = PASSWORD, **more: Any) -> Any:
    return Client().post(f"{V1}/auth/token/", {"email": email, "password": password}, "application/json", **more)


def bearer(secret: str) -> APIClient:
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")


def test_a_token_opens_the_api_until_it_is_revoked(alice: User) -> None:
    answer = token()
    assert answer.status_code == 200
    assert set(answer.json()) == {"token", "expires_at"}
    assert answer["Cache-Control"] == "no-store"
    caller = bearer(answer.json()["token"])
    me = caller.get(f"{V1}/me/").json()
    assert me["email"] == alice.email
    assert {"id", "name", "language", "time_zone", "organisations", "roles", "permissions"} <= set(me)
    assert {"id", "name", "tax_id", "is_verified", "role", "permissions"} == set(me["organisations"][0])
    assert caller.delete(f"{V1}/auth/token/").status_code == 204
    assert_problem(caller.get(f"{V1}/me/"), 401, "authentication_failed")


def test_only_the_digest_of_a_token_is_kept_and_an_old_one_is_dead(alice: User) -> None:
    secret = token().json()["token"]
    assert secret not in str(ApiToken.objects.values())
    ApiToken.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert_problem(bearer(secret).get(f"{V1}/me/"), 401)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_AUTHORIZATION": "Bearer"},
        {"HTTP_AUTHORIZATION": "Bearer "},
        {"HTTP_AUTHORIZATION": "Bearer x y"},
        {"HTTP_AUTHORIZATION": "Bearer \u00ff\u00fe"},
        {"HTTP_AUTHORIZATION": "Basic YTpi"},
        {"HTTP_AUTHORIZATION": "Bearer " + "x" * 100_000},
        {"HTTP_COOKIE": "sessionid=x"},
    ],
)
def test_401_says_how_to_sign_in(headers: dict[str, str], db: None) -> None:
    answer = APIClient().get(f"{V1}/me/", **headers)
    assert_problem(answer, 401)
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_wrong_credentials_are_a_401_too(alice: User) -> None:
    answer = token(password="wrong")
    assert_problem(answer, 401, "bad_credentials")
    assert answer["WWW-Authenticate"].startswith("Bearer")


# Refusals


def test_405_names_the_methods_and_406_and_415_the_reason(alice: User, api_of: Api) -> None:
    api = api_of(alice)
    answer = api.delete(f"{V1}/tickets/")
    assert_problem(answer, 405)
    assert {"GET", "POST"} <= set(answer["Allow"].split(", "))
    assert_problem(api.get(f"{V1}/tickets/", HTTP_ACCEPT="application/xml"), 406)
    assert_problem(api.get(f"{V1}/tickets/?format=html"), 404)
    assert_problem(api.generic("POST", f"{V1}/tickets/", "<a/>", "text/xml"), 415)
    assert_problem(api.get(f"{V1}/schema/", HTTP_ACCEPT="text/html"), 406)


def test_errors_speak_the_callers_language(alice: User, api_of: Api) -> None:
    for language, text in (("en", "Some fields need a correction."), ("zh-hans", "部分内容需要修改。")):
        told = assert_problem(api_of(alice).post(f"{V1}/tickets/", {}, HTTP_ACCEPT_LANGUAGE=language), 400)
        assert told["detail"] == text


def test_403_names_the_missing_permission(ticket: Ticket, alice: User, api_of: Api) -> None:
    told = assert_problem(api_of(alice).post(f"{V1}/tickets/{ticket.number}/actions/accept/"), 403, "forbidden")
    assert told["permission"] == "desk:ticket:triage"


def test_429_says_when_to_come_back(alice: User, api_of: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(UserRateThrottle, "THROTTLE_RATES", {"anon": "2/min", "user": "2/min"})
    for who in (alice, None):
        answers = [api_of(who).get(f"{V1}/kb/articles/") for _ in range(3)]
        assert [answer.status_code for answer in answers[:2]] == [200, 200]
        assert_problem(answers[2], 429, "throttled")
        assert 0 < int(answers[2]["Retry-After"]) <= 61


def test_tokens_are_not_tried_for_faster_than_the_page_allows(db: None) -> None:
    answers = [token(f"nobody{n}@x.example", "wrong") for n in range(31)]
    assert {answer.status_code for answer in answers[:30]} == {401}
    assert_problem(answers[30], 429, "throttled")
    assert int(answers[30]["Retry-After"]) > 0


def test_a_fault_of_our_own_shows_a_number_and_nothing_else(
    alice: User, api_of: Api, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def burst(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr("tickets.api.tickets.services.submit", burst)
    api = api_of(alice)
    api.raise_request_exception = False
    answer = api.post(f"{V1}/tickets/", {"subject": "s", "symptom": "no_record"})
    told = assert_problem(answer, 500, "server_error")
    assert "secret" not in answer.content.decode()
    assert told["instance"] in caplog.text
