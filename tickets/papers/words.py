"""PURE. The papers of a ticket, and the one table of what a template may ask for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.common.messages import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of paper; `for_enterprise` says that the enterprise signs it, and so may make it."""

    kind: str
    label: str
    hint: str
    for_enterprise: bool = True


PAPERS: tuple[Paper, ...] = (
    Paper("statement", _("Written statement"), _("What happened, since when, and what was tried.")),
    Paper("application", _("Application for a manual backfill"), _("The form with the invoices and the reasons.")),
    Paper("authorisation", _("Letter of authorisation"), _("Who may handle the matter for the enterprise.")),
    Paper("supplier_letter", _("Letter to the supplier"), _("Asks the issuer to look up, upload or issue again.")),
    Paper(
        "transfer_letter",
        _("Letter of transfer"),
        _("Goes with the hand-over package to the tax office."),
        for_enterprise=False,
    ),
)  # fmt: skip
BY_KIND: Mapping[str, Paper] = {paper.kind: paper for paper in PAPERS}


@dataclass(frozen=True, slots=True)
class Placeholder:
    """`{name}` or `{alias}` in a template; `sample` stands in the preview of a template."""

    name: str
    alias: str  # the Chinese name, for templates in Chinese
    label: str
    sample: str = ""  # empty: always filled by hand
    is_block: bool = False  # stands alone on its line


PLACEHOLDERS: tuple[Placeholder, ...] = (
    Placeholder("today", "今天", _("Date of the paper"), "2026-11-25"),
    Placeholder("ticket", "工单号", _("Ticket number"), "26-00017-4"),
    Placeholder("filed_on", "提交日期", _("Day on which the ticket was filed"), "2026-11-20"),
    Placeholder("situation", "情形", _("Situation"), "查无记录"),
    Placeholder("cause", "原因", _("Cause"), "数据同步延迟"),
    Placeholder("description", "经过", _("Description of the ticket"), "开具一周后仍查不到。"),
    Placeholder("tried", "已尝试", _("Already tried"), "核对票面信息"),
    Placeholder("enterprise", "企业名称", _("Company name"), "示例阿尔法科技有限公司"),
    Placeholder("tax_id", "企业税号", _("Tax number of the enterprise"), "91110108MA01ABCD5T"),
    Placeholder("requester", "申请人", _("Person who filed the ticket"), "张三"),
    Placeholder("phone", "申请人电话", _("Phone of that person"), "010-00000000"),
    Placeholder("email", "申请人邮箱", _("E-mail of that person"), "zhang@alpha.example"),
    Placeholder("software", "开票软件", _("Issuing software"), "示例开票 3.2"),
    Placeholder("invoice_count", "发票张数", _("Number of open invoices"), "2"),
    Placeholder("invoice_numbers", "发票号码", _("Numbers of the open invoices"), "26112000000000000017"),
    Placeholder("issue_dates", "开票日期", _("Issue date, or first and last"), "2026-11-12"),
    Placeholder("total", "价税合计", _("Total with tax of the open invoices"), "11,300.00"),
    Placeholder("tax", "税额合计", _("Tax of the open invoices"), "1,300.00"),
    Placeholder("seller", "销售方", _("Seller, when all invoices have the same"), "示例贝塔贸易有限公司"),
    Placeholder("seller_tax_id", "销售方税号", _("The seller's tax number"), "91110105MA00F1T226"),
    Placeholder("buyer", "购买方", _("Buyer, when all invoices have the same"), "示例阿尔法科技有限公司"),
    Placeholder("buyer_tax_id", "购买方税号", _("The buyer's tax number"), "91110108MA01ABCD5T"),
    Placeholder("last_look_up", "最近查询", _("The last look-up: day, place, result"), "2026-11-24, 查无"),
    Placeholder("filing_day", "征期截止", _("Next last day of filing"), "2026-12-15"),
    Placeholder("desk", "服务台", _("Name of this service"), "发票服务台"),
    Placeholder("department", "承办部门", _("Responsible department of the backfill"), "示例税务所"),
    Placeholder("address", "企业地址", _("Address of the enterprise")),
    Placeholder("legal_person", "法定代表人", _("Legal representative")),
    Placeholder("agent_name", "经办人", _("Person who is authorised")),
    Placeholder("agent_id", "经办人证件号", _("Identity number of that person")),
    Placeholder("agent_phone", "经办人电话", _("Phone of the authorised person")),
    Placeholder("valid_until", "授权期限", _("Last day of the authorisation")),
    Placeholder("invoices", "发票清单", _("Table of the open invoices"), is_block=True),
    Placeholder("files", "附件清单", _("List of the ticket's files with SHA-256"), is_block=True),
    Placeholder("signature", "签章", _("Signature, seal and date"), is_block=True),
)
#: Both spellings lead to the entry.
BY_NAME: Mapping[str, Placeholder] = {key: one for one in PLACEHOLDERS for key in (one.name, one.alias)}
BLOCKS = frozenset(one.name for one in PLACEHOLDERS if one.is_block)
