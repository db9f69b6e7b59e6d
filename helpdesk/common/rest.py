"""A part that has just failed is left alone for a while: nobody else has to wait for it to fail again."""

from __future__ import annotations

from django.core.cache import cache


def is_resting(part: str) -> bool:
    return bool(cache.get(f"resting:{part}"))


def let_rest(part: str, seconds: int) -> None:
    cache.set(f"resting:{part}", True, seconds)  # noqa: FBT003
