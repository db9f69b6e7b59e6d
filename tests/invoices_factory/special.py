"""Faces that are laid out in a way of their own: cars, rolls, tolls, tickets, purchases, service blocks, lists of goods."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from tests.invoices_factory.face import WIDTH, Page, _digital, _legacy, _texts, day, money
from tickets.invoices.model import Invoice, Line

CAR, USED_CAR, ROLL, AIR, RAIL, TOLL = ("03", "83", "87"), ("15", "84", "88"), "11", "61", "51", "82"
#: Name of a block of a digital invoice → heads of its table, and the heads and cells of the rows below the lines.
BLOCKS: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "建筑服务": (("项目名称", "建筑服务发生地", "建筑项目名称", "金额", "税率/征收率", "税额"), (), ()),
    "货物运输服务": (
        ("项目名称", "规格型号", "单 位", "数 量", "单 价", "金 额", "税率/征收率", "税 额"),
        ("运输工具种类", "运输工具牌号", "起运地", "到达地", "运输货物名称"), ("公路运输", "京A00000", "北京市", "天津市", "纸张"),
    ),
    "旅客运输服务": (
        ("项目名称", "数量", "单价", "金额", "税率/征收率", "税额"),
        ("出行人", "有效身份证件号", "出行日期", "出发地", "到达地", "等级", "交通工具类型"),
        ("张示例", "110101199001010000", "2026-03-05", "示例路", "示例站", "", "出租车"),
    ),
    "不动产经营租赁服务": (
        ("项目名称", "产权证书/不动产权证号", "面积单位", "数量", "单价", "金额", "税率/征收率", "税额"), (), (),
    ),
    "通行费": (("项目名称", "车牌号", "类型", "通行日期起", "通行日期止", "金额", "税率/征收率", "税额"), (), ()),
}  # fmt: skip
_CELL_OF = {
    "项目名称": "name", "规格型号": "specification", "单位": "unit", "数量": "quantity", "单价": "unit_price", "金额": "amount",
    "税率/征收率": "tax_rate", "税额": "tax",
}  # fmt: skip
_OTHER_CELLS = {
    "建筑服务发生地": "北京市海淀区", "建筑项目名称": "示例楼工程", "产权证书/不动产权证号": "京000001", "面积单位": "平方米",
    "车牌号": "京A00000", "类型": "客车", "通行日期起": "20260301", "通行日期止": "20260331",
}  # fmt: skip


def block(invoice: Invoice, name: str) -> Page:
    """A digital invoice with the columns and the block of one kind of service."""
    page = _digital(replace(invoice, lines=()), (), 1, 1)
    for pieces in (page.labels, page.order):
        pieces[:] = [piece for piece in pieces if piece.y != 50]
    heads, lower, cells = BLOCKS[name]
    page.label(8, 24, name)
    places = [8.0, *(50 + (WIDTH - 74) * index / (len(heads) - 2) for index in range(len(heads) - 1))]
    for x, head in zip(places, heads, strict=True):
        page.label(x, 50, head, 2.8)
    for row, line in enumerate(invoice.lines):
        texts = dict(zip(_CELL_OF.values(), _texts(line), strict=True))
        for x, head in zip(places, heads, strict=True):
            key = _CELL_OF.get(head.replace(" ", ""), "")
            page.value(x, 55 + 5.2 * row, texts.get(key, _OTHER_CELLS.get(head, "")), key and f"lines.{key}", 2.2)
    for row, texts_ in enumerate((lower, cells)):
        for index, text in enumerate(texts_):
            page.value(8 + 28 * index, 55 + 5.2 * (len(invoice.lines) + 2 + row), text, "", 2.5)
    return page


def purchase(invoice: Invoice) -> Page:
    """收购: the seller stands on the left, the buyer on the right."""
    page = _digital(invoice, invoice.lines, 1, 1)
    for pieces in (page.labels, page.values, page.order):
        for index, piece in enumerate(pieces):
            if 29 <= piece.y < 48:
                pieces[index] = replace(piece, x=piece.x + 99 if piece.x < 106 else piece.x - 99)
    page.label(8, 24, "收购")
    return page


def cipher(invoice: Invoice) -> Page:
    """A 税控 face with its machine number, the cipher beside the buyer and long spaces in its labels."""
    page = _legacy(invoice, invoice.lines, 1, 1)
    page.label(12, 24, "机器编号：")
    page.value(28, 24, "499099660821", "")
    for row, char in enumerate("密码区"):
        page.label(112, 30 + 5 * row, char)
    lines = (
        "03*+<>-7/58-<9*01>+6<23-*",
        "0+>/4<62*9-37+8>1/5*<0-46",
        "7/<9+2*>018-4<5+36*>7-0/8",
        "12345678901234567<*>+-/09",
    )
    for row, text in enumerate(lines):
        page.value(120, 29.5 + 4.4 * row, text, "", 3)
    return page


def roll(invoice: Invoice) -> Page:
    """卷票: narrow, the seller above the buyer."""
    page = Page(qr=(60.0, 100.0))
    rows = (
        ("发票代码", "code", invoice.code), ("发票号码", "number", invoice.number), ("机打号码", "", invoice.number),
        ("机器编号", "", "499099660821"), ("销售方名称：", "seller_name", invoice.seller_name),
        ("纳税人识别号：", "seller_tax_id", invoice.seller_tax_id), ("开票日期：", "issue_date", f"{invoice.issue_date}"),
        ("收款员：", "", "示例"), ("购买方名称：", "buyer_name", invoice.buyer_name),
        ("纳税人识别号：", "buyer_tax_id", invoice.buyer_tax_id),
    )  # fmt: skip
    page.label(20, 4, "增值税普通发票（卷票）", 4)
    for row, (label, name, text) in enumerate(rows):
        page.label(6, 10 + 5 * row, label)
        page.value(32, 10 + 5 * row, text, name)
    page.label(6, 118, "合计金额（小写）：")
    page.value(36, 118, money(invoice.total), "total")
    page.label(6, 123, "合计金额（大写）：")
    page.value(36, 123, invoice.total_in_words, "total_in_words")
    page.label(6, 128, "校验码：")
    page.value(24, 128, invoice.check_code, "check_code")
    return page


def car(invoice: Invoice) -> Page:
    """机动车销售统一发票: labels without colons, net price and tax at the foot."""
    page = Page()
    page.label(60, 8, "电子发票（机动车销售统一发票）" if len(invoice.number) == 20 else "机动车销售统一发票", 4.5)
    _front(invoice, page)
    rows = (
        (34, "购买方名称", invoice.buyer_name, "buyer_name", "统一社会信用代码/纳税人识别号", invoice.buyer_tax_id, "buyer_tax_id"),
        (42, "车辆类型", "多用途乘用车", "", "厂牌型号", "示例牌 SL7000", ""),
        (50, "合格证号", "WDH042025000001", "", "产地", "北京市", ""),
        (58, "发动机号码", "SL0000001", "", "车辆识别代号/车架号码", "LSLXXXXX0X0000001", ""),
        (66, "价税合计", invoice.total_in_words, "total_in_words", "小写", money(invoice.total), "total"),
        (74, "销货单位名称", invoice.seller_name, "seller_name", "电话", "010-00000000", ""),
        (82, "统一社会信用代码/纳税人识别号", invoice.seller_tax_id, "seller_tax_id", "账号", "0000000000000000", ""),
        (98, "增值税税率或征收率", "13%", "", "增值税税额", money(invoice.tax), "tax"),
        (106, "不含税价", money(invoice.amount), "amount", "主管税务机关及代码", "示例税务局 1110000", ""),
    )  # fmt: skip
    for y, left, one, name, right, two, other in rows:
        page.label(10, y, left)
        page.value(64, y, one, name)
        page.label(116, y, right)
        page.value(166, y, two, other, 2.8)
    return page


def used_car(invoice: Invoice) -> Page:
    """二手车销售统一发票: buyer, seller, the car, one price, and the market that issues it."""
    page = Page()
    page.label(60, 8, "电子发票（二手车销售统一发票）" if len(invoice.number) == 20 else "二手车销售统一发票", 4.5)
    _front(invoice, page)
    rows = (
        (34, "买方单位/个人", invoice.buyer_name, "buyer_name", "单位代码/身份证号码", invoice.buyer_tax_id, "buyer_tax_id"),
        (42, "买方单位/个人住址", "示例路1号", "", "电话", "010-00000000", ""),
        (50, "卖方单位/个人", invoice.seller_name, "seller_name", "单位代码/身份证号码", invoice.seller_tax_id, "seller_tax_id"),
        (58, "卖方单位/个人住址", "示例路2号", "", "电话", "010-00000001", ""),
        (66, "车牌照号", "京A00000", "", "车辆类型", "小型轿车", ""),
        (74, "车价合计（大写）", invoice.total_in_words, "total_in_words", "小写", money(invoice.total), "total"),
        (82, "二手车市场", "北京示例旧机动车交易市场有限公司", "", "纳税人识别号", "91110106MA02XY9U8X", ""),
    )  # fmt: skip
    for y, left, one, name, right, two, other in rows:
        page.label(10, y, left)
        page.value(60, y, one, name)
        page.label(126, y, right)
        page.value(168, y, two, other, 2.8)
    return page


def _front(invoice: Invoice, page: Page) -> None:
    rows = (
        ("发票代码", "code", invoice.code),
        ("发票号码", "number", invoice.number),
        ("开票日期", "issue_date", day(invoice)),
    )
    for row, (label, name, text) in enumerate(rows):
        if text:
            page.label(136, 14 + 5 * row, label)
            page.value(156, 14 + 5 * row, text, name)


def air(invoice: Invoice, *, fuel: Decimal = Decimal("20.00"), fund: Decimal = Decimal("50.00")) -> Page:
    """航空运输电子客票行程单: figures under their heads, in the manner of the airlines."""
    page = Page(qr=(160.0, 90.0))
    page.label(60, 8, "电子发票（航空运输电子客票行程单）", 4)
    page.label(140, 14, "发票号码：")
    page.value(158, 14, invoice.number, "number")
    page.label(10, 24, "旅客姓名")
    page.label(60, 24, "有效身份证件号码")
    page.value(10, 29, "张示例", "")
    page.value(60, 29, "110101199001010000", "")
    page.value(10, 40, "自：示例首都", "")
    page.value(60, 40, "ZZ0000 Y 2026年03月05日 08:30", "")
    heads = ("票价", "燃油附加费", "增值税税率", "增值税税额", "民航发展基金", "其他税费", "合计")
    fare = (invoice.amount or 0) - fuel
    total = (invoice.total or 0) + fund
    cells = (
        f"CNY{fare:.2f}",
        f"CNY{fuel:.2f}",
        "9%",
        f"CNY{invoice.tax:.2f}",
        f"CNY{fund:.2f}",
        "0.00",
        f"CNY{total:.2f}",
    )
    for index, (head, cell) in enumerate(zip(heads, cells, strict=True)):
        page.label(10 + 27 * index, 60, head, 2.8)
        page.value(10 + 27 * index, 65, cell, "", 2.8)
    page.label(10, 75, "电子客票号码：")
    page.value(34, 75, "9990000000000", "")
    page.label(110, 75, "填开日期：")
    page.value(128, 75, day(invoice), "issue_date")
    page.label(10, 85, "购买方名称：")
    page.value(32, 85, invoice.buyer_name, "buyer_name")
    page.label(10, 95, "统一社会信用代码/纳税人识别号：")
    page.value(60, 95, invoice.buyer_tax_id, "buyer_tax_id")
    return page


def goods_list(invoice: Invoice, lines: Sequence[Line]) -> Page:
    """销货清单: the second sheet of a 税控 invoice whose face says only that there is one."""
    page = Page(qr=None)
    page.label(50, 6, "销售货物或者提供应税劳务、服务清单", 5)
    page.label(12, 16, "购买方名称：")
    page.value(34, 16, invoice.buyer_name, "")
    page.label(12, 21, "销售方名称：")
    page.value(34, 21, invoice.seller_name, "")
    page.label(12, 26, "所属增值税电子普通发票代码：")
    page.value(56, 26, invoice.code, "")
    page.label(90, 26, "号码：")
    page.value(100, 26, invoice.number, "")
    page.label(150, 26, "共 1 页 第 1 页")
    places = (8.0, 18.0, 62.0, 84.0, 96.0, 110.0, 142.0, 166.0, 186.0)
    heads = ("序号", "货物（劳务）名称", "规格型号", "单位", "数量", "单价", "金额", "税率", "税额")
    for x, head in zip(places, heads, strict=True):
        page.label(x, 32, head, 3)
    for row, line in enumerate(lines):
        cells = (str(row + 1), *_texts(line))
        for x, text in zip(places, cells, strict=True):
            page.value(x, 37 + 4.2 * row, text, "", 2.5)
    page.label(18, 126, "小计")
    page.label(18, 131, "总计")
    return page
