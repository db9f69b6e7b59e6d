"""PURE. Buyer and seller on the face of an invoice, wherever a kind puts them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tickets.invoices.identifiers import fold, is_uscc
from tickets.invoices.parse.spans import Entry, Sheet, Span, entries

_NAME = (
    r"(?:购买方|购货方|购方|销售方|销货方|销方|销货单位|购货单位)\s*名\s*称\s*[:：]?|(?:购买方|销售方)\s*[:：](?!\s*[(（]章)"
    r"|[买卖]方单位\s*/\s*个人\s*[:：]?|(?<![\u4e00-\u9fff])名\s*称\s*[:：]"
)
_TAX_ID = (
    r"(?:(?:购买方|购方|销售方|销方)?(?:统一社会信用代码|纳税人识别号)[^:：]{0,24}[:：]"
    r"|(?:纳税人识别号|统一社会信用代码)(?:\s*/\s*(?:统一社会信用代码|纳税人识别号|身份证明号码))*\s*$|单位代码\s*/\s*身份证号码\s*[:：]?)"
)
_BUYER, _SELLER = re.compile("[购买]"), re.compile("[销卖]")
_FORM = re.compile("[0-9A-Z]{15,20}(?![0-9A-Z])")
#: Labels and the cipher of the 密码区 are no names.
_NO_NAME = re.compile(
    r"统一社会信用代码|纳税人识别号|^(?:购买方|销售方)?名称|(?:购买|销售)方信息|^[\d\W_]*$|(?:[<>*+/-].*){3}"
)
_GAP = re.compile(r"(?<=[\u2e80-\uffef])\s+(?=[\u2e80-\uffef])")


@dataclass(frozen=True, slots=True)
class _Party:
    """One field of a party: whose (if the face says so), its label and its value."""

    who: str
    label: Span
    value: Span


def read(sheet: Sheet) -> dict[str, str]:
    """Names and tax numbers of buyer and seller."""
    names = _settled([_named(sheet, entry) for entry in entries(sheet, _NAME)])
    tax_ids = _beside_names([_numbered(sheet, entry) for entry in entries(sheet, _TAX_ID)], names)
    tax_ids = _settled(tax_ids)
    found: dict[str, str] = {}
    for party in names:
        if party.who and party.value.text:
            found.setdefault(f"{party.who}_name", party.value.text)
    for party in tax_ids:
        if party.who and party.value.text:
            found.setdefault(f"{party.who}_tax_id", party.value.text)
    return found if "seller_tax_id" in found and "buyer_tax_id" in found else _by_shape(sheet, found, names)


def _who(sheet: Sheet, label: Span) -> str:
    """By the label's own words, else by the label printed downwards that stands left of it."""
    near = label.height
    left = [m for m in sheet.marks if m.x1 <= label.x0 + near and m.y0 - near < label.y < m.y1 + near]
    beside = max(left, key=lambda mark: mark.x1).text if left else ""
    for text in (label.text, beside):
        if _BUYER.search(text):
            return "buyer"
        if _SELLER.search(text):
            return "seller"
    return ""


def _named(sheet: Sheet, entry: Entry) -> _Party:
    value = entry.value
    text = "" if _NO_NAME.search(value.text) else _GAP.sub("", _wrapped(sheet, value))
    return _Party(_who(sheet, entry.label), entry.label, Span(text, value.x0, value.y0, value.x1, value.y1))


def _numbered(sheet: Sheet, entry: Entry) -> _Party:
    """A label without a number keeps its place in the order."""
    found = [match for text in entry.texts if (match := _FORM.match(fold(text)))]
    value = entry.value
    text = found[0].group() if found else ""
    return _Party(_who(sheet, entry.label), entry.label, Span(text, value.x0, value.y0, value.x1, value.y1))


