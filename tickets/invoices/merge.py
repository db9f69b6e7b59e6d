"""PURE. One reading from what several sources in a file say: the most trusted wins, and who disagrees is named."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.amounts import from_words
from tickets.invoices.identifiers import code_kind, fold
from tickets.invoices.model import FIELDS, TRUST, FieldValue, Finding, Line, Place, Severity, Source, Value
from tickets.invoices.parse.contract import Found

#: Printed and coded forms of these vary too much to compare.
_NOT_COMPARED = frozenset({"kind", "remark", "drawer", "is_red"})
_DOUBTFUL = 0.5
_CERTAIN = 0.78  # of letters: read with hardly a doubt, or proved
_SEE_LIST = re.compile("详见.{0,8}清单")
_BLUE = re.compile(
    r"被红冲蓝字[^\d]{0,20}(?P<long>\d{20})|发票代码[:：]?\s*(?P<code>\d{10}|\d{12})[^\d]{0,12}(?P<number>\d{8})"
)


def merged(sources: Sequence[Found]) -> tuple[dict[str, FieldValue], tuple[Line, ...], tuple[Finding, ...]]:
    """Fields, goods lines and disagreements (`source.differs`, WARNING) of one invoice."""
    ranked = sorted(sources, key=lambda found: -TRUST[found.source])
    fields: dict[str, FieldValue] = {}
    findings: list[Finding] = [finding for found in ranked for finding in found.findings]
    for name in FIELDS:
        given = [found for found in ranked if name in found.values]
        if not given:
            continue
        first = given[0]
        value = first.values[name]
        same = [found for found in given if _same(name, value, found.values[name])]
        other = next((found for found in given if found not in same and not _is_misread(name, found, first)), None)
        trust = max(found.sure.get(name, TRUST[found.source]) for found in same)
        confidence = trust if other is None else min(trust, _DOUBTFUL)
        fields[name] = FieldValue(value, first.source, confidence, _place(name, same))
        if other is not None:
            findings.append(_differs(name, (value, first.source), (other.values[name], other.source)))
    findings = [f for f in findings if f.code != "ocr.unsure" or fields[f.field].source == Source.OCR]
    fields |= {name: value for name, value in _derived(fields) if name not in fields}
    lines = _lines(ranked)
    return {name: fields[name] for name in FIELDS if name in fields}, lines, tuple(findings)


def _is_misread(name: str, found: Found, first: Found) -> bool:
    """Letters of which nobody is sure do not contradict a better source."""
    return found.source == Source.OCR != first.source and found.sure.get(name, 0.0) < _CERTAIN


def _place(name: str, same: Sequence[Found]) -> Place | None:
    """Where the printed value stands; the QR code only when there is no such place."""
    known = [found for found in same if name in found.places]
    printed = next((found for found in known if found.source != Source.QR), None)
    best = printed or next(iter(known), None)
    return best.places[name] if best else None


def _lines(ranked: Sequence[Found]) -> tuple[Line, ...]:
    """The goods lines of the best source; a face may run on over several pages, or only refer to its list."""
    best = next((found for found in ranked if found.lines), None)
    if best is None or best.source not in (Source.PDF_TEXT, Source.OFD_TEXT, Source.OCR):
        return best.lines if best else ()
    lines = [line for found in ranked if found.source == best.source for line in found.lines]
    return tuple(line for line in lines if len(lines) == 1 or not _SEE_LIST.search(line.name))


def _differs(name: str, first: tuple[Value, Source], second: tuple[Value, Source]) -> Finding:
    text = _("The file says two things: %(first)s (%(first_source)s) and %(second)s (%(second_source)s). Compare both.")
    params = {
        "first": _shown(first[0]), "first_source": first[1].value,
        "second": _shown(second[0]), "second_source": second[1].value,
    }  # fmt: skip
    return Finding("source.differs", Severity.WARNING, name, Message(text, params))


def _shown(value: Value) -> str:
    return value.isoformat() if isinstance(value, dt.date) else str(value)[:80]


def _same(name: str, first: Value, second: Value) -> bool:
    if name in _NOT_COMPARED:
        return True
    if isinstance(first, Decimal) and isinstance(second, Decimal):
        return first == second
    if name == "total_in_words":
        return from_words(str(first)) == from_words(str(second))
    one, two = fold(str(first)), fold(str(second))
    if name == "check_code":  # some carriers hold its last six digits only
        return one.endswith(two) or two.endswith(one)
    return one == two


def _derived(fields: Mapping[str, FieldValue]) -> Iterator[tuple[str, FieldValue]]:
    """Fields that others imply, at the trust of what implies them."""
    code, total, amount = fields.get("code"), fields.get("total"), fields.get("amount")
    if code and (kind := code_kind(str(code.value))):
        yield "kind", FieldValue(kind, code.source, code.confidence)
    if found := _total(fields):
        total = found
        yield "total", found
    figure = total or amount
    if figure and isinstance(figure.value, Decimal):
        yield "is_red", FieldValue(figure.value < 0, figure.source, figure.confidence)
    remark = fields.get("remark")
    if remark and (match := _BLUE.search(str(remark.value))):
        number = match["long"] or match["code"] + match["number"]
        yield "original_number", FieldValue(number, remark.source, remark.confidence)


def _total(fields: Mapping[str, FieldValue]) -> FieldValue | None:
    """A missing total is amount and tax, when the Chinese words say the same."""
    parts = [fields[name] for name in ("amount", "tax", "total_in_words") if name in fields]
    if "total" in fields or len(parts) < 3:
        return None
    amount, tax, words = (part.value for part in parts)
    if not (isinstance(amount, Decimal) and isinstance(tax, Decimal)) or from_words(str(words)) != amount + tax:
        return None
    weakest = min(parts, key=lambda part: part.confidence)
    return FieldValue(amount + tax, weakest.source, weakest.confidence)
