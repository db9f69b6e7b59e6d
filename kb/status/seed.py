"""The components that come as a file, `kb/content/components.json`: names and order follow the file at each load."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils import timezone

from kb import content
from kb.status.models import Component

FILE = content.FOLDER / "components.json"


def load(path: Path = FILE) -> int:
    """Make and rename components; none is removed, for incidents name them. Returns how many are new."""
    given: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    new = 0
    for item in given:
        values = {name: value for name, value in item.items() if name != "slug"}
        first = {**values, "watched_since": timezone.localdate()}
        new += Component.objects.update_or_create(slug=item["slug"], defaults=values, create_defaults=first)[1]
    return new
