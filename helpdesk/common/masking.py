"""PURE. Names and numbers out of a text, so that an article or a log tells nobody's business."""

from __future__ import annotations

import re
from collections.abc import Iterable

_COMPANY = re.compile(
    r"[\u4e00-\u9fffA-Za-z（）()·]{2,40}?(?:有限责任公司|股份有限公司|有限公司|合伙企业（有限合伙）|事务所|经营部|个体工商户)"
)
#: In this order: what is longer and more certain first.
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"), "[e-mail]"),
    (re.compile(r"(?i)\b(?:password|passwd|pwd|secret|token|密码|口令)\s*[:=：]\s*\S{1,200}"), "[secret]"),
    (re.compile(r"(?<!\d)\d{17}[\dXx](?![\dA-Za-z])"), "[ID number]"),
    (re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}(?![0-9A-Za-z])"), "[tax number]"),
    (re.compile(r"(?<!\d)\d{20}(?!\d)"), "[invoice number]"),
    (re.compile(r"(?<!\d)(?:\d[ -]?){15,19}(?!\d)"), "[card number]"),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}(?!\d)"), "[phone]"),
    (re.compile(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"), "[phone]"),
    (re.compile(r"(?<!\d)\d{8,12}(?!\d)"), "[number]"),
)


def mask(text: str, *, names: Iterable[str] = ()) -> str:
    """`text` without e-mail addresses, secrets, tax, ID, card, invoice, phone numbers, companies and `names`."""
    for name in sorted((n for n in names if len(n) >= 2), key=len, reverse=True):
        text = text.replace(name, "[name]")
    for pattern, shown in _PATTERNS:
        text = pattern.sub(shown, text)
    return _COMPANY.sub("[company]", text)
