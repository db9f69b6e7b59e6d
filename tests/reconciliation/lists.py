"""Lists as enterprises and the tax side write them, and a reconciliation of two of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from django.core.files.base import ContentFile

from accounts.models import Organisation, User
from tickets.evidence.services import extract
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import Invoice
from tickets.reconciliation import services
from tickets.reconciliation.models import Reconciliation

COLUMNS = (
    "发票种类", "发票代码", "发票号码", "开票日期", "金额", "税额", "价税合计", "发票状态", "购方名称", "购方识别号",
)  # fmt: skip
HEADS = ",".join(COLUMNS)
Rows = Sequence[dict[str, str]]


def rows_of(invoices: Sequence[Invoice]) -> list[dict[str, str]]:
    """A row of the export for each invoice."""
    return [dict(zip(COLUMNS, _values(invoice), strict=True)) for invoice in invoices]


def _values(invoice: Invoice) -> list[str]:
    kind = KINDS[invoice.kind].chinese if invoice.kind else ""
    given = (invoice.code, invoice.number, invoice.issue_date, invoice.amount, invoice.tax, invoice.total)
    return [kind, *(str(v or "") for v in given), "正常", invoice.buyer_name, invoice.buyer_tax_id]


def a_list(rows: Rows) -> bytes:
    """The rows as CSV, as Excel writes it."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def upload(data: bytes | Rows, name: str) -> services.Upload:
    given = data if isinstance(data, bytes) else a_list(data)
    return services.Upload(ContentFile(given), name)


def waiting(
    by: User, organisation: Organisation, own: bytes | Rows, theirs: bytes | Rows | None, **names: Any
) -> Reconciliation:
    """Started and not yet worked on; the files have passed their checks."""
    name, own_name = names.pop("name", "tax.csv"), names.pop("own_name", "own.csv")
    there = None if theirs is None else upload(theirs, name)
    row = services.start(own=upload(own, own_name), theirs=there, organisation=organisation, by=by, **names)
    for file in filter(None, (row.own, row.theirs)):
        extract(file.pk)
    return row


def started(
    by: User, organisation: Organisation, own: bytes | Rows, theirs: bytes | Rows | None, **names: Any
) -> Reconciliation:
    """Compared, as the worker does it."""
    row = waiting(by, organisation, own, theirs, **names)
    services.run(row.pk)
    return Reconciliation.objects.get(pk=row.pk)