def _wrapped(sheet: Sheet, span: Span) -> str:
    """A name with the rows it runs on to: same left edge, close below, behind no label of its own."""
    text, last = span.text, span
    for row in sheet.rows:
        labelled = any(re.search(r"[:：]$", left.text) and left.x1 <= span.x1 for left in row)
        for under in () if labelled else row:
            near = 0 < under.y - last.y < 1.6 * last.height and abs(under.x0 - span.x0) < 0.5 * span.height
            if near and text and not re.search(r"[:：]|[0-9A-Z]{15}", under.text):
                text, last = text + under.text, under
    return text


def _settled(found: Sequence[_Party]) -> list[_Party]:
    """Those whose side nobody says: the one that is left, else left and right on one height, else upper and lower."""
    said = {party.who for party in found}
    if {"buyer", "seller"} <= said or not found:
        return list(found)
    left = [party for party in found if not party.who]
    if said & {"buyer", "seller"}:
        other = "seller" if "buyer" in said else "buyer"
        return [_Party(p.who or (other if p is left[0] else ""), p.label, p.value) for p in found]
    level = len(left) > 1 and abs(left[0].label.y - left[1].label.y) < 2 * left[0].label.height
    order = sorted(left[:2], key=lambda p: p.label.x0 if level else p.label.y)
    sides = {id(party): who for party, who in zip(order, ("buyer", "seller"), strict=False)}
    return [_Party(sides.get(id(p), ""), p.label, p.value) for p in found]


def _beside_names(found: Sequence[_Party], names: Sequence[_Party]) -> list[_Party]:
    """A number belongs to the name nearest to it, above it rather than below."""
    sided = [name for name in names if name.who]
    result = []
    for party in found:
        nearest = min(sided, key=lambda name: _distance(name.label, party.label), default=None)
        who = party.who or (nearest.who if nearest and len(sided) > 1 else "")
        result.append(_Party(who, party.label, party.value))
    return result


def _distance(name: Span, number: Span) -> float:
    down = number.y - name.y
    return abs(number.x0 - name.x0) + (down if down >= -0.5 * name.height else -3 * down)


def _by_shape(sheet: Sheet, found: dict[str, str], names: Sequence[_Party]) -> dict[str, str]:
    """Where labels are drawn and not written: the two tax numbers of a page, and the names above them."""
    known = {found.get("buyer_tax_id"), found.get("seller_tax_id")}
    numbers = [span for span in _credit_codes(sheet) if span.text not in known]
    missing = [who for who in ("buyer", "seller") if f"{who}_tax_id" not in found]
    if names and any(party.who in missing and party.value.text for party in names):
        for who in missing:
            name = next((p for p in names if p.who == who and p.value.text), None)
            if name and numbers:
                best = min(numbers, key=lambda span: _distance(name.value, span))
                if abs(best.y - name.value.y) < 6 * name.value.height:
                    found[f"{who}_tax_id"] = best.text
                    numbers.remove(best)
    elif not names and len(numbers) == len(missing) == 2:
        level = abs(numbers[0].y - numbers[1].y) < 2 * numbers[0].height
        for who, span in zip(missing, sorted(numbers, key=lambda s: s.x0 if level else s.y), strict=True):
            found[f"{who}_tax_id"] = span.text
            if name_above := _above(sheet, span):
                found.setdefault(f"{who}_name", name_above)
    return found


def _credit_codes(sheet: Sheet) -> Iterator[Span]:
    for span in sheet.spans:
        for match in re.finditer("(?<![0-9A-Z])[0-9A-Z]{18}(?![0-9A-Z])", span.text):
            if is_uscc(match.group()):
                unit = (span.x1 - span.x0) / len(span.text)
                start = span.x0 + match.start() * unit
                yield Span(match.group(), start, span.y0, start + 18 * unit, span.y1)


def _above(sheet: Sheet, number: Span) -> str:
    """The Chinese text above a tax number that begins last before it."""
    heights = (0.5 * number.height, 5 * number.height)
    found = [
        span for span in sheet.spans
        if heights[0] < number.y - span.y < heights[1] and span.x0 <= number.x0 + number.height
        and re.search("[\u4e00-\u9fff]{4}", span.text) and not _NO_NAME.search(span.text)
    ]  # fmt: skip
    return _GAP.sub("", max(found, key=lambda span: span.x0).text) if found else ""
