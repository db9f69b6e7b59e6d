"""Addresses of the room: enterprise pages and the desk."""

from __future__ import annotations

urlpatterns: list[object] = []
