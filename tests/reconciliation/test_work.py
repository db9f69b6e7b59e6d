"""The work behind a reconciliation: one worker at a time, stopped, taken up again, and thrown away after its time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from accounts.permissions import OrganisationRole
from helpdesk.common.errors import Forbidden, NotNow
from tests.cases import a_ticket, an_invoice, looked_up
from tests.conftest import member, person
from tests.reconciliation.lists import a_list, rows_of, started, upload, waiting
from tickets import services as tickets
from tickets.evidence.models import Evidence, Purpose
from tickets.evidence.models import State as FileState
from tickets.invoices.reconcile import Result
from tickets.reconciliation import filing, services
from tickets.reconciliation.models import Reconciliation, ReconciliationPage

pytestmark = pytest.mark.django_db


def pages_of(row: Reconciliation) -> list[tuple[str, int, bytes]]:
    found = ReconciliationPage.objects.filter(reconciliation=row).order_by("result", "number")
    return [(page.result, page.number, bytes(page.packed)) for page in found]


@pytest.fixture
def row(alice: User, alpha: Organisation) -> Reconciliation:
    return waiting(alice, alpha, rows_of([an_invoice() for _ in range(3)]), rows_of([an_invoice()]))


def test_a_second_worker_leaves_it_to_the_first(row: Reconciliation) -> None:
    Reconciliation.objects.filter(pk=row.pk).update(state="running", taken_at=timezone.now())
    assert services.run(row.pk) is False
    Reconciliation.objects.filter(pk=row.pk).update(taken_at=timezone.now() - services.LEASE * 2)
    assert services.run(row.pk) is True
    assert services.run(row.pk) is False


def test_a_worker_that_was_overtaken_stores_nothing(row: Reconciliation, monkeypatch: Any) -> None:
    """Between the comparison and the storing another worker took the lease, as after a long pause."""
    summary = services.stored.summary

    def overtaken(*given: Any) -> Any:
        Reconciliation.objects.filter(pk=row.pk).update(attempts=7)
        return summary(*given)

    monkeypatch.setattr(services.stored, "summary", overtaken)
    assert services.run(row.pk) is False
    assert not ReconciliationPage.objects.exists()
    assert Reconciliation.objects.get(pk=row.pk).state == "running"


def test_done_twice_has_one_result(row: Reconciliation) -> None:
    services.run(row.pk)
    first = pages_of(row)
    Reconciliation.objects.filter(pk=row.pk).update(state="running", taken_at=None)
    services.run(row.pk)
    assert pages_of(row) == first


def test_cancelled_work_stops_at_its_next_sign_of_life(row: Reconciliation, alice: User, monkeypatch: Any) -> None:
    told: list[str] = []
    beat = services._beat

    def and_cancel(held: Reconciliation, step: str, rows_read: int = 0) -> None:
        told.append(step)
        if step == "likely":
            services.cancel(reconciliation=row, by=alice)
        beat(held, step, rows_read)

    monkeypatch.setattr(services, "_beat", and_cancel)
    assert services.run(row.pk) is False
    assert told == ["own", "theirs", "duplicates", "pairs", "likely"]
    row.refresh_from_db()
    assert (row.state, row.pages.count()) == ("cancelled", 0)
    with pytest.raises(NotNow):
        services.cancel(reconciliation=row, by=alice)


def test_progress_is_told_while_a_long_list_is_read(row: Reconciliation, monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "BEAT", 1)
    told: list[tuple[str, int]] = []
    monkeypatch.setattr(services, "_beat", lambda held, step, rows_read=0: told.append((str(step), rows_read)))
    services.run(row.pk)
    assert told[:6] == [("own", 0), ("own", 1), ("own", 2), ("own", 3), ("theirs", 0), ("theirs", 1)]


def test_what_breaks_off_again_and_again_ends_with_its_reason(row: Reconciliation) -> None:
    Reconciliation.objects.filter(pk=row.pk).update(attempts=services.ATTEMPTS)
    assert services.run(row.pk) is True
    row.refresh_from_db()
    assert (row.state, row.refusal["code"]) == ("failed", "reconciliation.broken_off")


def test_it_waits_for_a_file_that_another_worker_reads(row: Reconciliation) -> None:
    Evidence.objects.filter(pk=row.theirs_id).update(state=FileState.SCANNING, taken_at=timezone.now())
    assert services.run(row.pk) is False
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0)


def test_a_file_that_nobody_has_read_yet_is_read(row: Reconciliation) -> None:
    Evidence.objects.filter(pk=row.own_id).update(state=FileState.RECEIVED)
    assert services.run(row.pk) is True


def test_an_infected_list_ends_it(alice: User, alpha: Organisation) -> None:
    eicar = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
    row = started(alice, alpha, a_list(rows_of([an_invoice()])), eicar + b"\n\xe5\x8f\xb7\n")
    assert (row.state, row.refusal["side"], row.refusal["code"]) == ("failed", "theirs", "file.virus")


def test_the_storage_is_down_and_comes_back(row: Reconciliation, settings: Any) -> None:
    down = {"BACKEND": "helpdesk.storage.Folder", "OPTIONS": {"location": "/nowhere", "base_url": None}}
    kept, settings.STORAGES = settings.STORAGES, {**settings.STORAGES, "default": down}
    assert services.run(row.pk) is False
    settings.STORAGES = kept
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0)
    assert services.run(row.pk) is True


def test_the_sweep_does_what_the_broker_lost(row: Reconciliation) -> None:
    assert services.sweep() == 0
    Reconciliation.objects.filter(pk=row.pk).update(created_at=timezone.now() - dt.timedelta(minutes=1))
    assert services.sweep() == 1
    assert Reconciliation.objects.get(pk=row.pk).state == "done"


def test_one_that_breaks_does_not_end_the_sweep(row: Reconciliation, monkeypatch: Any) -> None:
    Reconciliation.objects.filter(pk=row.pk).update(created_at=timezone.now() - dt.timedelta(minutes=1))
    monkeypatch.setattr(services, "_compare", lambda *given: 1 / 0)
    assert services.sweep() == 0
    assert Reconciliation.objects.get(pk=row.pk).state == "running"


def test_a_result_is_thrown_away_after_its_time_unless_a_ticket_was_made(alice: User, alpha: Organisation) -> None:
    kept, gone = (started(alice, alpha, rows_of([an_invoice()]), rows_of([an_invoice()])) for _ in range(2))
    filing.file_missing(reconciliation=kept, by=alice)
    Reconciliation.objects.update(created_at=timezone.now() - services.KEPT - dt.timedelta(days=1))
    services.sweep()
    assert [one.pk for one in Reconciliation.objects.all()] == [kept.pk]
    assert {page.reconciliation_id for page in ReconciliationPage.objects.all()} == {kept.pk}
    assert gone.pk != kept.pk


def test_an_enterprise_runs_three_at_once(alice: User, alpha: Organisation) -> None:
    for _ in range(services.AT_ONCE):
        waiting(alice, alpha, rows_of([an_invoice()]), None)
    with pytest.raises(NotNow):
        waiting(alice, alpha, rows_of([an_invoice()]), None)


def test_a_viewer_reads_and_neither_starts_nor_cancels_nor_files(row: Reconciliation, alpha: Organisation) -> None:
    vera = member(person("vera", "vera@x.example"), alpha, OrganisationRole.VIEWER)
    with pytest.raises(Forbidden):
        services.start(own=upload(b"x", "a.csv"), theirs=None, organisation=alpha, by=vera)
    with pytest.raises(Forbidden):
        services.cancel(reconciliation=row, by=vera)
    with pytest.raises(Forbidden):
        filing.file_missing(reconciliation=row, by=vera)
    assert Reconciliation.objects.visible_to(vera).exists()


def test_nothing_is_filed_before_the_result_or_without_a_missing_one(
    row: Reconciliation, alice: User, alpha: Organisation
) -> None:
    with pytest.raises(NotNow):
        filing.file_missing(reconciliation=row, by=alice)
    same = rows_of([an_invoice()])
    with pytest.raises(NotNow):
        filing.file_missing(reconciliation=started(alice, alpha, same, same), by=alice)


def test_a_missing_row_that_names_no_invoice_is_left_out(alice: User, alpha: Organisation) -> None:
    own = rows_of([an_invoice(), an_invoice()])
    own[0]["发票号码"] = "123"
    row = started(alice, alpha, own, rows_of([an_invoice()]))
    assert filing.fileable(row).left_out == 1
    assert filing.file_missing(reconciliation=row, by=alice)[0].invoices.count() == 1


def test_the_look_ups_of_the_own_tickets_are_a_list(
    alice: User, alpha: Organisation, ann: User, charlie: User, beta: Organisation
) -> None:
    found, wrong, gone, never = (an_invoice() for _ in range(4))
    for by, organisation, invoice in (
        (alice, alpha, found),
        (alice, alpha, wrong),
        (alice, alpha, gone),
        (charlie, beta, never),
    ):
        a_ticket(by, organisation, invoice)
        claim = tickets.TicketInvoice.objects.get(number=invoice.number)
        record = None if invoice is not wrong else type(invoice)(
            kind="82", number=wrong.number, total=wrong.total + 1, issue_date=wrong.issue_date + dt.timedelta(1)
        )  # fmt: skip
        told = looked_up("found", ago=dt.timedelta(hours=1), found=record)
        tickets.look_up(invoice=claim, told=told, by=ann)
        if invoice is gone:
            tickets.look_up(invoice=claim, told=looked_up("not_found"), by=ann)
    row = started(alice, alpha, rows_of([found, wrong, gone, never]), None)
    results = {line.item.number: line for result in Result for line in services.rows(row, result)}
    assert {number: line.result for number, line in results.items()} == {
        found.number: "matched", wrong.number: "amount", gone.number: "missing", never.number: "missing",
    }  # fmt: skip
    assert results[wrong.number].reasons == ("total", "issue_date")


def test_a_list_is_kept_as_evidence_and_not_read_as_an_invoice(row: Reconciliation) -> None:
    file = Evidence.objects.select_related("blob").get(pk=row.own_id)
    assert (file.purpose, file.state, file.reading) == (Purpose.LIST, FileState.CLEAN, None)
    assert (len(file.blob.sha256), file.organisation_id) == (64, row.organisation_id)


# The API

V1 = "/api/v1/reconciliations/"
Api = Callable[[User | None], APIClient]


def test_a_program_compares_and_files(
    alice: User, alpha: Organisation, api_of: Api, django_capture_on_commit_callbacks: Any
) -> None:
    invoices = [an_invoice() for _ in range(60)]
    files = [ContentFile(a_list(rows_of(some)), name="list.csv") for some in (invoices, invoices[:2])]
    api = api_of(alice)
    with django_capture_on_commit_callbacks(execute=True):
        answer = api.post(V1, {"own": files[0], "theirs": files[1]}, format="multipart")
    assert answer.status_code == 201, answer.content
    detail = api.get(answer["Location"]).json()
    assert (detail["state"], detail["own_rows"], detail["their_rows"]) == ("done", 60, 2)
    assert [(one["result"], one["count"]) for one in detail["classes"]] == [("missing", 58), ("matched", 2)]
    first = api.get(f"{answer['Location']}rows/?result=missing").json()
    second = api.get(first["next"]).json()
    assert (len(first["results"]), len(second["results"]), first["previous"], second["next"]) == (50, 8, None, None)
    assert api.get(second["previous"]).json() == first
    assert first["results"][0]["own"]["number"] == invoices[2].number
    filed = [api.post(f"{answer['Location']}tickets/").json() for _ in range(2)]
    assert filed[0] == filed[1]
    assert api.get(answer["Location"]).json()["tickets"] == filed[0]["tickets"]
    assert [one["id"] for one in api.get(V1).json()["results"]] == [detail["id"]]
    book = api.get(f"{answer['Location']}download/")
    assert b"".join(book).startswith(b"PK")


@pytest.mark.parametrize("query", ["?result=", "?result=x", "?result=missing&page=0", "?result=missing&page=x"])
def test_a_page_that_is_none_is_refused(query: str, alice: User, alpha: Organisation, api_of: Api) -> None:
    row = started(alice, alpha, rows_of([an_invoice()]), rows_of([an_invoice()]))
    assert api_of(alice).get(f"{V1}{row.pk}/rows/{query}").status_code == 400
    beyond = api_of(alice).get(f"{V1}{row.pk}/rows/?result=missing&page=9").json()
    assert beyond["results"] == []
    assert beyond["previous"].startswith("http://testserver/api/v1/reconciliations/")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "own"),
        ({"own": b"MZ\x90\0\0"}, "own"),
        ({"own": b"number\n1\n", "theirs": b"<html>"}, "theirs"),
        ({"own": b"number\n1\n", "starts": "2026-01-01"}, "ends"),
        ({"own": b"number\n1\n", "organisation": "0"}, "organisation"),
    ],
)
def test_a_wrong_body_names_its_field(given: Any, field: str, alice: User, alpha: Organisation, api_of: Api) -> None:
    body = {k: ContentFile(v, name="a.csv") if isinstance(v, bytes) else v for k, v in given.items()}
    answer = api_of(alice).post(V1, body, format="multipart")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert not Reconciliation.objects.exists()


def test_a_running_one_is_not_downloaded(row: Reconciliation, alice: User, api_of: Api) -> None:
    assert api_of(alice).get(f"{V1}{row.pk}/download/").status_code == 409
    assert api_of(alice).post(f"{V1}{row.pk}/cancel/").json()["state"] == "cancelled"
