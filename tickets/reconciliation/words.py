"""What people read of a reconciliation: each class with its meaning and its next step, each reason. All are msgids."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.reconcile import Result


@dataclass(frozen=True, slots=True)
class Told:
    """`tone` is the colour of the tag, `fill` that of the picture."""

    label: str
    meaning: str
    step: str
    tone: str = ""
    fill: str = "c6"


RESULTS: Mapping[Result, Told] = {
    Result.MISSING: Told(
        _("Missing on the tax side"),
        _("In your list, but not in that of the tax side."),
        _("File a ticket for them. Those of today appear tomorrow at the earliest; void ones need none."),
        "red", "c5",
    ),
    Result.LIKELY: Told(
        _("Probably the same"),
        _("No exact partner, but one that differs by a usual slip. Nothing is decided for you."),
        _("Compare the marked characters with the invoice and correct the list that is wrong."),
        "amber", "c4",
    ),
    Result.AMOUNT: Told(
        _("Amount differs"),
        _("The same number on both sides, another amount."),
        _("Look at the invoice itself. If your books are wrong, correct them; if the tax side is, file a ticket."),
        "red", "c3",
    ),
    Result.STATUS: Told(
        _("Status differs"),
        _("The same invoice, but void, offset or pending on one side only. An empty status counts as normal."),
        _("Take over a void or red status into your books; don't deduct such an invoice."),
        "amber", "c2",
    ),
    Result.DETAIL: Told(
        _("Date or tax number differs"),
        _("Number and amount agree, the issue date or a tax number doesn't."),
        _("A look-up asks for the date: correct it in your list before you look the invoice up."),
        "amber", "c2 half",
    ),
    Result.ONLY_THERE: Told(
        _("Only on the tax side"),
        _("In the list of the tax side, but not in yours."),
        _("Book them, or find out who issued them in your name."),
        "violet", "c3 half",
    ),
    Result.DUPLICATED: Told(
        _("Duplicated"),
        _("A second row of an invoice in the same list. Only the first one was compared."),
        _("Delete the second row. If amounts differ, this may be a list of goods lines: export the list of invoices."),
        "", "c6",
    ),
    Result.UNREADABLE: Told(
        _("Can't be compared"),
        _("The row has no invoice number, or the spreadsheet has lost its digits."),
        _("Format the column of the numbers as text, export again, and compare once more."),
        "", "c6 half",
    ),
    Result.MATCHED: Told(
        _("Matched"),
        _("The same on both sides, as far as both lists tell."),
        _("Nothing to do."),
        "green", "c1",
    ),
}  # fmt: skip

REASONS: Mapping[str, str] = {
    "total": _("The total with tax differs"),
    "amount": _("The amount without tax differs"),
    "tax": _("The tax differs"),
    "sign": _("One side writes the red invoice without its minus"),
    "amount.gross": _("One list gives the total with tax as its amount; the totals agree"),
    "amount.none": _("No amount that both lists give"),
    "status": _("The status differs"),
    "issue_date": _("The issue date differs"),
    "buyer_tax_id": _("The buyer's tax number differs"),
    "seller_tax_id": _("The seller's tax number differs"),
    "slip.wrong": _("One character of the number differs"),
    "slip.swapped": _("Two neighbouring characters of the number are swapped"),
    "slip.lost": _("One character of the number is missing or too many"),
    "day": _("The dates are one day apart"),
    "money.other": _("The amounts differ"),
    "code.absent": _("One list has no invoice code; the 8 digits agree"),
    "code.other": _("The invoice code differs; number, date and amount agree"),
    "number.other": _("Another number, but the only row of this amount within a day"),
    "void": _("Void in your list: no ticket needed"),
    "today": _("Issued today: it appears tomorrow at the earliest"),
    "beyond": _("Issued on a day that the other list doesn't reach to"),
    "again.same": _("The same as the first row"),
    "again.differs": _("The amount differs from that of the first row"),
    "number.none": _("The row has no invoice number"),
    "number.damaged": _("The spreadsheet has lost digits of the number"),
}
