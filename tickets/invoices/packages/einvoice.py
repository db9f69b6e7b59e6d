"""PURE. Profile `einvoice-xml`: EInvoice files of 《数字化电子发票版式及XML规范》V5.002 §四, also in a ZIP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Carrier
from tickets.invoices.packages.contract import MOST_INVOICES, Draft, Field, Form, Given, Note, Profile
from tickets.invoices.packages.rules import clocks, colour, fields, goods, identity, money, package
from tickets.invoices.parse.xmltree import Node, tree
from tickets.invoices.sniff import sniff
from tickets.invoices.unpack import Archive, Budget

ROWS = "EInvoiceData.IssuItemInformation"
NODES = 600_000  # elements of all files of an archive; 100 invoices of 100 lines have 120,000
_ROOT = "EInvoice"
_VAT = frozenset(("01", "02", "03", "04", "05", "06"))
_LABEL, _DATA = "Header.InherentLabel", "EInvoiceData"
_SELLER, _BUYER = f"{_DATA}.SellerInformation", f"{_DATA}.BuyerInformation"
_BASIC, _SPECIFIC = f"{_DATA}.BasicInformation", f"{_DATA}.SpecificInformation"
_RED = f"{_SPECIFIC}.RedEInvoice"

HEAD = (
    Field("number", "Header.EIid", _("Invoice number"), longest=20, required=True),
    Field("tag", "Header.EInvoiceTag", _("Tag"), required=True),
    Field("version", "Header.Version", _("Version"), required=True),
    Field("colour", f"{_LABEL}.InIssuType.LabelCode", _("Blue or red"), required=True, choices=frozenset("YN")),
    Field("vat_kind", f"{_LABEL}.GeneralOrSpecialVAT.LabelCode", _("Invoice kind"), required=True, choices=_VAT),
    Field("seller_tax_id", f"{_SELLER}.SellerIdNum", _("Seller's tax number"), required=True),
    Field("seller_name", f"{_SELLER}.SellerName", _("Seller"), longest=300, required=True),
    Field("buyer_tax_id", f"{_BUYER}.BuyerIdNum", _("Buyer's tax number")),
    Field("buyer_name", f"{_BUYER}.BuyerName", _("Buyer"), longest=300, required=True),
    Field("amount", f"{_BASIC}.TotalAmWithoutTax", _("Amount without tax"), Form.MONEY, required=True),
    Field("tax", f"{_BASIC}.TotalTaxAm", _("Tax"), Form.MONEY_OR_STARS),
    Field("total", f"{_BASIC}.TotalTax-includedAmount", _("Total with tax"), Form.MONEY, required=True),
    Field("total_in_words", f"{_BASIC}.TotalTax-includedAmountInChinese", _("Total in words")),
    Field("drawer", f"{_BASIC}.Drawer", _("Drawer"), longest=300, required=True),
    Field("issued_at", f"{_BASIC}.RequestTime", _("Time of issue"), Form.TIME, required=True),
    Field("deduction", f"{_SPECIFIC}.DifferentialTaxation.Deduction", _("Deduction"), Form.MONEY),
    Field("original_number", f"{_RED}.OriginalInvoiceCode", _("Number of the blue invoice"), longest=20),
    Field("red_form", f"{_RED}.CreditNoteNumber", _("Number of the red confirmation"), longest=20),
    Field("remark", f"{_DATA}.AdditionalInformation.Remark", _("Remark"), longest=450),
    Field("supervised_number", "TaxSupervisionInfo.InvoiceNumber", _("Invoice number"), longest=20),
    Field("issue_date", "TaxSupervisionInfo.IssueTime", _("Issue date"), Form.DAY),
    Field("region", "TaxSupervisionInfo.TaxBureauCode", _("Code of the tax bureau"), longest=20),
)
LINES = (
    Field("name", "ItemName", _("Name of goods or services"), longest=600, required=True),
    Field("specification", "SpecMod", _("Specification"), longest=150),
    Field("unit", "MeaUnits", _("Unit"), longest=300),
    Field("quantity", "Quantity", _("Quantity"), Form.FIGURE, longest=25),
    Field("unit_price", "UnPrice", _("Unit price"), Form.FIGURE, longest=25),
    Field("amount", "Amount", _("Amount"), Form.MONEY, required=True),
    Field("rate", "TaxRate", _("Tax rate"), Form.RATE_OR_WORD),
    Field("tax", "ComTaxAm", _("Tax"), Form.MONEY_OR_STARS),
    Field("gross", "TotaltaxIncludedAmount", _("Amount with tax"), Form.MONEY),
    Field("classification", "TaxClassificationCode", _("Tax category code"), Form.DIGITS, required=True),
)
#: The clocks of an upload say nothing here: these files are made when an invoice has been issued.
RULES = (
    *fields.CELLS, fields.lines_missing, fields.remark_length,
    *identity.NUMBER, identity.number_same, identity.day_same, *identity.TAX_IDS, identity.region_form,
    identity.tag_form, identity.version_known, clocks.date_future,
    *money.HEAD, money.words_total, *money.LINE, money.margin_lines, money.margin_tax,
    *goods.BUILD, *goods.DISCOUNTS, *colour.SIGNS, colour.red_original, colour.red_number, colour.red_extra,
)  # fmt: skip


def read(given: Given) -> Iterator[Draft | Note]:
    """Each EInvoice of the file, or of the files in the archive. Raises Refused when there is none."""
    count, skipped = 0, 0
    for label, root in _documents(given):
        nodes = _invoices(root) if root else []
        skipped += not nodes
        for node in nodes:
            if count == MOST_INVOICES:
                yield Note(package.TOO_MANY, {"limit": MOST_INVOICES})
                return
            count += 1
            yield _draft(node, label)
    if not count:
        raise Refused("package.none")
    if skipped:
        yield Note(package.SKIPPED, {"count": skipped})


def _documents(given: Given) -> Iterator[tuple[str, Node | None]]:
    """(name in the archive, root); None for what is no XML."""
    if not given.is_archive:
        yield "", tree(given.data, given.limits, encoding=given.encoding)
        return
    archive, left = Archive(given.data, Budget(given.limits)), NODES
    for name in archive.names:
        data = archive.read(name)
        root = _root(data, name, replace(given.limits, xml_nodes=min(left, given.limits.xml_nodes)))
        left -= sum(1 for _node in root.walk()) if root else 0
        yield name, root


def _root(data: bytes, name: str, limits: Limits) -> Node | None:
    try:
        sniffed = sniff(data, name)
    except Refused:  # empty, a program, an unknown type: no invoice, and nobody opens it here
        return None
    return tree(data, limits, encoding=sniffed.encoding) if sniffed.carrier == Carrier.XML else None


def _invoices(root: Node) -> list[Node]:
    """The EInvoice nodes that stand in no other one."""
    found: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if node.name == _ROOT and node.find(_DATA):
            found.append(node)
        else:
            stack.extend(reversed(node.children))
    return found


def _draft(node: Node, label: str) -> Draft:
    head = {field.source: node.value(*field.source.split(".")) for field in HEAD}
    data = node.find(_DATA)
    lines = [child for child in data.children if child.name == "IssuItemInformation"] if data else []
    rows = [{cell.name: cell.text.strip() for cell in line.children} for line in lines]
    return Draft(head, rows, ROWS, label)


PROFILE = Profile(
    "einvoice-xml", _("EInvoice files (XML)"), read, HEAD, LINES, RULES,
    colours={"Y": "blue", "N": "red"}, carriers=frozenset((Carrier.XML, Carrier.ARCHIVE)),
)  # fmt: skip
