"""PURE. The causes as triage meets them: where each is worked on, what a log and what people say of it."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.invoices.logs import Sign
from tickets.vocabulary import Cause, Queue

#: Where a cause is worked on.
QUEUE_OF: Mapping[Cause, Queue] = {
    Cause.FORMAT: Queue.TECHNICAL,
    Cause.NETWORK: Queue.TECHNICAL,
    Cause.SOFTWARE: Queue.TECHNICAL,
    Cause.INTERFACE: Queue.TECHNICAL,
    Cause.CAPACITY: Queue.TECHNICAL,
    Cause.DATA_ENTRY: Queue.DATA,
    Cause.COUNTERPART: Queue.DATA,
    Cause.QUERY: Queue.DATA,
    Cause.POLICY: Queue.DATA,
    Cause.SYNC_DELAY: Queue.DATA,
    Cause.OMISSION: Queue.BACKFILL,
    Cause.SECURITY: Queue.ACCOUNT,
    Cause.SUPPORT: Queue.TRIAGE,
    Cause.UNKNOWN: Queue.TRIAGE,
}

#: Sign in a log → the cause that it shows.
CAUSE_OF_SIGN: Mapping[Sign, Cause] = {
    Sign.FORMAT: Cause.FORMAT,
    Sign.NETWORK: Cause.NETWORK,
    Sign.INTERFACE: Cause.INTERFACE,
    Sign.SECURITY: Cause.SECURITY,
    Sign.QUOTA: Cause.POLICY,
    Sign.RISK: Cause.POLICY,
    Sign.MONTH_CLOSED: Cause.OMISSION,
    Sign.PENDING: Cause.SYNC_DELAY,
    Sign.DUPLICATE: Cause.QUERY,  # it is there already, so it was looked up elsewhere or otherwise
}

#: What people write of a cause, the surest first.
WORDS: tuple[tuple[Cause, tuple[str, ...]], ...] = (
    (
        Cause.SECURITY,
        ("权限", "无法登录", "登录不上", "证书", "ukey", "税控盘锁", "permission", "log in", "certificate"),
    ),
    (Cause.NETWORK, ("网络", "断网", "超时", "掉线", "timeout", "timed out", "network")),
    (Cause.SOFTWARE, ("升级", "版本", "兼容", "旧系统", "update", "version", "incompatible")),
    (Cause.INTERFACE, ("接口", "对接", "调用失败", "interface", "api")),
    (Cause.FORMAT, ("格式", "校验不通过", "报文", "schema", "format")),
    (Cause.SYNC_DELAY, ("同步", "延迟", "更新慢", "synchronis", "synchroniz", "delayed")),
    (Cause.DATA_ENTRY, ("抬头", "税号写错", "录错", "填错", "typo", "wrong tax number", "mistyped")),
    (Cause.OMISSION, ("漏传", "没上传", "忘记上传", "未上传", "漏录", "not uploaded", "forgot")),
    (Cause.POLICY, ("政策", "新规", "额度", "policy", "quota")),
    (Cause.CAPACITY, ("容量", "存储", "服务器繁忙", "太慢", "storage", "overload")),
    (Cause.SUPPORT, ("客服", "打不通", "没人接", "hotline", "no answer")),
    (Cause.COUNTERPART, ("对方", "供应商", "销方", "红冲", "supplier", "the seller")),
    (Cause.QUERY, ("查询条件", "勾选", "查验平台提示超过", "wrong page")),
)
