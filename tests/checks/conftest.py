"""A look-up service of our own on the loopback, set up as the source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.checks.gateway import Place, serving


@pytest.fixture
def place(settings: Any) -> Iterator[Place]:
    """Sound until told otherwise; every question it got was of the contract."""
    with serving() as found:
        settings.CHECK_URL, settings.CHECK_TOKEN, settings.CHECK_ALLOW_PRIVATE = found.url, "token-of-tests", True
        settings.CHECK_LIMITS = {"connect": 0.5, "read": 2, "total": 5, "attempts": 2}
        yield found
    assert found.wrong == []
