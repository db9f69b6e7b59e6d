"""A ticket and its files in one request: all or nothing, and the same rules as in two."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.models import User
from tickets.evidence.models import Evidence
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/tickets/"
TOLD = json.dumps({"subject": "批量上传失败", "symptom": "batch_upload_failed"})


def post(client: APIClient, parts: dict[str, Any], **more: Any) -> Any:
    return client.post(ADDRESS, parts, format="multipart", **more)


def a_log(text: str = "2026-11-02 10:00:00 上传失败 code=0499") -> SimpleUploadedFile:
    return SimpleUploadedFile("upload.log", text.encode())


@pytest.fixture
def alices(api_of: Callable[[User | None], APIClient], alice: User, alpha: Any) -> APIClient:
    return api_of(alice)


def test_a_ticket_brings_its_files(alices: APIClient, alice: User) -> None:
    answer = post(alices, {"ticket": TOLD, "log": [a_log(), a_log("another")], "other": a_log("third")})
    assert answer.status_code == 201, answer.content
    files = Evidence.objects.filter(ticket__number=answer.json()["number"], uploaded_by=alice)
    assert sorted(files.values_list("purpose", flat=True)) == ["log", "log", "other"]
    assert {file["id"] for file in answer.json()["evidence"]} == {str(pk) for pk in files.values_list("pk", flat=True)}
    assert {file.organisation for file in files} == {Ticket.objects.get().organisation}
    assert Ticket.objects.get().events.get(kind="ticket.submitted").data["files"] == 3


def test_its_json_may_be_a_part_of_its_own(alices: APIClient) -> None:
    part = SimpleUploadedFile("ticket.json", TOLD.encode(), content_type="application/json")
    answer = post(alices, {"ticket": part, "log": a_log()})
    assert (answer.status_code, len(answer.json()["evidence"])) == (201, 1)


@pytest.mark.parametrize(
    ("parts", "field", "code"),
    [
        ({"ticket": TOLD, "log": a_log(), "screenshot": SimpleUploadedFile("a.svg", b"<svg/>")}, "file", None),
        ({"ticket": TOLD, "material": a_log()}, "material", "unknown"),
        ({"ticket": TOLD, "log": [a_log(str(n)) for n in range(21)]}, None, "too_large"),
        ({"log": a_log()}, "subject", "required"),
        ({"ticket": "{", "log": a_log()}, None, "bad_json"),
        ({"ticket": "[" * 100_000, "log": a_log()}, None, "bad_json"),
        ({"ticket": '{"subject": "\\ud800"}', "log": a_log()}, "subject", "bad_text"),
    ],
    ids=["refused file", "unknown part", "too many", "no ticket", "bad JSON", "deep JSON", "lone surrogate"],
)
def test_what_breaks_a_rule_leaves_nothing(
    alices: APIClient, parts: dict[str, Any], field: str | None, code: str | None
) -> None:
    answer = post(alices, parts)
    problem = answer.json()
    assert answer.status_code in (400, 413, 422), problem
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    if field:
        assert field in [error["field"] for error in problem["errors"]]
    assert code is None or code in [problem["code"], *(error["code"] for error in problem.get("errors", ()))]
    assert (Ticket.objects.count(), Evidence.objects.count()) == (0, 0)


def test_the_same_request_twice_is_one_ticket(alices: APIClient) -> None:
    first, second = (
        post(alices, {"ticket": TOLD, "log": a_log()}, headers={"Idempotency-Key": "one"}) for _ in range(2)
    )
    assert first.json() == second.json()
    assert (Ticket.objects.count(), Evidence.objects.count()) == (1, 1)


def test_a_stranger_files_nothing(api_of: Callable[[User | None], APIClient], ann: User) -> None:
    assert post(api_of(ann), {"ticket": TOLD, "log": a_log()}).status_code == 403
    assert post(api_of(None), {"ticket": TOLD, "log": a_log()}).status_code == 401
    assert Evidence.objects.count() == 0


def test_nothing_else_of_tickets_takes_forms(alices: APIClient) -> None:
    number = post(alices, {"ticket": TOLD}).json()["number"]
    assert alices.post(f"{ADDRESS}{number}/messages/", {"body": "x"}, format="multipart").status_code == 415
