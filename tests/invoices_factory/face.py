"""The face of an invoice: pieces of text by their place, shared by PDF, OFD and pictures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from tests.invoices_factory.numbers import DIGITAL, DIGITAL_PAPER
from tickets.invoices.model import Invoice, Line

WIDTH, HEIGHT = 210.0, 140.0
ROWS = 8  # goods lines on one page
QR_SIDE = 20.0


@dataclass(frozen=True, slots=True)
class Piece:
    """Text whose upper left corner is at (x, y); all lengths in mm. `field` names the value that it shows."""

    x: float
    y: float
    text: str
    field: str = ""
    size: float = 3.2


@dataclass(slots=True)
class Page:
    """Labels and values of one page, the corner of its QR code, and its ruled lines (x0, y0, x1, y1)."""

    labels: list[Piece] = field(default_factory=list)
    values: list[Piece] = field(default_factory=list)
    order: list[Piece] = field(default_factory=list)
    qr: tuple[float, float] | None = (8.0, 5.0)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)

    def label(self, x: float, y: float, text: str, size: float = 3.2) -> None:
        """Text that every invoice has."""
        piece = Piece(x, y, text, size=size)
        self.labels.append(piece)
        self.order.append(piece)

    def value(self, x: float, y: float, text: str, name: str, size: float = 3.2) -> None:
        """Text of this invoice; nothing when empty."""
        if text:
            piece = Piece(x, y, text, name, size)
            self.values.append(piece)
            self.order.append(piece)

    def pieces(self, *, labels_first: bool = False) -> list[Piece]:
        """In reading order, or as the printers write that put all labels before all values."""
        return self.labels + self.values if labels_first else self.order


def width_of(piece: Piece) -> float:
    """How far the text reaches in mm: full width for Chinese, half for the rest."""
    return sum(piece.size if ord(char) > 0x2E7F else piece.size / 2 for char in piece.text)


_TITLES = {
    "81": "电子发票（增值税专用发票）", "82": "电子发票（普通发票）", "83": "电子发票（机动车销售统一发票）",
    "84": "电子发票（二手车销售统一发票）", "51": "电子发票（铁路电子客票）", "61": "电子发票（航空运输电子客票行程单）",
    "01": "北京增值税专用发票", "02": "货物运输业增值税专用发票", "03": "机动车销售统一发票", "04": "北京增值税普通发票",
    "08": "北京增值税电子专用发票", "10": "北京增值税电子普通发票", "11": "增值税普通发票（卷票）",
    "14": "北京增值税电子普通发票（通行费）", "15": "二手车销售统一发票",
    "85": "数电纸质发票（增值税专用发票）", "86": "数电纸质发票（普通发票）", "87": "数电纸质发票（机动车销售统一发票）",
    "88": "数电纸质发票（二手车销售统一发票）",
}  # fmt: skip
_COLUMNS = (12.0, 52.0, 74.0, 88.0, 104.0, 136.0, 160.0, 182.0)
_HEADS = ("项目名称", "规格型号", "单 位", "数 量", "单 价", "金 额", "税率/征收率", "税 额")
_LEGACY_HEADS = ("货物或应税劳务、服务名称", "规格型号", "单位", "数 量", "单 价", "金 额", "税率", "税 额")
_CELLS = ("name", "specification", "unit", "quantity", "unit_price", "amount", "tax_rate", "tax")


def faces(invoice: Invoice) -> list[Page]:
    """The pages of an invoice; more than eight lines run on to further pages with a subtotal each."""
    if invoice.kind in ("51", "61"):
        return [_ticket(invoice)]
    groups = [invoice.lines[at : at + ROWS] for at in range(0, len(invoice.lines), ROWS)] or [()]
    draw = _digital if invoice.kind in DIGITAL else _legacy
    return [draw(invoice, group, number, len(groups)) for number, group in enumerate(groups, start=1)]


def money(value: Decimal | None) -> str:
    """With the sign of the currency; stars for a tax that isn't owed."""
    return "***" if value is None else f"¥{value:.2f}"


def day(invoice: Invoice) -> str:
    """The issue date as printed."""
    return f"{invoice.issue_date:%Y年%m月%d日}" if invoice.issue_date else ""


def _head(invoice: Invoice, page: Page, number: int, count: int) -> None:
    title = _TITLES[invoice.kind]
    size = min(6.0, 72 / len(title))  # a long title doesn't run into the numbers
    page.label(WIDTH / 2 - len(title) * size / 2, 8, title, size)
    page.label(34, 20, "样例 仅供测试", 4)
    if count > 1:
        page.label(90, 20, f"共{count}页 第{number}页")
    page.rules = [(6, y, 204, y) for y in (28, 48, 112, 122, 134)] + [(6, 28, 6, 134), (204, 28, 204, 134)]


def _digital(invoice: Invoice, lines: Sequence[Line], number: int, count: int) -> Page:
    page = Page()
    _head(invoice, page, number, count)
    page.label(148, 9, "发票号码：")
    page.value(164, 9, invoice.number, "number")
    page.label(148, 16, "开票日期：")
    page.value(164, 16, day(invoice), "issue_date")
    for x, mark, who in ((7, "购买方信息", "buyer"), (106, "销售方信息", "seller")):
        for row, char in enumerate(mark):
            page.label(x, 29 + 3.6 * row, char)
        page.label(x + 5, 31, "名称：")
        page.value(x + 15, 31, getattr(invoice, f"{who}_name"), f"{who}_name")
        page.label(x + 5, 41, "统一社会信用代码/纳税人识别号：", 3)
        page.value(x + 52, 41, getattr(invoice, f"{who}_tax_id"), f"{who}_tax_id", 3)
    _goods(page, lines, _HEADS)
    if count > 1:
        _sums(page, "小 计", 100, *_subtotal(lines))
    if number == count:
        _totals(invoice, page)
    _foot(invoice, page)
    page.label(12, 136, "开票人：")
    page.value(26, 136, invoice.drawer, "drawer")
    return page


