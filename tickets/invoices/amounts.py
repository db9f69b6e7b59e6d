"""PURE. Amounts of money: as people type them, and in capital Chinese numerals (大写金额)."""

from __future__ import annotations

import re
from decimal import Decimal

from tickets.invoices.identifiers import halve_width

MAX_INTEGER_DIGITS, DECIMALS = 16, 2
MAX_WORDS = 100  # the longest amount takes half of it

_MONEY = re.compile(r"(?!.*¥.*¥)¥?(?P<sign>[+-]?)¥?(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?P<cents>\.[0-9]{1,2})?")
_DIGITS, _PLACES = "零壹贰叁肆伍陆柒捌玖", ("", "拾", "佰", "仟")
_NEGATIVE = "（负数）"
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}
_VARIANTS = str.maketrans("元圓正貳弍參叄陸萬億", "圆圆整贰贰叁叁陆万亿")


def parse_money(text: str) -> Decimal | None:
    """Yuan with at most two decimals, as given; spaces, thousands commas, ¥ and full-width forms are forgiven.

    None for everything else: other groupings ("12,34"), exponents, more than 16 digits before the point.
    """
    bare = "".join(halve_width(text).replace("−", "-").split())
    found = _MONEY.fullmatch(bare)
    if found is None:
        return None
    whole = found["whole"].replace(",", "").lstrip("0") or "0"
    if len(whole) > MAX_INTEGER_DIGITS:
        return None
    value = Decimal(f"{whole}{found['cents'] or ''}")
    return -value if found["sign"] == "-" and value else value


def is_money(value: Decimal) -> bool:
    """True for a finite amount of at most 16 digits before and two behind the point."""
    if not value.is_finite() or value.adjusted() >= MAX_INTEGER_DIGITS:
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -DECIMALS


def in_words(amount: Decimal) -> str:
    """The amount as printed on a face: 10.70 → 壹拾圆零柒角整. Raises ValueError when it is no money.

    Rules of 正确填写票据和结算凭证的基本规定 (支付结算办法, 银发〔1997〕393号); negative amounts as on a red invoice.
    """
    if not is_money(amount):
        raise ValueError(f"no amount of money: {amount}")
    whole, cents = divmod(int(abs(amount) * 100), 100)
    jiao, fen = divmod(cents, 10)
    words = f"{_whole(whole)}圆" if whole or not cents else ""
    if words and cents and (not jiao or whole % 10 == 0):
        words += "零"
    words += f"{_DIGITS[jiao]}角" if jiao else ""
    words += f"{_DIGITS[fen]}分" if fen else "整"
    return (_NEGATIVE if amount < 0 else "") + words


def _whole(number: int) -> str:
    """A whole number below 10 ** 16; 亿 splits it into halves of up to eight digits."""
    if number == 0:
        return _DIGITS[0]
    high, low = divmod(number, 10**8)
    head = f"{_under_yi(high)}亿" if high else ""
    gap = "零" if high and 0 < low < 10**7 else ""
    return head + gap + _under_yi(low)


def _under_yi(number: int) -> str:
    high, low = divmod(number, 10**4)
    head = f"{_group(high)}万" if high else ""
    gap = "零" if high and 0 < low < 10**3 else ""
    return head + gap + _group(low)


def _group(number: int) -> str:
    """Up to four digits with their places; inner zeros become one 零, the others nothing."""
    digits = f"{number:d}" if number else ""
    spoken = (
        _DIGITS[int(digit)] + (place if digit != "0" else "")
        for digit, place in zip(digits, reversed(_PLACES[: len(digits)]), strict=True)
    )
    return re.sub("零+", "零", "".join(spoken)).rstrip("零")


def from_words(text: str) -> Decimal | None:
    """The amount that capital numerals say, or None when they are not well formed.

    圆 and 元, 整 and 正, traditional forms, 人民币 and the face's ⊗ mark are forgiven, and 零 where it is optional.
    """
    if len(text) > MAX_WORDS:
        return None
    bare = _bare(text)
    negative = bool(re.match(r"\(?负数?\)?", bare))
    bare = re.sub(r"^\(?负数?\)?", "", bare)
    value = _reckon(bare)
    if value is None or not is_money(value) or _plain(_bare(in_words(value))) != _plain(bare):
        return None
    return -value if negative else value


def _bare(text: str) -> str:
    joined = "".join(halve_width(text).split()).translate(_VARIANTS)
    return re.sub(r"^(人民币)?[:⊗ⓧⓍ×]*", "", joined)


def _plain(words: str) -> str:
    """Without what may be written or left out: 整, and 零 after 圆, before a full group, or for an empty place."""
    words = re.sub("零[角分]", "", words.removesuffix("整"))
    words = re.sub("^零圆(?=.)", "", words)
    return re.sub("(?<=圆)零|(?<=[万亿])零(?=.[仟])", "", words)


def _reckon(words: str) -> Decimal | None:
    """Add up digit by digit; the order of the places is checked by writing the sum again."""
    whole, cents = words.partition("圆")[::2] if "圆" in words else ("", words)
    total = group = digit = 0
    for char in whole:
        if char in _DIGITS:
            digit = _DIGITS.index(char)
        elif char in _UNITS:
            group, digit = group + digit * _UNITS[char], 0
        elif char == "万":
            total, group, digit = total + (group + digit) * 10**4, 0, 0
        elif char == "亿":
            total, group, digit = (total + group + digit) * 10**8, 0, 0
        else:
            return None
    found = re.fullmatch("零?(?:([零壹贰叁肆伍陆柒捌玖])角)?零?(?:([零壹贰叁肆伍陆柒捌玖])分)?整?", cents)
    if found is None or not words.rstrip("整"):
        return None
    jiao, fen = (_DIGITS.index(part) if part else 0 for part in found.groups())
    return Decimal((total + group + digit) * 100 + jiao * 10 + fen).scaleb(-DECIMALS)
