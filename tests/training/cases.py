"""A path as the tests take it, made by the services alone."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from kb import services as kb
from kb.models import Article, Category
from kb.training import services, taking
from kb.training.models import Attempt, Edition
from kb.training.quiz import Choice, Question
from kb.training.reading import progress_of


def an_article(slug: str, audience: str = "staff", body: str = "## 症状\n\n无\n\n## 步骤\n\n1. 看") -> Article:
    """Published as it would come from a file."""
    category, _new = Category.objects.get_or_create(slug="staff", defaults={"title_zh": "内部", "title_en": "Staff"})
    text = {"title": f"文章 {slug}", "body": body}
    if not Article.objects.filter(slug=slug).exists():
        kb.import_article(slug=slug, language="zh-hans", category=category, audience=audience, text=text)
    return Article.objects.get(slug=slug)


def a_question(right: tuple[int, ...] = (0,), article: str = "first", section: int = 2) -> Question:
    choices = tuple(Choice(f"答案 {at}", f"answer {at}", at in right) for at in range(3))
    return Question("问题", "question", choices, "说明", "why", article, section)


def words(**more: Any) -> dict[str, Any]:
    names = {"title": "新客服入门", "title_en": "New agents", "body": "简介", "body_en": "Introduction"}
    return names | {"audience": "staff", "roles": ["agent"]} | more


def a_path(
    by: User, *questions: Question, slug: str = "start", articles: tuple[str, ...] = ("first",), **more: Any
) -> Edition:
    """A published path."""
    path = services.create(slug=slug, given=words(**more), by=by)
    draft = services.draft_of(path=path, by=by)
    rows = [an_article(name, path.audience) for name in articles]
    draft = services.set_articles(draft=draft, articles=rows, by=by, version=draft.version)
    draft = services.set_questions(draft=draft, questions=questions, by=by, version=draft.version)
    return services.publish(draft=draft, is_major=True, by=by, version=draft.version)


def read_all(edition: Edition, by: User) -> None:
    for stop in progress_of(edition, by).stops:
        taking.mark_read(edition=edition, revision=stop.text, by=by)


def answered(edition: Edition, by: User, *answers: list[int]) -> Attempt:
    """Read, started and handed in."""
    read_all(edition, by)
    attempt = taking.start(edition=edition, by=by)
    return taking.submit(attempt=attempt, answers=answers, by=by)


def passed(edition: Edition, by: User) -> Attempt:
    return answered(edition, by, *(sorted(question.right) for question in edition.quiz))
