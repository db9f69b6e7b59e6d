"""PURE. Which column holds which field: by the heads that tax side and vendors write, or as an enterprise has said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.cells import HEAD_ROWS, MAX_COLUMNS, Cell, Line, shown
from tickets.invoices.identifiers import fold
from tickets.invoices.tables import Unreadable

#: Field → the heads under which the tax side's and the vendors' exports give it; the first one stands in the template.
HEADS: Mapping[str, tuple[str, ...]] = {
    "kind": ("发票种类", "发票票种", "发票类型", "票种", "票据类型", "kind", "type", "invoice type", "invoice kind"),
    "code": ("发票代码", "代码", "code", "invoice code"),
    "number": ("发票号码", "发票号", "票号", "号码", "number", "no", "invoice number", "invoice no"),
    "digital_number": (
        "数电发票号码", "数电票号码", "全电发票号码", "数电号码", "全电号码", "digital_number",
        "digital invoice number", "digital number",
    ),
    "issue_date": (
        "开票日期", "开具日期", "开票时间", "开具时间", "发票日期", "issue_date", "date", "issue date", "invoice date",
    ),
    "amount": (
        "金额", "合计金额", "不含税金额", "开票金额", "未税金额", "amount", "net amount", "net", "amount without tax",
    ),
    "tax": ("税额", "合计税额", "票面税额", "tax", "tax amount", "vat"),
    "total": ("价税合计", "含税金额", "价税合计金额", "总金额", "total", "gross", "gross amount", "total with tax"),
    "seller_tax_id": (
        "销方识别号", "销售方识别号", "销方税号", "销售方税号", "销售方纳税人识别号", "销方纳税人识别号",
        "销货方识别号", "seller_tax_id", "seller tax id", "seller's tax number", "seller tax number",
    ),
    "seller_name": (
        "销方名称", "销售方名称", "销售方", "销货方名称", "开票方名称", "seller_name", "seller", "seller name",
    ),
    "buyer_tax_id": (
        "购方识别号", "购买方识别号", "购方税号", "购买方税号", "购买方纳税人识别号", "购方纳税人识别号",
        "购货方识别号", "buyer_tax_id", "buyer tax id", "buyer's tax number", "buyer tax number",
    ),
    "buyer_name": ("购方名称", "购买方名称", "购买方", "购货方名称", "受票方名称", "buyer_name", "buyer", "buyer name"),
    "check_code": ("校验码", "发票校验码", "校验码后6位", "校验码后六位", "check_code", "check code"),
    "status": ("发票状态", "状态", "status"),
}  # fmt: skip
NUMBERS = frozenset({"number", "digital_number"})


def key(head: str) -> str:
    """One spelling of a head: without what stands in brackets, marks of "needed", spaces and case."""
    bare = fold(head.partition("(")[0].partition("（")[0])
    return bare.translate(dict.fromkeys(map(ord, "*:_'’"))).upper()


_FIELD_OF = {key(head): name for name, heads in HEADS.items() for head in heads}


@dataclass(frozen=True, slots=True)
class Columns:
    """The line of heads and what its columns hold."""

    position: int = 0
    heads: tuple[str, ...] = ()
    fields: Mapping[int, str] = field(default_factory=dict)  # column → field

    @property
    def is_known(self) -> bool:
        """Whether a list of invoices can be read by them: a column holds the number."""
        return bool(NUMBERS & set(self.fields.values()))


def columns_of(first: Sequence[Line], said: Mapping[str, str] | None = None) -> Columns:
    """The columns of a sheet by its `first` lines; titles above the heads are skipped.

    `said` is what the enterprise said of its heads before: `key(head)` → field, "" for a column to leave out. When no
    line is known the fullest one comes back, for a person to say what it means.
    """
    found = [_columns(position, cells, said or {}) for position, cells in first[:HEAD_ROWS]]
    known = next((columns for columns in found if columns.is_known), None)
    return known or max(found, key=lambda c: (len(c.fields), sum(map(bool, c.heads))), default=Columns())


def _columns(position: int, cells: Sequence[Cell], said: Mapping[str, str]) -> Columns:
    heads = tuple(shown(cell).strip() for cell in cells[:MAX_COLUMNS])
    fields: dict[int, str] = {}
    for column, head in enumerate(heads):
        name = said.get(key(head), _FIELD_OF.get(key(head), ""))
        if name and name not in fields.values():
            fields[column] = name
    return Columns(position, heads, fields)


def needed(columns: Columns) -> Columns:
    """The columns when a list can be read by them. Raises Unreadable."""
    if columns.is_known:
        return columns
    text = _("No column has the head “%(head)s” that a list of invoices needs.")
    raise Unreadable("sheet.heads", Message(text, {"head": HEADS["number"][0]}))
