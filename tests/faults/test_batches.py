"""kill -9 of a worker in the middle of a list: what is done stays done, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
from django.utils import timezone

from accounts.models import User
from tests.cases import an_invoice
from tests.faults.site import Site, kill, until
from tests.invoices_factory import list_csv
from tickets.batches.models import Batch, BatchRow
from tickets.batches.work import LEASE
from tickets.models import Event, TicketInvoice

pytestmark = pytest.mark.usefixtures("alpha")
ROWS = 6000  # six chunks


@pytest.fixture(scope="module")
def many() -> bytes:
    """A list long enough to be killed in."""
    invoice = an_invoice()
    head, line = list_csv([invoice]).decode("gb18030").splitlines()
    number = invoice.number[:-5]
    return "\n".join([head, *(line.replace(invoice.number, f"{number}{n:05d}") for n in range(1, ROWS + 1))]).encode()


def killed_while(site: Site, is_amid: Callable[[], bool]) -> None:
    """A worker that is killed as soon as `is_amid`; then its lease ends."""
    with site.working(sweeping=True) as worker:
        until(is_amid, "the middle of the list")
        kill(worker)
    Batch.objects.exclude(taken_at=None).update(taken_at=timezone.now() - LEASE)


def test_a_worker_killed_in_the_middle_of_a_list_loses_and_doubles_no_row(site: Site, alice: User, many: bytes) -> None:
    with site.caller(alice) as api:
        answer = api.post("/batches/", files={"file": ("a.csv", many)})
        assert answer.status_code == 201, answer.text
        address = f"/batches/{answer.json()['id']}/"
        killed_while(site, lambda: Batch.objects.get().rows > 0)
        at = Batch.objects.get()
        assert at.rows == BatchRow.objects.count()
        assert at.rows % 1000 == 0
        with site.working(sweeping=True):
            until(lambda: state(api, address) == "checked", "the check")
        assert sorted(BatchRow.objects.values_list("position", flat=True)) == list(range(2, ROWS + 2))
        assert api.get(address).json()["counts"]["ok"] == ROWS
        filed = api.post(f"{address}file/", json={"subject": "批量查无此票", "symptom": "no_record"})
        assert filed.status_code == 200, filed.text
        killed_while(site, lambda: Batch.objects.get().filed > 0)
        assert Batch.objects.get().filed == TicketInvoice.objects.count()
        with site.working(sweeping=True):
            until(lambda: state(api, address) == "filed", "the filing")
    assert sorted(TicketInvoice.objects.values_list("position", flat=True)) == list(range(1, ROWS + 1))
    assert TicketInvoice.objects.values("identity").distinct().count() == ROWS
    assert Event.objects.filter(kind="batch.filed").count() == 1


def state(api: httpx.Client, address: str) -> str:
    return str(api.get(address).json()["state"])
