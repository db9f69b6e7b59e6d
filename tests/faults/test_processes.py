"""kill -9, a flushed broker, the same message again: every accepted ticket, file and mail is there once."""

from __future__ import annotations

import datetime as dt
import os
import shutil
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from tests.cases import an_invoice
from tests.faults.site import Site, SlowScanner, kill, until
from tests.invoices_factory import einvoice_xml, upload_log
from tickets.evidence.models import Evidence
from tickets.evidence.services import LEASE
from tickets.models import Event, Ticket
from tickets.notifications.models import Notification
from tickets.outbox import GRACE
from tickets.triage.models import Proposal

pytestmark = pytest.mark.usefixtures("alpha")


def filed(api: httpx.Client, *, subject: str = "查无此票") -> dict[str, Any]:
    """A ticket with two files, as an enterprise files it; the ledger of what the service has accepted."""
    invoice = an_invoice()
    files = {"a.xml": einvoice_xml(invoice), "log.txt": upload_log([invoice])}
    sent = [api.post("/evidence/", files={"file": item}, data={"purpose": "other"}) for item in files.items()]
    assert {answer.status_code for answer in sent} == {201}, [answer.text for answer in sent]
    claim = {"kind": "82", "number": invoice.number, "total": str(invoice.total)}
    body = {"subject": subject, "symptom": "no_record", "invoices": [claim], "evidence": [a.json()["id"] for a in sent]}
    answer = api.post("/tickets/", json=body, headers={"Idempotency-Key": invoice.number})
    assert answer.status_code == 201, answer.text
    return {"number": answer.json()["number"], "files": body["evidence"]}


def time_passes(by: dt.timedelta = LEASE) -> None:
    """As if the rows had been written earlier: leases end, and the sweep's grace is over."""
    events_age()
    Evidence.objects.unfinished().update(created_at=timezone.now() - by)
    Evidence.objects.unfinished().exclude(taken_at=None).update(taken_at=timezone.now() - by)


def events_age() -> None:
    Event.objects.filter(delivered_at=None).update(at=timezone.now() - GRACE)


def all_done() -> bool:
    waiting = Event.objects.filter(delivered_at=None).exists() or Evidence.objects.unfinished().exists()
    return not waiting and not Notification.objects.filter(channel="email", state="pending").exists()


def assert_once(site: Site, ledger: list[dict[str, Any]]) -> None:
    """Each thing that was accepted is there once, and so is each effect of it."""
    assert sorted(Ticket.objects.values_list("number", flat=True)) == sorted(one["number"] for one in ledger)
    ids = [pk for one in ledger for pk in one["files"]]
    assert set(Evidence.objects.values_list("state", flat=True)) == {"clean"}
    assert sorted(str(pk) for pk in Evidence.objects.values_list("pk", flat=True)) == sorted(ids)
    read = Event.objects.filter(kind="evidence.read").values_list("data__evidence", flat=True)
    assert Counter(read) == Counter(ids)
    assert Event.objects.filter(kind="ticket.submitted").count() == len(ledger)
    assert Proposal.objects.count() == len(ledger)
    sent = Notification.objects.filter(event__kind="ticket.submitted")
    assert Counter(sent.values_list("channel", "state")) == {
        ("email", "sent"): len(ledger),
        ("in_app", "pending"): len(ledger),
    }
    names = Counter(mail["Message-ID"] for mail in site.mails())
    assert len(names) == sum(names.values()) == Notification.objects.filter(channel="email").count()


def test_a_worker_killed_in_the_middle_of_an_extraction_loses_no_file(
    site: Site, scanner: SlowScanner, alice: User
) -> None:
    with site.caller(alice) as api, site.working(CLAMD_URL=scanner.url) as worker:
        ledger = [filed(api)]
        until(lambda: scanner.asked.acquire(blocking=False), "an extraction in the middle")
        kill(worker)
    assert Evidence.objects.filter(state="scanning", taken_at__isnull=False).exists()
    scanner.let.set()
    time_passes()
    with site.working(sweeping=True, CLAMD_URL=scanner.url):
        until(all_done, "everything is done")
    assert_once(site, ledger)


def test_a_flushed_broker_loses_nothing(site: Site, alice: User) -> None:
    with site.caller(alice) as api:
        ledger = [filed(api, subject=f"查无此票 {turn}") for turn in range(3)]
    assert site.flush() >= 3 * 3
    assert not Notification.objects.exists()
    time_passes()
    with site.working(sweeping=True):
        until(all_done, "everything is done")
    assert_once(site, ledger)


def test_the_same_message_five_times_has_one_effect(site: Site, alice: User) -> None:
    with site.caller(alice) as api:
        ledger = [filed(api)]
    again = {
        "tickets.tasks.deliver": list(Event.objects.values_list("pk", flat=True)),
        "tickets.evidence.tasks.extract": ledger[0]["files"],
    }
    with site.celery() as celery, site.working():
        for _turn in range(5):
            for task, ids in again.items():
                for pk in ids:
                    celery.send_task(task, args=[str(pk) if isinstance(pk, str) else pk])
        until(all_done, "everything is done")
        for _turn in range(5):
            for pk in Notification.objects.filter(channel="email").values_list("pk", flat=True):
                celery.send_task("tickets.notifications.tasks.send", args=[pk])
        until(lambda: not site.waiting(), "the broker is empty")
    assert_once(site, ledger)


def test_what_is_filed_while_the_broker_is_down_is_done_later(start: Callable[..., Site], alice: User) -> None:
    site = start(BROKER_URL="redis://127.0.0.1:1/0")  # where nobody listens
    with site.caller(alice) as api:
        ledger = [filed(api)]
    assert httpx.get(f"{site.url}/readyz").json()["broker"] == "down"
    time_passes()
    shutil.rmtree(site.home / "cache")  # the broker has rested
    with site.working(sweeping=True, BROKER_URL=os.environ.get("BROKER_URL", "")):
        until(lambda: events_age() or all_done(), "everything is done")
    assert_once(site, ledger)


@pytest.mark.services
def test_work_goes_through_the_broker_and_the_database_of_the_environment(site: Site, alice: User) -> None:
    assert connection.vendor == "postgresql"
    assert site.env["BROKER_URL"].startswith(("redis://", "amqp://"))
    with site.caller(alice) as api:
        ledger = [filed(api)]
    assert site.waiting() >= 3
    with site.working():
        until(lambda: not site.waiting() and all_done(), "everything is done")
    assert_once(site, ledger)
    assert not (site.home / "queue").exists()
