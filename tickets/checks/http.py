"""One look-up by docs/check-source.openapi.json: ask, and believe nothing that is not of exactly that form.

Every failure is UNAVAILABLE with its reason. NOT_FOUND comes from one place alone: a sound answer that says so of the
invoice that was asked for.
"""

from __future__ import annotations

import datetime as dt
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.conf import settings
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import best_match

from helpdesk.common import outbound
from helpdesk.common.breaker import Breaker
from helpdesk.common.inputs import is_storable
from helpdesk.common.outbound import Fault
from tickets.checks.rules import FOUND, NOT_FOUND, UNAVAILABLE
from tickets.invoices.matching import is_same
from tickets.invoices.model import Invoice

CONTRACT = settings.BASE_DIR / "docs" / "check-source.openapi.json"
BREAKER = Breaker("check-source")
SENT = (
    "kind", "code", "number", "digital_number", "issue_date", "amount", "total", "check_code", "seller_tax_id",
    "buyer_tax_id",
)  # fmt: skip
_MONEY = ("amount", "tax", "total")


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one question; `fault` is empty when the place has answered, `state` is the record's."""

    outcome: str
    found: Invoice | None = None
    state: str = ""
    fault: str = ""
    attempts: int = 0
    took_ms: int = 0


def is_set_up() -> bool:
    return bool(settings.CHECK_URL)


@cache
def validator(schema: str) -> Draft202012Validator:
    """Of a named schema of the contract."""
    contract = json.loads(CONTRACT.read_text("utf-8"))
    wanted = {"$ref": f"#/components/schemas/{schema}", "components": contract["components"]}
    return Draft202012Validator(wanted, format_checker=FormatChecker())


def ask(claim: Invoice, *, pause: Callable[[float], None] = time.sleep) -> Said:
    """Look `claim` up at the place that is set up. Never raises for what the other side does."""
    request = _request(claim)
    if request is None:
        return Said(UNAVAILABLE, fault="unsent")
    if not BREAKER.admits():
        return Said(UNAVAILABLE, fault="circuit_open")
    start = time.monotonic()
    try:
        answer = outbound.ask(request, outbound.Limits(**settings.CHECK_LIMITS), pause=pause)
        value = read(answer.media_type, answer.body, claim)
    except Fault as error:
        BREAKER.failed(rest=error.retry_after)
        return Said(UNAVAILABLE, fault=error.code, attempts=error.attempts or 1, took_ms=_since(start))
    BREAKER.succeeded()
    record = value.get("record") or {}
    found = _invoice(record) if record else None
    outcome = FOUND if value["outcome"] == "found" else NOT_FOUND
    return Said(outcome, found, record.get("state", ""), "", answer.attempt, _since(start))


def _since(start: float) -> int:
    return round((time.monotonic() - start) * 1000)


def _request(claim: Invoice) -> outbound.Request | None:
    """None for a claim whose words don't fit the contract: the place could only refuse it."""
    known = {name: getattr(claim, name) for name in SENT if getattr(claim, name) not in (None, "")}
    body = {
        "request": str(uuid.uuid4()),
        "identity": claim.identity,
        "invoice": {n: f"{v:f}" if isinstance(v, Decimal) else str(v) for n, v in known.items()},
    }
    if not validator("LookUp").is_valid(body):
        return None
    headers: dict[bytes | str, bytes | str] = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "User-Agent": "invoice-helpdesk",
    }
    if settings.CHECK_TOKEN:
        headers["Authorization"] = f"Bearer {settings.CHECK_TOKEN}"
    return outbound.Request(
        "check", "POST", f"{settings.CHECK_URL.rstrip('/')}/look-ups", headers, json.dumps(body).encode(),
        may_be_private=settings.CHECK_ALLOW_PRIVATE, ca_file=settings.CHECK_CA_FILE,
    )  # fmt: skip


def read(media_type: str, body: bytes, claim: Invoice) -> Mapping[str, Any]:
    """The answer, when it has the form of the contract and speaks of `claim`. Raises Fault."""
    if media_type != "application/json":
        raise Fault("content_type", media_type[:60])
    try:
        text = body.decode("utf-8")
        value = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise Fault("json") from error
    try:
        wrong = best_match(validator("Answer").iter_errors(value))
    except RecursionError as error:
        raise Fault("schema") from error
    if wrong is not None:
        raise Fault("schema", "/".join(str(part) for part in wrong.absolute_path)[:100])
    try:
        record = _invoice(value["record"]) if "record" in value else None
    except ValueError as error:  # 2026-02-30
        raise Fault("schema", "record/issue_date") from error
    if value["identity"] != claim.identity or (record is not None and not is_same(claim, record)):
        raise Fault("mismatch")
    return value  # type: ignore[no-any-return]


def _refuse(name: str) -> Any:
    raise ValueError(name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names come once, with texts that every database can store."""
    found = dict(pairs)
    texts = [text for pair in pairs for text in pair if isinstance(text, str)]
    if len(found) != len(pairs) or not all(is_storable(text) and text.isprintable() for text in texts):
        raise ValueError("object")
    return found


def _invoice(record: Mapping[str, Any]) -> Invoice:
    """Raises ValueError for a day that no calendar has."""
    values: dict[str, Any] = {name: value for name, value in record.items() if name != "state"}
    values |= {name: Decimal(values[name]) for name in _MONEY if name in values}
    if "issue_date" in values:
        values["issue_date"] = dt.date.fromisoformat(values["issue_date"])
    return Invoice(**values)
