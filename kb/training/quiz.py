"""PURE. Questions of a quiz: what makes one sound, their order in an attempt, and the marks."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from helpdesk.common.errors import FieldError
from helpdesk.common.messages import Message, gettext_noop

MAX_QUESTIONS, CHOICES, MAX_TEXT = 40, 6, 500


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to choose."""

    text: str
    text_en: str
    is_right: bool = False

    def said(self, language: str) -> str:
        return self.text_en if language == "en" else self.text


@dataclass(frozen=True, slots=True)
class Question:
    """With more than one right choice all of them are asked for. `section` counts the second-level headings of
    `article` from 1; 0 is the article as a whole."""

    text: str
    text_en: str
    choices: tuple[Choice, ...]
    explanation: str
    explanation_en: str
    article: str = ""
    section: int = 0

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Question:
        return cls(**{**data, "choices": tuple(Choice(**choice) for choice in data["choices"])})

    def as_data(self) -> dict[str, Any]:
        return asdict(self) | {"choices": [asdict(choice) for choice in self.choices]}

    @property
    def right(self) -> frozenset[int]:
        return frozenset(index for index, choice in enumerate(self.choices) if choice.is_right)

    @property
    def is_multiple(self) -> bool:
        return len(self.right) > 1

    def said(self, language: str) -> str:
        return self.text_en if language == "en" else self.text

    def explained(self, language: str) -> str:
        return self.explanation_en if language == "en" else self.explanation


def faults(question: Question) -> list[FieldError]:
    """What keeps a question from being asked."""
    found = []
    for name in ("text", "text_en", "explanation", "explanation_en"):
        if not getattr(question, name).strip():
            found.append(FieldError(name, "required", Message(gettext_noop("This is needed."))))
    if any(not (choice.text.strip() and choice.text_en.strip()) for choice in question.choices):
        found.append(FieldError("choices", "language", Message(gettext_noop("Write every answer in both languages."))))
    if not 2 <= len(question.choices) <= CHOICES:
        found.append(FieldError("choices", "number", Message(gettext_noop("A question has two to six answers."))))
    if not 0 < len(question.right) < len(question.choices):
        text = Message(gettext_noop("Mark at least one answer as right, and leave at least one wrong."))
        found.append(FieldError("choices", "right", text))
    return found


def order(questions: Sequence[Question], seed: int) -> list[tuple[int, list[int]]]:
    """The questions and the answers of each by their places, shuffled alike for the same seed."""
    chance = random.Random(seed)  # noqa: S311  an order, no secret
    places = list(range(len(questions)))
    chance.shuffle(places)
    shuffled = []
    for place in places:
        answers = list(range(len(questions[place].choices)))
        chance.shuffle(answers)
        shuffled.append((place, answers))
    return shuffled


def marks(questions: Sequence[Question], answers: Sequence[Sequence[int]]) -> list[bool]:
    """Whether each was answered rightly: exactly the right choices, no more and no fewer."""
    return [frozenset(given) == question.right for question, given in zip(questions, answers, strict=True)]


def score(marked: Sequence[bool]) -> int:
    """Per cent, rounded down: 79.9 doesn't pass at 80."""
    return 100 * sum(marked) // len(marked) if marked else 100
