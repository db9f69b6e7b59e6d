"""The tree as data, and every way through it: with answers alone, with facts, and when time has passed."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kb import content
from tickets.checks.rules import BEIJING, DIFFERS, FOUND, NOT_FOUND, PUBLIC, PUBLIC_TRIES, UNAVAILABLE, Tried
from tickets.diagnosis import tree
from tickets.diagnosis.leaves import KIND_LABELS, LEAVES, Clock, Kind
from tickets.diagnosis.outages import EXPLAINED, Outage
from tickets.diagnosis.questions import QUESTIONS
from tickets.diagnosis.tree import NODES, Ask, Case, Facts, Outcome, diagnose, paths
from tickets.invoices.kinds import KINDS
from tickets.sla.clock import Calendar, add_working
from tickets.sla.services import calendar_of
from tickets.vocabulary import SYMPTOM_LABELS

NOW = dt.datetime(2026, 11, 25, 10, tzinfo=BEIJING)  # a Wednesday
PATHS = [*paths()]
FILES = {(f.language, f.slug): f for f in content.files()}


def case(answers: dict[str, str] | None = None, *, later: dt.timedelta = dt.timedelta(), **facts: Any) -> Case:
    return Case(answers or {}, Facts(**facts), NOW, NOW + later)


def end(answers: dict[str, str], **more: Any) -> Outcome:
    found = diagnose(case(answers, **more))
    assert isinstance(found, Outcome), found
    return found


BUYER = {
    "who": "buyer", "kind": "digital_special", "place": "received", "issued": "yesterday", "mark": "none",
    "data": "same", "region": "beijing", "looked": "nothing", "asked": "uploaded",
}  # fmt: skip
ISSUER = {"who": "issuer", "issued": "yesterday", "kind": "digital_special", "state": "success"}


# The data


def test_every_node_leads_somewhere_by_every_choice_of_its_question() -> None:
    for node in NODES.values():
        assert set(node.to) == {choice.key for choice in QUESTIONS[node.question].choices}
        assert all(target in NODES or target in LEAVES for target in node.to.values())
    assert not set(NODES) & set(LEAVES)


def test_every_node_question_and_leaf_is_reached() -> None:
    reached = {leaf for _taken, leaf in PATHS}
    assert reached >= EXPLAINED
    late = {LEAVES[leaf].otherwise for leaf in reached} - {""}
    assert reached | late | {tree.KNOWN} == set(LEAVES)
    assert {question for taken, _leaf in PATHS for question, _choice in taken} == set(QUESTIONS)
    assert {node.question for node in NODES.values()} == set(QUESTIONS)


def test_no_way_is_longer_than_ten_questions_and_none_asks_twice() -> None:
    for taken, _leaf in PATHS:
        asked = [question for question, _choice in taken]
        assert len(asked) == len(set(asked)) <= 10
    assert max(len(taken) for taken, _leaf in PATHS) >= 6


def test_there_are_five_kinds_of_outcome_and_each_has_leaves() -> None:
    assert {leaf.kind for leaf in LEAVES.values()} == set(Kind) == set(KIND_LABELS)
    assert len(Kind) == 5


@pytest.mark.parametrize("leaf", LEAVES.values(), ids=LEAVES)
def test_a_leaf_is_whole(leaf: Any) -> None:
    assert leaf.title
    assert leaf.reason
    assert leaf.do
    assert leaf.symptom in SYMPTOM_LABELS
    for language in ("zh-hans", "en"):
        assert FILES[language, leaf.article].head["audience"] == "public"
    assert bool(leaf.letter) == (leaf.kind == Kind.COUNTERPART)
    if leaf.kind == Kind.WAIT:
        assert leaf.clock != Clock.NONE
    if leaf.otherwise:  # one step further, never round in a circle
        assert LEAVES[leaf.otherwise].clock == Clock.NONE


# The walk


def test_every_way_ends_where_it_leads() -> None:
    for taken, leaf in PATHS:
        answers: dict[str, str] = {}
        for question, choice in taken:
            found = diagnose(case(answers))
            if isinstance(found, Outcome) or found.question.key != question:  # the day of issue has told the month
                assert question == "month" or answers["issued"] != "older"
                break
            answers[question] = choice
        else:
            found = diagnose(case(answers))
            assert isinstance(found, Outcome)
            assert found.leaf.key in (leaf, LEAVES[leaf].otherwise)
            assert [g.question.key for g in found.trail] == [q for q, _c in taken]


facts = st.builds(
    Facts,
    kind=st.sampled_from(["", "xx", *KINDS]),
    issue_date=st.one_of(st.none(), st.dates(dt.date(2015, 1, 1), dt.date(2027, 1, 1))),
    region=st.sampled_from(["", "11", "31", "95"]),
    side=st.sampled_from(["", "issued", "received"]),
    is_farm=st.sampled_from([None, True, False]),
    is_red=st.booleans(),
    is_buyer_wrong=st.booleans(),
    tried=st.lists(
        st.builds(
            Tried,
            st.sampled_from([PUBLIC, "buyer"]),
            st.sampled_from([FOUND, NOT_FOUND, DIFFERS, UNAVAILABLE]),
            st.integers(0, 72).map(lambda hours: NOW - dt.timedelta(hours=hours)),
        ),
        max_size=7,
    ).map(tuple),
)
picks = st.fixed_dictionaries({key: st.sampled_from([c.key for c in q.choices]) for key, q in QUESTIONS.items()})


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts, picks, st.integers(0, 24 * 40))
def test_whatever_is_known_it_ends_asking_nothing_that_is_known(known: Facts, picked: Any, hours: int) -> None:
    now = NOW + dt.timedelta(hours=hours)
    answers: dict[str, str] = {}
    for _screen in range(11):
        found = diagnose(Case(answers, known, NOW, now))
        if isinstance(found, Outcome):
            break
        key = found.question.key
        assert key not in answers
        answers[key] = picked[key]
    assert isinstance(found, Outcome)
    assert len(found.trail) <= 10
    assert (known.kind in KINDS) <= ("kind" not in answers)
    assert (known.issue_date is not None) <= (not {"issued", "month"} & set(answers))
    assert bool(known.region) <= ("region" not in answers)
    assert (known.is_farm is not None) <= ("farm" not in answers)
    assert known.is_red <= ("mark" not in answers)
    assert known.is_buyer_wrong <= ("data" not in answers)
    assert bool(known.side) <= ("side" not in answers)
    assert {g.question.key for g in found.trail if g.source == "answer"} == set(answers)
    if found.at is not None:
        assert found.at.utcoffset() == dt.timedelta(hours=8)
        assert not found.leaf.otherwise or found.at > now
    assert not (found.leaf.kind == Kind.WAIT and found.at is None)


@settings(deadline=None)
@given(picks)
def test_answers_beside_the_way_change_nothing(picked: Any) -> None:
    whole = diagnose(case(picked))
    on_it = {g.question.key: g.choice.key for g in whole.trail}
    assert diagnose(case(on_it)) == whole


def test_a_choice_that_its_question_does_not_know_counts_as_not_given() -> None:
    found = diagnose(case({"who": "nobody"}))
    assert isinstance(found, Ask)
    assert (found.question.key, found.trail) == ("who", ())


# What facts answer

KIND = {
    "81": "digital_special", "82": "digital_ordinary", "86": "digital_ordinary", "01": "control_special",
    "10": "control_ordinary", "14": "travel", "51": "travel", "61": "travel",
}  # fmt: skip


@pytest.mark.parametrize(("code", "family"), KIND.items())
def test_the_kind_comes_from_the_file(code: str, family: str) -> None:
    found = diagnose(case({"who": "buyer"}, kind=code))
    assert [(g.choice.key, g.source) for g in found.trail] == [("buyer", "answer"), (family, "file")]


DAYS = {0: "today", -1: "today", 1: "yesterday", 2: "days", 4: "days", 5: "older", 365 * 4: "older", 1827: "ancient"}


@pytest.mark.parametrize(("days", "said"), DAYS.items())
def test_the_date_comes_from_the_file(days: int, said: str) -> None:
    issued = NOW.date() - dt.timedelta(days=days)
    assert diagnose(case({"who": "public"}, issue_date=issued)).trail[1].choice.key == said


def test_the_seller_comes_from_the_file() -> None:
    asked = {k: v for k, v in BUYER.items() if k != "region"}
    assert end(asked, region="31").trail[6].choice.key == "elsewhere"
    assert end({**asked, "asked": "no"}, region="31").leaf.key == "ask_seller_away"
    assert end({**asked, "asked": "no"}, region="11").leaf.key == "ask_seller"


def test_a_red_invoice_a_wrong_buyer_and_farm_produce_end_it_at_once() -> None:
    few = {"who": "buyer", "kind": "digital_special", "place": "deduct"}
    assert end({**few, "issued": "yesterday"}, is_farm=False, is_red=True).leaf.key == "red_by_seller"
    rest = {**few, "issued": "yesterday", "mark": "none"}
    assert end(rest, is_farm=False, is_buyer_wrong=True).leaf.key == "buyer_wrong"
    assert end(few, is_farm=True).leaf.key == "farm_pending"


def test_ones_own_invoice_with_a_wrong_buyer_is_ones_own_to_correct() -> None:
    said = {"who": "public", "issued": "yesterday", "said": "nothing"}
    assert end(said, side="issued", is_buyer_wrong=True).leaf.key == "own_buyer_wrong"
    assert end(said, side="received", is_buyer_wrong=True).leaf.key == "buyer_wrong"


LOOKS = {FOUND: "list_follows", DIFFERS: "compare", UNAVAILABLE: "site_down"}


@pytest.mark.parametrize(("outcome", "leaf"), LOOKS.items())
def test_a_look_up_on_record_is_not_asked_again(outcome: str, leaf: str) -> None:
    asked = {k: v for k, v in BUYER.items() if k not in ("looked", "asked")}
    tried = (Tried(PUBLIC, NOT_FOUND, NOW - dt.timedelta(hours=5)), Tried(PUBLIC, outcome, NOW - dt.timedelta(hours=1)))
    found = end(asked, tried=tried)
    assert (found.leaf.key, found.trail[-1].source) == (leaf, "check")


def test_used_up_tries_are_known_from_the_look_ups() -> None:
    tried = tuple(Tried(PUBLIC, NOT_FOUND, NOW - dt.timedelta(minutes=n)) for n in range(PUBLIC_TRIES))
    found = end({"who": "public", "issued": "yesterday"}, tried=tried)
    assert (found.leaf.key, found.at) == ("tries_used", dt.datetime(2026, 11, 26, 9, tzinfo=BEIJING))
    asked = diagnose(case({"who": "public", "issued": "yesterday"}, tried=(Tried(PUBLIC, FOUND, NOW),)))
    assert isinstance(asked, Ask)  # it finds nothing now, whatever it found then
    assert asked.question.key == "said"


# The moment

MOMENTS = {
    "issued today": ({"who": "public", "issued": "today"}, "2026-11-26 09:00"),
    "no answer": ({"who": "door", "door": "down"}, "2026-11-25 10:30"),
    "tries": ({"who": "public", "issued": "older", "said": "tries"}, "2026-11-26 09:00"),
    "two hours": (BUYER, "2026-11-25 12:00"),
    "own upload": (ISSUER, "2026-11-25 12:00"),
    "own upload of today": ({**ISSUER, "issued": "today"}, "2026-11-26 09:00"),
    "result": ({**ISSUER, "state": "running"}, "2026-11-25 12:00"),
    "the full list": ({**BUYER, "looked": "found"}, "2026-11-28 09:00"),
    "three working days": ({**BUYER, "asked": "no"}, "2026-11-30 18:00"),
    "the month of a day": ({**ISSUER, "state": "never"}, "2026-12-13 00:00"),
    "this month": ({**ISSUER, "issued": "older", "state": "never", "month": "this"}, "2026-12-13 00:00"),
    "control, this month": (
        {**ISSUER, "issued": "older", "state": "never", "month": "this", "kind": "control_special"}, "2026-12-13 00:00",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "at"), MOMENTS.values(), ids=MOMENTS)
def test_the_moment_is_told(answers: dict[str, str], at: str) -> None:
    found = end(answers)
    assert found.at is not None
    assert found.at.strftime("%Y-%m-%d %H:%M") == at


LATE = {
    "upload": (ISSUER, "upload_lost", 3),
    "seller": (BUYER, "seller_uploaded", 3),
    "seller, old": ({**BUYER, "issued": "older"}, "seller_uploaded", 0),
    "list": ({**BUYER, "looked": "found"}, "not_listed", 80),
    "list, old": ({**BUYER, "looked": "found", "issued": "older"}, "not_listed", 0),
    "result": ({**ISSUER, "state": "running"}, "state_unknown", 3),
    "site": ({"who": "door", "door": "down"}, "site_still_down", 1),
    "last month": ({**ISSUER, "issued": "older", "state": "never", "month": "last"}, "month_closed", 0),
    "last month, control": (
        {**ISSUER, "issued": "older", "state": "never", "month": "last", "kind": "control_ordinary"}, "stub_backfill", 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("answers", "leaf", "hours"), LATE.values(), ids=LATE)
def test_once_the_moment_has_passed_it_ends_elsewhere(answers: dict[str, str], leaf: str, hours: int) -> None:
    found = end(answers, later=dt.timedelta(hours=hours))
    assert (found.leaf.key, found.at) == (leaf, None)


def test_the_month_before_is_open_until_the_13th() -> None:
    answers = {**ISSUER, "issued": "older", "state": "never", "month": "last"}
    early = dt.datetime(2026, 11, 12, 23, tzinfo=BEIJING)
    found = diagnose(Case(answers, Facts(), early, early))
    assert isinstance(found, Outcome)
    assert (found.leaf.key, found.at) == ("upload_now", dt.datetime(2026, 11, 13, tzinfo=BEIJING))


@pytest.mark.parametrize(
    ("issued", "month"), [((2026, 11, 1), "this"), ((2026, 10, 31), "last"), ((2026, 9, 30), "before")]
)
def test_the_month_follows_from_the_day(issued: tuple[int, int, int], month: str) -> None:
    found = end({**ISSUER, "state": "never"}, issue_date=dt.date(*issued))
    assert (found.trail[-1].choice.key, found.trail[-1].source) == (month, "file")
    assert end({**ISSUER, "state": "never"}).trail[-1].source == "answers"


def test_today_answered_yesterday_means_yesterday() -> None:
    assert end({"who": "public", "issued": "today"}).leaf.key == "same_day"
    found = diagnose(case({"who": "public", "issued": "today"}, later=dt.timedelta(days=1)))
    assert isinstance(found, Ask)
    assert found.question.key == "said"
    assert found.trail[-1].choice.key == "today"


@settings(deadline=None)
@given(st.integers(0, 353 * 24).map(lambda hours: dt.datetime(2026, 1, 1, tzinfo=BEIJING) + dt.timedelta(hours=hours)))
def test_a_letter_leaves_three_whole_working_days(start: dt.datetime) -> None:
    """The slow way: the working hours of three days from the next midnight on."""
    calendar = calendar_of(2026)
    found = diagnose(Case({**BUYER, "asked": "no"}, Facts(), start, start, calendar))
    assert isinstance(found, Outcome)
    midnight = dt.datetime.combine(start.date() + dt.timedelta(days=1), dt.time(), BEIJING)
    assert found.at == add_working(midnight, 3 * dt.timedelta(hours=7.5), calendar)


def test_without_a_calendar_weekends_are_off() -> None:
    assert Case({}, Facts(), NOW, NOW).calendar == Calendar()
    assert dataclasses.replace(case(), answers={"issued": "days"}).issue_date == dt.date(2026, 11, 23)
    assert tree.VERSION


# Known incidents


SOON = NOW + dt.timedelta(hours=3)


@pytest.mark.parametrize(
    ("outage", "leaf"),
    [
        (Outage(7), "known_outage"),
        (Outage(7, kinds=("digital_special",), situations=("delayed",)), "known_outage"),
        (Outage(7, kinds=("control_special",)), "upload_wait"),
        (Outage(7, situations=("verification_mismatch",)), "upload_wait"),
    ],
)
def test_a_known_incident_that_fits_is_what_to_wait_for(outage: Outage, leaf: str) -> None:
    found = end(ISSUER, outages=(outage,))
    assert found.leaf.key == leaf
    assert found.outage == (7 if leaf == "known_outage" else None)


def test_one_waits_until_it_is_expected_to_end_and_never_into_the_past() -> None:
    assert end(ISSUER, outages=(Outage(1, until=SOON),)).at == SOON
    down = {"who": "door", "door": "down"}
    late = end(down, outages=(Outage(1, until=SOON),), later=dt.timedelta(hours=4))
    assert late.at == NOW + dt.timedelta(hours=4) + tree.ladder.OUTAGE


def test_an_incident_explains_no_invoice_that_is_void_and_every_site_that_is_down() -> None:
    outages = (Outage(1, situations=("no_record",)),)
    assert end({**BUYER, "mark": "void"}, outages=outages).leaf.key == "void_by_seller"
    assert end({"who": "door", "door": "down"}, outages=outages).leaf.key == "known_outage"
    assert end({"who": "door", "door": "login"}, outages=outages).outage is None
    assert end(ISSUER, outages=(Outage(1),), later=dt.timedelta(days=9)).leaf.key == "upload_lost"
