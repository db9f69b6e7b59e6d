"""A list of 50,000 rows on its whole way, on PostgreSQL with the real services: `python -m bench.long_ticket`.

Each step runs in a process of its own, as it would in a web or task worker, and tells seconds, CPU and peak memory.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench.server import DEFAULT

SECONDS, MEGABYTES = 15, 200
TURNS = 3  # of a page; the fastest counts, for the first one warms caches
Figures = list[tuple[str, float, float]]  # what, seconds, seconds of CPU of this process


def steps() -> dict[str, Callable[..., Any]]:
    return {"upload": _upload, "check": _check, "file": _file, "follow": _follow, "pages": _pages, "bulk": _bulk}


def measured(name: str, *arguments: Any) -> tuple[Any, float, float, int]:
    """What a step returns, its seconds, its CPU, and the most memory (MB) that its process held."""
    import django

    django.setup()
    begun, used = time.perf_counter(), time.process_time()
    answer = steps()[name](*arguments)
    status = Path("/proc/self/status").read_text().splitlines()
    peak = int(next(line for line in status if line.startswith("VmHWM")).split()[1]) // 1024
    return answer, time.perf_counter() - begun, time.process_time() - used, peak


def _person(name: str) -> Any:
    from accounts.models import User

    return User.objects.get(email__startswith=f"{name}@")


def _upload(path: str) -> int:
    from django.core.files.base import ContentFile

    from accounts.models import Organisation
    from tickets.batches.services import take_in

    alice = _person("alice")
    alpha = Organisation.objects.get(pk=alice.organisation_ids()[0])
    return int(
        take_in(file=ContentFile(Path(path).read_bytes()), name=Path(path).name, organisation=alpha, by=alice)[0].pk
    )


def _check(pk: int) -> str:
    from tickets.batches.models import Batch
    from tickets.batches.work import work

    while work(pk):
        pass
    batch = Batch.objects.get(pk=pk)
    return f"{batch.state}, {batch.to_file} rows can be filed"


def _file(pk: int) -> str:
    from tickets.batches.models import Batch
    from tickets.batches.work import work
    from tickets.services import NewTicket, file_batch

    batch = Batch.objects.get(pk=pk)
    ticket = file_batch(batch=batch, new=NewTicket(subject="批量查无此票", symptom="no_record"), by=_person("alice"))
    while work(pk):
        pass
    return str(ticket.number)


def _timed(what: str, work: Callable[[], Any], turns: int = 1) -> tuple[str, float, float]:
    found = []
    for _turn in range(turns):
        begun, used = time.perf_counter(), time.process_time()
        work()
        found.append((time.perf_counter() - begun, time.process_time() - used))
    return (what, *min(found))


def _follow() -> Figures:
    """Everything that the followers make of what has happened, event by event."""
    from tickets import outbox
    from tickets.models import Event

    figures: Figures = []
    while waiting := list(Event.objects.filter(delivered_at=None).order_by("pk")):
        figures += [_timed(f"event {one.kind} #{one.pk}", partial(outbox.deliver, one.pk)) for one in waiting]
    return figures


def _asked(name: str, address: str, form: dict[str, str] | None = None) -> Callable[[], None]:
    from django.test import Client

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(_person(name), backend="accounts.backends.Accounts")

    def ask() -> None:
        answer = client.post(address, form) if form else client.get(address)
        if answer.status_code != (302 if form else 200):
            raise RuntimeError(f"{address}: {answer.status_code}")

    return ask


def _pages(number: str) -> Figures:
    from tickets.models import Ticket

    middle = Ticket.objects.get(number=number).invoices.order_by("-position")[20_000:20_001].get()
    asked = [
        ("page of the ticket (enterprise)", "alice", f"/tickets/{number}/"),
        ("page of the ticket (desk)", "ann", f"/desk/tickets/{number}/"),
        ("items, first page", "alice", f"/tickets/{number}/invoices/"),
        ("items, in the middle", "alice", f"/tickets/{number}/invoices/?after={middle.position}"),
        ("items, open ones (desk)", "ann", f"/desk/tickets/{number}/invoices/?state=open"),
        ("items, by number (desk)", "ann", f"/desk/tickets/{number}/invoices/?q={middle.number}"),
        ("page of the list", "alice", f"/tickets/batches/{Ticket.objects.get(number=number).batch.pk}/"),
        ("my tickets", "alice", "/tickets/"),
        ("queue of the desk", "ann", "/desk/queue/all/"),
    ]
    return [_timed(what, _asked(who, address), TURNS) for what, who, address in asked]


def _bulk(number: str) -> Figures:
    """What the desk does to 10,000 items at once and to one, and what the followers make of each."""
    from django.utils import timezone

    from tickets import services
    from tickets.checks.sources import LookUp
    from tickets.models import Ticket

    ann, ticket = _person("ann"), Ticket.objects.get(number=number)
    address, every = f"/desk/tickets/{number}/invoices/bulk/", {"scope": "all"}
    missed = every | {"do": "look_up", "site": "buyer", "outcome": "not_found"}
    aside = every | {"do": "set_aside", "reason": "已作废"}
    told = LookUp("buyer", "not_found", timezone.now())
    rows = ticket.invoices.unsettled().order_by("-position")
    doings: list[tuple[str, Callable[[], Any]]] = [
        ("look-up of 10,000", _asked("ann", address, missed)),
        ("another look-up of the same", _asked("ann", address, missed | {"site": "authority"})),
        ("10,000 set aside", _asked("ann", address, aside)),
        ("10,000 found", _asked("ann", address, every | {"do": "look_up", "site": "buyer", "outcome": "found"})),
        ("look-up of one", lambda: services.look_up(invoice=rows[0], told=told, by=ann)),
        ("one set aside", lambda: services.set_aside(invoice=rows[0], reason="已作废", by=ann)),
        ("a message", lambda: services.comment(ticket=ticket, body="还在等", by=_person("alice"))),
    ]
    figures: Figures = []
    for what, do in doings:
        figures += [_timed(what, do), *(("  " + name, spent, used) for name, spent, used in _follow())]
    return figures


@contextlib.contextmanager
def prepared() -> Iterator[None]:
    """A database that holds the demo people alone, and the settings that lead there."""
    parts = urlsplit(os.environ.get("DATABASE_URL") or DEFAULT)
    name = f"{parts.path.strip('/')}_list"
    drop = psycopg.sql.SQL("DROP DATABASE IF EXISTS {}").format(psycopg.sql.Identifier(name))
    create = psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name))
    with (
        tempfile.TemporaryDirectory(prefix="helpdesk-bench-") as home,
        psycopg.connect(urlunsplit(parts._replace(path="/postgres")), autocommit=True) as connection,
    ):
        connection.execute(drop)
        connection.execute(create)
        os.environ |= {
            "DATABASE_URL": urlunsplit(parts._replace(path=f"/{name}")), "DJANGO_SETTINGS_MODULE": "bench.settings",
            "HELPDESK_HOME": home, "HOST": "127.0.0.1", "DEMO": "1",
        }  # fmt: skip
        for words in (
            ("compile_messages",), ("migrate", "--verbosity=0"), ("collectstatic", "--no-input", "--verbosity=0"),
            ("load_demo", f"--password={secrets.token_urlsafe(12)}"),
        ):  # fmt: skip
            subprocess.run([sys.executable, "manage.py", *words], check=True)  # noqa: S603  our own words
        yield
        connection.execute(drop)


def run(name: str, *arguments: Any) -> tuple[Any, bool]:
    """One step in a fresh process, printed; its answer, and whether it keeps the bar of the check."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        answer, seconds, cpu, peak = pool.apply(measured, (name, *arguments))
    good = name != "check" or (cpu < SECONDS and peak < MEGABYTES)
    bar = f"  {'✓' if good else '✗'} < {SECONDS} s CPU, < {MEGABYTES} MB" if name == "check" else ""
    print(f"{name:<44}{seconds:>7.2f} s {cpu:>7.2f} s CPU {peak:>5} MB{bar}", flush=True)
    for what, spent, used in answer if isinstance(answer, list) else ():
        print(f"  {what:<42}{spent:>7.2f} s {used:>7.2f} s CPU")
    return answer, good


def main() -> int:
    from bench.batches import as_xlsx, table

    with prepared():
        with contextlib.redirect_stdout(None):
            run("follow")  # what the demo people have done
        path = Path(os.environ["HELPDESK_HOME"]) / "list.xlsx"
        path.write_bytes(as_xlsx(table()))
        batch, _good = run("upload", str(path))
        state, kept = run("check", batch)
        print(f"  {state}")
        number, _good = run("file", batch)
        for name, *of in (("follow",), ("pages", number), ("bulk", number), ("pages", number)):
            run(name, *of)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