def _legacy(invoice: Invoice, lines: Sequence[Line], number: int, count: int) -> Page:
    page = Page()
    _head(invoice, page, number, count)
    rows = [
        ("发票代码：", "code"),
        ("发票号码：", "number"),
        ("开票日期：", "issue_date"),
        ("校 验 码：", "check_code"),
    ]
    for row, (label, name) in enumerate(rows):
        text = day(invoice) if name == "issue_date" else _spaced(getattr(invoice, name))
        if text:
            page.label(142, 5 + 5 * row, label)
            page.value(160, 5 + 5 * row, text, name)
    if invoice.kind in DIGITAL_PAPER:
        page.label(130, 33, "数电票号码：")
        page.value(150, 33, invoice.digital_number, "digital_number")
    _legacy_party(invoice, page, 29, "购买方", "buyer")
    _goods(page, lines, _LEGACY_HEADS)
    if number == count:
        _totals(invoice, page)
    _legacy_party(invoice, page, 122.5, "销售方", "seller")
    page.label(130, 123, "备注")
    page.value(140, 123, invoice.remark, "remark")
    for x, label, text in ((12, "收款人：", "示例"), (60, "复核：", "示例")):
        page.label(x, 136, label)
        page.value(x + 14, 136, text, "")
    page.label(110, 136, "开票人：")
    page.value(124, 136, invoice.drawer, "drawer")
    return page


def _legacy_party(invoice: Invoice, page: Page, top: float, mark: str, who: str) -> None:
    step = 4.6 if who == "buyer" else 2.9
    size = 3.2 if who == "buyer" else 2.5
    for row, char in enumerate(mark):
        page.label(7, top + step * row, char, size)
    page.label(12, top, "名    称：", size)
    page.value(42, top, getattr(invoice, f"{who}_name"), f"{who}_name", size)
    page.label(12, top + step, "纳税人识别号：", size)
    page.value(42, top + step, getattr(invoice, f"{who}_tax_id"), f"{who}_tax_id", size)
    page.label(12, top + 2 * step, "地址、电话：", size)
    page.value(42, top + 2 * step, "示例路1号 010-00000000", "", size)
    page.label(12, top + 3 * step, "开户行及账号：", size)
    page.value(42, top + 3 * step, "示例银行 0000000000000000", "", size)


def _spaced(text: str) -> str:
    """A check code in groups of five, as printed."""
    return " ".join(text[at : at + 5] for at in range(0, 20, 5)) if len(text) == 20 else text


def _goods(page: Page, lines: Sequence[Line], heads: Sequence[str]) -> None:
    for x, head in zip(_COLUMNS, heads, strict=True):
        page.label(x, 50, head, 3)
    for row, line in enumerate(lines):
        for x, name, text in zip(_COLUMNS, _CELLS, _texts(line), strict=True):
            page.value(x, 55 + 5.2 * row, text, f"lines.{name}", 2.8)


def _texts(line: Line) -> Iterator[str]:
    yield from (line.name, line.specification, line.unit)
    yield "" if line.quantity is None else f"{line.quantity:f}"
    yield "" if line.unit_price is None else f"{line.unit_price:f}"
    yield f"{line.amount:.2f}"
    yield line.tax_rate
    yield "***" if line.tax is None else f"{line.tax:.2f}"


def _subtotal(lines: Sequence[Line]) -> tuple[Decimal, Decimal | None]:
    taxes = [line.tax for line in lines if line.tax is not None]
    return sum((line.amount or Decimal(0) for line in lines), Decimal(0)), sum(taxes, Decimal(0)) if taxes else None


def _sums(
    page: Page, label: str, y: float, amount: Decimal | None, tax: Decimal | None, names: tuple[str, str] = ("", "")
) -> None:
    page.label(26, y, label)
    page.value(_COLUMNS[5], y, money(amount), names[0])
    page.value(_COLUMNS[7], y, money(tax), names[1])


def _totals(invoice: Invoice, page: Page) -> None:
    _sums(page, "合 计", 106, invoice.amount, invoice.tax, ("amount", "tax"))
    page.label(12, 115, "价税合计（大写）")
    page.value(52, 115, invoice.total_in_words, "total_in_words")
    page.label(136, 115, "（小写）")
    page.value(152, 115, money(invoice.total), "total")


def _foot(invoice: Invoice, page: Page) -> None:
    page.label(7, 123.5, "备")
    page.label(7, 128.5, "注")
    page.value(14, 124, invoice.remark, "remark")


def _ticket(invoice: Invoice) -> Page:
    page = Page(qr=(160.0, 90.0))
    title = _TITLES[invoice.kind]
    page.label(WIDTH / 2 - len(title) * 3, 8, title, 6)
    page.label(34, 20, "样例 仅供测试", 4)
    page.label(12, 30, "发票号码:")
    page.value(30, 30, invoice.number, "number")
    page.label(140, 30, "开票日期:")
    page.value(158, 30, day(invoice), "issue_date")
    page.value(30, 45, "示例南站", "")
    page.value(90, 45, "G0000", "")
    page.value(150, 45, "示例北站", "")
    page.label(12, 70, "票价:")
    page.value(24, 70, money(invoice.total), "total")
    page.label(12, 100, "购买方名称:")
    page.value(34, 100, invoice.buyer_name, "buyer_name")
    page.label(12, 110, "统一社会信用代码:")
    page.value(46, 110, invoice.buyer_tax_id, "buyer_tax_id")
    return page
