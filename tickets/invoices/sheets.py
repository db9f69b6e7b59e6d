"""PURE. Rows of a spreadsheet (CSV in UTF-8, UTF-16 or GB18030; XLSX, XLS) as invoices, by the heads of the columns."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.amounts import parse_money
from tickets.invoices.identifiers import fold
from tickets.invoices.kinds import normalise_kind
from tickets.invoices.model import Invoice

MAX_ROWS, MAX_COLUMNS, HEAD_ROWS = 50_000, 200, 20

#: Field → the heads under which the tax side's and the vendors' exports give it.
HEADS: dict[str, tuple[str, ...]] = {
    "kind": ("发票票种", "发票种类", "发票类型", "票种", "kind"),
    "code": ("发票代码", "code"),
    "number": ("发票号码", "发票号", "票号", "number"),
    "digital_number": ("数电发票号码", "数电票号码", "全电发票号码", "数电号码", "digital_number"),
    "issue_date": ("开票日期", "开具日期", "开票时间", "issue_date"),
    "amount": ("金额", "合计金额", "不含税金额", "开票金额", "amount"),
    "tax": ("税额", "合计税额", "票面税额", "tax"),
    "total": ("价税合计", "含税金额", "价税合计金额", "total"),
    "seller_tax_id": (
        "销方识别号",
        "销售方识别号",
        "销方税号",
        "销售方纳税人识别号",
        "销方纳税人识别号",
        "seller_tax_id",
    ),
    "seller_name": ("销方名称", "销售方名称", "seller_name"),
    "buyer_tax_id": (
        "购方识别号",
        "购买方识别号",
        "购方税号",
        "购买方纳税人识别号",
        "购方纳税人识别号",
        "buyer_tax_id",
    ),
    "buyer_name": ("购方名称", "购买方名称", "buyer_name"),
    "status": ("发票状态", "状态", "status"),
}
_FIELD_OF = {fold(head).upper(): name for name, heads in HEADS.items() for head in heads}


class Unreadable(Exception):
    """The sheet can't be read; `code` and `message` say why."""

    def __init__(self, code: str, message: Message) -> None:
        self.code, self.message = code, message
        super().__init__(str(message))


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a sheet: `position` counts from 1 as people see it, `error` says why the line is no invoice."""

    position: int
    invoice: Invoice
    status: str = ""
    error: Message | None = None


def rows(data: bytes) -> Iterator[Row]:
    """Every line below the heads. Raises Unreadable before the first row when there are no heads or no sheet."""
    table = _table(data)
    start, columns = _heads(table)
    for position, cells in enumerate(table[start + 1 :], start=start + 2):
        if any(str(cell).strip() for cell in cells):
            yield _row(position, cells, columns)


def _table(data: bytes) -> Sequence[Sequence[object]]:
    table: Sequence[Sequence[object]]
    if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        try:
            book = CalamineWorkbook.from_filelike(io.BytesIO(data))
            table = book.get_sheet_by_index(0).to_python(skip_empty_area=False, nrows=MAX_ROWS + HEAD_ROWS + 1)
        except (CalamineError, IndexError, ValueError) as error:
            raise Unreadable("sheet.broken", Message(_("This spreadsheet can't be opened."))) from error
    else:
        table = list(csv.reader(io.StringIO(_decode(data), newline="")))
    if len(table) > MAX_ROWS + HEAD_ROWS:
        raise Unreadable("sheet.rows", Message(_("At most %(limit)s rows in one sheet."), {"limit": MAX_ROWS}))
    return table


def _decode(data: bytes) -> str:
    """UTF-16 with its mark, then UTF-8, then GB18030, as Excel in China writes it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("sheet.encoding", Message(_("The text is neither UTF-8 nor GB18030.")))


def _heads(table: Sequence[Sequence[object]]) -> tuple[int, dict[int, str]]:
    """Index of the line of heads and column → field; titles above it are skipped."""
    for index, cells in enumerate(table[:HEAD_ROWS]):
        found: dict[int, str] = {}
        for column, cell in enumerate(cells[:MAX_COLUMNS]):
            name = _FIELD_OF.get(fold(str(cell).partition("(")[0].partition("（")[0]).upper())
            if name and name not in found.values():
                found[column] = name
        if {"number", "digital_number"} & set(found.values()):
            return index, found
    text = _("No column has the head “%(head)s” that a list of invoices needs.")
    raise Unreadable("sheet.heads", Message(text, {"head": HEADS["number"][0]}))


def _row(position: int, cells: Sequence[object], columns: dict[int, str]) -> Row:
    values: dict[str, object] = {name: cells[column] for column, name in columns.items() if column < len(cells)}
    damaged = any(_is_damaged(values.get(name)) for name in ("number", "digital_number"))
    if damaged:
        text = _("The number was stored as a number and has lost digits. Format the column as text and export again.")
        return Row(position, Invoice(), error=Message(text))
    texts: dict[str, Any] = {
        name: fold(_text(values.get(name)))
        for name in ("code", "number", "digital_number", "seller_tax_id", "buyer_tax_id")
    }
    names: dict[str, Any] = {name: _text(values.get(name)).strip()[:300] for name in ("seller_name", "buyer_name")}
    money: dict[str, Any] = {name: parse_money(_text(values.get(name))) for name in ("amount", "tax", "total")}
    day = _day(values.get("issue_date"))
    invoice = Invoice(kind=normalise_kind(_text(values.get("kind"))), issue_date=day, **texts, **names, **money)
    return Row(position, invoice, _text(values.get("status")).strip())


def _is_damaged(value: object) -> bool:
    """A number of more than 15 digits in a numeric cell has lost its tail; 1.23E+19 shows it."""
    if isinstance(value, float | int) and not isinstance(value, bool):
        return abs(value) >= 1e15
    text = str(value or "").strip().upper()
    return "E+" in text and text.replace("E+", "").replace(".", "").isdigit()


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _day(value: object) -> dt.date | None:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    text = (
        str(value or "").strip().replace("/", "-").replace("年", "-").replace("月", "-").replace("日", "")[:10].strip()
    )
    for form in ("%Y-%m-%d", "%Y%m%d"):
        try:
            return dt.datetime.strptime(text.split(" ")[0], form).date()  # noqa: DTZ007  a day, no moment
        except ValueError:
            continue
    return None
