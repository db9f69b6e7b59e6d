"""The published articles as JSONL, in the form that import_articles reads."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand

from kb.models import Revision


class Command(BaseCommand):
    help = "Write every published article to the standard output, one JSON object a line."

    def handle(self, *args: Any, **options: Any) -> None:
        rows = Revision.objects.published().select_related("article__category").order_by("article__slug", "language")
        for row in rows.iterator(200):
            item = {
                "slug": row.article.slug,
                "title": row.title,
                "text": row.body,
                "language": row.language,
                "category": row.article.category.slug,
                "audience": row.article.audience,
                "summary": row.summary,
                "keywords": row.keywords,
            }
            self.stdout.write(json.dumps(item, ensure_ascii=False))
