"""docs/check-source.openapi.json: a sound description, and the code and the service of tests keep to it to the letter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings
from drf_spectacular.validation import validate_schema
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.common.outbound import PASSING, Fault, Limits
from tests.cases import an_invoice
from tests.checks.gateway import RECORD, record_of
from tickets.checks import http, words
from tickets.invoices.model import FIELDS

CONTRACT: Any = json.loads(http.CONTRACT.read_text("utf-8"))
SCHEMAS = CONTRACT["components"]["schemas"]
OPERATION = CONTRACT["paths"]["/look-ups"]["post"]
CLAIM = an_invoice()


def read(value: Any) -> Any:
    return http.read("application/json", json.dumps(value).encode(), CLAIM)


def test_it_is_openapi_3_1() -> None:
    validate_schema(CONTRACT)
    assert CONTRACT["openapi"] == "3.1.0"


def test_its_examples_are_of_its_own_form() -> None:
    body = OPERATION["requestBody"]["content"]["application/json"]
    answer = OPERATION["responses"]["200"]["content"]["application/json"]
    for name, content in (("LookUp", body), ("Answer", answer)):
        for example in content["examples"].values():
            http.validator(name).validate(example["value"])


def test_it_tells_the_limits_that_the_code_has() -> None:
    text, limits = CONTRACT["info"]["description"], Limits(**settings.CHECK_LIMITS)
    assert f"the connection {limits.connect:g} seconds, each read {limits.read:g}, and all attempts together" in text
    assert f"together {limits.total:g}." in text
    assert f"more than {limits.max_bytes // 1024} KB" in text
    assert limits.attempts == 3
    assert "up to twice" in text
    assert {"throttled", "status_5xx", "cut_off"} <= PASSING


def test_it_names_the_fields_of_an_invoice() -> None:
    record = set(SCHEMAS["Record"]["properties"]) - {"state"}
    assert record <= set(FIELDS)
    assert set(RECORD) <= record
    assert set(SCHEMAS["LookUp"]["properties"]["invoice"]["properties"]) == set(http.SENT)
    assert set(SCHEMAS["Record"]["properties"]["state"]["enum"]) == set(words.STATES)
    assert record | {"state"} <= set(words.FIELDS)


RECORD_OF_CLAIM = record_of(CLAIM)
SOUND = [
    {"outcome": "not_found", "identity": CLAIM.identity},
    {"outcome": "found", "identity": CLAIM.identity, "record": RECORD_OF_CLAIM},
]


def test_what_is_sound_is_read() -> None:
    for value in SOUND:
        assert read(value) == value


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["found", "not_found", "normal", CLAIM.identity, "2026-02-30", "1e5", "-0.00", " 1", "１"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
names = st.sampled_from(["outcome", "identity", "record", "hint", ""])
fields = st.sampled_from([*RECORD_OF_CLAIM, "check_code", "remark", ""])


def is_sound(value: Any) -> bool:
    """The oracle: the rules of the contract once more, by hand, for one changed place in a sound answer."""
    if not http.validator("Answer").is_valid(value) or value["identity"] != CLAIM.identity:
        return False
    record = value.get("record")
    return record is None or CLAIM.number in (record["number"], record.get("digital_number"))


@given(st.sampled_from(SOUND), names, junk)
def test_one_changed_place_is_seen(value: dict[str, Any], name: str, wrong: Any) -> None:
    changed = {**value, name: wrong}
    if is_sound(changed):
        assert read(changed) == changed
    else:
        with pytest.raises(Fault):
            read(changed)


@given(fields, junk)
def test_one_changed_field_of_the_record_is_seen(name: str, wrong: Any) -> None:
    changed = {**SOUND[1], "record": {**RECORD_OF_CLAIM, name: wrong}}
    if not is_sound(changed):
        with pytest.raises(Fault):
            read(changed)
        return
    try:
        read(changed)
    except Fault:  # a day that no calendar has, a text that can't be shown
        assert isinstance(wrong, str)
        assert name == "issue_date" or not wrong.isprintable()


@given(st.binary(max_size=200))
def test_no_bytes_are_taken_for_an_answer(body: bytes) -> None:
    with pytest.raises(Fault):
        http.read("application/json", body, CLAIM)
