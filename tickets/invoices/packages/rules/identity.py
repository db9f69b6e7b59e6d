"""PURE. Rules about numbers and parties."""

from __future__ import annotations

import re
from collections.abc import Iterator

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.identifiers import Slip, check_number, check_tax_id, fold, split_number
from tickets.invoices.model import Severity
from tickets.invoices.packages import bases
from tickets.invoices.packages.contract import Batch, Bill, Hit, rule

SPECIAL = "01"  # 专票
#: Digits 5 and 6 of numbers that Leqi takes: for oneself, for others, joint use, tolls; 8 air, 9 railway.
_LEQI = re.compile("7[0129]|[89].")
_PERSON = "（个人）"
_PARTIES = ("seller_tax_id", "buyer_tax_id")
_DAMAGED = ("number.form", "number.excel")


def _slips(bill: Bill) -> list[Slip]:
    return list(check_number(bill.number))


@rule("number.form", Severity.ERROR, _("A digital invoice number has 20 digits."), bases.NUMBERS)
def number_form(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Twenty digits and nothing else; a spreadsheet's rounding and letters for digits are named."""
    if not bill.number or re.fullmatch("[0-9]{20}", bill.number):
        return
    slip = next((slip for slip in _slips(bill) if slip.code in _DAMAGED), None)
    folded = fold(bill.number)
    meant = slip.suggestion if slip else folded if re.fullmatch("[0-9]{20}", folded) else ""
    yield Hit("number", suggestion=meant, message=slip.message if slip else None)


@rule("number.region", Severity.WARNING, _("Digits 3 and 4 of the number are not a known region."), bases.NUMBERS)
def number_region(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """A known region, and not the five zeros that rounding leaves."""
    if split_number(bill.number):
        yield from (Hit("number", suggestion=slip.suggestion, message=slip.message) for slip in _slips(bill))


@rule(
    "number.channel", Severity.WARNING,
    _("Digits 5 and 6 of the number are %(digits)s. Numbers for an upload through Leqi have 70, 71 or 72 there."),
    bases.NUMBERS,
)  # fmt: skip
def number_channel(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """The number belongs to a segment that was given out for Leqi."""
    if split_number(bill.number) and not _LEQI.match(bill.number, 4):
        yield Hit("number", params={"digits": bill.number[4:6]})


@rule(
    "number.year", Severity.ERROR,
    _("The number was made for %(year)s, the invoice is dated %(dated)s. A segment may not be used across years."),
    bases.NUMBERS,
)  # fmt: skip
def number_year(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """The first two digits are the year of issue; a late upload is allowed."""
    parts = split_number(bill.number)
    if parts and bill.issued_at and parts.year != bill.issued_at.year:
        yield Hit("number", params={"year": str(parts.year), "dated": str(bill.issued_at.year)})


@rule("number.twice", Severity.ERROR, _("Invoice %(first)s of this package has the same number."), bases.CHECKS)
def number_twice(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """A number stands in a package once."""
    first = batch.seen.setdefault(bill.number, bill.index + 1) if bill.number else bill.index + 1
    if first != bill.index + 1:
        yield Hit("number", params={"first": first})


@rule(
    "number.same", Severity.ERROR, _("The header says %(number)s, the supervision part %(other)s."), bases.LAYOUT
)  # fmt: skip
def number_same(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """EIid and InvoiceNumber are one."""
    if bill.number and bill.supervised_number and bill.number != bill.supervised_number:
        yield Hit("supervised_number", params={"number": bill.number, "other": bill.supervised_number})


@rule("day.same", Severity.WARNING, _("The day of issue is not the day of the request."), bases.LAYOUT)
def day_same(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """IssueTime and RequestTime name one day."""
    if bill.issued_at and bill.issue_date and bill.issued_at.date() != bill.issue_date.date():
        yield Hit("issue_date", suggestion=bill.issued_at.date().isoformat())


@rule("tax_id.form", Severity.ERROR, _("A tax number has 15 to 20 characters, digits and capitals."), bases.RULES)
def tax_id_form(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Length and characters alone can refuse a number."""
    for field in _PARTIES:
        given = getattr(bill, field)
        if given and not re.fullmatch("[0-9A-Z]{15,20}", given):
            meant = fold(given)
            yield Hit(field, suggestion=meant if re.fullmatch("[0-9A-Z]{15,20}", meant) else "")


@rule("tax_id.check", Severity.WARNING, _("The check character of the tax number does not fit."), bases.TAX_IDS)
def tax_id_check(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """Shape and checksums warn only: living numbers with wrong ones are known."""
    for field in _PARTIES:
        given = getattr(bill, field)
        if re.fullmatch("[0-9A-Z]{15,20}", given):
            slips = [slip for slip in check_tax_id(given) if slip.code != "tax_id.organisation"]
            yield from (Hit(field, suggestion=slip.suggestion, message=slip.message) for slip in slips)


@rule("buyer.missing", Severity.ERROR, _("A special invoice needs the buyer's tax number."), bases.FIELDS)
def buyer_missing(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """专票 name their buyer's number."""
    told = any(code.startswith("field.") and hit.field == "buyer_tax_id" for code, hit in bill.slips)
    if bill.vat_kind == SPECIAL and not bill.buyer_tax_id and not told:
        yield Hit("buyer_tax_id")


@rule("buyer.person", Severity.ERROR, _("The name of a private buyer ends in the mark for persons."), bases.FIELDS)
def buyer_person(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """gmfzrrbz Y asks for the mark in full-width brackets."""
    if bill.is_person == "Y" and bill.buyer_name and not bill.buyer_name.endswith(_PERSON):
        bare = re.sub(r"[（(]个人[)）]$", "", bill.buyer_name)
        yield Hit("buyer_name", suggestion=f"{bare[:40]}{_PERSON}")


@rule("region.form", Severity.ERROR, _("A tax bureau's code has 11 digits; Beijing's is 11100000000."), bases.FIELDS)
def region_form(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """省局代码."""
    if bill.region and not re.fullmatch("[0-9]{11}", bill.region):
        yield Hit("region")


@rule("tag.form", Severity.ERROR, _("The tag is SWEI and four digits of the region, as in SWEI1100."), bases.LAYOUT)
def tag_form(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """EInvoiceTag."""
    if bill.tag and not re.fullmatch("SWEI[0-9]{4}", bill.tag):
        yield Hit("tag")


@rule("version.known", Severity.INFO, _("Version %(version)s of the format is unknown here."), bases.LAYOUT)
def version_known(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """0.32 to 0.36 were seen."""
    if bill.version and not re.fullmatch(r"0\.3[2-6]", bill.version):
        yield Hit("version", params={"version": bill.version[:10]})


NUMBER = (number_form, number_region, number_year, number_twice)
TAX_IDS = (tax_id_form, tax_id_check, buyer_missing)
