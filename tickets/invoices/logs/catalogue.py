"""PURE. What a log can say: codes of the platform and phrases of programs, what each means and which article helps.

Source: the catalogue of the 乐企 interface documents V4.000, its list of common questions and the answers of the
verification platform, told in own words. Patterns run on lower-case lines; every repetition in them is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.common.messages import gettext_noop as _


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


class Kind(StrEnum):
    """What a fact is about."""

    ERROR_CODE = "error_code"
    TIMEOUT = "timeout"
    DNS = "dns"
    TLS = "tls"
    CONNECTION = "connection"
    HTTP_STATUS = "http_status"
    ANSWER = "answer"  # a phrase of the platform
    ENDPOINT = "endpoint"
    TIMESTAMP = "timestamp"


KIND_LABELS: Mapping[Kind, str] = {
    Kind.ERROR_CODE: _("Error code"),
    Kind.TIMEOUT: _("Time-out"),
    Kind.DNS: _("DNS"),
    Kind.TLS: _("TLS"),
    Kind.CONNECTION: _("Connection"),
    Kind.HTTP_STATUS: _("HTTP status"),
    Kind.ANSWER: _("Answer of the tax side"),
    Kind.ENDPOINT: _("Endpoint"),
    Kind.TIMESTAMP: _("Time"),
}

_RED_FORM = tuple(f"BI{n}" for n in range(1056, 1072))
_RED_APPLICATION = tuple(f"RI{n}" for n in range(1000, 1013))
_CODES: tuple[tuple[str, Sign, str], ...] = (
    ("4032|4033", Sign.SECURITY, _("The service is not authorised for this caller")),
    ("4047", Sign.INTERFACE, _("The batch number of the test is missing")),
    ("4049", Sign.SECURITY, _("The capability doesn't belong to the service that was called")),
    ("4054|4055", Sign.SECURITY, _("The platform account number is wrong")),
    ("4057", Sign.SECURITY, _("The message could not be decrypted: wrong key")),
    ("4061", Sign.INTERFACE, _("The service code is wrong")),
    ("4063", Sign.FORMAT, _("The data did not pass the sandbox's checks")),
    ("4067", Sign.SECURITY, _("The call came from an address that is not registered")),
    ("BI1000", Sign.INTERFACE, _("The red-letter confirmation could not be updated")),
    ("BI1003|BI1092", Sign.FORMAT, _("The invoice number has the wrong form")),
    ("BI1004|BI1005|BI1006|BI1007", Sign.QUOTA, _("The issuing quota is used up or out of date")),
    ("BI1008|BI1009|BI1010|BI1011", Sign.RISK, _("The taxpayer's status stops the upload")),
    ("BI1029|BI1030", Sign.FORMAT, _("The lines of the red invoice don't fit")),
    ("|".join(_RED_FORM), Sign.FORMAT, _("The red-letter confirmation doesn't fit")),
    ("BI1072", Sign.INTERFACE, _("The tax classification codes are out of date")),
    ("BI2000", Sign.PENDING, _("No result of the upload yet")),
    ("|".join(_RED_APPLICATION), Sign.FORMAT, _("The application for a red invoice was refused")),
    ("0499", Sign.NETWORK, _("The tax side did not answer in time")),
)
BY_CODE: Mapping[str, tuple[Sign, str]] = {
    code: (sign, text) for codes, sign, text in _CODES for code in codes.split("|")
}

#: A number of the catalogue that stands for itself: neither part of a longer one, nor a port, a fraction or an amount.
_UNIT = "(?! {0,2}(?:ms\\b|s\\b|kb\\b|bytes?\\b|rows?\\b|lines?\\b|毫秒|秒|字节|条|张|行|元|个))"
CODES = re.compile(
    r"(?<![0-9a-z])(?<!\d[.,:/-])(?:" + "|".join(sorted(map(str.lower, BY_CODE))) + rf")(?![0-9a-z])(?![.,]\d){_UNIT}"
)
#: Beginnings of all codes: where none is in a block, CODES is not asked.
CODE_NEEDLES = ("403", "404", "405", "406", "bi1", "bi2", "ri1", "0499")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of a program or of the platform. Where one of `needles` stands, the line is looked at with `pattern`."""

    code: str  # as articles name it
    kind: Kind
    sign: Sign
    text: str  # msgid
    needles: tuple[str, ...]
    pattern: re.Pattern[str] | None = None


