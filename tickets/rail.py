"""The rail of the desk: views with live counts."""

from __future__ import annotations

from django.http import HttpRequest


def rail(request: HttpRequest) -> list[dict[str, object]]:
    return []
