"""Files around invoices: archives, lists that the tax side exports, upload packages and upload logs."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence

from openpyxl import Workbook

from tests.invoices_factory.build import rate_of
from tests.invoices_factory.numbers import DIGITAL
from tests.invoices_factory.xml import plain
from tickets.invoices.model import Invoice, Line

_DAY = (2026, 1, 5, 9, 30, 0)


def zip_of(
    files: Mapping[str, bytes], *, stamp: tuple[int, int, int, int, int, int] = _DAY, utf8: bool = True
) -> bytes:
    """An archive of `files`; `stamp` may be a day that doesn't exist, names without `utf8` are GBK as Windows packs them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            stored = name if utf8 else name.encode("gb18030").decode("cp437")
            entry = (zipfile.ZipInfo if utf8 else _LocalName)(stored, stamp)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return out.getvalue()


class _LocalName(zipfile.ZipInfo):
    """A name in the code page of its writer, without the flag that would say so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("cp437"), self.flag_bits


HEADS = (
    "序号", "发票代码", "发票号码", "数电票号码", "销方识别号", "销方名称", "购方识别号", "购买方名称", "开票日期", "金额", "税额",
    "价税合计", "发票来源", "发票票种", "发票状态", "是否正数发票", "发票风险等级", "开票人", "备注",
)  # fmt: skip
_KIND_NAMES = {
    "81": "数电发票（增值税专用发票）", "82": "数电发票（普通发票）", "01": "增值税专用发票", "04": "增值税普通发票",
    "08": "增值税电子专用发票", "10": "增值税电子普通发票", "51": "数电发票（铁路电子客票）", "61": "数电发票（航空运输电子客票行程单）",
    "85": "数电纸质发票（增值税专用发票）", "86": "数电纸质发票（普通发票）",
}  # fmt: skip


def _cells(position: int, invoice: Invoice, status: str) -> list[str]:
    digital = invoice.number if invoice.kind in DIGITAL else invoice.digital_number
    number = "" if invoice.kind in DIGITAL else invoice.number
    return [
        str(position), invoice.code, number, digital, invoice.seller_tax_id, invoice.seller_name, invoice.buyer_tax_id,
        invoice.buyer_name, f"{invoice.issue_date} 09:30:00", plain(invoice.amount), plain(invoice.tax), plain(invoice.total),
        "电子发票服务平台", _KIND_NAMES.get(invoice.kind, ""), status, "否" if invoice.is_red else "是", "正常", invoice.drawer,
        invoice.remark,
    ]  # fmt: skip


def _table(invoices: Iterable[Invoice], status: str) -> list[list[str]]:
    return [list(HEADS), *(_cells(position, invoice, status) for position, invoice in enumerate(invoices, start=1))]


def list_csv(invoices: Iterable[Invoice], encoding: str = "gb18030", *, status: str = "正常") -> bytes:
    """The list of invoices that the tax platform exports, as CSV."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(_table(invoices, status))
    return out.getvalue().encode(encoding)


def list_xlsx(invoices: Iterable[Invoice], *, status: str = "正常", damaged: bool = False, title: str = "") -> bytes:
    """The same as a workbook; `damaged` stores the 20-digit numbers as numbers, `title` is a line above the heads."""
    book = Workbook()
    sheet = book.active
    sheet.title = "发票基础信息"
    if title:
        sheet.append([title])
    for row, cells in enumerate(_table(invoices, status)):
        numbers = {9: float, 10: float, 11: float} | ({3: float} if damaged else {})
        sheet.append([numbers[n](cell) if row and cell and n in numbers else cell for n, cell in enumerate(cells)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def leqi_json(invoices: Iterable[Invoice], **overrides: object) -> bytes:
    """An upload package in the manner of 乐企 数电票上传: an array of invoices; `overrides` replace fields in each."""
    return json.dumps([_leqi(invoice) | overrides for invoice in invoices], ensure_ascii=False, indent=1).encode()


def _leqi(invoice: Invoice) -> dict[str, object]:
    return {
        "fphm": invoice.number, "lzfpbz": "1" if invoice.is_red else "0", "ptbh": "EXAMPLE0001",
        "fppz": "01" if invoice.kind == "81" else "02", "qyDm": "11100000000", "xsfnsrsbh": invoice.seller_tax_id,
        "xsfmc": invoice.seller_name, "gmfnsrsbh": invoice.buyer_tax_id, "gmfmc": invoice.buyer_name, "gmfzrrbz": "N",
        "hjje": plain(invoice.amount), "hjse": plain(invoice.tax), "jshj": plain(invoice.total), "kpr": invoice.drawer,
        "ip": "192.0.2.1", "macdz": "00-00-5E-00-53-01", "kprq": f"{invoice.issue_date} 09:30:00", "fpkjfsDm": "4",
        "bz": invoice.remark, "fpmxList": [_leqi_line(n, line) for n, line in enumerate(invoice.lines, start=1)],
        **({"dylzfphm": invoice.original_number, "hzqrxxdbh": "1101" + "0" * 16, "hzqrduuid": "0" * 32} if invoice.is_red else {}),
    }  # fmt: skip


def _leqi_line(position: int, line: Line) -> dict[str, object]:
    _empty, short, name = line.name.split("*")
    gross = (line.amount or 0) + (line.tax or 0)
    figures = {} if line.quantity is None else {"sl": plain(line.quantity), "dj": plain(line.unit_price)}
    return {
        "mxxh": position, "xmmc": name, "hwhyslwfwmc": line.name, "spfwjc": short, "ggxh": line.specification, "dw": line.unit,
        **figures, "je": plain(line.amount), "slv": str(rate_of(line) or "0"), "se": plain(line.tax) or "0.00",
        "hsje": f"{gross:.2f}", "sphfwssflhbbm": line.classification, "fphxz": line.role,
    }  # fmt: skip


#: Code → text, as the upload interfaces of 乐企 answer (运维清单, 铁路 V3.017 §5.5).
LOG_ERRORS: Mapping[str, str] = {
    "4057": "报文解密失败",
    "BI1003": "发票号码格式不符",
    "BI1005": "额度不足",
    "BI1092": "发票号码第5位应是9",
    "BI2000": "未查询到上传结果",
    "0499": "税局超时",
}
LOG_TEXTS: Sequence[str] = (
    "发票号码为[{number}]在数据库中已存在",
    "当前开票方开票日期所属年月已完成对账，不再允许上传",
    "发票额度已不够使用",
)


def upload_log(
    invoices: Iterable[Invoice],
    codes: Sequence[str] = ("BI2000", "0499"),
    *,
    encoding: str = "utf-8",
    texts: Sequence[str] = (),
) -> bytes:
    """The log of an upload run: for each invoice one line for each code and each text, then a line of success."""
    lines = ["2026-01-05 09:30:00.000 INFO  [upload] 开始上传 数电票上传"]
    for invoice in invoices:
        number = invoice.number
        lines += [
            f"2026-01-05 09:30:01.120 ERROR [upload] fphm={number} code={c} msg={LOG_ERRORS.get(c, '')}" for c in codes
        ]
        lines += [
            f"2026-01-05 09:30:02.480 ERROR [upload] fphm={number} msg={text.format(number=number)}" for text in texts
        ]
    lines.append("2026-01-05 09:30:03.000 INFO  [upload] 结束 sczt=02")
    return ("\r\n".join(lines) + "\r\n").encode(encoding)
