"""The board with its components."""

from __future__ import annotations

import pytest

from kb.status import seed


@pytest.fixture(autouse=True)
def _components(db: None) -> None:
    seed.load()
