"""PURE. The names under which the dialects write a field, and the text of a value as its type."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal

from tickets.invoices.amounts import parse_money
from tickets.invoices.identifiers import fold, halve_width
from tickets.invoices.model import Line, Value

#: Field → leaf names: 数电 EInvoice, 税控 eInvoice, 财政部 XBRL, pinyin and Chinese labels. Compared by `key`.
_HEAD: Mapping[str, str] = {
    "number": "EIid InvoiceNumber InvoiceNo FPHM 发票号码 数电票号码 NumberOfInvoice 电子客票号码"
    " ElectronicInvoiceRailwayETicketNumber ElectronicInvoiceAirTransportReceiptNumber",
    "digital_number": "SDFPHM 数电发票号码 全电发票号码",
    "code": "InvoiceCode FPDM 发票代码 CodeOfInvoice",
    "issue_date": "IssueTime IssueDate RequestTime KPRQ 开票日期 开票时间 DateOfIssue",
    "amount": "TotalAmWithoutTax TaxExclusiveTotalAmount HJJE 合计金额 TotalAmountExcludingTax",
    "tax": "TotalTaxAm TaxTotalAmount HJSE 合计税额 TotalTaxAmount",
    "total": "TotalTax-includedAmount TaxInclusiveTotalAmount JSHJ 价税合计 价税合计小写 TaxIncludedAmountInFigures"
    " TotalAmountIncludingTax",
    "total_in_words": "TotalTax-includedAmountInChinese TaxInclusiveTotalAmountWithWords JSHJDX 价税合计大写"
    " TaxIncludedAmountInWords",
    "seller_name": "SellerName XSFMC XFMC XHFMC 销售方名称 销方名称 NameOfSeller IssueParty",
    "seller_tax_id": "SellerIdNum SellerTaxID XSFNSRSBH XSFSBH XFSBH NSRSBH XHFNSRSBH 销售方纳税人识别号"
    " 销方纳税人识别号 销售方统一社会信用代码纳税人识别号 TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfSeller"
    " UnifiedSocialCreditCodeOfSeller IssuePartyCode",
    "buyer_name": "BuyerName GMFMC GFMC GHFMC 购买方名称 购方名称 NameOfPurchaser",
    "buyer_tax_id": "BuyerIdNum BuyerTaxID GMFNSRSBH GMFSBH GFSBH GHFNSRSBH 购买方纳税人识别号 购方纳税人识别号"
    " 购买方统一社会信用代码纳税人识别号 TaxpayerIdentificationNumberUnifiedSocialCreditCodeOfPurchaser"
    " UnifiedSocialCreditCodeOfPurchaser",
    "check_code": "InvoiceCheckCode JYM 校验码 IdentifyingCode",
    "drawer": "Drawer InvoiceClerk KPR 开票人 NameOfDrawer Issuer",
    "remark": "Remark Note BZ 备注 Remarks",
}
_LINE: Mapping[str, str] = {
    "name": "ItemName Item XMMC SPMC 项目名称 货物或应税劳务服务名称 货物或应税劳务名称 货物劳务名称"
    " NameOfGoodsOrTaxableServices NameOfItem",
    "specification": "SpecMod Specification GGXH 规格型号 SpecificationModel Specifications",
    "unit": "MeaUnits MeasurementDimension DW JLDW 单位 Unit UnitOfMeasurement",
    "quantity": "Quantity SL SPSL 数量",
    "unit_price": "UnPrice Price DJ 单价 UnitPrice",
    "amount": "Amount JE 金额",
    "tax_rate": "TaxRate TaxScheme SLV 税率 税率征收率 征收率",
    "tax": "ComTaxAm TaxAmount SE 税额",
    "classification": "TaxClassificationCode Code SPBM SPHFWSSFLHBBM 税收分类编码",
    "role": "LineNature FPHXZ InvoiceLineNature 发票行性质",
}
_NUMBERS = ("quantity", "unit_price", "amount", "tax")
_MONEY = ("amount", "tax", "total")
_IDENTIFIERS = ("code", "number", "digital_number", "seller_tax_id", "buyer_tax_id", "check_code", "original_number")
_DAY = re.compile(r"(\d{4})\D{0,3}(\d{1,2})\D{0,3}(\d{1,2})")
#: Radicals that fonts put in place of the character that looks the same: ⾦ for 金, ⻋ for 车.
_RADICALS: dict[int, str | int | None] = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0x2F00, 0x2FD6), *range(0xF900, 0xFB00))},
    **str.maketrans("⺠⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻥⻦⻨⻩⻬⻮⻰", "民西见角贝车长门青韦页风飞食马鱼鸟麦黄齐齿龙"),
}
_HIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
MAX_TEXT = 1000


def key(name: str) -> str:
    """A leaf name or label without what dialects vary: case, spaces, punctuation."""
    return re.sub(r"[^0-9a-z\u4e00-\u9fff]", "", name.lower())


def _table(fields: Mapping[str, str]) -> dict[str, str]:
    return {key(alias): name for name, aliases in fields.items() for alias in aliases.split()}


HEAD_NAMES: Mapping[str, str] = _table(_HEAD)
LINE_NAMES: Mapping[str, str] = _table(_LINE)


def clean(text: str, limit: int = MAX_TEXT) -> str:
    """Text without what no database and no page can hold, at a bounded length."""
    return _HIDDEN.sub("", text).translate(_RADICALS).strip()[:limit]


def day(text: str) -> dt.date | None:
    """The first day in `text`: 2024-05-10, 20240510, 2024年05月10日, with or without a time."""
    match = _DAY.search(halve_width(text[:60]))
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def typed(name: str, text: str) -> Value | None:
    """`text` as the type of field `name`, None when it isn't one ("***" is no amount)."""
    text = clean(text)
    if not text:
        return None
    if name in _MONEY:
        return parse_money(text)
    if name == "issue_date":
        return day(text)
    if name in _IDENTIFIERS:
        return fold(text)[:50] or None
    return text


def values(texts: Mapping[str, str]) -> dict[str, Value]:
    """Those of `texts` that are a value of their field."""
    found = ((name, typed(name, text)) for name, text in texts.items())
    return {name: value for name, value in found if value is not None}


def number(text: str) -> Decimal | None:
    """A quantity or price with all its decimals; None for "***" and the like."""
    text = halve_width("".join(text[:60].split())).replace(",", "").replace("¥", "")
    if not re.fullmatch(r"-?\d{1,18}(?:\.\d{1,20})?", text):
        return None
    return Decimal(text)


def line(texts: Mapping[str, str]) -> Line:
    """A goods line from texts by their field names."""
    plain = {name: clean(text) for name, text in texts.items() if name not in _NUMBERS}
    plain["role"] = (plain.get("role") or "0").zfill(2)[:2]
    plain["tax_rate"] = rate(plain.get("tax_rate", ""))
    figures = {name: number(texts.get(name, "")) for name in _NUMBERS}
    return Line(**plain, **figures)  # type: ignore[arg-type]


def rate(text: str) -> str:
    """A tax rate as printed: 0.13 → 13%, the words 免税 and 不征税 as they are."""
    figure = number(text)
    if figure is None or figure > 1:
        return text
    return f"{(figure * 100).normalize():f}%"
