"""The ledger and what is promised by it, against a walk through the minutes of random histories."""

from __future__ import annotations

import datetime as dt
import os
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tickets.lifecycle import AUTHORITY, CLOSED, LIFECYCLE, NEW, OPEN, RESOLVED, WAITING
from tickets.sla.clock import BEIJING, Calendar
from tickets.sla.ledger import Change, Mark, Promise, Run, counted, finish, last_opening, ledger, nearest, promises
from tickets.sla.policy import (
    DEFAULT,
    HOURS,
    TARGETS,
    Goal,
    Policy,
    Tier,
    choose,
    in_force,
    parse_hours,
    write_hours,
)
from tickets.sla.steps import Kind, steps
from tickets.vocabulary import Priority

MINUTE = dt.timedelta(minutes=1)
START = dt.datetime(2026, 9, 28, tzinfo=BEIJING)  # before the National Day week, with a make-up Saturday behind it
OFF = {dt.date(2026, 10, day): False for day in range(1, 8)}
CALENDAR = Calendar(intervals=HOURS, exceptions=OFF | {dt.date(2026, 10, 10): True, dt.date(2026, 9, 27): True})
SPAN = 90 * 24 * 60
WORKED = bytearray(SPAN)
for _minute in range(SPAN):
    _at = START + _minute * MINUTE
    WORKED[_minute] = CALENDAR.is_worked(_at.date()) and any(b <= _at.time() < e for b, e in HOURS)

#: kind, statuses that it may come from, status that it leads to, whether by the desk
MOVES = (
    ("ticket.accepted", (NEW,), OPEN, True),
    ("triage.decided", (NEW, OPEN), "", True),
    ("ticket.commented", (NEW, OPEN, WAITING, AUTHORITY), "", True),
    ("ticket.commented", (NEW, OPEN, AUTHORITY), "", False),
    ("ticket.assigned", (NEW, OPEN), "", True),
    ("ticket.changed", (NEW, OPEN, WAITING, AUTHORITY), "", True),
    ("ticket.asked", (NEW, OPEN, AUTHORITY), WAITING, True),
    ("ticket.answered", (WAITING,), OPEN, False),
    ("ticket.referred", (OPEN,), AUTHORITY, True),
    ("ticket.resumed", (WAITING, AUTHORITY), OPEN, True),
    ("ticket.resolved", (NEW, OPEN, WAITING, AUTHORITY), RESOLVED, True),
    ("ticket.closed", (RESOLVED,), CLOSED, True),
    ("ticket.reopened", (RESOLVED, CLOSED), OPEN, False),
)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[tuple[int, Mark]], str, int]:
    """Marks at minutes that rise, with the status and priority of the end."""
    minute, status, priority = draw(st.integers(0, 4 * 24 * 60)), NEW, draw(st.sampled_from(list(Priority)))
    marks = [(minute, Mark(START + minute * MINUTE, "ticket.submitted", NEW))]
    for _ in range(draw(st.integers(0, 9))):
        minute += draw(st.sampled_from([0, 1, 7, 45, 180, 600, 1440, 4000])) + draw(st.integers(0, 90))
        kind, _froms, to, by_desk = draw(st.sampled_from([move for move in MOVES if status in move[1]]))
        status = to or status
        new = int(draw(st.sampled_from(list(Priority)))) if kind == "ticket.changed" else 0
        priority = Priority(new) if new else priority
        marks.append((minute, Mark(START + minute * MINUTE, kind, to, new, by_desk)))
    return marks, status, priority


amounts = st.none() | st.integers(1, 2400).map(lambda minutes: minutes * MINUTE)
targets = st.fixed_dictionaries(dict.fromkeys(Goal, amounts)).map(lambda all_: {g: a for g, a in all_.items() if a})
policies = st.builds(Policy, targets=targets, pauses=st.frozensets(st.sampled_from([WAITING, AUTHORITY])))


