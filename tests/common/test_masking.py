"""Nothing of a person or an enterprise survives the mask, wherever it stands and however it is written."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.common.masking import mask

TAX = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DIGIT = st.sampled_from("0123456789")


def digits(low: int, high: int | None = None) -> st.SearchStrategy[str]:
    return st.text(DIGIT, min_size=low, max_size=high or low)


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


def written(value: str) -> st.SearchStrategy[str]:
    """As people write a number: in one, in groups of four, in full width."""
    grouped = [gap.join(re.findall(".{1,4}", value)) for gap in (" ", "-", "\u00a0")]
    wide = value.translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"})
    return st.sampled_from([value, wide, *grouped])


MOBILE = joined(st.just("1"), st.sampled_from("3456789"), digits(9))
MOBILES = MOBILE.flatmap(
    lambda n: st.sampled_from([n, f"+86 {n}", f"86{n}", f"{n[:3]} {n[3:7]} {n[7:]}", f"{n[:3]}-{n[3:7]}-{n[7:]}"])
)
LANDLINES = st.tuples(st.sampled_from(["010", "021", "0755"]), digits(8)).flatmap(
    lambda n: st.sampled_from(
        [f"{n[0]}-{n[1]}", f"({n[0]}){n[1]}", f"（{n[0]}）{n[1]}", f"{n[0]} {n[1][:4]} {n[1][4:]}"]
    )
)
TAX_IDS = joined(st.just("91"), digits(6), st.text(st.sampled_from(TAX), min_size=10, max_size=10))
HOST = st.from_regex(r"[a-z]{2,9}(\.[a-z]{2,6}){1,2}", fullmatch=True)
MAILS = joined(st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,20}", fullmatch=True), st.just("@"), HOST)
PLACE = st.text(st.sampled_from("京沪粤甲乙丙信达恒通"), min_size=2, max_size=6)
LEGAL = st.sampled_from(["有限公司", "有限责任公司", "股份有限公司", "事务所", "合伙企业（有限合伙）", "商行"])
COMPANIES = joined(PLACE, st.sampled_from(["科技", "58贸易", "A&B "]).map(str.strip), LEGAL)
NUMBERS = st.one_of(digits(20), digits(15), digits(12), digits(10), joined(st.just("3"), digits(7))).flatmap(written)
SECRETS = st.one_of(
    MOBILES, LANDLINES, TAX_IDS, TAX_IDS.map(str.lower), TAX_IDS.flatmap(written), MAILS, COMPANIES, NUMBERS,
    joined(digits(17), st.sampled_from("0123456789Xx")),
)  # fmt: skip
AROUND = st.sampled_from(["", " ", "，", "请联系", "税号：", "(", "。\n", "号码", "的发票查不到", "\t", "：“"])


def bare(text: str) -> str:
    """Without whatever may be put between characters."""
    return re.sub(r"[\W_]", "", text.translate({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})).lower()


@given(st.lists(st.tuples(AROUND, SECRETS, AROUND), min_size=1, max_size=4))
def test_no_number_mail_or_company_survives(parts: list[tuple[str, str, str]]) -> None:
    # a comma keeps two secrets apart: written without anything between, they are one longer number
    text = "；".join(before + secret + after for before, secret, after in parts)
    left = bare(mask(text))
    for _before, secret, _after in parts:
        assert bare(secret) not in left
        for run in re.findall(r"\d{6,}", bare(secret)):
            assert run not in left


NAMES = st.one_of(
    st.sampled_from(["Alice", "Bob Li", "张三", "欧阳询", "示例阿尔法科技有限公司", "Beta Trading Ltd"]),
    st.text(st.sampled_from("赵钱孙李周吴郑王"), min_size=2, max_size=4),
    st.from_regex(r"[A-Z][a-z]{2,8}", fullmatch=True),
)


@given(st.lists(st.tuples(AROUND, NAMES, AROUND), min_size=1, max_size=4), st.sampled_from([str, str.upper, str.lower]))
def test_no_name_survives(parts: list[tuple[str, str, str]], case: Callable[[str], str]) -> None:
    names = [name for _before, name, _after in parts]
    text = "；".join(before + case(name) + after for before, name, after in parts)
    left = mask(text, names=names).lower()
    for tag in ("name", "company", "e-mail"):  # a person may be called Name
        left = left.replace(f"[{tag}]", "")
    for name in names:
        assert name.lower() not in left


@given(st.text(st.characters(exclude_categories=()), max_size=300), st.lists(st.text(max_size=6), max_size=3))
def test_any_text_is_masked(text: str, names: list[str]) -> None:
    assert isinstance(mask(text, names=names), str)


@given(st.lists(st.tuples(AROUND, SECRETS, AROUND), min_size=1, max_size=3))
def test_masking_again_changes_nothing(parts: list[tuple[str, str, str]]) -> None:
    masked = mask("；".join(map("".join, parts)))
    assert mask(masked) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("号码 26112000000012345678", "号码 [invoice number]"),
        ("身份证 110101199003078515", "身份证 [ID number]"),
        ("卡 6222 0200 0000 0000 000", "卡 [card number]"),
        ("电话 138 1234 5678 或 010-12345678 或 400-123-4567", "电话 [phone] 或 [phone] 或 [phone]"),
        ("+44 20 7946 0958", "[phone]"),
        ("邮箱 a.b@example.com", "邮箱 [e-mail]"),
        ("password: hunter2", "[secret]"),
        ("登录密码：hunter2，请看", "登录[secret]，请看"),
        ("Authorization: Bearer abc.def", "Authorization: [secret]"),
        ("税号 91110108MA01ABCD5T", "税号 [tax number]"),
        ("代码 011002600111 号码 12345678", "代码 [number] 号码 [number]"),
        ("Acme Trading Co., Ltd. wrote", "[company] wrote"),
        ("2025-2026 年，号码 1234-5678", "2025-2026 年，号码 [number]"),
        ("金额 128600.00 元，开票 2026-09-18，热线 12366，代码 4067", ""),
        ("2026-09-18 10:00:00 上传失败，第 120 行", ""),
        ("本公司的发票查不到，internationalisation 出错", ""),
    ],
)
def test_masks(text: str, masked: str) -> None:
    assert mask(text) == (masked or text)


def test_a_name_is_a_whole_word_and_a_company_also_its_short_form() -> None:
    given_names = ("Ann", "张三", "示例阿尔法科技有限公司", "x", "(Lee)")
    said = "Announcement by ANN: 张 三, 示例阿尔法科技 (Lee) x"
    assert mask(said, names=given_names) == "Announcement by [name]: [name], [name] [name] x"
    # the address is hidden whole before the name is, or its host would stay
    assert mask("ann@alpha.example", names=("ann",)) == "[e-mail]"


@pytest.mark.parametrize("unit", ["a", "1", "一", "a@", "A ", "1 ", "1234 ", "（", "Ab, ", "+1 ", "密码 "])
def test_long_texts_take_no_long_time(unit: str) -> None:
    start = time.process_time()
    mask(unit * (20_000 // len(unit)), names=("Alice", "张三"))
    assert time.process_time() - start < 1
