"""PURE. One invoice, one reading of a file, one finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from helpdesk.common.messages import Message
from tickets.invoices.logs.facts import LogReading

Value = str | Decimal | dt.date | bool


@dataclass(frozen=True, slots=True)
class Line:
    """One goods line; money in yuan, `tax_rate` as printed ("13%", "免税", "***")."""

    name: str = ""
    specification: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    tax_rate: str = ""
    tax: Decimal | None = None
    classification: str = ""  # 税收分类编码, 19 digits
    role: str = "00"  # 发票行性质: 00 normal, 01 discount, 02 discounted


@dataclass(frozen=True, slots=True)
class Invoice:
    """The fields a look-up, a form and a backfill share. Empty means unknown; money in yuan."""

    kind: str = ""  # 发票类型代码 (fplx), see kinds.KINDS
    code: str = ""  # 发票代码, 10 or 12 digits; paper and legacy only
    number: str = ""  # 8 digits with a code, else the 20-digit 数电票号码
    digital_number: str = ""  # 数电纸质发票 carry both
    issue_date: dt.date | None = None
    amount: Decimal | None = None  # 合计金额, without tax
    tax: Decimal | None = None  # 合计税额
    total: Decimal | None = None  # 价税合计
    total_in_words: str = ""
    seller_name: str = ""
    seller_tax_id: str = ""
    buyer_name: str = ""
    buyer_tax_id: str = ""
    check_code: str = ""  # 校验码
    is_red: bool = False  # 红字发票
    original_number: str = ""  # of the blue invoice that a red one offsets
    drawer: str = ""
    remark: str = ""
    lines: tuple[Line, ...] = ()

    @property
    def identity(self) -> str:
        """Key of an invoice across files: the 20-digit number, else code + number; "" when incomplete."""
        if self.digital_number or (len(self.number) == 20 and not self.code):
            return self.digital_number or self.number
        return f"{self.code}{self.number}" if self.code and self.number else ""


#: The scalar fields of an Invoice, in the order of the face.
FIELDS: tuple[str, ...] = (
    "kind", "code", "number", "digital_number", "issue_date", "amount", "tax", "total", "total_in_words",
    "seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id", "check_code", "is_red", "original_number",
    "drawer", "remark",
)  # fmt: skip


class Severity(StrEnum):
    """ERROR: the data can't be right. WARNING: look again. INFO: worth knowing. Only ERROR may block."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule has to say about one field; `suggestion` is shown, never applied."""

    code: str  # stable rule name, e.g. "number.year"
    severity: Severity
    field: str  # one of FIELDS, "lines[3].tax", or "" for the file
    message: Message
    suggestion: str = ""


class Source(StrEnum):
    """Where in a file a value was found."""

    XML = "xml"  # 数电 EInvoice
    LEGACY_XML = "legacy_xml"  # 税控 eInvoice, also as OFD attachment
    XBRL = "xbrl"  # 财政部 电子凭证会计数据标准
    OFD_TAGS = "ofd_tags"
    OFD_DATA = "ofd_custom_data"
    OFD_TEXT = "ofd_text"
    PDF_TEXT = "pdf_text"
    QR = "qr"
    OCR = "ocr"


#: Confidence of a value by its source, 0–1: an attached data file beats tags, tags beat page text, page text beats OCR.
TRUST: Mapping[Source, float] = {
    Source.XML: 1.0,
    Source.LEGACY_XML: 1.0,
    Source.XBRL: 0.98,
    Source.QR: 0.95,
    Source.OFD_TAGS: 0.9,
    Source.OFD_DATA: 0.85,
    Source.OFD_TEXT: 0.85,
    Source.PDF_TEXT: 0.85,
    Source.OCR: 0.8,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: a page (from 1) and a box in parts of its width and height, as the page is shown."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class FieldValue:
    """A value with where it came from, how far to trust it (0–1), and where it can be seen."""

    value: Value
    source: Source
    confidence: float
    place: Place | None = None


class Carrier(StrEnum):
    """What the bytes are, by content."""

    XML = "xml"
    OFD = "ofd"
    PDF = "pdf"
    IMAGE = "image"
    SPREADSHEET = "spreadsheet"
    JSON = "json"
    TEXT = "text"
    ARCHIVE = "archive"
    GZIP = "gzip"  # a packed text log
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Reading:
    """All that was read from one file. `others` are further invoices in the same file."""

    carrier: Carrier
    is_invoice: bool
    fields: Mapping[str, FieldValue] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    findings: tuple[Finding, ...] = ()
    others: tuple[Reading, ...] = ()
    log: LogReading | None = None  # what the text logs of the file say

    @property
    def invoice(self) -> Invoice:
        """The values alone, as an Invoice."""
        values = {name: item.value for name, item in self.fields.items()}
        return Invoice(**values, lines=self.lines)  # type: ignore[arg-type]

    @property
    def sources(self) -> tuple[str, ...]:
        """The sources that gave at least one field, best first."""
        used = {item.source for item in self.fields.values()}
        return tuple(source.value for source in sorted(used, key=lambda s: -TRUST[s]))
