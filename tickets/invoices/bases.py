"""PURE. Every rule about a single invoice: what it says, how severe it is, where it is written, and who looked when.

The rules themselves are functions of `validate`, `identifiers` and the readers; a code that isn't listed here fails a
test. The rules of upload packages carry their basis themselves (`packages.rules`).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.model import Severity
from tickets.invoices.packages.contract import Basis

REVIEWED = dt.date(2026, 11, 24)

LOOK_UP = Basis("乐企发票查验 V1.019 §1.2", REVIEWED)
SITE = Basis("全国增值税发票查验平台的说明与页面校验", REVIEWED)
LAYOUT = Basis("《数字化电子发票版式及XML规范》V5.002", REVIEWED)
CHECKS = Basis("乐企基础版开票能力 V4.000 §2.2.4.2", REVIEWED)
TICKETS = Basis("乐企铁路电子客票 V3.017 §2.2.5、航空行程单 V3.017 §2.2.4", REVIEWED)
USCC = Basis("GB 32100-2015", REVIEWED)
ORGANISATION = Basis("GB 11714-1997", REVIEWED)
DEFINITION = Basis("由金额、税额、价税合计的定义得出", REVIEWED)
RED = Basis("红字发票的开具规定：金额为负，并注明对应的蓝字发票", REVIEWED)
SPREADSHEET = Basis("IEEE 754：电子表格只保留15位有效数字", REVIEWED)
READING = Basis("本服务读取文件的方法", REVIEWED)


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the table; `says` is an English msgid."""

    code: str
    severity: Severity
    says: str
    basis: Basis


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFO

RULES: tuple[Listed, ...] = (
    Listed("number.form", _E, _("An invoice number has 20 digits, or 8 beside an invoice code"), SITE),
    Listed("number.excel", _E, _("A number that a spreadsheet has shortened is refused, never repaired"), SPREADSHEET),
    Listed("number.zeros", _W, _("Five zeros at the end look like rounding by a spreadsheet"), SPREADSHEET),
    Listed("number.region", _W, _("Digits 3 and 4 of a digital number name a region"), LAYOUT),
    Listed("number.year", _E, _("A digital number begins with the year of its issue date"), LAYOUT),
    Listed("number.kind", _E, _("The number is as long as its kind of invoice asks"), LOOK_UP),
    Listed("number.channel", _W, _("The fifth digit is 9 on railway and 8 on air tickets"), TICKETS),
    Listed("code.form", _E, _("An invoice code has 10 or 12 digits"), SITE),
    Listed("code.shape", _W, _("An invoice code has one of the two forms of the verification page"), SITE),
    Listed("code.region", _W, _("An invoice code names a region"), SITE),
    Listed("code.kind", _W, _("The kind is the one that the invoice code says"), SITE),
    Listed("code.year", _W, _("An invoice code is not younger than the invoice"), SITE),
    Listed("code.missing", _W, _("Kinds with a code need it for a look-up"), LOOK_UP),
    Listed("code.extra", _W, _("Digital invoices have no code"), LOOK_UP),
    Listed("check_code.form", _W, _("A check code has 20 digits; its last six are enough"), LOOK_UP),
    Listed("check_code.missing", _I, _("Some kinds are looked up by the last six digits of the check code"), LOOK_UP),
    Listed("date.future", _E, _("The issue date does not lie in the future"), SITE),
    Listed("date.today", _I, _("An invoice can be looked up from the day after its issue"), SITE),
    Listed("date.old", _I, _("The verification site answers for five years"), SITE),
    Listed("amount.form", _E, _("Money is yuan with at most two decimals"), SITE),
    Listed("amount.sign", _E, _("Amount, tax and total have one sign"), DEFINITION),
    Listed("amount.sum", _E, _("Amount and tax add up to the total"), DEFINITION),
    Listed("tax.rate", _W, _("The tax is not higher than the highest rate allows"), CHECKS),
    Listed("words.form", _W, _("The total in words can be read"), LAYOUT),
    Listed("words.total", _E, _("The total in words is the total in figures"), LAYOUT),
    Listed("line.price", _W, _("Quantity times price is the amount, to 0.01 yuan"), CHECKS),
    Listed("line.tax", _W, _("Amount times rate is the tax, to 0.06 yuan"), CHECKS),
    Listed("line.rate", _W, _("The rate is one of those in force"), CHECKS),
    Listed("line.classification", _W, _("A tax category code has 19 digits"), LAYOUT),
    Listed("line.discount", _W, _("A discount stands behind the line that it belongs to"), CHECKS),
    Listed("lines.amount", _W, _("The lines add up to the amount, to 0.01 yuan"), CHECKS),
    Listed("lines.tax", _W, _("The taxes of the lines add up to the tax, to 0.01 yuan"), CHECKS),
    Listed("lines.rounding", _W, _("Over all lines, amount times rate is the tax, to 1.27 yuan"), CHECKS),
    Listed("party.same", _W, _("Seller and buyer are two"), DEFINITION),
    Listed("buyer.missing", _W, _("A special invoice names the buyer's tax number"), LAYOUT),
    Listed("tax_id.form", _E, _("A tax number has 15 to 20 characters, digits and capitals"), USCC),
    Listed("tax_id.check", _W, _("The check character of a social credit code fits; it never blocks"), USCC),
    Listed("tax_id.shape", _W, _("A tax number has one of the known forms"), USCC),
    Listed("tax_id.organisation", _I, _("An old number of 15 characters holds an organisation code"), ORGANISATION),
    Listed("red.sign", _E, _("A red invoice is negative"), RED),
    Listed("red.original", _I, _("A red invoice names the blue one"), RED),
    Listed("qr.crc", _W, _("The check of a QR code fits its text"), LAYOUT),
    Listed("source.differs", _W, _("Two places of one file say the same"), READING),
)
