"""EInvoice files as a package: one, many, in an archive; each rule broken once."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.invoices_factory import einvoice_xml, make, zip_of
from tests.invoices_factory.packages import NOW
from tickets.invoices.model import Invoice
from tickets.invoices.packages import PROFILES
from tickets.invoices.packages.check import check
from tickets.invoices.packages.contract import Report

ISSUED = NOW.date() - dt.timedelta(days=3)


def checked(data: bytes, name: str = "invoice.xml") -> Report:
    return check(data, name=name, now=NOW)


def found(data: bytes) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in checked(data).all()]


def an_invoice(seed: int = 1, kind: str = "81", **shape: object) -> Invoice:
    return make(kind, seed, issue_date=ISSUED, **shape)  # type: ignore[arg-type]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**9),
    st.integers(1, 6),
    st.sampled_from(["81", "82"]),
    st.sampled_from([{}, {"discount": True}, {"red": True}, {"exempt": True}, {"red": True, "discount": True}]),
    st.sampled_from(["fraction", "percent"]),
    st.booleans(),
)
def test_a_sound_file_has_no_finding(
    seed: int, lines: int, kind: str, shape: dict[str, bool], rate: str, with_time: bool
) -> None:
    invoice = an_invoice(seed, kind, lines=lines, **shape)
    assert found(einvoice_xml(invoice, rate=rate, with_time=with_time, signed=with_time)) == []


BASIC = "[0].EInvoiceData.BasicInformation."
ITEM = "[0].EInvoiceData.IssuItemInformation[0]."
FAULTS = {
    "required": (("<Drawer>", "<X>", "</Drawer>", "</X>"), "field.missing", f"{BASIC}Drawer"),
    "number": (("<EIid>26", "<EIid>2026"), "field.length", "[0].Header.EIid"),
    "two numbers": (("<InvoiceNumber>26", "<InvoiceNumber>25"), "number.same", "[0].TaxSupervisionInfo.InvoiceNumber"),
    "two days": (("<IssueTime>2026-11-21", "<IssueTime>2026-11-20"), "day.same", "[0].TaxSupervisionInfo.IssueTime"),
    "tag": (("SWEI", "SWEl"), "tag.form", "[0].Header.EInvoiceTag"),
    "version": (("<Version>0.36", "<Version>1.0"), "version.known", "[0].Header.Version"),
    "bureau": (("<TaxBureauCode>111", "<TaxBureauCode>11"), "region.form", "[0].TaxSupervisionInfo.TaxBureauCode"),
    "words": (("InChinese>", "InChinese>零"), "words.total", f"{BASIC}TotalTax-includedAmountInChinese"),
    "rate": (("<TaxRate>0.", "<TaxRate>X0."), "field.form", f"{ITEM}TaxRate"),
    "name": (("<SellerName>", "<SellerName>" + "示" * 300), "field.length", "[0].EInvoiceData.SellerInformation.SellerName"),
    "buyer": (("<BuyerIdNum>", "<X>", "</BuyerIdNum>", "</X>"), "buyer.missing", "[0].EInvoiceData.BuyerInformation.BuyerIdNum"),
    "kind": (("<GeneralOrSpecialVAT><LabelCode>01", "<GeneralOrSpecialVAT><LabelCode>99"), "field.choice",
             "[0].Header.InherentLabel.GeneralOrSpecialVAT.LabelCode"),
    "category": (("<TaxClassificationCode>", "<TaxClassificationCode>1"), "line.classification", f"{ITEM}TaxClassificationCode"),
    "quantity": (("<Quantity>", "<X>", "</Quantity>", "</X>"), "line.pair", f"{ITEM}Quantity"),
}  # fmt: skip


@pytest.mark.parametrize("label", FAULTS)
def test_each_fault_gives_exactly_its_finding(label: str) -> None:
    changes, code, path = FAULTS[label]
    text = einvoice_xml(an_invoice(lines=1), indent=False, with_time=True).decode()
    for old, new in zip(changes[::2], changes[1::2], strict=True):
        assert old in text
        text = text.replace(old, new, 1)
    assert found(text.encode()) == [(code, path)]


def test_the_arithmetic_is_that_of_the_upload() -> None:
    codes = {rule.code for rule in PROFILES["einvoice-xml"].rules}
    assert {"amount.sum", "lines.amount", "lines.rounding", "line.price", "line.tax", "margin.tax"} <= codes
    assert not {"date.late", "month.closed", "number.channel"} & codes
    wrong = an_invoice(lines=2)
    off = einvoice_xml(make("81", 1, lines=2, issue_date=ISSUED, total=wrong.total + 1, total_in_words=""))  # type: ignore[operator]
    assert found(off) == [("amount.sum", f"{BASIC}TotalTax-includedAmount")]


def test_taxed_on_its_margin() -> None:
    text = einvoice_xml(an_invoice(lines=1), indent=False).decode()
    deduction = "<SpecificInformation><DifferentialTaxation><Deduction>{}</Deduction></DifferentialTaxation></SpecificInformation>"
    for amount, told in (("0.00", []), ("9999.00", [("margin.tax", f"{ITEM}ComTaxAm")])):
        there = text.replace("<AdditionalInformation>", deduction.format(amount) + "<AdditionalInformation>")
        assert found(there.encode()) == told


def test_red_names_the_blue_one() -> None:
    text = einvoice_xml(an_invoice(red=True), indent=False).decode()
    start, end = text.index("<OriginalInvoiceCode>"), text.index("</OriginalInvoiceCode>")
    bare = text[:start] + "<OriginalInvoiceCode>" + text[end:]
    path = "[0].EInvoiceData.SpecificInformation.RedEInvoice.OriginalInvoiceCode"
    assert found(bare.encode()) == [("red.original", path)]
    blue = text.replace("<InIssuType><LabelCode>N", "<InIssuType><LabelCode>Y", 1)
    assert {"blue.sign", "red.extra"} <= {code for code, _path in found(blue.encode())}


def test_many_in_one_file_and_in_an_archive() -> None:
    invoices = [an_invoice(n) for n in range(1, 5)]
    together = checked(einvoice_xml(*invoices[:2]))
    assert [one.number for one in together.invoices] == [one.number for one in invoices[:2]]
    files = {
        "甲/1.xml": einvoice_xml(*invoices[:2]),
        "2.xml": einvoice_xml(invoices[2]),
        "3.xml": einvoice_xml(invoices[0]),
    }
    report = checked(
        zip_of({**files, "说明.txt": "说明".encode(), "x.exe": b"MZ\0\0", "other.xml": b"<x/>"}), "all.zip"
    )
    assert [(one.number, one.label) for one in report.invoices] == [
        (invoices[0].number, "甲/1.xml"),
        (invoices[1].number, "甲/1.xml"),
        (invoices[2].number, "2.xml"),
        (invoices[0].number, "3.xml"),
    ]
    assert [(finding.code, finding.invoice) for finding in report.all()] == [
        ("package.skipped", 0),
        ("number.twice", 4),
    ]
    assert "3 files" in str(report.findings[0].message)


def test_gbk_is_read_by_its_declaration() -> None:
    assert found(einvoice_xml(an_invoice(), encoding="GBK")) == []
