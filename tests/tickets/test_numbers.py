"""Ticket numbers that survive being said on the phone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tickets import numbers

serials = st.integers(1, 99_999_999)


@given(serials)
def test_a_number_reads_back_as_itself(serial: int) -> None:
    number = numbers.make(2026, serial)
    assert numbers.parse(number) == number
    assert numbers.parse(f" #{number.replace('-', '')} ") == number


@given(serials, st.data())
def test_one_wrong_digit_is_noticed(serial: int, data: st.DataObject) -> None:
    digits = numbers.make(2026, serial).replace("-", "")
    place = data.draw(st.integers(0, len(digits) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != digits[place]]))
    assert numbers.parse(digits[:place] + other + digits[place + 1 :]) == ""


@given(serials, st.data())
def test_swapped_neighbours_are_noticed(serial: int, data: st.DataObject) -> None:
    digits = list(numbers.make(2026, serial).replace("-", ""))
    place = data.draw(st.integers(0, len(digits) - 2))
    swapped = [*digits[:place], digits[place + 1], digits[place], *digits[place + 2 :]]
    assert numbers.parse("".join(swapped)) == "" or swapped == digits


@pytest.mark.parametrize("text", ["", "26", "26-00042-8x", "二六", "26-00042", "١٢-٣٤٥٦٧-٨"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert numbers.parse(text) == ""
