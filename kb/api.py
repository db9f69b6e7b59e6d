"""API v1 of this room."""

from __future__ import annotations

urlpatterns: list[object] = []
