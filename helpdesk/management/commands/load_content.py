"""Publish articles, components, learning paths and templates of papers; run again without harm."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from kb import content
from kb.status import seed
from kb.training import seed as training
from tickets.papers import services as papers


class Command(BaseCommand):
    help = "Load the articles and the templates of papers. What people have edited stays as it is."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = content.load() + seed.load() + training.load() + papers.load_built_in()
        if options["verbosity"]:
            self.stdout.write(f"{changed} texts published.")
