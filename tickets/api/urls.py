"""API v1 of tickets, evidence, checks and backfills."""

from __future__ import annotations

urlpatterns: list[object] = []
