"""The published articles as JSONL, or as a ZIP of Markdown files, in the forms that import_articles reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from kb import package


class Command(BaseCommand):
    help = "Write every published article to the standard output, one JSON object a line, or with its files into a ZIP."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--zip", metavar="PATH", help="Markdown with front matter, categories and files")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["zip"]:
            with Path(options["zip"]).open("wb") as target:
                count = package.write(target)
            self.stdout.write(f"{count} articles written.")
            return
        for item in package.items():
            self.stdout.write(json.dumps(item, ensure_ascii=False))
