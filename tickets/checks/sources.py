"""CHECK_SOURCES: the places a record is looked up at. Adding one is one class and one line.

Contract: `key` names the source in the Check; `look_up(invoices)` yields (invoice, LookUp) for those it can speak of
and is silent about the others. The public verification site is never automated: a person looks and tells.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

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

    def differences(self, claim: Invoice) -> tuple[Difference, ...]:
        return compare(claim, self.found) if self.found else ()


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


CHECK_SOURCES: Mapping[str, type[Person] | type[ImportedList]] = {"person": Person, "list": ImportedList}