def oracle(marks: list[tuple[int, Mark]], goal: Goal, amount: int, pauses: frozenset[str]) -> int | str | None:
    """Minute by minute: the minute of the due time, None while the clock stands, "met" when nothing is owed."""
    at: dict[int, list[Mark]] = {}
    for minute, mark in marks:
        at.setdefault(minute, []).append(mark)
    last, status, spent, state, first = marks[-1][0], "", 0, "met", True
    finished: int | None = None
    for minute in range(marks[0][0], SPAN):
        for mark in at.get(minute, ()):
            status = mark.status or status
            own = mark.kind == "ticket.commented" and mark.by_desk
            if mark.kind in ("ticket.submitted", "ticket.reopened"):
                first = mark.kind == "ticket.submitted"
                spent, finished = 0, None
                state = "owed" if first or goal in (Goal.NEXT_RESPONSE, Goal.RESOLUTION) else "met"
            elif goal == Goal.FIRST_LOOK and mark.kind != "ticket.commented" and mark.by_desk:
                state = state if mark.kind in ("ticket.changed", "ticket.resumed") else "met"
            elif goal == Goal.FIRST_RESPONSE and mark.kind in ("ticket.asked", "ticket.resolved", "ticket.closed"):
                state = "met"
            elif goal == Goal.NEXT_RESPONSE and mark.kind in (
                "ticket.accepted", "ticket.answered", "ticket.resumed", "triage.decided"
            ):  # fmt: skip
                spent, finished = 0, None
            if own and goal in (Goal.FIRST_LOOK, Goal.FIRST_RESPONSE):
                state = "met"
            if own and goal == Goal.NEXT_RESPONSE:
                spent, finished = 0, None
        stands = status in ((WAITING, AUTHORITY) if goal == Goal.NEXT_RESPONSE else pauses)
        stands = stands or not LIFECYCLE.states[status].is_open
        if minute >= last and (state == "met" or not LIFECYCLE.states[status].is_open):
            return "met"
        if finished is None and not stands and WORKED[minute]:
            spent += 1
            finished = minute + 1 if spent == amount else None
        if minute >= last:
            if goal == Goal.NEXT_RESPONSE and stands:
                return None
            if finished is not None or stands:
                return finished
    raise AssertionError("the oracle's days are over")


