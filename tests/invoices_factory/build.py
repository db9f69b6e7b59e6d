"""Invented invoices: valid numbers and checksums, consistent tax arithmetic, the same for the same seed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from tests.invoices_factory import numbers, parties
from tickets.invoices.model import Invoice, Line

CENT = Decimal("0.01")
_GOODS = (
    ("*纸制品*复印纸", "A4 70g", "箱", "1060105020000000000", ("13%",)),
    ("*计算机外部设备*显示器", "27英寸", "台", "1090512020000000000", ("13%",)),
    ("*餐饮服务*餐费", "", "次", "3070401000000000000", ("6%",)),
    ("*信息技术服务*软件服务费", "", "项", "3040203000000000000", ("6%",)),
    ("*运输服务*货物运输", "", "趟", "3010102000000000000", ("9%",)),
    ("*印刷品*宣传册", "210×285", "册", "1060201990000000000", ("13%",)),
    ("*会展服务*会议费", "", "场", "3040803000000000000", ("6%",)),
    ("*供水*自来水", "", "吨", "1100301010000000000", ("9%", "3%")),
)
_TICKETS = {
    "51": ("*运输服务*旅客运输", "", "张", "3010101020100000000", ("9%",)),
    "61": ("*运输服务*航空旅客运输", "", "张", "3010101020300000000", ("9%",)),
}


def make(  # the whole point is one call with a name for each thing that a test varies
    kind: str = "82",
    seed: int = 1,
    lines: int = 2,
    issue_date: dt.date | None = None,
    seller_tax_id: str | None = None,
    buyer_tax_id: str | None = None,
    *,
    discount: bool = False,
    exempt: bool = False,
    red: bool = False,
    **overrides: object,
) -> Invoice:
    """An invoice of `kind` (fplx); `overrides` replace single fields without touching the others."""
    rng = Random(f"{kind}/{seed}")
    day = issue_date or dt.date(2026, 1, 2) + dt.timedelta(days=rng.randrange(300))
    goods = _lines(rng, kind, lines, exempt)
    if discount:
        goods = _with_discount(goods)
    if red:
        goods = tuple(_negative(line) for line in goods)
    invoice = Invoice(
        kind=kind,
        issue_date=day,
        seller_name=parties.company(rng, "北京" if rng.random() < 0.6 else "上海"),
        seller_tax_id=seller_tax_id or parties.tax_id(rng),
        buyer_name=parties.company(rng),
        buyer_tax_id=buyer_tax_id or parties.tax_id(rng),
        drawer=rng.choice(parties.PEOPLE),
        remark="样例 仅供测试",
        **_identity(rng, kind, day),
    )
    invoice = with_lines(invoice, goods)
    if red:
        blue = numbers.digital_number(rng, day, kind)
        remark = f"被红冲蓝字数电发票号码：{blue} 样例 仅供测试"
        invoice = replace(invoice, is_red=True, original_number=blue, remark=remark)
    return replace(invoice, **overrides)  # type: ignore[arg-type]


def with_lines(invoice: Invoice, lines: Sequence[Line]) -> Invoice:
    """The invoice with these lines and with the totals that follow from them."""
    amount = sum((line.amount for line in lines if line.amount is not None), Decimal("0.00"))
    taxes = [line.tax for line in lines if line.tax is not None]
    tax = sum(taxes, Decimal("0.00")) if taxes else None
    total = amount + (tax or 0)
    return replace(
        invoice, lines=tuple(lines), amount=amount, tax=tax, total=total, total_in_words=numbers.words(total)
    )


def rate_of(line: Line) -> Decimal | None:
    """The tax rate as a fraction, None for 免税 and the like."""
    return Decimal(line.tax_rate.rstrip("%")) / 100 if line.tax_rate.endswith("%") else None


def _identity(rng: Random, kind: str, day: dt.date) -> dict[str, str]:
    if kind in numbers.DIGITAL:
        return {"number": numbers.digital_number(rng, day, kind)}
    found = {"code": numbers.invoice_code(rng, day, kind), "number": f"{rng.randrange(1, 10**8):08d}"}
    if kind in numbers.DIGITAL_PAPER:
        found["digital_number"] = numbers.digital_number(rng, day, kind)
    if kind in numbers.CHECKED:
        found["check_code"] = "".join(rng.choice("0123456789") for _ in range(20))
    return found


def _lines(rng: Random, kind: str, count: int, exempt: bool) -> tuple[Line, ...]:
    return tuple(_line(rng, kind, exempt) for _ in range(count))


def _line(rng: Random, kind: str, exempt: bool) -> Line:
    name, model, unit, classification, rates = _TICKETS.get(kind) or rng.choice(_GOODS)
    quantity = Decimal(rng.randint(1, 20))
    amount = Decimal(rng.randrange(1_000, 2_000_000)) * CENT
    rate = "免税" if exempt else rng.choice(rates)
    line = Line(name, model, unit, quantity, (amount / quantity).quantize(Decimal("1E-13")).normalize(), amount, rate)
    return replace(line, unit_price=_plain(line.unit_price), tax=tax_of(line), classification=classification)


def _plain(value: Decimal | None) -> Decimal | None:
    """Without an exponent: 1E+2 is printed 100."""
    return None if value is None else Decimal(f"{value:f}")


def tax_of(line: Line) -> Decimal | None:
    """Amount × rate to the cent, half up; None for a line without a rate."""
    rate = rate_of(line)
    return None if rate is None else (line.amount * rate).quantize(CENT, ROUND_HALF_UP)  # type: ignore[operator]


def _with_discount(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """A tenth off the first line, as a row of its own behind it."""
    first = replace(lines[0], role="02")
    off = replace(
        first, specification="", unit="", quantity=None, unit_price=None, role="01",
        amount=-(first.amount / 10).quantize(CENT, ROUND_HALF_UP),  # type: ignore[operator]
    )  # fmt: skip
    return (first, replace(off, tax=tax_of(off)), *lines[1:])


def _negative(line: Line) -> Line:
    return replace(
        line,
        quantity=None if line.quantity is None else -line.quantity,
        amount=-line.amount,  # type: ignore[operator]
        tax=None if line.tax is None else -line.tax,
    )
