"""Publish the articles that come with the service; run again after an update without harm."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from kb import content


class Command(BaseCommand):
    help = "Load kb/content into the knowledge base. Articles that people have edited stay as they are."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = content.load()
        if options["verbosity"]:
            self.stdout.write(f"{changed} texts published.")
