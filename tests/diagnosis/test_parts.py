"""The calendar file and the kept record, by themselves."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from tickets.checks.rules import BEIJING
from tickets.diagnosis import ics, record
from tickets.diagnosis.tree import Case, Facts, Outcome, diagnose

AT = dt.datetime(2026, 11, 25, 17, tzinfo=BEIJING)
plain = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=300)


def entry(text: str = "x", url: str = "https://help.example/diagnose/?at=1") -> bytes:
    return ics.appointment(uid="1@x", at=AT, text=text, url=url, now=AT)


def unescaped(text: str) -> str:
    """The slow way back: one sign after the other."""
    out, signs = "", iter(text)
    for sign in signs:
        out += {"n": "\n"}.get(then := next(signs), then) if sign == "\\" else sign
    return out


@given(plain)
def test_a_calendar_file_says_what_it_was_given(text: str) -> None:
    lines = entry(text).split(b"\r\n")
    assert lines[-1] == b""
    assert all(len(line) <= 75 for line in lines)
    whole = entry(text).decode().replace("\r\n ", "").split("\r\n")  # every octet string is whole characters
    assert unescaped(next(line for line in whole if line.startswith("SUMMARY:"))[8:]) == text


def test_a_calendar_file_is_in_universal_time_and_rings() -> None:
    lines = entry("a\nb").decode().split("\r\n")
    assert (lines[0], lines[-2]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    assert {"DTSTART:20261125T090000Z", "DTEND:20261125T091500Z", "TRIGGER:PT0S", "SUMMARY:a\\nb"} <= set(lines)


def ended(**answers: str) -> Outcome:
    found = diagnose(Case(answers, Facts(), AT, AT))
    assert isinstance(found, Outcome)
    return found


def test_a_record_brings_back_leaf_and_trail() -> None:
    outcome = ended(who="public", issued="today")
    recalled = record.recall(record.as_data(outcome))
    assert (recalled.leaf, recalled.trail) == (outcome.leaf, outcome.trail)
    assert record.as_data(outcome)["at"] == "2026-11-26T09:00:00+08:00"
    assert record.as_data(ended(who="door", door="login"))["at"] == ""


def test_a_record_of_an_older_tree_is_read_as_far_as_it_is_known() -> None:
    trail = [["who", "public", "answer"], ["who", "gone", "answer"], ["gone", "x", "answer"]]
    recalled = record.recall({"leaf": "gone", "trail": trail})
    assert recalled.leaf is None
    assert [step.choice.key for step in recalled.trail] == ["public"]
    assert record.recall({}).trail == ()


def test_what_was_tried_is_said_once() -> None:
    assert record.tried(ended(who="public", issued="today")) == ["public_site"]
    assert record.tried(ended(who="door", door="login")) == []
