"""How the API says what was read from a file."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

from rest_framework import serializers

from helpdesk.common.http import say
from tickets.invoices import reading_json
from tickets.invoices.model import Finding, Reading


class FindingSerializer(serializers.Serializer[Any]):
    """What a rule has to say about one field; `suggestion` is never applied by itself."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(["error", "warning", "info"])
    field = serializers.CharField()
    message = serializers.CharField()
    suggestion = serializers.CharField()


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
    others = serializers.ListField(child=serializers.DictField(), help_text="further invoices in the same file")


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
        "others": [reading_out(other) for other in fresh.others],
    }
