"""PURE rules of the quiz."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.training.quiz import Choice, Question, faults, marks, order, score
from tests.training.cases import a_question


@given(st.integers(0, 2**31), st.integers(1, 8))
def test_an_order_holds_every_question_and_answer_once(seed: int, size: int) -> None:
    questions = [a_question()] * size
    shuffled = order(questions, seed)
    assert sorted(place for place, _ in shuffled) == list(range(size))
    assert all(sorted(answers) == [0, 1, 2] for _, answers in shuffled)
    assert shuffled == order(questions, seed)


@given(st.lists(st.booleans(), min_size=1))
def test_a_score_is_full_only_when_all_is_right(marked: list[bool]) -> None:
    assert (score(marked) == 100) == all(marked)
    assert 0 <= score(marked) <= 100 * sum(marked) / len(marked)


def test_a_question_with_several_right_answers_asks_for_all_of_them() -> None:
    both = a_question(right=(0, 2))
    assert both.is_multiple
    assert marks([both] * 4, [[0, 2], [2, 0], [0], [0, 1, 2]]) == [True, True, False, False]


def test_an_order_differs_between_attempts() -> None:
    questions = [a_question()] * 6
    assert len({tuple(place for place, _ in order(questions, seed)) for seed in range(20)}) > 10


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (replace(a_question(), text_en=" "), "required"),
        (replace(a_question(), choices=(Choice("一", "", is_right=True), Choice("二", "two"))), "language"),
        (replace(a_question(), choices=(Choice("一", "one", is_right=True),)), "number"),
        (a_question(right=()), "right"),
        (a_question(right=(0, 1, 2)), "right"),
    ],
)
def test_an_unsound_question_says_what_is_wrong(broken: Question, code: str) -> None:
    assert code in [fault.code for fault in faults(broken)]
    assert not faults(a_question())


def test_a_question_survives_its_way_through_the_database() -> None:
    assert Question.of(a_question(right=(0, 1)).as_data()) == a_question(right=(0, 1))