def _phrase(code: str, kind: Kind, sign: Sign, text: str, needles: str, pattern: str = "") -> Phrase:
    return Phrase(code, kind, sign, text, tuple(needles.split("|")), re.compile(pattern) if pattern else None)


PHRASES: tuple[Phrase, ...] = (
    _phrase("duplicate", Kind.ANSWER, Sign.DUPLICATE, _("The invoice is there already"),
            "数据库中已存在|重复上传|duplicate"),
    _phrase("month_closed", Kind.ANSWER, Sign.MONTH_CLOSED, _("The month is closed, uploads are refused"),
            "已完成对账|所属年月已", r"已完成对账.{0,20}不再允许上传|所属年月已"),
    _phrase("not_confirmed", Kind.ANSWER, Sign.MONTH_CLOSED, _("The monthly summary has not been confirmed"),
            "未上传发票汇总确认"),
    _phrase("quota", Kind.ANSWER, Sign.QUOTA, _("The issuing quota is used up or out of date"),
            "额度", r"额度(?:已)?不(?:够|足)"),
    _phrase("count", Kind.ANSWER, Sign.INTERFACE, _("The number of blue invoices differs from the tax side's"),
            "蓝字数量与局端不一致"),
    _phrase("syncing", Kind.ANSWER, Sign.PENDING, _("The tax side is still synchronising"), "正在同步中|处理中"),
    _phrase("not_found", Kind.ANSWER, Sign.NOT_FOUND, _("The look-up found nothing"),
            "查无此票|未查询到|无匹配记录|未找到相关记录"),
    _phrase("http_413", Kind.HTTP_STATUS, Sign.FORMAT, _("The package is too large"),
            "413", r"\b413\b.{0,40}(?:too large|entity)"),
    _phrase("http_5xx", Kind.HTTP_STATUS, Sign.INTERFACE, _("The tax side's server failed"),
            "500|502|503|504",
            r"\bhttp[/ ][\d. ]{0,8}50[0234]\b|\b50[234] (?:bad gateway|service|gateway)|\b500 internal server"),
    _phrase("timeout", Kind.TIMEOUT, Sign.NETWORK, _("The connection timed out"),
            "timeout|timed out|time out|time-out|time_out|timedout|超时"),
    _phrase("dns", Kind.DNS, Sign.NETWORK, _("The address could not be resolved"),
            "getaddrinfo|unknownhost|enotfound|dns|名称解析|name or service not known|no such host",
            r"getaddrinfo|unknownhost|enotfound|(?<![a-z])dns(?![a-z])|名称解析|or service not known|no such host"),
    _phrase("reset", Kind.CONNECTION, Sign.NETWORK, _("The connection was cut"),
            "connection reset|connection refused|econnre|broken pipe|连接被|连接重置|连接拒绝|网络中断|网络异常",
            r"connection re|econnre|broken pipe|连接(?:被)?(?:重置|拒绝)|网络(?:中断|异常)"),
    _phrase("tls", Kind.TLS, Sign.SECURITY, _("The certificate was refused"),
            "sslhandshake|certificate|证书|cert_|ssl_error|tls alert"),
    _phrase("xml", Kind.ANSWER, Sign.FORMAT, _("The data has the wrong format"),
            "格式|schema|unmarshal|json parse|jsonparse|报文|字段",
            r"格式(?:不|错)|schema|unmarshal|json ?parse|报文(?:格式|校验)|字段.{0,12}(?:长度|必填|为空)"),
    _phrase("forbidden", Kind.HTTP_STATUS, Sign.SECURITY, _("The caller has no permission"),
            "401|403|无权限|未授权|权限不足|没有该功能访问权限",
            rf"(?<![0-9a-z])(?<!\d[.,:/-])(?:401|403)(?![0-9a-z])(?![.,:]\d){_UNIT}|无权限|未授权|权限不足|没有该功能访问权限"),
)  # fmt: skip

