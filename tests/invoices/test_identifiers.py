"""Numbers, codes and tax numbers: what is right, what is a slip, and which repair may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets.invoices import identifiers
from tickets.invoices.identifiers import (
    check_code,
    check_number,
    check_tax_id,
    code_kind,
    code_region,
    code_year,
    fold,
    is_uscc,
    organisation_check,
    person_check,
    split_number,
    uscc_check,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
GOOD = "91110108MA01ABCD5T"


def codes(slips: tuple[identifiers.Slip, ...]) -> list[str]:
    return [slip.code for slip in slips]


@st.composite
def usccs(draw: st.DrawFn) -> str:
    """A 统一社会信用代码 with both of its check characters."""
    organisation = draw(st.text("0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8))
    body = f"91{draw(st.sampled_from(['110108', '310115', '440305']))}{organisation}{organisation_check(organisation)}"
    return body + uscc_check(body)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        (" 9111 0108 ma01-abcd 5t ", GOOD),
        ("９１１１０１０８ＭＡ０１ＡＢＣＤ５Ｔ", GOOD),
        ("2611\u200b2000—0000\u300000012345\n", "26112000000000012345"),
        ("No.12345678", "NO.12345678"),
        ("2.4112E+19", "2.4112E+19"),
        ("示例（北京）", "示例(北京)"),
        ("issue_date", "ISSUE_DATE"),
        ("12−34\x00", "1234"),
        ("¥１", "¥1"),
        ("²½ß", "²½ß"),
    ],
)
def test_one_spelling_for_the_same_identifier(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_folding_twice_changes_nothing_and_never_lengthens(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert len(fold(text)) <= len(text)


@pytest.mark.parametrize(
    "tax_id",
    [
        *("91350100M000100Y43", "91512081MA62K0260E", "91110108690017781B", GOOD, "91110105MA00F1T226"),
        *("92110106MA02XY9U44", "11110000MB0A1B2C67", GOOD.lower(), "11010519491231002X", "110105194912310021"[:17]),
        *("11010519491231002X01", "110108690017781"),
    ],
)
def test_a_right_tax_number_has_nothing_to_say(tax_id: str) -> None:
    assert check_tax_id(tax_id) == ()


@pytest.mark.parametrize(
    ("tax_id", "code", "suggestion"),
    [
        ("91350100M000100Y4Z", "tax_id.form", ""),
        ("91110108MA01ABCD5", "tax_id.form", ""),
        ("9111O108MA01ABCD5T", "tax_id.form", GOOD),
        ("911101O8MAO1ABCD5T", "tax_id.form", GOOD),
        ("91110108MA01AB*D5T", "tax_id.form", ""),
        ("911101", "tax_id.form", ""),
        (f"{GOOD}{GOOD}", "tax_id.form", ""),
        ("示例税号示例税号示例税号示例税号示例", "tax_id.form", ""),
        ("91110108MA01ABCD50", "tax_id.check", ""),
        ("91110108MA10ABCD5T", "tax_id.check", GOOD),
        ("91110108MA01XXXXXX", "tax_id.check", ""),
        ("91350211M0000XUF46", "tax_id.check", ""),
        ("110105194912310020", "tax_id.check", ""),
        ("110108123456789", "tax_id.organisation", ""),
        ("1101081234567890", "tax_id.shape", ""),
        ("L110105194912310021", "tax_id.shape", ""),
        ("V10105194912310021", "tax_id.shape", ""),
    ],
)
def test_a_wrong_tax_number_says_what_is_wrong(tax_id: str, code: str, suggestion: str) -> None:
    (slip,) = check_tax_id(tax_id)
    assert (slip.code, slip.suggestion) == (code, suggestion)
    assert str(slip.message)


@given(usccs(), st.integers(0, 16))
def test_two_swapped_neighbours_are_always_noticed(tax_id: str, place: int) -> None:
    swapped = tax_id[:place] + tax_id[place + 1] + tax_id[place] + tax_id[place + 2 :]
    assert is_uscc(tax_id)
    assert is_uscc(swapped) is (swapped == tax_id)


@given(usccs(), st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_noticed(tax_id: str, place: int, char: str) -> None:
    changed = tax_id[:place] + char + tax_id[place + 1 :]
    assert is_uscc(changed) is (changed == tax_id)


@given(usccs(), st.integers(0, 16))
def test_a_suggestion_passes_its_own_check(tax_id: str, place: int) -> None:
    swapped = tax_id[:place] + tax_id[place + 1] + tax_id[place] + tax_id[place + 2 :]
    for slip in check_tax_id(swapped):
        assert slip.suggestion == "" or check_tax_id(slip.suggestion) == ()


@pytest.mark.parametrize("code", ["690017781", "MA1X9DLJ2", "339805094", "63159284X", "M000100Y4"])
def test_the_check_digit_of_an_organisation_code(code: str) -> None:
    assert organisation_check(code[:8]) == code[8]


def test_the_check_digit_of_a_person() -> None:
    assert person_check("11010519491231002") == "X"


@pytest.mark.parametrize("number", ["26112000000000012345", "26117000000000012345", "12345678", " 1234 5678 ", ""])
def test_a_right_number_has_nothing_to_say(number: str) -> None:
    assert check_number(number) == ()


@pytest.mark.parametrize(
    ("number", "code", "suggestion"),
    [
        ("2411200000004854216", "number.form", ""),
        ("241120000000485421630", "number.form", ""),
        ("00000000", "number.form", ""),
        ("1234567", "number.form", ""),
        ("2611200000000O0I2345", "number.form", "26112000000000012345"),
        ("l2345678", "number.form", "12345678"),
        ("1234567A", "number.form", ""),
        ("٢٦١١٢٠٠٠", "number.form", ""),
        ("2.4112E+19", "number.excel", ""),
        ("2e19", "number.excel", ""),
        ("26112000000000012345.0", "number.excel", ""),
        ("12345678.0", "number.excel", "12345678"),
        ("26002000000000012345", "number.region", ""),
        ("24112000000048500000", "number.zeros", ""),
    ],
)
def test_a_wrong_number_says_what_is_wrong(number: str, code: str, suggestion: str) -> None:
    (slip,) = check_number(number)
    assert (slip.code, slip.suggestion) == (code, suggestion)
    assert str(slip.message)


@pytest.mark.parametrize(
    ("number", "year", "region", "channel"),
    [
        ("26112000000000012345", 2026, "Beijing", "E-invoice service platform"),
        ("26117000000000012345", 2026, "Beijing", "Leqi, for the issuer itself"),
        ("25957200000000012345", 2025, "Shenzhen", "Leqi, joint use"),
        ("26319100000000012345", 2026, "Shanghai", "Railway"),
        ("26008000000000012345", 2026, "", "Air transport"),
        ("26113900000000012345", 2026, "Beijing", ""),
    ],
)
def test_a_digital_number_tells_year_region_and_channel(number: str, year: int, region: str, channel: str) -> None:
    parts = split_number(number)
    assert parts is not None
    assert (parts.year, parts.region, parts.channel, parts.serial) == (year, region, channel, number[6:])


@given(st.text(max_size=30))
def test_only_twenty_digits_are_a_digital_number(text: str) -> None:
    is_one = len(text) == 20 and set(text) <= set("0123456789")
    assert (split_number(text) is not None) is is_one


@pytest.mark.parametrize(
    ("code", "kind", "region", "year"),
    [
        ("011002600111", "10", "Beijing", 2026),
        ("011002600112", "14", "Beijing", 2026),
        ("011002600113", "08", "Beijing", 2026),
        ("011002600117", "15", "Beijing", 2026),
        ("011002600104", "04", "Beijing", 2026),
        ("033022600106", "11", "Ningbo", 2026),
        ("011002680026", "", "Beijing", 2026),
        ("111002620001", "03", "Beijing", 2026),
        ("144031539110", "10", "Shenzhen", 2015),
        ("1100261630", "04", "Beijing", 2026),
        ("4403181730", "02", "Shenzhen", 2018),
        ("3100261310", "04", "Shanghai", 2026),
        ("1100261110", "01", "Beijing", 2026),
        ("1100261940", "", "Beijing", 2026),
    ],
)
def test_a_code_tells_kind_region_and_year(code: str, kind: str, region: str, year: int) -> None:
    assert (code_kind(code), code_region(code), code_year(code)) == (kind, region, year)


@pytest.mark.parametrize("code", ["", "011002600104", "1100261130", "011002680026", "144031539110", "0110 0260 0104"])
def test_a_right_code_has_nothing_to_say(code: str) -> None:
    assert check_code(code) == ()


@pytest.mark.parametrize(
    ("code", "slip_codes", "suggestion"),
    [
        ("12345678901", ["code.form"], ""),
        ("O11002600104", ["code.form"], "011002600104"),
        ("ABC", ["code.form"], ""),
        ("1100261131", ["code.shape"], ""),
        ("211002600104", ["code.shape"], ""),
        ("099002600104", ["code.region"], ""),
        ("9900261131", ["code.shape", "code.region"], ""),
    ],
)
def test_a_wrong_code_says_what_is_wrong(code: str, slip_codes: list[str], suggestion: str) -> None:
    slips = check_code(code)
    assert codes(slips) == slip_codes
    assert slips[0].suggestion == suggestion
    assert all(str(slip.message) for slip in slips)


def test_a_code_of_another_length_has_no_kind_and_no_year() -> None:
    assert code_kind("12345678901") == ""
    assert code_year("12345678901") is None


@given(st.one_of(st.text(max_size=30), st.text("0123456789OIZSX.E+", max_size=24)))
def test_no_text_makes_a_check_fail(text: str) -> None:
    for slip in (*check_number(text), *check_code(text), *check_tax_id(text)):
        assert str(slip.message)
        assert "." in slip.code
