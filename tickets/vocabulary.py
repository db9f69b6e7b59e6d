"""PURE. The words of a ticket: symptoms, causes, queues, priorities. Labels are msgids."""

from __future__ import annotations

from enum import IntEnum, StrEnum

from helpdesk.common.messages import gettext_noop as _


class Symptom(StrEnum):
    """What the enterprise sees (情形)."""

    NO_RECORD = "no_record"
    ABNORMAL_STATUS = "abnormal_status"
    DELAYED = "delayed"
    VERIFICATION_MISMATCH = "verification_mismatch"
    BATCH_UPLOAD_FAILED = "batch_upload_failed"
    OTHER = "other"


SYMPTOM_LABELS = {
    Symptom.NO_RECORD: _("No record found"),
    Symptom.ABNORMAL_STATUS: _("Abnormal status"),
    Symptom.DELAYED: _("Late update"),
    Symptom.VERIFICATION_MISMATCH: _("Verification doesn't match"),
    Symptom.BATCH_UPLOAD_FAILED: _("Batch upload failed"),
    Symptom.OTHER: _("Something else"),
}


class Cause(StrEnum):
    """Why it happened (原因): the eight families of the field's own list, data entry and synchronisation among them."""

    FORMAT = "format"  # 数据格式不合规
    NETWORK = "network"  # 网络中断或延迟
    SOFTWARE = "software"  # 软件版本过旧, 兼容性
    DATA_ENTRY = "data_entry"  # 录入错误
    OMISSION = "omission"  # 漏录, 未上传
    POLICY = "policy"  # 法规政策调整
    CAPACITY = "capacity"  # 存储或性能瓶颈
    SECURITY = "security"  # 防护、身份、权限
    SUPPORT = "support"  # 技术支持响应滞后
    SYNC_DELAY = "sync_delay"  # 数据同步延迟
    INTERFACE = "interface"  # 外部接口调用失败
    COUNTERPART = "counterpart"  # 对方需处理: 未上传, 红冲, 抬头
    QUERY = "query"  # 查询条件或入口不对
    UNKNOWN = "unknown"


CAUSE_LABELS = {
    Cause.FORMAT: _("Data format not compliant"),
    Cause.NETWORK: _("Network interrupted or slow"),
    Cause.SOFTWARE: _("Software outdated or incompatible"),
    Cause.DATA_ENTRY: _("Data entered wrongly"),
    Cause.OMISSION: _("Never uploaded or left out"),
    Cause.POLICY: _("Rules have changed"),
    Cause.CAPACITY: _("Storage or performance limit"),
    Cause.SECURITY: _("Security, identity or permission"),
    Cause.SUPPORT: _("Support didn't answer in time"),
    Cause.SYNC_DELAY: _("Synchronisation delay"),
    Cause.INTERFACE: _("External interface failed"),
    Cause.COUNTERPART: _("The other party has to act"),
    Cause.QUERY: _("Looked up in the wrong place or way"),
    Cause.UNKNOWN: _("Not known"),
}


class Queue(StrEnum):
    """Who works on it."""

    TRIAGE = "triage"
    DATA = "data"
    TECHNICAL = "technical"
    BACKFILL = "backfill"
    ACCOUNT = "account"


QUEUE_LABELS = {
    Queue.TRIAGE: _("Triage"),
    Queue.DATA: _("Data correction"),
    Queue.TECHNICAL: _("Upload and interface"),
    Queue.BACKFILL: _("Backfill"),
    Queue.ACCOUNT: _("Accounts and permissions"),
}


class Priority(IntEnum):
    """1 is served first."""

    URGENT = 1
    HIGH = 2
    NORMAL = 3
    LOW = 4


PRIORITY_LABELS = {
    Priority.URGENT: _("Urgent"),
    Priority.HIGH: _("High"),
    Priority.NORMAL: _("Normal"),
    Priority.LOW: _("Low"),
}


#: What an invoice shows, as the field is called.
FIELD_LABELS = {
    "kind": _("Invoice kind"),
    "code": _("Invoice code"),
    "number": _("Invoice number"),
    "digital_number": _("Digital invoice number"),
    "issue_date": _("Issue date"),
    "amount": _("Amount without tax"),
    "tax": _("Tax"),
    "total": _("Total with tax"),
    "seller_name": _("Seller"),
    "seller_tax_id": _("Seller's tax number"),
    "buyer_name": _("Buyer"),
    "buyer_tax_id": _("Buyer's tax number"),
    "check_code": _("Check code"),
}


class Outcome(StrEnum):
    """How the matter of one invoice ended; empty while it is open."""

    OPEN = ""
    FOUND = "found"
    SET_ASIDE = "set_aside"


OUTCOME_LABELS = {
    Outcome.OPEN: _("Open"),
    Outcome.FOUND: _("Record found"),
    Outcome.SET_ASIDE: _("Set aside"),
}


class Visibility(StrEnum):
    """Who may read a message or a file of a ticket."""

    PUBLIC = "public"
    INTERNAL = "internal"


class Channel(StrEnum):
    """How a ticket came in."""

    WEB = "web"
    API = "api"
    EMAIL = "email"
    CHAT = "chat"
    PHONE = "phone"


CHANNEL_LABELS = {
    Channel.WEB: _("Web form"),
    Channel.API: _("API"),
    Channel.EMAIL: _("E-mail"),
    Channel.CHAT: _("Chat"),
    Channel.PHONE: _("Phone"),
}