#: An answer's status: `HTTP/1.1" 502`, `status=502`, `响应码: 502`.
STATUS = re.compile(
    r"(?:http/\d(?:\.\d)?[\"']?|status(?:[ _-]?code)?[\"']?[=:]?|响应码[:：]?|状态码[:：]?) {0,2}([45]\d\d)(?![\w.])"
)
STATUS_NEEDLES = ("http/", "status", "响应码", "状态码")
_STATUS_TEXTS: Mapping[str, tuple[Sign, str]] = {
    "401": (Sign.SECURITY, _("The caller has no permission")),
    "403": (Sign.SECURITY, _("The caller has no permission")),
    "404": (Sign.INTERFACE, _("The address that was called doesn't exist")),
    "408": (Sign.NETWORK, _("The connection timed out")),
    "413": (Sign.FORMAT, _("The package is too large")),
    "429": (Sign.INTERFACE, _("Too many calls in a short time")),
}
_REFUSED, _FAILED = _("The call was refused"), _("The tax side's server failed")


def status(code: str) -> tuple[Sign, str]:
    """What an HTTP status of 400 and above means."""
    return _STATUS_TEXTS.get(code) or (Sign.INTERFACE, _FAILED if code.startswith("5") else _REFUSED)


ENDPOINT = re.compile(r"https?://([a-z0-9.-]{1,100}(?::\d{1,5})?)((?:/[a-z0-9._~-]{1,60}){0,4})")
#: `2026-11-20 10:00:00`, also with T, slashes, a dot or Chinese signs between the parts.
MOMENT = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-/.年](\d{1,2})[-/.月](\d{1,2})日?[t ]{0,2}(\d{1,2}):(\d\d):(\d\d)(?:[.,]\d{1,6})?(?!\d)"
)

#: Code of a fact → the slug of the article that helps; a test holds that each is there in both languages.
ARTICLES: Mapping[str, str] = {
    **dict.fromkeys(("4032", "4033", "forbidden", "http_401", "http_403"), "permission-denied"),
    **dict.fromkeys(
        ("4047", "4049", "4054", "4055", "4057", "4067", "http_404", "http_429", "http_400"), "api-call-failure"
    ),
    **dict.fromkeys(("4061", "tls", "BI1072"), "software-version-outdated"),
    **dict.fromkeys(("4063", "xml", "BI1003", "BI1092"), "xml-format-noncompliant"),
    **dict.fromkeys((code for code, (sign, _text) in BY_CODE.items() if sign in (Sign.QUOTA, Sign.RISK)),
                    "quota-or-risk"),
    **dict.fromkeys(("BI1000", "BI1029", "BI1030", *_RED_FORM, *_RED_APPLICATION), "red-invoice-offset"),
    **dict.fromkeys(("month_closed", "not_confirmed"), "month-closed-reissue"),
    "quota": "quota-or-risk",
    **dict.fromkeys(("BI2000", "syncing", "count"), "sync-history-records"),
    **dict.fromkeys(("0499", "timeout", "dns", "reset", "http_408"), "network-interruption"),
    **dict.fromkeys(("http_413",), "batch-upload-failure"),
    **dict.fromkeys(("http_5xx", "http_500", "http_502", "http_503", "http_504"), "system-status-check"),
    "duplicate": "duplicate-number",
    "not_found": "verification-no-match",
}  # fmt: skip
