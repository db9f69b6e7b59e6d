"""PURE. What an upload log says: codes and phrases of the platform, each with its line and what it means.

Source: the catalogue of the 乐企 interface documents V4.000 and its list of common questions, told in own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.common.messages import gettext_noop as _

MAX_LINES = 200_000
MAX_LINE = 2_000


class Sign(StrEnum):
    """What kind of trouble a line of a log shows."""

    FORMAT = "format"
    NETWORK = "network"
    INTERFACE = "interface"
    SECURITY = "security"
    QUOTA = "quota"
    RISK = "risk"
    MONTH_CLOSED = "month_closed"
    DUPLICATE = "duplicate"
    PENDING = "pending"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Trace:
    """One known thing in a log: its code as articles name it, its kind, its line (from 1) and an English msgid."""

    code: str
    sign: Sign
    line: int
    text: str


_CODES: tuple[tuple[str, Sign, str], ...] = (
    ("4032|4033", Sign.SECURITY, _("The service is not authorised for this caller")),
    ("4049", Sign.SECURITY, _("The capability doesn't belong to the service that was called")),
    ("4054|4055", Sign.SECURITY, _("The platform account number is wrong")),
    ("4057", Sign.SECURITY, _("The message could not be decrypted: wrong key")),
    ("4061", Sign.INTERFACE, _("The service code is wrong")),
    ("4063", Sign.FORMAT, _("The data did not pass the sandbox's checks")),
    ("4067", Sign.SECURITY, _("The call came from an address that is not registered")),
    ("BI1003|BI1092", Sign.FORMAT, _("The invoice number has the wrong form")),
    ("BI1004|BI1005|BI1006|BI1007", Sign.QUOTA, _("The issuing quota is used up or out of date")),
    ("BI1008|BI1009|BI1010|BI1011", Sign.RISK, _("The taxpayer's status stops the upload")),
    ("BI2000", Sign.PENDING, _("No result of the upload yet")),
    ("0499", Sign.NETWORK, _("The tax side did not answer in time")),
)
_PHRASES: tuple[tuple[str, Sign, str, str], ...] = (
    ("duplicate", Sign.DUPLICATE, r"数据库中已存在|重复上传|duplicate", _("The invoice is there already")),
    ("month_closed", Sign.MONTH_CLOSED, r"已完成对账.{0,20}不再允许上传|所属年月已",
     _("The month is closed, uploads are refused")),
    ("not_confirmed", Sign.MONTH_CLOSED, r"未上传发票汇总确认", _("The monthly summary has not been confirmed")),
    ("quota", Sign.QUOTA, r"额度(?:已)?不(?:够|足)", _("The issuing quota is used up or out of date")),
    ("syncing", Sign.PENDING, r"正在同步中|处理中", _("The tax side is still synchronising")),
    ("not_found", Sign.NOT_FOUND, r"查无此票|未查询到|无匹配记录|未找到相关记录", _("The look-up found nothing")),
    ("http_413", Sign.FORMAT, r"\b413\b.{0,40}(?:too large|entity)", _("The package is too large")),
    ("http_5xx", Sign.INTERFACE, r"\bHTTP[/ ][\d. ]*50[0234]\b|\b50[234] (?:Bad Gateway|Service|Gateway)",
     _("The tax side's server failed")),
    ("timeout", Sign.NETWORK, r"time[d]?[- _]?out|超时|ETIMEDOUT", _("The connection timed out")),
    ("dns", Sign.NETWORK, r"getaddrinfo|UnknownHost|ENOTFOUND|DNS|名称解析", _("The address could not be resolved")),
    ("reset", Sign.NETWORK, r"connection (?:reset|refused)|ECONNRE|连接(?:被)?(?:重置|拒绝)|网络(?:中断|异常)",
     _("The connection was cut")),
    ("tls", Sign.SECURITY, r"SSLHandshake|certificate|证书|CERT_", _("The certificate was refused")),
    ("xml", Sign.FORMAT, r"格式(?:不|错)|schema|unmarshal|JSON ?parse|报文(?:格式|校验)|字段.{0,12}(?:长度|必填|为空)",
     _("The data has the wrong format")),
    ("forbidden", Sign.SECURITY, r"\b(?:401|403)\b|无权限|未授权|权限不足", _("The caller has no permission")),
)  # fmt: skip
_BY_CODE = {code: (sign, text) for codes, sign, text in _CODES for code in codes.split("|")}
_CODE = re.compile(r"(?<![0-9A-Za-z])(?:" + "|".join(sorted(_BY_CODE)) + r")(?![0-9A-Za-z])")
_PATTERNS = [(code, sign, re.compile(pattern, re.IGNORECASE), text) for code, sign, pattern, text in _PHRASES]


def traces(text: str) -> Iterator[Trace]:
    """The known codes and phrases of a log, each once, at its first line."""
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines()[:MAX_LINES], start=1):
        line = line[:MAX_LINE]
        for match in _CODE.finditer(line):
            if match[0] not in seen:
                seen.add(match[0])
                yield Trace(match[0], _BY_CODE[match[0]][0], number, _BY_CODE[match[0]][1])
        for code, sign, pattern, said in _PATTERNS:
            if code not in seen and pattern.search(line):
                seen.add(code)
                yield Trace(code, sign, number, said)
