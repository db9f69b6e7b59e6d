"""Addresses of the room."""

from __future__ import annotations

urlpatterns: list[object] = []
