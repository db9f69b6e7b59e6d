"""CHECK_SOURCES: the places a record is looked up at. Adding one is one class and one line.

Contract: `key` names the source in the Check; `look_up(invoices)` yields (invoice, LookUp) for those it can speak of
and is silent about the others. The public verification site is never automated: a person looks and tells.
A source that is asked over a network asks outside any transaction.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from django.conf import settings
from django.utils import timezone

from tickets.checks import http
from tickets.checks.models import CheckOutcome
from tickets.invoices.matching import Difference, compare
from tickets.invoices.model import Invoice
from tickets.models import TicketInvoice


@dataclass(frozen=True, slots=True)
class LookUp:
    """What a look-up said; `found` holds the fields of the record where the source shows them."""

    site: str
    outcome: str
    looked_up_at: dt.datetime
    note: str = ""
    found: Invoice | None = None
    source: str = "person"
    state: str = ""  # of the record; one that is not normal differs from every claim
    fault: str = ""  # why the source is unavailable: a key of words.FAULTS
    attempts: int = 1
    took_ms: int | None = None

    def differences(self, claim: Invoice) -> tuple[Difference, ...]:
        found = compare(claim, self.found) if self.found else ()
        return (*found, Difference("state", "normal", self.state)) if self.state not in ("", "normal") else found


class Source(Protocol):
    key: str

    def look_up(self, invoices: Iterable[TicketInvoice]) -> Iterator[tuple[TicketInvoice, LookUp]]: ...


@dataclass(frozen=True)
class Person:
    """A person looked, and says what the screen said."""

    told: LookUp
    key: str = "person"

    def look_up(self, invoices: Iterable[TicketInvoice]) -> Iterator[tuple[TicketInvoice, LookUp]]:
        for invoice in invoices:
            yield invoice, self.told


@dataclass(frozen=True)
class ImportedList:
    """A list exported from the tax side. A miss counts only inside the issue dates that the list covers in full."""

    records: Mapping[str, Invoice]  # identity → record
    site: str
    exported_at: dt.datetime
    covers: tuple[dt.date, dt.date] | None = None
    key: str = field(default="list")

    def look_up(self, invoices: Iterable[TicketInvoice]) -> Iterator[tuple[TicketInvoice, LookUp]]:
        for invoice in invoices:
            record = self.records.get(invoice.identity) if invoice.identity else None
            if record is not None:
                yield invoice, self._say(CheckOutcome.FOUND, record)
            elif self.covers and invoice.issue_date and self.covers[0] <= invoice.issue_date <= self.covers[1]:
                yield invoice, self._say(CheckOutcome.NOT_FOUND, None)

    def _say(self, outcome: CheckOutcome, record: Invoice | None) -> LookUp:
        return LookUp(self.site, outcome.value, self.exported_at, found=record, source=self.key)


@dataclass(frozen=True)
class Gateway:
    """A service that speaks docs/check-source.openapi.json, at CHECK_URL; asked by itself, never the public site."""

    pause: Callable[[float], None] = time.sleep
    key: str = "http"

    def look_up(self, invoices: Iterable[TicketInvoice]) -> Iterator[tuple[TicketInvoice, LookUp]]:
        for invoice in invoices:
            if not invoice.identity:  # without its code an 8-digit number is many invoices
                continue
            said = http.ask(invoice.claim, pause=self.pause)
            yield invoice, LookUp(
                settings.CHECK_SITE, said.outcome, timezone.now(), found=said.found, source=self.key,
                state=said.state, fault=said.fault, attempts=said.attempts, took_ms=said.took_ms,
            )  # fmt: skip


CHECK_SOURCES: Mapping[str, type[Person] | type[ImportedList] | type[Gateway]] = {
    "person": Person,
    "list": ImportedList,
    "http": Gateway,
}
