"""PURE. Papers that people take for an invoice, known by the words at their head."""

from __future__ import annotations

import re
from collections.abc import Mapping

from helpdesk.common.messages import gettext_noop as _

_HEAD = 400  # characters at the beginning that name a paper
#: Paper → the words that name it, the more certain first, and what to tell.
PAPERS: Mapping[str, tuple[str, str]] = {
    "itinerary": (
        r"行程单|行程报销单|TRIP TABLE",
        _("This seems to be a travel itinerary, not an invoice. Please upload the invoice that came with it."),
    ),
    "customs": (
        r"海关.{0,12}缴款书",
        _("This seems to be a customs payment book. It is collected in the tax account, not as an invoice."),
    ),
    "fiscal": (
        r"财政.{0,6}票据|非税收入.{0,8}票据|医疗.{0,4}收费票据",
        _("This seems to be a receipt of a public body. The tax system holds no record of it."),
    ),
    "tax payment": (
        r"完税证明|税收缴款书|电子缴款凭证",
        _("This seems to be a proof of tax paid, not an invoice."),
    ),
    "bank": (
        r"(?:电子|银行|网上|业务|客户|交易)回单|回单凭证|付款凭证|转账凭证|账户明细|银行流水",
        _("This seems to be a paper of a bank, not an invoice. It can go with the ticket as a proof of payment."),
    ),
    "red notice": (
        r"红字.{0,16}(?:信息表|确认单)",
        _("This seems to be the confirmation of a red invoice, not the invoice itself."),
    ),
    "contract": (
        r"合\s*同(?:书|编号|号)|(?:采购|销售|买卖|服务|租赁|技术|施工|供货|委托)\S{0,8}合同|协议书",
        _("This seems to be a contract, not an invoice. It can go with the ticket as a proof."),
    ),
    "statement": (
        r"对\s*账\s*(?:单|函)|结算单|账单",
        _("This seems to be a statement of account, not an invoice. Please upload the invoices themselves."),
    ),
    "delivery": (
        r"送货单|发货单|出库单|入库单|验收单|装箱单",
        _("This seems to be a delivery note, not an invoice. It can go with the ticket as a proof."),
    ),
    "order": (
        r"订单(?:详情|编号|号|信息)|报价单|购物小票|消费小票|收银小票|签购单|POS",
        _("This seems to be an order or a till receipt, not an invoice. Ask the seller for the invoice."),
    ),
    "receipt": (
        r"收\s*(?:款\s*)?(?:收\s*)?据|收条|形式发票|PROFORMA",
        _("This seems to be a plain receipt, not an invoice. Ask the seller for the invoice."),
    ),
}  # fmt: skip
_INVOICE = re.compile(
    r"电子发票[(（]|(?<!红字)增值税(?:电子)?(?:专用|普通)发票|销售统一发票|铁路电子客票|航空运输电子客票"
)


def named(text: str) -> str:
    """The paper whose words stand first in the head of `text`; "" for an invoice and what we don't know."""
    head = re.sub(r"[ \t\r\n]+", "", text)[:_HEAD]
    if _INVOICE.search(head):
        return ""
    at = {name: match.start() for name, (words, _said) in PAPERS.items() if (match := re.search(words, head))}
    return min(at, key=lambda name: at[name], default="")
