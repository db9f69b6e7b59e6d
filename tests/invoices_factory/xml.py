"""Invoices in XML: 数电 EInvoice, the dialects of third parties, 税控 eInvoice, 财政部 XBRL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from xml.sax.saxutils import escape

from tests.invoices_factory.build import rate_of
from tickets.invoices.model import Invoice, Line

Tree = str | Sequence[tuple[str, "Tree"]]
_VAT = {"81": "01", "82": "02", "83": "03", "84": "04", "51": "05", "61": "06", "85": "01", "86": "02"}
_VAT_NAMES = {"01": "增值税专用发票", "02": "普通发票", "03": "机动车销售统一发票", "04": "二手车销售统一发票",
              "05": "铁路电子客票", "06": "航空运输电子客票行程单"}  # fmt: skip
_KIND_NAMES = {"81": "数电发票（增值税专用发票）", "82": "数电发票（普通发票）", "10": "增值税电子普通发票"}
STARS = "***"


def einvoice_xml(  # one name for each way in which issuers' files vary
    invoice: Invoice,
    *others: Invoice,
    version: str = "0.36",
    dialect: str = "official",
    encoding: str = "UTF-8",
    rate: str = "fraction",
    with_time: bool = True,
    signed: bool = False,
    indent: bool = True,
) -> bytes:
    """One or several 数电 invoices.

    `dialect`: "official", "chinese" or "pinyin". `rate`: "fraction" (0.13) or "percent" (13%). `others` come as further
    EInvoice nodes under one wrapper. `signed` adds an XMLDSig subtree with names that mean something else.
    """
    node = {"official": _official, "chinese": _chinese, "pinyin": _pinyin}[dialect]
    parts = [node(item, version, rate, with_time, signed) for item in (invoice, *others)]
    body = parts[0] if len(parts) == 1 else ("EInvoices", parts)
    return document(body, encoding, indent=indent)


def document(node: tuple[str, Tree], encoding: str = "UTF-8", *, indent: bool = False, attributes: str = "") -> bytes:
    """The bytes of a tree of (name, text or children); `attributes` go to the root."""
    text = f'<?xml version="1.0" encoding="{encoding}"?>\n{_written(node, "" if indent else None, attributes)}\n'
    return text.encode(encoding.replace("GB2312", "gb18030"))


def _written(node: tuple[str, Tree], indent: str | None, attributes: str = "") -> str:
    name, content = node
    opened = name + (f" {attributes}" if attributes else "")
    end = name.partition(" ")[0]
    if isinstance(content, str):
        return f"{indent or ''}<{opened}>{escape(content)}</{end}>"
    inner = None if indent is None else indent + "  "
    gap = "" if indent is None else "\n"
    children = gap.join(_written(child, inner) for child in content)
    return f"{indent or ''}<{opened}>{gap}{children}{gap}{indent or ''}</{end}>"


def plain(value: Decimal | None) -> str:
    """A figure without an exponent, "" for none."""
    return "" if value is None else f"{value:f}"


def _rate(line: Line, form: str) -> str:
    fraction = rate_of(line)
    return line.tax_rate if fraction is None or form == "percent" else f"{fraction.normalize():f}"


def _label(code: str, name: str) -> Tree:
    return [("LabelCode", code), ("LabelName", name)]


def _official(invoice: Invoice, version: str, rate: str, with_time: bool, signed: bool) -> tuple[str, Tree]:
    number = invoice.digital_number or invoice.number
    vat = _VAT.get(invoice.kind, "02")
    kind = {"83": "02", "84": "03"}.get(invoice.kind, "01")
    inherent = [
        ("InIssuType", _label("N" if invoice.is_red else "Y", "红字发票" if invoice.is_red else "蓝字发票")),
        ("EInvoiceType", _label(kind, "电子发票")),
        ("GeneralOrSpecialVAT", _label(vat, _VAT_NAMES[vat])),
        ("TaxpayerType", _label("1", "一般纳税人")),
    ]
    header = [
        ("EIid", number),
        ("EInvoiceTag", "SWEI" + {"11": "1100", "95": "4403"}.get(number[2:4], number[2:4] + "00")),
        ("Version", version),
        ("InherentLabel", inherent),
    ]
    if version >= "0.34":
        header.append(
            (
                "UndefinedLabel",
                [("Label", [("LabelType", "数据来源"), ("LabelCode", "4"), ("LabelName", "第三方平台")])],
            )
        )
    time = " 09:30:00" if with_time else ""
    parts = [
        ("Header", header),
        ("EInvoiceData", _data(invoice, rate)),
        ("SellerAuthentication", [("AuthenticationMethods", "01")]),
        ("TaxSupervisionInfo", [
            ("InvoiceNumber", number), ("IssueTime", f"{invoice.issue_date:%Y-%m-%d}{time}"),
            ("TaxBureauCode", "11100000000"), ("TaxBureauName", "国家税务总局示例税务局"),
        ]),
    ]  # fmt: skip
    if signed:
        info = [
            ("KeyInfo", [("InvoiceNumber", "0" * 20), ("SellerName", "签名用示例名")]),
            ("SignatureValue", "c2FtcGxl"),
        ]
        parts.append(("Signature", info))
    return "EInvoice", parts


def _data(invoice: Invoice, rate: str) -> Tree:
    basic = [
        ("TotalAmWithoutTax", plain(invoice.amount)),
        ("TotalTaxAm", plain(invoice.tax) or STARS),
        ("TotalTax-includedAmount", plain(invoice.total)),
        ("TotalTax-includedAmountInChinese", invoice.total_in_words),
        ("Drawer", invoice.drawer),
        ("RequestTime", f"{invoice.issue_date} 09:30:00"),
    ]
    parts = [
        ("SellerInformation", _party("Seller", invoice)),
        ("BuyerInformation", _party("Buyer", invoice)),
        ("BasicInformation", basic),
    ]
    parts += [("IssuItemInformation", _item(line, rate)) for line in invoice.lines]
    if invoice.is_red:
        red = [("OriginalInvoiceCode", invoice.original_number), ("CreditNoteNumber", "1101" + "0" * 16)]
        parts.append(("SpecificInformation", [("RedEInvoice", red)]))
    parts.append(("AdditionalInformation", [("Remark", invoice.remark)]))
    return parts


def _party(who: str, invoice: Invoice) -> Tree:
    values = (
        (invoice.seller_tax_id, invoice.seller_name) if who == "Seller" else (invoice.buyer_tax_id, invoice.buyer_name)
    )
    return [
        (f"{who}IdNum", values[0]), (f"{who}Name", values[1]), (f"{who}Addr", "示例路1号"), (f"{who}TelNum", "010-00000000"),
        (f"{who}BankName", "示例银行"), (f"{who}BankAccNum", "0000000000000000"),
    ]  # fmt: skip


def _item(line: Line, rate: str) -> Tree:
    gross = (line.amount or 0) + (line.tax or 0)
    return [
        ("ItemName", line.name), ("SpecMod", line.specification), ("MeaUnits", line.unit), ("Quantity", plain(line.quantity)),
        ("UnPrice", plain(line.unit_price)), ("Amount", plain(line.amount)), ("TaxRate", _rate(line, rate)),
        ("ComTaxAm", plain(line.tax) or STARS), ("TotaltaxIncludedAmount", plain(Decimal(gross))),
        ("TaxClassificationCode", line.classification),
    ]  # fmt: skip


_CHINESE = {
    "number": "发票号码", "issue_date": "开票日期", "seller_tax_id": "销售方纳税人识别号", "seller_name": "销售方名称",
    "buyer_tax_id": "购买方纳税人识别号", "buyer_name": "购买方名称", "amount": "合计金额", "tax": "合计税额", "total": "价税合计",
    "total_in_words": "价税合计大写", "drawer": "开票人", "remark": "备注", "code": "发票代码", "check_code": "校验码",
}  # fmt: skip
_PINYIN = {
    "number": "FPHM", "issue_date": "KPRQ", "seller_tax_id": "XSFNSRSBH", "seller_name": "XSFMC", "buyer_tax_id": "GMFNSRSBH",
    "buyer_name": "GMFMC", "amount": "HJJE", "tax": "HJSE", "total": "JSHJ", "total_in_words": "JSHJDX", "drawer": "KPR",
    "remark": "BZ", "code": "FPDM", "check_code": "JYM",
}  # fmt: skip
_CHINESE_LINE = ("项目名称", "规格型号", "单位", "数量", "单价", "金额", "税率", "税额", "税收分类编码")
_PINYIN_LINE = ("XMMC", "GGXH", "DW", "SL", "DJ", "JE", "SLV", "SE", "SPHFWSSFLHBBM")


def _chinese(invoice: Invoice, _version: str, rate: str, _with_time: bool, _signed: bool) -> tuple[str, Tree]:
    goods = [("明细", _cells(_CHINESE_LINE, line, rate)) for line in invoice.lines]
    kind = [("发票类型", _KIND_NAMES.get(invoice.kind, ""))]
    return "电子发票", [*kind, *_named(invoice, _CHINESE), ("项目明细", goods)]


def _pinyin(invoice: Invoice, _version: str, rate: str, _with_time: bool, _signed: bool) -> tuple[str, Tree]:
    goods = [("XM", _cells(_PINYIN_LINE, line, rate)) for line in invoice.lines]
    return "FP", [("FPLX", invoice.kind), *_named(invoice, _PINYIN), ("XMMX", goods)]


def _named(invoice: Invoice, names: Mapping[str, str]) -> list[tuple[str, Tree]]:
    given = {field: getattr(invoice, field) for field in names}
    return [(names[field], str(value)) for field, value in given.items() if value not in ("", None)]


def _cells(names: Sequence[str], line: Line, rate: str) -> Tree:
    values = (
        line.name, line.specification, line.unit, plain(line.quantity), plain(line.unit_price), plain(line.amount),
        _rate(line, rate), plain(line.tax) or STARS, line.classification,
    )  # fmt: skip
    return list(zip(names, values, strict=True))


_EDRM = 'xmlns:fp="http://www.edrm.org.cn/schema/e-invoice/2019"'
_TYPE_CODE = {"10": "026", "08": "028", "14": "026", "04": "007", "01": "004", "11": "025"}


def legacy_xml(invoice: Invoice, *, encoding: str = "UTF-8", graph: bytes = b"") -> bytes:
    """A 税控 invoice as in the attachment of an OFD; `graph` is a base64 QR picture."""
    scalars = (
        ("DocID", "示例"), ("AreaCode", invoice.code[1:5]), ("TypeCode", _TYPE_CODE.get(invoice.kind, "026")),
        ("InvoiceCode", invoice.code), ("InvoiceNo", invoice.number), ("IssueDate", f"{invoice.issue_date:%Y年%m月%d日}"),
        ("InvoiceCheckCode", invoice.check_code), ("MachineNo", "000000000000"), ("GraphCode", graph.decode()),
        ("TaxControlCode", "03-*0<示例>+0"),
    )  # fmt: skip
    after = (
        ("TaxInclusiveTotalAmount", plain(invoice.total)), ("TaxInclusiveTotalAmountWithWords", invoice.total_in_words),
        ("TaxExclusiveTotalAmount", plain(invoice.amount)), ("TaxTotalAmount", plain(invoice.tax) or STARS),
        ("Note", invoice.remark), ("InvoiceClerk", invoice.drawer), ("Payee", ""), ("Checker", ""), ("Signature", "c2FtcGxl"),
    )  # fmt: skip
    red = (("OriginalInvoiceCode", invoice.original_number[:-8]), ("OriginalInvoiceNo", invoice.original_number[-8:]))
    goods = [("GoodsInfo", _goods(position, line)) for position, line in enumerate(invoice.lines, start=1)]
    parts = [
        *scalars,
        _legacy_party("Buyer", invoice),
        _legacy_party("Seller", invoice),
        *after,
        *(red if invoice.is_red else ()),
    ]
    return document(_prefixed(("eInvoice", [*parts, ("GoodsInfos", goods)]), "fp:"), encoding, attributes=_EDRM)


def _legacy_party(who: str, invoice: Invoice) -> tuple[str, Tree]:
    name, number = (
        (invoice.buyer_name, invoice.buyer_tax_id) if who == "Buyer" else (invoice.seller_name, invoice.seller_tax_id)
    )
    return who, [
        (f"{who}Name", name), (f"{who}TaxID", number), (f"{who}AddrTel", "示例路1号 010-00000000"),
        (f"{who}FinancialAccount", "示例银行 0000000000000000"),
    ]  # fmt: skip


def _goods(position: int, line: Line) -> Tree:
    return [
        ("LineNo", str(position)), ("LineNature", line.role[-1]), ("Item", line.name), ("Code", line.classification),
        ("Specification", line.specification), ("MeasurementDimension", line.unit), ("Price", plain(line.unit_price)),
        ("Quantity", plain(line.quantity)), ("Amount", plain(line.amount)), ("TaxScheme", line.tax_rate),
        ("TaxAmount", plain(line.tax) or STARS),
    ]  # fmt: skip


def _prefixed(node: tuple[str, Tree], prefix: str) -> tuple[str, Tree]:
    name, content = node
    return prefix + name, content if isinstance(content, str) else [_prefixed(child, prefix) for child in content]


_XBRL = (
    'xmlns:xbrli="http://www.xbrl.org/2003/instance" xmlns:link="http://www.xbrl.org/2003/linkbase" '
    'xmlns:inv="http://xbrl.mof.gov.cn/taxonomy/2021-09-30/inv"'
)
_USCC_OF = "TaxpayerIdentificationNumberUnifiedSocialCreditCodeOf"


def _invoice_facts(invoice: Invoice) -> list[tuple[str, str]]:
    goods = [(f"inv:{name}", value) for line in invoice.lines for name, value in _fact_line(line)]
    return [
        ("inv:TypeOfInvoice", _KIND_NAMES.get(invoice.kind, "增值税电子普通发票")),
        ("inv:UniqueCodeOfInvoice", invoice.code + invoice.number),
        ("inv:CodeOfInvoice", invoice.code), ("inv:NumberOfInvoice", invoice.number),
        ("inv:DateOfIssue", f"{invoice.issue_date}"), ("inv:IdentifyingCode", invoice.check_code),
        ("inv:NameOfPurchaser", invoice.buyer_name), (f"inv:{_USCC_OF}Purchaser", invoice.buyer_tax_id),
        ("inv:NameOfSeller", invoice.seller_name), (f"inv:{_USCC_OF}Seller", invoice.seller_tax_id),
        ("inv:TotalAmountExcludingTax", plain(invoice.amount)), ("inv:TotalTaxAmount", plain(invoice.tax) or "0.00"),
        ("inv:TaxIncludedAmountInFigures", plain(invoice.total)), ("inv:TaxIncludedAmountInWords", invoice.total_in_words),
        *goods,
    ]  # fmt: skip


def _fact_line(line: Line) -> list[tuple[str, str]]:
    return [
        ("NameOfGoodsOrTaxableServices", line.name),
        ("Amount", plain(line.amount)),
        ("TaxAmount", plain(line.tax) or "0.00"),
    ]


def _ticket_facts(invoice: Invoice) -> list[tuple[str, str]]:
    number = {"51": "ElectronicInvoiceRailwayETicketNumber", "61": "ElectronicInvoiceAirTransportReceiptNumber"}[
        invoice.kind
    ]
    return [
        (f"inv:{number}", invoice.number), ("inv:DateOfIssue", f"{invoice.issue_date}"),
        ("inv:NameOfPurchaser", invoice.buyer_name), ("inv:UnifiedSocialCreditCodeOfPurchaser", invoice.buyer_tax_id),
        ("inv:Fare", plain(invoice.total)), ("inv:TotalAmountExcludingTax", plain(invoice.amount)),
        ("inv:TaxAmount", plain(invoice.tax)), ("inv:TravelDate", f"{invoice.issue_date}"),
    ]  # fmt: skip


def air_facts(
    invoice: Invoice, *, fuel: Decimal = Decimal(20), fund: Decimal = Decimal(50), root: str = "xbrl"
) -> bytes:
    """An air ticket as airlines attach it: fare and fuel are taxed, the total holds the airport fund too."""
    facts = (
        ("TypeOfVoucher", "航空运输电子客票行程单"), ("ElectronicInvoiceAirTransportReceiptNumber", invoice.number),
        ("IssueDate", f"{invoice.issue_date}"), ("ETicketNumber", "9990000000000"), ("VerificationCode", "0000000000"),
        ("Fare", plain((invoice.amount or 0) - fuel)), ("FuelSurcharge", plain(fuel)), ("VatRate", "0.09"),
        ("VatTaxAmount", plain(invoice.tax)), ("CivilAviationDevelopmentFund", plain(fund)), ("OtherTaxes", "0.00"),
        ("TotalAmount", plain((invoice.total or 0) + fund)), ("NameOfSeller", invoice.seller_name),
        ("NameOfPurchaser", invoice.buyer_name), ("UnifiedSocialCreditCodeOfPurchaser", invoice.buyer_tax_id),
    )  # fmt: skip
    return document(
        (root, [(f"atr:{name}", value) for name, value in facts]), attributes='xmlns:atr="http://xbrl.mof.gov.cn/atr"'
    )


def xbrl(invoice: Invoice, *, encoding: str = "UTF-8") -> bytes:
    """An instance of 电子凭证会计数据标准; kinds 51 and 61 have facts of their own and no total."""
    facts: Callable[[Invoice], list[tuple[str, str]]] = (
        _ticket_facts if invoice.kind in ("51", "61") else _invoice_facts
    )
    context = [
        ("xbrli:entity", [('xbrli:identifier scheme="http://xbrl.mof.gov.cn"', invoice.seller_tax_id)]),
        ("xbrli:period", [("xbrli:instant", f"{invoice.issue_date}")]),
    ]
    body = [(f'{name} contextRef="now"', value) for name, value in facts(invoice) if value]
    return document(("xbrli:xbrl", [('xbrli:context id="now"', context), *body]), encoding, attributes=_XBRL)
