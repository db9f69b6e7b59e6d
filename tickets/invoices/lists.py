"""PURE. A list of invoices from any file that holds one: a sheet, an EInvoice file, or a ZIP of such files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from tickets.invoices import sheets
from tickets.invoices.limits import LIST_LIMITS, Limits, Refused
from tickets.invoices.listed import Item
from tickets.invoices.merge import merged
from tickets.invoices.model import Carrier, Invoice
from tickets.invoices.parse import PARSERS, Input
from tickets.invoices.sniff import Sniffed, sniff
from tickets.invoices.unpack import Archive, Budget

DAMAGED = "number.damaged"


@dataclass(slots=True)
class Reader:
    """Reads one file; `skipped` counts members of an archive that hold no list, the printed faces beside the data."""

    limits: Limits = LIST_LIMITS
    most: int = 100_000
    skipped: int = 0
    _seen: dict[str, str] = field(default_factory=dict)

    def items(self, data: bytes, name: str) -> Iterator[Item]:
        """Every row. Raises Refused and sheets.Unreadable, at the start and on the way."""
        if not data:
            raise Refused("file.empty")
        found = 0
        for found, item in enumerate(self._any(data, name, Budget(self.limits), depth=0), start=1):
            if found > self.most:
                raise Refused("file.too_many", limit=self.most)
            yield item
        if not found and self.skipped:
            raise Refused("package.none")

    def _any(self, data: bytes, name: str, budget: Budget, *, depth: int) -> Iterator[Item]:
        sniffed = sniff(data, name)
        if sniffed.carrier is Carrier.ARCHIVE:
            yield from self._archive(data, budget, depth)
        elif sniffed.carrier is Carrier.SPREADSHEET or (sniffed.carrier is Carrier.TEXT and not depth):
            yield from (self._row(row) for row in sheets.rows(data, most=self.most))
        elif sniffed.carrier is Carrier.XML:
            yield from self._xml(data, sniffed, budget)
        else:
            self.skipped += 1

    def _archive(self, data: bytes, budget: Budget, depth: int) -> Iterator[Item]:
        if depth >= budget.limits.archive_depth:
            raise Refused("zip.depth")
        archive = Archive(data, budget)
        for name in archive.names:
            try:
                yield from self._any(archive.read(name), name, budget, depth=depth + 1)
            except sheets.Unreadable:
                self.skipped += 1
            except Refused as refused:
                if not refused.code.endswith((".broken", ".empty", ".unknown")):
                    raise
                self.skipped += 1

    def _xml(self, data: bytes, sniffed: Sniffed, budget: Budget) -> Iterator[Item]:
        parsed = PARSERS[Carrier.XML](Input(data, sniffed, budget))
        self.skipped += not parsed.invoices
        for position, sources in enumerate(parsed.invoices, start=1):
            fields, _lines, _findings = merged(sources)
            yield self._item(position, Invoice(**{name: value.value for name, value in fields.items()}))  # type: ignore[arg-type]

    def _row(self, row: sheets.Row) -> Item:
        return self._item(row.position, row.invoice, row.status, DAMAGED if row.error else "")

    def _item(self, position: int, invoice: Invoice, status: str = "", fault: str = "") -> Item:
        """The row in its smallest form: the same text is held once."""
        return Item(
            position, invoice.kind, self._once(invoice.code), invoice.number, invoice.digital_number,
            invoice.issue_date, invoice.amount, invoice.tax, invoice.total, self._once(status[:40]),
            self._once(invoice.seller_name), self._once(invoice.seller_tax_id), self._once(invoice.buyer_name),
            self._once(invoice.buyer_tax_id), fault,
        )  # fmt: skip

    def _once(self, text: str) -> str:
        return self._seen.setdefault(text, text) if text else ""
