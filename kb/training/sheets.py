"""The sheet of a quiz: what a form has sent, and the lines that a page shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models.query import QuerySet
from django.http import QueryDict
from django.urls import reverse

from helpdesk.common import markdown
from helpdesk.common.errors import DomainError
from kb.models import Revision
from kb.reading import in_language
from kb.training.models import Attempt
from kb.training.quiz import Question, order


@dataclass(frozen=True, slots=True)
class Option:
    place: int
    text: str
    is_chosen: bool
    is_right: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One question as the person sees it."""

    place: int
    text: str
    options: tuple[Option, ...]
    is_multiple: bool
    is_missing: bool  # not answered in a form that came back
    is_right: bool
    explanation: str
    source: str  # title of the article
    url: str  # of the section


def answers(given: QueryDict, questions: Sequence[Question]) -> list[list[int]]:
    """The chosen places of each question; what is no place is no answer, and of a single choice the last counts."""
    found = []
    for place, question in enumerate(questions):
        chosen = [int(one) for one in given.getlist(f"q{place}") if one.isascii() and one.isdecimal() and len(one) < 4]
        found.append(chosen if question.is_multiple else chosen[-1:])
    return found


def lines(
    attempt: Attempt, chosen: Sequence[Sequence[int]], texts: QuerySet[Any], language: str, error: DomainError | None
) -> list[Line]:
    """The questions in the order of the attempt, with what the person has chosen."""
    questions = attempt.edition.quiz
    missing = {one.field for one in error.errors} if error else set()
    sources = _sources(questions, texts, language) if attempt.finished_at else {}
    found = []
    for place, answers_ in order(questions, attempt.seed):
        question, mine = questions[place], frozenset(chosen[place] if place < len(chosen) else ())
        options = tuple(
            Option(at, question.choices[at].said(language), at in mine, at in question.right) for at in answers_
        )
        source, url = sources.get((question.article, question.section), ("", ""))
        found.append(
            Line(
                place,
                question.said(language),
                options,
                question.is_multiple,
                f"q{place}" in missing,
                mine == question.right,
                question.explained(language),
                source,
                url,
            )
        )
    return found


def _sources(
    questions: Sequence[Question], texts: QuerySet[Any], language: str
) -> dict[tuple[str, int], tuple[str, str]]:
    """(article, section) → title and address in the reader's language."""
    rows = texts.filter(article__slug__in={q.article for q in questions}).select_related("article")
    shown = {text.article.slug: text for text in in_language(rows, language)}
    return {
        (q.article, q.section): (shown[q.article].title, section_url(shown[q.article], q.section))
        for q in questions
        if q.article in shown
    }


def section_url(text: Revision, section: int) -> str:
    """The address of a section of an article; of the article when it has fewer."""
    anchors = [anchor for level, anchor, _name in markdown.headings(text.body) if level == 2]
    mark = f"#{anchors[section - 1]}" if 0 < section <= len(anchors) else ""
    return reverse("kb_article", args=[text.article.slug]) + mark
