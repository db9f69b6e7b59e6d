"""PURE. Where the rules of package checks are written, with the day on which somebody last looked there."""

from __future__ import annotations

import datetime as dt

from tickets.invoices.packages.contract import Basis

#: Name of the rule set, shown in every report; a change of a rule or a figure gives it a new one.
RULE_SET = "2026.11"
REVIEWED = dt.date(2026, 11, 24)

FIELDS = Basis("乐企基础版开票能力 V4.000 §10.2（数电票上传）", REVIEWED)
RULES = Basis("《数字化电子发票版式及XML规范》V5.002 §五（发票校验规则）", REVIEWED)
CHECKS = Basis("乐企基础版开票能力 V4.000 §2.2.4.2", REVIEWED)
CLOCKS = Basis("乐企基础版开票能力 V4.000 §4.2.1", REVIEWED)
NUMBERS = Basis("乐企基础版开票能力 V4.000 §1.2.1", REVIEWED)
LAYOUT = Basis("《数字化电子发票版式及XML规范》V5.002 §四", REVIEWED)
TAX_IDS = Basis("GB 32100-2015, GB 11714-1997", REVIEWED)
JSON = Basis("RFC 8259", REVIEWED)
ARITHMETIC = Basis("由金额、税额、含税金额的定义得出", REVIEWED)
SERVICE = Basis("本服务台的工单记录", REVIEWED)
