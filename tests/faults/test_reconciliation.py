"""A comparison whose worker is killed, or that is cancelled under way: one result, or none."""

from __future__ import annotations

from collections import Counter

import httpx
import pytest
from django.utils import timezone

from accounts.models import User
from tests.faults.site import Site, kill, until
from tickets.reconciliation.models import Reconciliation, ReconciliationPage
from tickets.reconciliation.services import LEASE

pytestmark = pytest.mark.usefixtures("alpha")
ROWS = 40_000  # several seconds of work: enough to be met in the middle of it


def a_list(first: int) -> bytes:
    lines = (f"2611{number:016d},2026-03-{1 + number % 28:02d},{number}.00" for number in range(first, first + ROWS))
    return "\n".join(("发票号码,开票日期,价税合计", *lines)).encode()


def asked(api: httpx.Client) -> Reconciliation:
    files = {"own": ("own.csv", a_list(0)), "theirs": ("tax.csv", a_list(100))}
    answer = api.post("/reconciliations/", files=files, headers={"Idempotency-Key": "once"})
    assert answer.status_code == 201, answer.text
    return Reconciliation.objects.get(pk=answer.json()["id"])


def step_of(row: Reconciliation) -> str:
    row.refresh_from_db()
    return row.step if row.state == "running" else ""


def test_a_worker_killed_in_the_middle_leaves_one_result(site: Site, alice: User) -> None:
    with site.caller(alice) as api, site.working() as worker:
        row = asked(api)
        until(lambda: step_of(row) in ("own", "theirs") and row.rows_read, "a comparison in the middle")
        kill(worker)
    row.refresh_from_db()
    assert (row.state, row.attempts, ReconciliationPage.objects.count()) == ("running", 1, 0)
    Reconciliation.objects.update(taken_at=timezone.now() - LEASE * 2)
    with site.working(sweeping=True), site.caller(alice) as api:
        until(lambda: api.get(f"/reconciliations/{row.pk}/").json()["state"] == "done", "the result")
        row.refresh_from_db()
        assert {name: told["count"] for name, told in row.summary["classes"].items()} == {
            "missing": 100, "only_there": 100, "matched": ROWS - 100,
        }  # fmt: skip
        pages = Counter(ReconciliationPage.objects.values_list("result", flat=True))
        assert pages == {"missing": 2, "only_there": 2, "matched": (ROWS - 100) // 50}
        filed = [api.post(f"/reconciliations/{row.pk}/tickets/").json() for _turn in range(2)]
    assert filed[0] == filed[1]
    assert len(filed[0]["tickets"]) == 1


def test_a_comparison_cancelled_under_way_stores_nothing(site: Site, alice: User) -> None:
    with site.caller(alice) as api, site.working():
        row = asked(api)
        until(lambda: step_of(row) == "own" and row.rows_read, "a comparison in the middle")
        assert api.post(f"/reconciliations/{row.pk}/cancel/").json()["state"] == "cancelled"
        until(lambda: not site.waiting(), "the broker is empty")
    row.refresh_from_db()
    assert (row.state, ReconciliationPage.objects.count()) == ("cancelled", 0)
