"""How the API says what was read from a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

from helpdesk.common.http import say
from helpdesk.common.messages import Message
from tickets.invoices import reading_json
from tickets.invoices.logs import Kind, LogReading
from tickets.invoices.model import Finding, Reading


class FindingSerializer(serializers.Serializer[Any]):
    """What a rule has to say about one field; `suggestion` is never applied by itself."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(["error", "warning", "info"])
    field = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField()


class FactSerializer(serializers.Serializer[Any]):
    """One known thing in a log. `line` counts from 1; `sample` is that line, masked; `article` the slug that helps."""

    kind = serializers.ChoiceField([kind.value for kind in Kind])
    code = serializers.CharField()
    line = serializers.IntegerField()
    count = serializers.IntegerField(help_text="lines that hold it")
    sample = serializers.CharField()
    sign = serializers.CharField(help_text="kind of trouble; empty for endpoints and times")
    text = serializers.CharField()
    member = serializers.CharField(help_text="file inside an archive")
    article = serializers.CharField()


class LogSerializer(serializers.Serializer[Any]):
    """What the text logs of a file say."""

    lines = serializers.IntegerField()
    bytes = serializers.IntegerField()
    cut = serializers.IntegerField(help_text="lines whose rest was not read")
    damaged = serializers.IntegerField(help_text="characters that don't fit the encoding")
    encoding = serializers.CharField()
    facts = FactSerializer(many=True)


class ReadingSerializer(serializers.Serializer[Any]):
    """`fields` holds plain values, `sources` and `confidence` where each came from and how far to trust it (0–1)."""

    carrier = serializers.CharField()
    is_invoice = serializers.BooleanField()
    kind = serializers.CharField(help_text="fplx code, empty when unknown")
    fields = serializers.DictField()  # type: ignore[assignment]
    sources = serializers.DictField()
    confidence = serializers.DictField()
    places = serializers.DictField(
        help_text="where a field stands, when known: page, and x0, y0, x1, y1 in parts of its width and height"
    )
    lines = serializers.ListField(child=serializers.DictField())
    findings = FindingSerializer(many=True)
    log = LogSerializer(allow_null=True)
    others = serializers.ListField(child=serializers.DictField(), help_text="further invoices in the same file")


def log_out(log: LogReading | None) -> dict[str, Any] | None:
    """A log in the caller's language."""
    if log is None:
        return None
    plain = reading_json.log_out(log)
    facts = [
        {**fact, "sign": fact["sign"] or "", "text": say(Message(fact["text"])) if fact["text"] else ""}
        for fact in plain["facts"]
    ]
    return {**{name: plain[name] for name in ("lines", "bytes", "cut", "damaged", "encoding")}, "facts": facts}


def findings_out(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """Findings in the caller's language."""
    return [
        {
            "code": f.code,
            "severity": f.severity.value,
            "field": f.field,
            "message": say(f.message),
            "suggestion": f.suggestion,
        }
        for f in findings
    ]


def reading_out(reading: Reading | Mapping[str, Any]) -> dict[str, Any]:
    """A reading, fresh or as stored."""
    fresh = reading if isinstance(reading, Reading) else reading_json.from_json(reading)
    plain = reading_json.as_json(fresh)
    fields = plain["fields"]
    return {
        "carrier": plain["carrier"],
        "is_invoice": plain["is_invoice"],
        "kind": plain["kind"],
        "fields": {name: item["value"] for name, item in fields.items()},
        "sources": {name: item["source"] for name, item in fields.items()},
        "confidence": {name: item["confidence"] for name, item in fields.items()},
        "places": {n: dataclasses.asdict(item.place) for n, item in fresh.fields.items() if item.place},
        "lines": plain["lines"],
        "findings": findings_out(fresh.findings),
        "log": log_out(fresh.log),
        "others": [reading_out(other) for other in fresh.others],
    }