def check(history: tuple[list[tuple[int, Mark]], str, int], policy: Policy) -> None:
    marks, status, priority = history
    plain = [mark for _minute, mark in marks]
    owed = {p.goal: p for p in promises(plain, policy=policy, priority=priority, status=status, calendar=CALENDAR)}
    wanted = policy.goals(priority)
    for goal, amount in wanted.items():
        if goal == Goal.NEXT_RESPONSE and Goal.FIRST_RESPONSE in owed:
            assert goal not in owed
            continue
        found = oracle(marks, goal, amount // MINUTE, policy.pauses)
        if found == "met":
            assert goal not in owed
        else:
            due = owed[goal].due
            assert (None if due is None else (due - START) // MINUTE) == found, goal
            assert due is None or sum((e - b for b, e in counted(owed[goal], CALENDAR)), dt.timedelta()) == amount


@settings(max_examples=25, deadline=None)
@given(histories(), policies)
def test_due_times_agree_with_walking_through_the_minutes(
    history: tuple[list[tuple[int, Mark]], str, int], policy: Policy
) -> None:
    check(history, policy)


if os.environ.get("SLA_HISTORIES"):  # a long run by hand: SLA_HISTORIES=10000

    @settings(max_examples=int(os.environ["SLA_HISTORIES"]), deadline=None, database=None)
    @given(histories(), policies)
    def test_many_due_times_agree(history: tuple[list[tuple[int, Mark]], str, int], policy: Policy) -> None:
        check(history, policy)


@settings(max_examples=50, deadline=None)
@given(histories(), policies, st.data())
def test_the_ledger_only_grows(
    history: tuple[list[tuple[int, Mark]], str, int], policy: Policy, data: st.DataObject
) -> None:
    marks = [mark for _minute, mark in history[0]]
    cut = data.draw(st.integers(1, len(marks)))
    before, after = ledger(marks[:cut], policy.pauses), ledger(marks, policy.pauses)
    assert after[: len(before)] == before
    steps = [entry.change for entry in after if entry.change != Change.PRIORITY]
    assert steps[0] == Change.START
    assert all(one != other for one, other in pairwise(steps))


def test_the_nearest_running_promise_is_the_due_time() -> None:
    policy = Policy(targets={Goal.FIRST_LOOK: 30 * MINUTE, Goal.RESOLUTION: 2250 * MINUTE})
    marks = [Mark(START.replace(hour=9), "ticket.submitted", NEW)]
    told = {"policy": policy, "priority": Priority.NORMAL, "calendar": CALENDAR}
    one = nearest(list(promises(marks, status=NEW, **told)))
    assert one
    assert (one.goal, one.due) == (Goal.FIRST_LOOK, START.replace(hour=9, minute=30))
    marks.append(Mark(START.replace(hour=10), "ticket.asked", WAITING, by_desk=True))
    assert nearest(list(promises(marks, status=WAITING, **told))) is None
    assert last_opening(marks) == 0


def test_what_ran_long_enough_before_a_pause_was_due_in_it() -> None:
    nine = START.replace(hour=9)
    ran = (Run(nine, nine + 120 * MINUTE),)
    assert finish(ran, 60 * MINUTE, CALENDAR) == nine + 60 * MINUTE
    assert finish(ran, 180 * MINUTE, CALENDAR) is None
    stands = Promise(Goal.RESOLUTION, 180 * MINUTE, nine, ran, None)
    assert counted(stands, CALENDAR) == []


def test_who_is_told_of_a_breach_alone_is_not_warned() -> None:
    nine = START.replace(hour=9)
    one = Promise(Goal.RESOLUTION, 60 * MINUTE, nine, (Run(nine),), nine + 60 * MINUTE)
    quiet, loud = Policy(tells_supervisors=True), Policy(warn_before=15 * MINUTE)
    assert [step.kind for step in steps([one], quiet, CALENDAR)] == [Kind.BREACH]
    warned = list(steps([one], loud, CALENDAR))
    assert [(step.kind, step.at) for step in warned] == [
        (Kind.WARNING, nine + 45 * MINUTE),
        (Kind.BREACH, nine + 60 * MINUTE),
    ]
    assert list(steps([one], Policy(), CALENDAR)) == []


def test_the_policy_that_asks_most_counts_in_the_version_of_that_time() -> None:
    later = START + dt.timedelta(days=1)
    wide = Policy(series=1, number=1, tier=Tier.VERIFIED, made_at=START)
    narrow = Policy(series=2, number=1, priority=1, kind="82", made_at=START)
    gone = Policy(series=2, number=2, priority=1, kind="82", made_at=later, is_retired=True)
    case = {"priority": 1, "kinds": {"82"}, "tier": Tier.VERIFIED}
    assert choose(in_force([wide, narrow, gone], START), **case) == narrow
    assert choose(in_force([wide, narrow, gone], later), **case) == wide
    assert choose(in_force([wide, narrow], START), **case | {"kinds": {"10"}, "tier": Tier.NEW}) == DEFAULT
    assert in_force([wide], START - MINUTE) == []
    assert DEFAULT.goals(Priority.NORMAL) == {Goal.NEXT_RESPONSE: TARGETS[Priority.NORMAL]}


def test_hours_are_read_as_people_type_them() -> None:
    assert parse_hours("9:00–12:00，13:30 - 18:00") == HOURS
    assert write_hours(HOURS) == "09:00-12:00, 13:30-18:00"
    for wrong in ("", "9-12", "12:00-9:00", "09:00-12:00, 11:00-13:00", "25:00-26:00", "13:30-18:00, 09:00-12:00"):
        assert parse_hours(wrong) is None
