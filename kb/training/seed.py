"""The learning paths that come as files, `kb/content/training/<slug>.json`; what people have edited stays."""

from __future__ import annotations

import json
from pathlib import Path as File
from typing import Any

from kb import content
from kb.models import Article
from kb.training import services
from kb.training.quiz import Choice, Question

FOLDER = content.FOLDER / "training"


def load(folder: File = FOLDER) -> int:
    """Publish what is new or changed. Returns how many paths that were; articles have to be there already."""
    return sum(_load(path) for path in sorted(folder.glob("*.json")))


def _load(path: File) -> bool:
    given: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    articles = {article.slug: article for article in Article.objects.filter(slug__in=given["articles"])}
    return services.import_path(
        slug=path.stem,
        purpose={name: given[name] for name in ("audience", "roles", "review_by")},
        words={name: given[name] for name in services.WORDS},
        articles=[articles[slug] for slug in given["articles"]],
        quiz=[question(data) for data in given["questions"]],
    )


def question(data: dict[str, Any]) -> Question:
    """A question as the file writes it: choices are triples of right or not, Chinese, English."""
    choices = tuple(Choice(text, text_en, is_right) for is_right, text, text_en in data["choices"])
    return Question(**{**data, "choices": choices})
