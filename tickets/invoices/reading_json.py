"""PURE. A Reading as JSON for the database and the API, and back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from helpdesk.common.messages import Message
from tickets.invoices.logs import Fact, Kind, LogReading, Sign
from tickets.invoices.model import Carrier, FieldValue, Finding, Line, Place, Reading, Severity, Source, Value

_MONEY = ("amount", "tax", "total")
_FIGURES = ("quantity", "unit_price", "amount", "tax")


def as_json(reading: Reading) -> dict[str, Any]:
    """{carrier, is_invoice, kind, fields: {name: {value, source, confidence, place}}, lines, findings, others}."""
    kind = reading.fields.get("kind")
    return {
        "carrier": reading.carrier.value,
        "is_invoice": reading.is_invoice,
        "kind": kind.value if kind else "",
        "fields": {name: _field_out(item) for name, item in reading.fields.items()},
        "lines": [_line_out(line) for line in reading.lines],
        "findings": [_finding_out(finding) for finding in reading.findings],
        "others": [as_json(other) for other in reading.others],
        "log": log_out(reading.log) if reading.log else None,
    }


def from_json(data: Mapping[str, Any]) -> Reading:
    """The Reading that `as_json` wrote. Raises ValueError for anything else."""
    try:
        return Reading(
            carrier=Carrier(data["carrier"]),
            is_invoice=bool(data["is_invoice"]),
            fields={name: _field_in(name, item) for name, item in data["fields"].items()},
            lines=tuple(_line_in(line) for line in data["lines"]),
            findings=tuple(_finding_in(finding) for finding in data["findings"]),
            others=tuple(from_json(other) for other in data["others"]),
            log=_log_in(log) if (log := data.get("log")) else None,
        )
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise ValueError("not a reading") from error


def log_out(log: LogReading) -> dict[str, Any]:
    facts = [{**dataclasses.asdict(fact), "article": fact.article} for fact in log.facts]
    return {**dataclasses.asdict(log), "facts": facts}


def _log_in(data: Mapping[str, Any]) -> LogReading:
    facts = []
    for plain in data["facts"]:
        known = {name: value for name, value in plain.items() if name != "article"}
        sign = Sign(plain["sign"]) if plain["sign"] else None
        facts.append(Fact(**{**known, "kind": Kind(plain["kind"]), "sign": sign}))
    return LogReading(**{**data, "facts": tuple(facts)})


def _plain(value: Value | None) -> str | bool | None:
    """Decimals in plain digits ("1E+2" is for nobody), days as ISO."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, dt.date) else value


def _field_out(item: FieldValue) -> dict[str, Any]:
    told = {"value": _plain(item.value), "source": item.source.value, "confidence": item.confidence}
    return told | {"place": list(dataclasses.astuple(item.place))} if item.place else told


def _field_in(name: str, item: Mapping[str, Any]) -> FieldValue:
    value: Value = item["value"]
    if name in _MONEY:
        value = Decimal(item["value"])
    elif name == "issue_date":
        value = dt.date.fromisoformat(item["value"])
    return FieldValue(value, Source(item["source"]), float(item["confidence"]), _place_in(item.get("place")))


def _place_in(given: Any) -> Place | None:
    """[page, x0, y0, x1, y1]; readings of older days have none."""
    if not given:
        return None
    page, *box = given
    return Place(int(page), *map(float, box))


def _line_out(line: Line) -> dict[str, Any]:
    return {field.name: _plain(getattr(line, field.name)) for field in dataclasses.fields(line)}


def _line_in(data: Mapping[str, Any]) -> Line:
    figures = {name: Decimal(data[name]) if data[name] is not None else None for name in _FIGURES}
    return Line(**{**data, **figures})


def _finding_out(finding: Finding) -> dict[str, Any]:
    given = finding.message.params.items()
    params = {name: value if isinstance(value, int | float) else str(value) for name, value in given}
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "field": finding.field,
        "message": {"text": finding.message.text, "params": params},
        "suggestion": finding.suggestion,
    }


def _finding_in(data: Mapping[str, Any]) -> Finding:
    message = Message(data["message"]["text"], data["message"]["params"])
    return Finding(data["code"], Severity(data["severity"]), data["field"], message, data["suggestion"])
