"""PURE. The face of an invoice as printed: fields by their shape and by their place beside the labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tickets.invoices.amounts import from_words
from tickets.invoices.identifiers import fold, halve_width
from tickets.invoices.kinds import normalise_kind
from tickets.invoices.model import Line, Value
from tickets.invoices.parse import goods
from tickets.invoices.parse.names import values
from tickets.invoices.parse.spans import Row, Span, after, plain, size

_MONEY = r"[¥￥]?\s*(-?\s?[¥￥]?\s?\d[\d,]*\.\s?\d{1,2})(?!\d)"
_SUM = re.compile(r"(?<!税)合\s*计\s*" + _MONEY + r"(?:\s+(?:" + _MONEY + r"|\*{1,3}))?")
_TITLE = re.compile(
    r"(电子发票|数电纸质发票)\s*[(（]([^()（）]{2,24})[)）]"
    r"|(增值税电子(?:专用|普通)发票|(?:货物运输业)?增值税(?:专用|普通)发票|机动车销售统一发票|二手车销售统一发票)([(（][^()（）]{1,8}[)）])?"
)
_WORDS = re.compile(r"(?:[(（]负数[)）])?[零壹贰貳叁參肆伍陆陸柒捌玖拾佰仟万萬亿億圆圓元角分整正]{2,60}")
_NUMBER_LABEL = r"(?<![数全]电)(?<!蓝字)发\s*票\s*号\s*码\s*[:：]?"
_DIGITAL_LABEL = r"(?<!蓝字)(?:[数全]电(?:发|)票|[数全]电)号码\s*[:：]?"


def read(page: Sequence[Row]) -> tuple[dict[str, Value], tuple[Line, ...]]:
    """Fields and goods lines of one page, empty when it is no face of an invoice."""
    text = plain(page)
    texts = {**_numbers(page, text), **_money(page, text), **_parties(page)}
    if "number" not in texts:
        return {}, ()
    texts["issue_date"] = _shape(
        after(page, r"开\s*票\s*日\s*期\s*[:：]?"), r"\d{4}\D{1,3}\d{1,2}\D{1,3}\d{1,2}"
    ) or _shape_in(text, r"\d{4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}")
    texts["drawer"] = next((span.text for span in after(page, r"开\s*票\s*人\s*[:：]")), "")
    texts["remark"] = _remark(page)
    texts["kind"] = _kind(text)
    return values(texts), goods.lines(page)


def _shape(found: Iterator[Span], shape: str) -> str:
    """The first of the values that has this shape."""
    pattern = re.compile(shape)
    matches = (pattern.search("".join(halve_width(span.text).split())) for span in found)
    return next((match.group() for match in matches if match), "")


def _shape_in(text: str, shape: str) -> str:
    match = re.search(shape, text)
    return match.group() if match else ""


def _numbers(page: Sequence[Row], text: str) -> dict[str, str]:
    long, short = r"(?<!\d)\d{20}(?!\d)", r"(?<!\d)\d{8}(?!\d)"
    found = {
        "code": _shape(after(page, r"发\s*票\s*代\s*码\s*[:：]?"), r"(?<!\d)(?:\d{12}|\d{10})(?!\d)"),
        "number": _shape(after(page, _NUMBER_LABEL), rf"{long}|{short}"),
        "digital_number": _shape(after(page, _DIGITAL_LABEL), long),
        "check_code": _shape(after(page, r"校\s*验\s*码\s*[:：]?"), r"\d{20}|\d{6}"),
    }
    if not found["number"] and re.search(r"发\s*票|电子客票", text):
        apart = sorted(set(re.findall(long, text)))
        found["number"] = apart[0] if len(apart) == 1 else ""
    return {name: value for name, value in found.items() if value}


def _money(page: Sequence[Row], text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in page:
        match = _SUM.search(" ".join(span.text for span in row))
        if match:
            found["amount"], found["tax"] = match.group(1), match.group(2) or ""
    total = _shape(after(page, r"[(（]\s*小\s*写\s*[)）]|票\s*价\s*[:：]|^合\s*计\s*[(（]TOTAL[)）]"), _MONEY)
    words = _WORDS.findall(re.sub(r"[ \t]", "", text))
    found["total"] = total.lstrip("¥￥")
    found["total_in_words"] = next((word for word in words if from_words(word) is not None), "")
    return {name: re.sub(r"\s", "", value) for name, value in found.items() if value}


def _parties(page: Sequence[Row]) -> dict[str, str]:
    """Buyer and seller: left and right on one height, else upper and lower."""
    found: dict[str, str] = {}
    unit = size(page)
    names = list(after(page, r"(?<![\u4e00-\u9fff])名\s*称\s*[:：]|(?:购买|销售)方名称\s*[:：]"))
    for name, spans in (("name", [_wrapped(page, span) for span in names]), ("tax_id", _tax_ids(page))):
        for who, span in zip(_who(page, spans, unit), spans, strict=True):
            if span.text:
                found.setdefault(f"{who}_{name}", span.text)
    return found


def _tax_ids(page: Sequence[Row]) -> list[Span]:
    """The numbers beside their labels; a label without one keeps its place in the order."""
    label = r"(?:统一社会信用代码|纳税人识别号)[^:：]{0,10}[:：]"
    found = []
    for span in after(page, label):
        match = re.match(r"[0-9A-Z]{15,20}(?![0-9A-Z])", fold(span.text).upper())
        found.append(Span(match.group() if match else "", span.x0, span.y0, span.x1, span.y1))
    return found


def _who(page: Sequence[Row], spans: Sequence[Span], unit: float) -> list[str]:
    """ "buyer" or "seller" for each of the spans."""
    if len(spans) >= 2:
        level = abs(spans[0].y - spans[1].y) < 2 * unit
        order = sorted(spans[:2], key=lambda s: s.x0 if level else s.y)
        return ["buyer" if span is order[0] else "seller" for span in spans[:2]] + ["other"] * (len(spans) - 2)
    right = max((span.x1 for row in page for span in row), default=0.0)
    return ["buyer" if span.x0 < right / 2 else "seller" for span in spans]


def _wrapped(page: Sequence[Row], span: Span) -> Span:
    """A name with the rows it runs on to: same left edge, close below, behind no label of its own."""
    text, last = span.text, span
    for row in page:
        labelled = any(re.search(r"[:：]$", left.text) and left.x1 <= span.x1 for left in row)
        for below in () if labelled else row:
            near = 0 < below.y - last.y < 1.6 * last.height and abs(below.x0 - span.x0) < 0.5 * span.height
            if near and text and not re.search(r"[:：]|[0-9A-Z]{15}", below.text):
                text, last = text + below.text, below
    return Span(text, span.x0, span.y0, span.x1, span.y1)


def _remark(page: Sequence[Row]) -> str:
    """The text right of 备注, in the rows between the total and the names at the foot."""
    total, drawer = _rows_with(page, r"[(（]\s*大\s*写"), _rows_with(page, r"开\s*票\s*人\s*[:：]")
    spans = [span for row in page[total[0] + 1 : drawer[-1]] for span in row] if total and drawer else []
    left = next((span for span in spans if re.match(r"备(?:\s*注)?\s*[:：]?", span.text)), None)
    if left is None:
        return ""
    own = re.sub(r"^备\s*注?\s*[:：]?", "", left.text).strip()
    inside = [s for s in spans if s.x0 > left.x0 + 0.5 * left.height and not re.fullmatch(r"[备注\s]+", s.text)]
    return own + "".join(span.text for span in inside if span is not left)


def _rows_with(page: Sequence[Row], pattern: str) -> list[int]:
    """Indexes of the rows in which a span has `pattern`."""
    return [index for index, row in enumerate(page) if any(re.search(pattern, span.text) for span in row)]


def _kind(text: str) -> str:
    """fplx by the printed title."""
    for match in _TITLE.finditer(re.sub(r"[ \t]", "", text)):
        front, inner, legacy, suffix = match.groups()
        named = (
            f"{'数电纸质发票' if front == '数电纸质发票' else '数电发票'}（{inner}）"
            if front
            else legacy + (suffix or "")
        )
        if kind := normalise_kind(named) or normalise_kind(legacy or ""):
            return kind
    if "铁路电子客票" in text:
        return "51"
    return "61" if "航空运输电子客票行程单" in text else ""
