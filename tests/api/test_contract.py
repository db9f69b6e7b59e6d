"""The API as its callers know it: names, headers, versions, keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from tests.api.problems import assert_problem
from tests.cases import a_ticket
from tests.conftest import member
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
V1 = "/api/v1"


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


# Tickets


def test_a_ticket_as_it_is_filed_and_read(alice: User, alpha: Organisation, api_of: Api) -> None:
    api = api_of(alice)
    file = api.post(f"{V1}/evidence/", {"file": upload("log.txt"), "purpose": "log"}, format="multipart").json()
    assert {"id", "name", "size", "sha256", "media_type", "state", "reading"} <= set(file)
    invoice = {
        "kind": "81",
        "number": "26112000000000000017",
        "issue_date": "2026-11-02",
        "amount": "100.00",
        "tax": 13,
        "total": "¥113.00",
        "seller_tax_id": "91110108MA01ABCD5T",
        "buyer_tax_id": "91110105MA00F1T226",
        "check_code": "",
    }
    given = {
        "subject": "查无此票",
        "description": "一周仍查不到",
        "symptom": "no_record",
        "invoices": [invoice],
        "evidence": [file["id"]],
        "tried": ["第二天再查"],
    }
    answer = api.post(f"{V1}/tickets/", given)
    assert answer.status_code == 201
    made = answer.json()
    assert answer["Location"] == f"{V1}/tickets/{made['number']}/"
    assert answer["ETag"] == '"1"'
    assert made["duplicates"] == []
    read = api.get(answer["Location"])
    assert read["ETag"] == '"1"'
    shown = read.json()
    assert shown == {name: value for name, value in made.items() if name != "duplicates"}
    assert {"invoices", "evidence", "backfills", "deadlines", "actions"} <= set(shown)
    assert {n: shown["invoices"][0][n] for n in ("amount", "tax", "total")} == {
        "amount": "100.00",
        "tax": "13.00",
        "total": "113.00",
    }
    assert [f["id"] for f in shown["evidence"]] == [file["id"]]
    assert shown["organisation"]["id"] == alpha.pk
    assert dt.datetime.fromisoformat(shown["created_at"]).utcoffset() is not None
    assert api.post(f"{V1}/tickets/", given | {"evidence": []}).json()["duplicates"] == [made["number"]]


def test_who_belongs_to_two_enterprises_names_one(
    alice: User, alpha: Organisation, beta: Organisation, api_of: Api
) -> None:
    member(alice, beta, "owner")  # type: ignore[arg-type]
    given = {"subject": "s", "symptom": "no_record"}
    told = assert_problem(api_of(alice).post(f"{V1}/tickets/", given), 400)
    assert told["errors"][0]["field"] == "organisation"
    made = api_of(alice).post(f"{V1}/tickets/", given | {"organisation": beta.pk}).json()
    assert made["organisation"]["id"] == beta.pk


def test_what_a_caller_may_not_set_is_not_set(alice: User, ticket: Ticket, api_of: Api) -> None:
    stolen = {
        "status": "closed",
        "number": "26-99999-9",
        "organisation": {"id": 99},
        "requester": 99,
        "version": 77,
        "channel": "phone",
        "is_verified": True,
        "due_at": "2030-01-01T00:00:00Z",
        "roles": ["administrator"],
        "resolution": "x",
    }
    path = f"{V1}/tickets/{ticket.number}/"
    before = api_of(alice).get(path).json()
    assert api_of(alice).patch(path, stolen, HTTP_IF_MATCH='"1"').status_code == 200
    assert api_of(alice).get(path).json() == before
    made = (
        api_of(alice).post(f"{V1}/tickets/", stolen | {"subject": "s", "symptom": "other", "organisation": None}).json()
    )
    assert {n: made[n] for n in ("status", "channel", "version", "due_at", "resolution")} == {
        "status": "new",
        "channel": "api",
        "version": 1,
        "due_at": None,
        "resolution": "",
    }
    assert not alice.roles


# Versions


def test_an_update_names_the_version_that_was_read(ticket: Ticket, alice: User, api_of: Api) -> None:
    api, path = api_of(alice), f"{V1}/tickets/{ticket.number}/"
    tag = api.get(path)["ETag"]
    assert_problem(api.patch(path, {"subject": "neu"}), 428, "version_required")
    for stale in ('"77"', "1", "x", '""'):
        assert_problem(api.patch(path, {"subject": "neu"}, HTTP_IF_MATCH=stale), 412, "stale")
    changed = api.patch(path, {"subject": "neu"}, HTTP_IF_MATCH=tag)
    assert (changed.status_code, changed.json()["subject"]) == (200, "neu")
    assert changed["ETag"] != tag
    assert_problem(api.patch(path, {"subject": "zu spät"}, HTTP_IF_MATCH=tag), 412)
    assert (
        api.patch(path, {"subject": "c"}, HTTP_IF_MATCH=f"W/{changed['ETag']}").status_code == 200
    )  # a proxy compressed it
    assert api.patch(path, {"subject": "d"}, HTTP_IF_MATCH='"9", "3"').status_code == 200
    assert api.patch(path, {"subject": "e"}, HTTP_IF_MATCH="*").status_code == 200


def test_an_update_is_done_whole_or_not_at_all(ticket: Ticket, ann: User, api_of: Api) -> None:
    path = f"{V1}/tickets/{ticket.number}/"
    for wrong in ({"cause": "sold"}, {"priority": 99}, {"queue": "gone"}):
        answer = api_of(ann).patch(path, {"assignee": ann.pk, **wrong}, HTTP_IF_MATCH='"1"')
        assert assert_problem(answer, 400)["errors"][0]["field"] in wrong
    fresh = Ticket.objects.get(pk=ticket.pk)
    assert (fresh.assignee, fresh.version, fresh.events.count()) == (None, 1, 1)
    both = api_of(ann).patch(path, {"assignee": ann.pk, "priority": 1}, HTTP_IF_MATCH='"1"').json()
    assert (both["assignee"]["id"], both["priority"]) == (ann.pk, 1)


def test_an_action_may_name_the_version(ticket: Ticket, ann: User, api_of: Api) -> None:
    path = f"{V1}/tickets/{ticket.number}/actions/accept/"
    assert_problem(api_of(ann).post(path, HTTP_IF_MATCH='"9"'), 412)
    assert api_of(ann).post(path, HTTP_IF_MATCH='"1"').json()["status"] == "open"


# Keys


def test_a_repeated_write_has_one_effect(ticket: Ticket, alice: User, ann: User, api_of: Api) -> None:
    path = f"{V1}/tickets/{ticket.number}/"
    for user, method, address, body in (
        (alice, "post", f"{V1}/tickets/", {"subject": "s", "symptom": "other"}),
        (alice, "post", f"{path}messages/", {"body": "b"}),
        (ann, "patch", path, {"priority": 1}),
        (ann, "post", f"{path}actions/accept/", {}),
        (ann, "post", f"{V1}/backfills/", {"invoice": ticket.invoices.get().pk}),
        (alice, "post", f"{V1}/notifications/read/", {"up_to": 1}),
    ):
        tag = f'"{Ticket.objects.get(pk=ticket.pk).version}"'
        send = getattr(api_of(user), method)
        headers = {"HTTP_IDEMPOTENCY_KEY": "one", **({"HTTP_IF_MATCH": tag} if method == "patch" else {})}
        first, again = send(address, body, **headers), send(address, body, **headers)
        assert (first.status_code, again.status_code) in {(200, 200), (201, 201)}, address
        assert first.content == again.content
        assert again["Idempotent-Replayed"] == "true"
        assert_problem(send(address, body | {"body": "other"}, **headers), 422, "idempotency_mismatch")
    assert Ticket.objects.count() == 2
    assert Message.objects.count() == 1


# The other rows of the table


def upload(name: str = "a.txt", data: bytes = b"2026-11-20 10:00:00 upload failed\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def test_short_lists_have_the_shape_of_long_ones(ticket: Ticket, alice: User, ann: User, api_of: Api) -> None:
    invoice = ticket.invoices.get().pk
    for path in (
        f"tickets/{ticket.number}/actions/",
        f"invoices/{invoice}/checks/",
        "kb/suggest/?q=发票",
        "kb/articles/?q=发票",
    ):
        assert {"next", "previous", "results"} <= set(api_of(ann).get(f"{V1}/{path}").json()), path
    action = api_of(ann).get(f"{V1}/tickets/{ticket.number}/actions/").json()["results"][0]
    assert {"action", "label", "to", "needs", "takes"} == set(action)


def test_bytes_come_to_whoever_asks_for_bytes(alice: User, api_of: Api) -> None:
    made = api_of(alice).post(f"{V1}/evidence/", {"file": upload()}, format="multipart").json()
    from tickets.evidence.services import extract

    extract(made["id"])
    path = f"{V1}/evidence/{made['id']}/file/"
    for accept in ("*/*", "application/octet-stream", "text/plain", "image/png", "application/json"):
        answer = api_of(alice).get(path, HTTP_ACCEPT=accept)
        assert answer.status_code == 200, accept
        assert b"".join(answer) == b"2026-11-20 10:00:00 upload failed\n"
    assert_problem(api_of(alice).get(f"{V1}/evidence/{made['id'][:-1]}0/file/", HTTP_ACCEPT="image/png"), 404)


def test_reading_and_validating_store_nothing(alice: User, api_of: Api) -> None:
    read = api_of(alice).post(f"{V1}/invoices/read/", {"file": upload()}, format="multipart").json()
    assert {"kind", "fields", "findings", "sources"} <= set(read)
    checked = api_of(alice).post(f"{V1}/invoices/validate/", {"kind": "81", "number": "123", "total": "1.00"}).json()
    assert {"code", "severity", "field", "message", "suggestion"} == set(checked["findings"][0])
    assert not alice.uploads.exists()


def test_a_stranger_with_a_wrong_body_is_told_no_more_than_with_a_right_one(
    ticket: Ticket, charlie: User, api_of: Api
) -> None:
    path = f"{V1}/tickets/{ticket.number}/"
    for method, address in (
        ("post", f"{path}messages/"),
        ("post", f"{path}actions/ask/"),
        ("patch", path),
        ("post", f"{path}proposal/decision/"),
        ("post", f"{V1}/invoices/{ticket.invoices.get().pk}/checks/"),
    ):
        assert_problem(getattr(api_of(charlie), method)(address, {"body": []}), 404)


def test_a_vote_needs_no_account_and_counts_once(db: None) -> None:
    from kb import services
    from kb.models import Category, Feedback

    category, _new = Category.objects.get_or_create(slug="no_record")
    text = {"title": "查无此票", "summary": "", "body": "## 症状", "keywords": ""}
    services.import_article(slug="a", language="zh-hans", category=category, audience="public", text=text)
    reader = Client()
    for vote in (True, False):
        body = {"is_helpful": vote}
        assert reader.post(f"{V1}/kb/articles/a/feedback/", body, "application/json").status_code == 201
    assert Feedback.objects.count() == 1
    found = reader.get(f"{V1}/kb/articles/?q=查无此票").json()["results"][0]
    assert {"slug", "title", "score", "snippet", "language", "category"} <= set(found)
    shown = reader.get(f"{V1}/kb/articles/a/")
    assert shown["ETag"]
    assert {"body", "html", "languages"} <= set(shown.json())
