"""Money as people type it and as a face spells it out."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.invoices.amounts import from_words, in_words, is_money, parse_money

MONEY = st.integers(-(10**18) + 1, 10**18 - 1).map(lambda cents: Decimal(cents).scaleb(-2))
SMALL = st.integers(0, 10**7).map(lambda cents: Decimal(cents).scaleb(-2))


def spelled_slowly(amount: Decimal) -> str:
    """The oracle: every digit with its place, then the zeros folded away by rewriting."""
    digits, places = "零壹贰叁肆伍陆柒捌玖", "圆拾佰仟万拾佰仟亿拾佰仟万拾佰仟"
    whole, cents = f"{abs(amount):.2f}".split(".")
    text = "".join(digits[int(d)] + places[len(whole) - 1 - i] for i, d in enumerate(whole))
    text += f"{digits[int(cents[0])]}角{digits[int(cents[1])]}分"
    text = re.sub("零[拾佰仟]", "零", text)
    text = re.sub("(?<=亿)零+万", "零", re.sub("零+(?=[亿圆])|零+(?=万)", "", re.sub("零{2,}", "零", text)))
    text = re.sub("亿万", "亿零", text)
    text = re.sub("零{2,}", "零", text)
    text = re.sub("零(?=圆)", "", text)
    if cents == "00":
        text = text.replace("零角零分", "整")
    else:
        text = re.sub("零分$", "整", text)
        zero_front = "零" if whole[-1] == "0" else ""
        text = text.replace("圆零角", "圆零") if cents[0] == "0" else text.replace("圆", "圆" + zero_front)
    text = re.sub("^圆零?", "" if cents != "00" else "零圆", text)
    return ("（负数）" if amount < 0 else "") + text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100", "100"),
        ("64.9", "64.9"),
        ("1060.00", "1060.00"),
        (" ¥1,060.00 ", "1060.00"),
        ("￥１，０６０．５０", "1060.50"),
        ("-¥5.10", "-5.10"),
        ("¥-5.10", "-5.10"),
        ("−5", "-5"),
        ("+5", "5"),
        ("1 234 567.89", "1234567.89"),
        ("007", "7"),
        ("0", "0"),
        ("-0.00", "0.00"),
        ("9999999999999999.99", "9999999999999999.99"),
        ("000000000000000000001", "1"),
    ],
)
def test_money_is_read_as_it_was_given(text: str, value: str) -> None:
    parsed = parse_money(text)
    assert parsed is not None
    assert str(parsed) == value


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "¥", "-", ".", "abc", "NaN", "Infinity", "-inf", "1e5", "1E+5", "0x10", "1_000", "1.234", "5."),
        *("12,34", "1,2345", ",100", "1,,000", "1.2.3", "--5", "¥¥5", "10²", "½", "①", "٣", "一百", "100%", "(5.00)"),
        *("12345678901234567", "9" * 400, "1,0.00", "\x00", ".5"),
    ],
)
def test_anything_else_is_no_money(text: str) -> None:
    assert parse_money(text) is None


@given(MONEY)
def test_printed_money_is_read_back(amount: Decimal) -> None:
    assert parse_money(f"{amount:.2f}") == amount
    assert parse_money(f"¥{amount:,.2f}") == amount


@given(st.text(max_size=40))
def test_any_text_is_storable_money_or_nothing(text: str) -> None:
    value = parse_money(text)
    assert value is None or is_money(value)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "1E+16", "0.001", "1E-3"])
def test_what_no_column_holds_is_no_money(text: str) -> None:
    assert not is_money(Decimal(text))
    with pytest.raises(ValueError, match="no amount"):
        in_words(Decimal(text))


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "零圆整"),
        ("0.50", "伍角整"),
        ("0.05", "伍分"),
        ("1.05", "壹圆零伍分"),
        ("20.60", "贰拾圆零陆角整"),
        ("38.00", "叁拾捌圆整"),
        ("21.20", "贰拾壹圆贰角整"),
        ("1680.32", "壹仟陆佰捌拾圆零叁角贰分"),
        ("6007.14", "陆仟零柒圆壹角肆分"),
        ("107000.53", "壹拾万柒仟圆零伍角叁分"),
        ("16409.02", "壹万陆仟肆佰零玖圆零贰分"),
        ("10000", "壹万圆整"),
        ("100005000", "壹亿零伍仟圆整"),
        ("300000002.02", "叁亿零贰圆零贰分"),
        ("1000000000000", "壹万亿圆整"),
        ("1E+5", "壹拾万圆整"),
        ("-250.00", "（负数）贰佰伍拾圆整"),
        (
            "9999999999999999.99",
            "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖圆玖角玖分",
        ),
    ],
)
def test_an_amount_is_spelled_as_on_a_face(amount: str, words: str) -> None:
    assert in_words(Decimal(amount)) == words
    assert from_words(words) == Decimal(amount)


@given(st.one_of(MONEY, SMALL))
def test_words_agree_with_the_slow_spelling_and_are_read_back(amount: Decimal) -> None:
    assert in_words(amount) == spelled_slowly(amount)
    assert from_words(in_words(amount)) == amount


@given(SMALL)
def test_spellings_of_other_issuers_are_read_too(amount: Decimal) -> None:
    words = in_words(amount)
    assert from_words(words.replace("圆", "元")) == amount
    assert from_words(words.removesuffix("整") + ("正" if words.endswith("圆整") else "")) == amount
    assert from_words(f"人民币：{words}") == amount
    assert from_words(f"⊗ {words}") == amount
    assert from_words(words.translate(str.maketrans("贰叁陆万圆", "貳參陸萬圓"))) == amount


@pytest.mark.parametrize(
    ("words", "amount"),
    [
        ("壹拾圆柒角整", "10.70"),
        ("壹拾万零柒仟圆零伍角叁分", "107000.53"),
        ("壹仟圆伍分", "1000.05"),
        ("零圆伍角整", "0.50"),
        ("壹佰圆零角零分", "100"),
        ("贰佰圆零角伍分", "200.05"),
        ("负壹佰圆整", "-100"),
        ("(负数)壹佰圆整", "-100"),
    ],
)
def test_an_optional_zero_may_be_there_or_not(words: str, amount: str) -> None:
    assert from_words(words) == Decimal(amount)


@pytest.mark.parametrize(
    "words",
    [
        *("", "整", "圆", "圆整", "abc", "壹", "壹佰", "壹佰伍圆整", "壹万伍圆整", "拾圆整", "佰壹圆整", "壹壹圆整"),
        *("壹拾佰圆整", "壹圆壹圆", "壹角壹圆", "壹分壹角", "一百圆整", "100圆整", "壹亿亿亿圆整", "壹圆壹角壹", "负"),
        *("零零圆整", "亿" * 50 + "圆整", "壹" * 5000),
    ],
)
def test_words_that_are_not_well_formed_say_no_amount(words: str) -> None:
    assert from_words(words) is None


@given(st.text(alphabet="零壹贰叁拾佰仟万亿圆元角分整负（）", max_size=20))
def test_words_are_read_only_as_the_amount_that_they_spell(words: str) -> None:
    amount = from_words(words)
    if amount is not None:
        core = str.maketrans("", "", "零整（）负数圆元")
        assert in_words(amount).translate(core) == re.sub("零[角分]", "", words).translate(core)


@given(st.text(max_size=60))
def test_any_text_spells_storable_money_or_nothing(text: str) -> None:
    amount = from_words(text)
    assert amount is None or is_money(amount)
