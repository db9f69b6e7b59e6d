"""Sending a write twice: one effect, one answer."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, connections, transaction
from django.utils import timezone
from rest_framework import parsers, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from accounts.idempotency import KEPT, idempotent
from accounts.models import IdempotencyKey, Organisation, User
from helpdesk.common.api import StrictJSONParser
from helpdesk.common.errors import NotNow


class Shape(serializers.Serializer[Any]):
    name = serializers.CharField()
    then = serializers.CharField(required=False)
    file = serializers.FileField(required=False)


class Writes(APIView):
    """Makes an enterprise, then does what it is told."""

    parser_classes = (StrictJSONParser, parsers.MultiPartParser)
    throttle_classes = ()
    gate: threading.Barrier | None = None

    @idempotent
    def post(self, request: Request) -> Response:
        form = Shape(data=request.data)
        form.is_valid(raise_exception=True)
        made = Organisation.objects.create(name=form.validated_data["name"], tax_id=str(Organisation.objects.count()))
        then = form.validated_data.get("then")
        if then == "refuse":
            raise NotNow
        if then == "crash":
            raise RuntimeError
        if then == "answer 409":
            return Response({}, 409)
        body = {"zebra": made.pk, "at": timezone.now(), "ant": None}
        return Response(body, 201, headers={"ETag": '"1"', "X-Other": "x"})


def send(
    user: User | None, body: Any, key: str | None = "k", format: str = "json", path: str = "/api/v1/x/"
) -> Response:
    headers = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    request = APIRequestFactory().post(path, body, format=format, **headers)
    if user:
        force_authenticate(request, user)
    return Writes.as_view(permission_classes=())(request).render()


def made() -> int:
    return Organisation.objects.exclude(name__startswith="示例").count()


def test_the_same_request_again_gets_the_same_answer_and_one_effect(alice: User) -> None:
    first, again = send(alice, {"name": "a"}), send(alice, {"name": "a"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert (again["ETag"], again["Idempotent-Replayed"]) == ('"1"', "true")
    assert "X-Other" not in again
    assert "Idempotent-Replayed" not in first
    assert made() == 1


def test_the_order_of_keys_is_not_another_body(alice: User) -> None:
    send(alice, {"name": "a", "then": "go"})
    assert send(alice, {"then": "go", "name": "a"})["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(("body", "path"), [({"name": "b"}, "/api/v1/x/"), ({"name": "a"}, "/api/v1/x/?dry=1")])
def test_another_request_under_the_same_key_is_refused(alice: User, body: Any, path: str) -> None:
    send(alice, {"name": "a"})
    answer = send(alice, body, path=path)
    assert (answer.status_code, answer.data["code"]) == (422, "idempotency_mismatch")
    assert answer["Content-Type"] == "application/problem+json"
    assert made() == 1


def test_without_a_key_everything_runs(alice: User) -> None:
    send(alice, {"name": "a"}, key=None)
    send(alice, {"name": "a"}, key=None)
    assert made() == 2
    assert not IdempotencyKey.objects.exists()


def test_keys_belong_to_one_person_and_one_route(alice: User, charlie: User) -> None:
    send(alice, {"name": "a"})
    assert "Idempotent-Replayed" not in send(charlie, {"name": "b"})
    assert "Idempotent-Replayed" not in send(alice, {"name": "c"}, path="/api/v1/y/")
    assert made() == 3


@pytest.mark.parametrize("key", ["", "x" * 201, "a\tb", "schlüssel"])
def test_a_key_that_is_not_printable_is_refused(alice: User, key: str) -> None:
    answer = send(alice, {"name": "a"}, key=key)
    assert (answer.status_code, answer.data["code"]) == (400, "bad_idempotency_key")
    assert made() == 0


def test_a_key_of_200_characters_is_fine(alice: User) -> None:
    assert send(alice, {"name": "a"}, key="~" * 200).status_code == 201


@pytest.mark.parametrize(("then", "status", "effects"), [("refuse", 409, 0), ("answer 409", 409, 1), ("", 400, 0)])
def test_a_refused_request_frees_its_key(alice: User, then: str, status: int, effects: int) -> None:
    assert send(alice, {"name": "a", "then": then}).status_code == status
    assert not IdempotencyKey.objects.exists()
    assert made() == effects
    assert send(alice, {"name": "b"}).status_code == 201


def test_a_crash_leaves_neither_the_effect_nor_the_key(alice: User, caplog: Any) -> None:
    assert send(alice, {"name": "a", "then": "crash"}).status_code == 500
    assert "RuntimeError" in caplog.text
    assert made() == 0
    assert not IdempotencyKey.objects.exists()


def test_an_anonymous_write_runs_without_a_key_row(db: None) -> None:
    assert send(None, {"name": "a"}).status_code == 201
    assert not IdempotencyKey.objects.exists()


def test_the_same_file_is_the_same_request_and_another_file_is_not(alice: User) -> None:
    def body(content: bytes) -> dict[str, Any]:
        return {"name": "a", "file": SimpleUploadedFile("a.pdf", content)}

    send(alice, body(b"one"), format="multipart")
    assert send(alice, body(b"one"), format="multipart")["Idempotent-Replayed"] == "true"
    assert send(alice, body(b"two"), format="multipart").status_code == 422
    assert made() == 1


def test_an_old_key_can_be_used_anew(alice: User) -> None:
    send(alice, {"name": "a"})
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT * 2)
    assert "Idempotent-Replayed" not in send(alice, {"name": "b"})
    assert made() == 2


def test_a_key_whose_first_request_is_unfinished_is_in_progress(alice: User) -> None:
    send(alice, {"name": "a"})
    IdempotencyKey.objects.update(status=None)
    answer = send(alice, {"name": "a"})
    assert (answer.status_code, answer.data["code"]) == (409, "idempotency_in_progress")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite in memory has one connection")
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_have_one_effect_and_one_answer(alice: User) -> None:
    answers: list[bytes] = []

    def go() -> None:
        answers.append(send(alice, {"name": "a"}).content)
        connections.close_all()

    threads = [threading.Thread(target=go) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 8
    assert len(set(answers)) == 1
    assert made() == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="a lock timeout is PostgreSQL's")
@pytest.mark.django_db(transaction=True)
def test_a_first_request_that_takes_too_long_is_in_progress_for_the_second(alice: User) -> None:
    answers: list[Any] = []

    def second() -> None:
        with connections["default"].cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        answers.append(send(alice, {"name": "a"}))
        connections.close_all()

    with transaction.atomic():
        send(alice, {"name": "a"})
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
    assert answers[0].data["code"] == "idempotency_in_progress"
    assert made() == 1
