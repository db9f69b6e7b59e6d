"""PURE. Rules about the build of goods lines: order, names, discounts, category codes."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Severity
from tickets.invoices.packages import bases
from tickets.invoices.packages.contract import Batch, Bill, Hit, Item, rule

DISCOUNT, DISCOUNTED = "01", "02"  # 发票行性质


@rule("line.order", Severity.ERROR, _("Line numbers ascend; this one is %(position)s behind %(before)s."), bases.CHECKS)
def line_order(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """mxxh ascends, so none stands twice."""
    before = None
    for index, row in enumerate(bill.rows):
        if row.position is None:
            continue
        if before is not None and row.position <= before:
            yield Hit("position", index, params={"position": f"{row.position:f}", "before": f"{before:f}"})
        before = row.position


@rule("line.name", Severity.ERROR, _("The name on the face is *category*item, here %(due)s."), bases.FIELDS)
def line_name(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """hwhyslwfwmc = *spfwjc*xmmc"""
    for index, row in enumerate(bill.rows):
        due = f"*{row.short}*{row.item}"
        if row.name and row.short and row.item and row.name != due:
            yield Hit("name", index, due[:80], {"due": due[:80]})


@rule("line.pair", Severity.ERROR, _("Quantity and price are both given or both left out."), bases.FIELDS)
def line_pair(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """sl and dj, both or neither."""
    wrong = {(hit.field, hit.line) for _code, hit in bill.slips}
    for index, row in enumerate(bill.rows):
        if (row.quantity is None) != (row.unit_price is None):
            field = "quantity" if row.quantity is None else "unit_price"
            if (field, index) not in wrong:
                yield Hit(field, index)


@rule("line.classification", Severity.ERROR, _("A tax category code has 19 digits, not %(count)s."), bases.FIELDS)
def line_classification(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """税收分类编码."""
    for index, row in enumerate(bill.rows):
        if row.classification and len(row.classification) != 19:
            yield Hit("classification", index, params={"count": len(row.classification)})


@rule(
    "line.heading", Severity.WARNING,
    _("This tax category code names a whole class. Use the code of an item."), bases.RULES,
)  # fmt: skip
def line_heading(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Codes of a chapter or class alone; the whole dictionary isn't shipped, so others pass."""
    for index, row in enumerate(bill.rows):
        if re.fullmatch("[0-9]{3}0{16}", row.classification):
            yield Hit("classification", index)


@rule(
    "discount.parent", Severity.ERROR,
    _("A discount stands right behind the line that it belongs to, with its name, rate and category code."),
    bases.RULES,
)  # fmt: skip
def discount_parent(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """01 follows 02 with the same name, rate and code."""
    for index, row in enumerate(bill.rows):
        if row.role == DISCOUNT and not (index and _belongs(row, bill.rows[index - 1])):
            yield Hit("role", index)


def _belongs(row: Item, above: Item) -> bool:
    same = (row.name, row.rate, row.classification) == (above.name, above.rate, above.classification)
    return above.role == DISCOUNTED and same


@rule("discount.child", Severity.ERROR, _("The line is marked as discounted, but no discount follows."), bases.RULES)
def discount_child(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """02 is followed by 01; a discount that stands elsewhere is told there."""
    roles = [row.role for row in bill.rows]
    lost = [i for i, role in enumerate(roles) if role == DISCOUNTED and roles[i + 1 : i + 2] != [DISCOUNT]]
    strays = sum(role == DISCOUNT and (not i or roles[i - 1] != DISCOUNTED) for i, role in enumerate(roles))
    yield from (Hit("role", index) for index in lost[strays:])


@rule("discount.extra", Severity.ERROR, _("A discount has no specification, unit, quantity or price."), bases.RULES)
def discount_extra(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """ggxh, dw, sl and dj of a discount are empty."""
    for index, row in enumerate(bill.rows):
        if row.role != DISCOUNT:
            continue
        given = (field for field in ("specification", "unit", "quantity", "unit_price") if getattr(row, field))
        yield from (Hit(field, index) for field in given)


BUILD = (line_classification, line_heading, line_pair)
DISCOUNTS = (discount_parent, discount_child, discount_extra)
