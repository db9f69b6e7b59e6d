"""What every refusal of the API looks like."""

from __future__ import annotations

import json
from typing import Any

MEMBERS = {"type", "status", "title", "code", "detail", "errors"}


def assert_problem(answer: Any, status: int, code: str = "") -> dict[str, Any]:
    """RFC 9457 with a code and the fields: never HTML, never a trace. Returns it."""
    assert answer.status_code == status, (answer.status_code, answer.content[:300])
    assert answer["Content-Type"] == "application/problem+json"
    told: dict[str, Any] = json.loads(answer.content)
    assert set(told) >= MEMBERS
    assert told["status"] == status
    assert told["code"]
    assert told["detail"]
    assert all(set(error) == {"field", "code", "detail"} for error in told["errors"])
    assert "Traceback" not in answer.content.decode()
    if code:
        assert told["code"] == code
    return told
