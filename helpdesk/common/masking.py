"""PURE. Names and numbers out of a text, so that an article or a log tells nobody's business."""

from __future__ import annotations

import re
from collections.abc import Iterable

from helpdesk.common.text import is_han

_GAP = "[ \u00a0\\-\u2010-\u2015]"  # what people write inside numbers
_YEARS = f"(?:19|20)\\d\\d{_GAP}(?:19|20)\\d\\d(?!{_GAP}?\\d)"
_LEGAL = (
    "(?:有限责任公司|股份有限公司|有限公司|合伙企业|事务所|经营部|个体工商户|专业合作社|集团公司|股份公司|商行|工作室)"
    "(?:（(?:有限合伙|普通合伙|个体工商户)）)?"
)
_BRANCH = "(?:[\u4e00-\u9fff]{0,12}分公司)?"
_COMPANIES = (
    re.compile(f"[\u4e00-\u9fff0-9A-Za-z（）()·&.\\-]{{2,60}}?{_LEGAL}{_BRANCH}"),
    re.compile(r"\b(?:[A-Z][\w&'\-]{0,40},? ){1,6}(?:Co\.?,? ?Ltd|Ltd|Limited|Inc|LLC|GmbH|Corp)\b\.?"),
)
#: In this order: what is longer and more certain first.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,5}"), "[e-mail]"),
    (re.compile(r"(?i)\b(?:password|passwd|pwd|secret|token|api[_ -]?key)\s{0,5}[:=：]\s{0,5}\S{1,500}"), "[secret]"),
    (re.compile(r"(?:密码|口令|密钥|令牌)\s{0,5}(?:[:=：]|是|为)\s{0,5}[^\s，。；]{1,500}"), "[secret]"),
    (re.compile(r"(?i)\bbearer\s{1,5}[\w.~+/=-]{1,2000}"), "[secret]"),
    (re.compile(rf"(?<!\d)\d{{6}}{_GAP}?\d{{8}}{_GAP}?\d{{3}}[\dXx](?![\dA-Za-z])"), "[ID number]"),
    (re.compile(r"(?<!\d)\d{20}(?!\d)"), "[invoice number]"),
    (re.compile(rf"(?<!\d)(?:\d{{15,19}}|\d{{4}}(?:{_GAP}\d{{4}}){{2,5}}(?:{_GAP}\d{{1,3}})?)(?!\d)"), "[card number]"),
    (re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP}?)?1[3-9]\d(?:{_GAP}?\d{{4}}){{2}}(?!\d)"), "[phone]"),
    (re.compile(rf"(?<!\d)(?:[(（]0\d{{2,3}}[)）]{_GAP}?|0\d{{2,3}}{_GAP})\d{{3,4}}{_GAP}?\d{{4}}(?!\d)"), "[phone]"),
    (re.compile(rf"(?<!\d)[48]00{_GAP}?\d{{3,4}}{_GAP}?\d{{3,4}}(?!\d)"), "[phone]"),
    (re.compile(rf"\+\d{{1,3}}(?:{_GAP}?\d{{2,4}}){{2,4}}(?!\d)"), "[phone]"),
    # in fours, but for a span of years
    (re.compile(rf"(?<!\d)(?!{_YEARS})\d{{4}}{_GAP}\d{{4}}(?:{_GAP}\d{{1,3}})?(?!\d)"), "[number]"),
)
_CODE = re.compile(rf"[0-9A-Za-z]{{15,}}|[0-9A-Z]{{4}}(?:{_GAP}[0-9A-Z]{{4}}){{3}}{_GAP}[0-9A-Z]{{2}}(?![0-9A-Z])")
_DIGITS = re.compile(r"\d{7,}")
_WIDE = {0xFEE0 + ord(char): char for char in "0123456789@ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"}


def mask(text: str, *, names: Iterable[str] = ()) -> str:
    """`text` without e-mail addresses, secrets, tax, ID, card, invoice, phone numbers, companies and `names`.

    It rather hides too much: an editor can put a word back, nobody can take one back.
    """
    text = text.translate(_WIDE)
    for pattern, shown in _PATTERNS:
        text = pattern.sub(shown, text)
    text = _CODE.sub(_tax_number, text)
    text = _DIGITS.sub("[number]", text)
    forms = {form for name in names for form in _forms(name)}
    for form in sorted(forms, key=lambda form: (-len(form), form)):
        text = _named(form).sub("[name]", text)
    for pattern in _COMPANIES:
        text = pattern.sub("[company]", text)
    return text


def _tax_number(found: re.Match[str]) -> str:
    """Letters and digits in one go are a number of somebody's when many are digits; a long word is not."""
    return "[tax number]" if sum(map(str.isdigit, found.group())) >= 6 else found.group()


def _forms(name: str) -> set[str]:
    """A name as written, and a company's without what every company is called; single characters hide too much."""
    name = name.translate(_WIDE).strip()
    return {form for form in (name, re.split(_LEGAL, name)[0]) if len(form) >= 2}


def _named(name: str) -> re.Pattern[str]:
    """A Chinese name with any spaces inside; a Latin one as a whole word."""
    parts = r"\s{0,3}".join(re.escape(char) for char in name if not char.isspace())
    left, right = ("" if is_han(end) or not end.isalnum() else edge for end, edge in _edges(name))
    return re.compile(f"{left}{parts}{right}", re.IGNORECASE)


def _edges(name: str) -> tuple[tuple[str, str], ...]:
    return (name[0], "(?<![A-Za-z0-9])"), (name[-1], "(?![A-Za-z0-9])")
