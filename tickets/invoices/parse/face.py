"""PURE. The face of an invoice as printed: fields by their shape and by their place beside the labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import pairwise

from tickets.invoices.amounts import from_words, parse_money
from tickets.invoices.identifiers import halve_width, split_number
from tickets.invoices.kinds import normalise_kind
from tickets.invoices.model import Line, Value
from tickets.invoices.parse import goods, parties
from tickets.invoices.parse.names import day, values
from tickets.invoices.parse.spans import Row, Sheet, Span, below, entries, laid_out, plain

_MONEY = r"-?[¥￥]?-?\d[\d,]*\.\d\d(?!\d)"
_TWO_DECIMALS = re.compile(r"-?[¥￥]?-?\d[\d,]*\.\d\d")
_TITLE = re.compile(
    r"(电子发票|数电纸质发票)\s*[(（]([^()（）]{2,24})[)）]"
    r"|(增值税电子(?:专用|普通)发票|(?:货物运输业)?增值税(?:专用|普通)发票|机动车销售统一发票|二手车销售统一发票)([(（][^()（）]{1,8}[)）])?"
)
_WORDS = re.compile(r"(?:[(（]负数[)）])?[零壹贰貳叁參肆伍陆陸柒捌玖拾佰仟万萬亿億圆圓元角分整正]{2,60}")
#: Other invoices that a face names: the blue one that a red one offsets, the one that a list belongs to.
_OF_ANOTHER = r"(?<!蓝字)(?<!正数)(?<!原)(?<!负数)"
_NUMBER_LABEL = rf"(?<![数全]电){_OF_ANOTHER}发\s*票\s*号\s*码\s*[:：]?"
_DIGITAL_LABEL = rf"{_OF_ANOTHER}(?:[数全]电(?:发|)票|[数全]电)号码\s*[:：]?"
_CODE_LABEL = rf"{_OF_ANOTHER}发\s*票\s*代\s*码\s*[:：]?"
_DATE_LABEL = r"[开填]\s*[票开具]\s*日\s*期\s*[:：]?"
_DAY = r"\d{4}\D{1,3}\d{1,2}\D{1,3}\d{1,2}"
_LONG, _SHORT = r"(?<!\d)\d{20}(?!\d)", r"(?<!\d)\d{8}(?!\d)"
#: The list of goods names the invoice that it belongs to.
_LIST = re.compile(r"清单[^\0]*?代码\s*[:：]?\s*(?P<code>\d{12}|\d{10})\s*号码\s*[:：]?\s*(?P<number>\d{8})(?!\d)")
_ON_PAPER = {"01": "85", "04": "86", "03": "87", "15": "88"}  # beside a 20-digit number
_TOP = 0.4  # of a page; the issue date stands there on every face


def read(pieces: Iterable[Span]) -> tuple[dict[str, Value], tuple[Line, ...]]:
    """Fields and goods lines of one page, empty when it is no face of an invoice."""
    sheet = laid_out(pieces)
    text = plain(sheet.rows)
    texts = _numbers(sheet, text)
    if "number" not in texts:
        return {}, ()
    texts["kind"] = kind = _kind(text, texts)
    texts["total_in_words"] = words = _in_words(sheet)
    texts |= _air(sheet) if kind == "61" else _money(sheet, words)
    texts |= parties.read(sheet)
    texts["issue_date"] = _issue_date(sheet)
    texts["drawer"] = next((entry.value.text for entry in entries(sheet, r"开\s*票\s*人\s*[:：]")), "")
    texts["remark"] = _remark(sheet)
    return values(texts), goods.lines(sheet.rows)


def _valued(sheet: Sheet, label: str, shape: str) -> str:
    """What has this shape beside the label, else under it."""
    pattern = re.compile(shape)
    found = list(entries(sheet, label))
    texts = [text for entry in found for text in entry.texts]
    texts += [span.bare for entry in found for span in below(sheet, entry.label)]
    return next((match.group() for text in texts if (match := pattern.search(halve_width(text)))), "")


def _numbers(sheet: Sheet, text: str) -> dict[str, str]:
    found = {
        "code": _valued(sheet, _CODE_LABEL, r"(?<!\d)(?:\d{12}|\d{10})(?!\d)"),
        "number": _valued(sheet, _NUMBER_LABEL, f"{_LONG}|{_SHORT}"),
        "digital_number": _valued(sheet, _DIGITAL_LABEL, _LONG),
        "check_code": _valued(sheet, r"校\s*验\s*码\s*[:：]?", r"\d{20}|\d{6}"),
    }
    apart = sorted(set(_apart(sheet)) - {found["check_code"]})
    if not found["number"] and len(apart) == 1 and (re.search(r"发\s*票|客票", text) or _in_words(sheet)):
        found["number"] = apart[0]
    if listed := _LIST.search(text):
        found |= listed.groupdict()
    if found["code"] and len(found["number"]) == 8 and len(apart) == 1:  # printed without a label on 数电纸质发票
        found["digital_number"] = apart[0]
    return {name: value for name, value in found.items() if value}


def _apart(sheet: Sheet) -> Iterator[str]:
    """Texts of twenty digits that may be the number of a digital invoice, alone in their piece."""
    for span in sheet.spans:
        parts = split_number(halve_width(span.bare))
        if parts and parts.region:
            yield halve_width(span.bare)


def _issue_date(sheet: Sheet) -> str:
    """Beside its label; without one the first day of the upper part, for lower ones are of travel or of a contract."""
    if found := _valued(sheet, _DATE_LABEL, rf"{_DAY}|(?<!\d)\d{{8}}(?!\d)"):
        return found
    spans = list(sheet.spans)
    top, bottom = min(s.y0 for s in spans), max(s.y1 for s in spans)
    for row in sheet.rows:
        match = re.search(r"\d{4}年\d{1,2}月\d{1,2}", "".join(span.bare for span in row))
        if match and day(match.group()) and row[0].y - top < _TOP * (bottom - top):
            return match.group()
    return ""


def _in_words(sheet: Sheet) -> str:
    """A well formed amount in capital numerals, beside its label or alone in its piece."""
    beside = [part for entry in entries(sheet, r"大\s*写\s*[)）]?") for part in entry.texts]
    alone = (span.bare for span in sheet.spans if _WORDS.fullmatch(span.bare.lstrip("⊗ⓧⓍ×¥")))
    found = (word for part in (*beside, *alone) for word in _WORDS.findall(part))
    return next((word for word in found if from_words(word) is not None), "")


def _money(sheet: Sheet, words: str) -> dict[str, str]:
    amount, tax = _sums(sheet)
    found = {
        "amount": amount or _in_row(sheet, r"不\s*含\s*税\s*价"),
        "tax": tax or _in_row(sheet, r"增值税税额|^税\s*额$"),
        "total": _valued(sheet, r"[(（]?\s*小\s*写\s*[)）]?", _MONEY)
        or _valued(sheet, r"(?:退\s*票\s*费|改\s*签\s*费|票\s*价)\s*[:：]|车价合计", _MONEY),
    }
    value = from_words(words)
    if value is not None:
        found |= _fitting(sheet, found, value)
    return {name: text for name, text in found.items() if text}


def _fitting(sheet: Sheet, found: dict[str, str], value: Decimal) -> dict[str, str]:
    """Where labels are drawn and not written: the figure that the words say, and the two that make it in one row."""
    figures = [_figures(row) for row in sheet.rows]
    missing: dict[str, str] = {}
    if not found["total"]:
        missing["total"] = next((text for row in figures for text, figure in row if figure == value), "")
    if not found["amount"]:
        for row in figures:
            pairs = [(one, two) for (one, a), (two, b) in pairwise(row) if a + b == value]
            if pairs:
                missing["amount"], missing["tax"] = pairs[0]
    return missing


def _figures(row: Row) -> list[tuple[str, Decimal]]:
    """Texts and values of the amounts of money in a row."""
    texts = _TWO_DECIMALS.findall("".join(span.bare for span in row))
    return [(text, figure) for text in texts if (figure := parse_money(text)) is not None]


def _sums(sheet: Sheet) -> tuple[str, str]:
    """Amount and tax in the row 合计, or in the one right above or below it when their baselines differ."""
    found = ("", "")
    for index, row in enumerate(sheet.rows):
        match = re.search(r"(?<![税价])合计(?!金额|[(（])(.*)", "".join(span.bare for span in row))
        if match is None:
            continue
        texts = _TWO_DECIMALS.findall(match[1])
        near = [r for r in sheet.rows[max(0, index - 1) : index + 2] if abs(r[0].y - row[0].y) < 1.2 * row[0].height]
        for other in () if texts else near:
            texts = texts or [text for text, _ in _figures(other)]
        if texts:
            found = (texts[0], texts[1] if len(texts) > 1 else "")
    return found


def _in_row(sheet: Sheet, label: str) -> str:
    """The amount of money right of a label, whatever stands between them."""
    for entry in entries(sheet, label):
        if texts := _TWO_DECIMALS.findall(entry.texts[1]):
            return texts[0]
    return ""


def _air(sheet: Sheet) -> dict[str, str]:
    """An air ticket is taxed on fare and fuel; its total holds fund and fees too. Heads stand above their figures."""
    labels = {"fare": r"票\s*价", "fuel": "燃油附加费", "tax": "增值税税额", "total": r"合\s*计"}
    parts = {name: parse_money(_valued(sheet, label, _MONEY)) for name, label in labels.items()}
    found = {name: str(parts[name]) for name in ("tax", "total") if parts[name] is not None}
    if parts["fare"] is not None and (parts["tax"] is not None or parts["fuel"] is not None):
        found["amount"] = str(parts["fare"] + (parts["fuel"] or 0))
    elif parts["fare"] is not None:
        found.setdefault("total", str(parts["fare"]))
    return found


def _remark(sheet: Sheet) -> str:
    """The text right of 备注, in the rows between the total and the names at the foot."""
    total, drawer = _rows_with(sheet, r"大\s*写"), _rows_with(sheet, r"开\s*票\s*人\s*[:：]")
    spans = [span for row in sheet.rows[total[0] + 1 : drawer[-1]] for span in row] if total and drawer else []
    mark = next((mark for mark in sheet.marks if mark.text == "备注"), None)
    label = next((span for span in spans if re.match(r"备\s*注\s*[:：]?", span.text)), None)
    if mark:
        return "".join(span.text for span in spans if span.x0 >= mark.x1)
    if label is None:
        return ""
    own = re.sub(r"^备\s*注\s*[:：]?", "", label.text).strip()
    return own + "".join(span.text for span in spans if span is not label and span.x0 > label.x0 + 0.5 * label.height)


def _rows_with(sheet: Sheet, pattern: str) -> list[int]:
    """Indexes of the rows in which a span has `pattern`."""
    return [index for index, row in enumerate(sheet.rows) if any(re.search(pattern, span.text) for span in row)]


def _kind(text: str, found: dict[str, str]) -> str:
    """fplx by the printed title; a printed form with a 20-digit number beside its own is 数电纸质发票."""
    kind = next(filter(None, map(_titled, _TITLE.finditer(re.sub(r"[ \t]", "", text)))), "")
    if not kind and re.search(r"航空运输\s*电子客票\s*行程单", text):
        kind = "61"
    if not kind and re.search(r"铁路\s*电子客票", text):
        kind = "51"
    if found.get("digital_number") and found.get("code"):
        kind = _ON_PAPER.get(kind, kind)
    return kind


def _titled(match: re.Match[str]) -> str:
    front, inner, legacy, suffix = match.groups()
    if not front:
        return normalise_kind(legacy + (suffix or "")) or normalise_kind(legacy)
    return normalise_kind(f"{'数电纸质发票' if front == '数电纸质发票' else '数电发票'}（{inner}）")
