"""Caches that may fail: what can't be kept is computed again, and no page depends on it."""

from __future__ import annotations

import contextlib
import functools
import logging
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.filebased import FileBasedCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def _or(answer: Callable[..., Any], method: Any) -> Any:
    """`method`, and when the cache is down what an empty one would say."""

    @functools.wraps(method)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return method(self, *args, **kwargs)
        except (OSError, RedisError) as error:
            logger.warning("cache: %s", error)
            return answer(*args, **kwargs)

    return wrapper


def forgiving(cache: type) -> type:
    """The class decorator."""
    empty: dict[str, Callable[..., Any]] = {
        "get": lambda key, default=None, version=None: default,
        "set": lambda *_, **__: None,
        "add": lambda *_, **__: True,
        "touch": lambda *_, **__: False,
        "delete": lambda *_, **__: False,
        "has_key": lambda *_, **__: False,
        "get_many": lambda *_, **__: {},
        "set_many": lambda data, **__: list(data),
        "delete_many": lambda *_, **__: None,
    }
    for name, answer in empty.items():
        setattr(cache, name, _or(answer, getattr(cache, name)))
    return cache


@forgiving
class Files(FileBasedCache):
    """In the data folder: shared by the processes of one machine."""

    def __init__(self, *args: Any) -> None:
        with contextlib.suppress(OSError):  # makes its folder last; without one every answer is that of an empty cache
            super().__init__(*args)


@forgiving
class Redis(RedisCache):
    """CACHE_URL: shared by all machines."""
