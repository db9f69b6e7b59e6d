"""What was read from a file, field by field, as a person compares it with the paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, gettext_lazy

from tickets.evidence.models import Evidence
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import FieldValue, Reading, Source
from tickets.invoices.reading_json import from_json
from tickets.vocabulary import FIELD_LABELS

CERTAIN, DOUBTFUL = 0.9, 0.6  # confidence from which a value is certain, and below which a person looks twice
SOURCES = {
    Source.XML: gettext_lazy("data file"),
    Source.LEGACY_XML: gettext_lazy("data file"),
    Source.XBRL: gettext_lazy("data file"),
    Source.OFD_TAGS: gettext_lazy("tags of the OFD file"),
    Source.OFD_DATA: gettext_lazy("data of the OFD file"),
    Source.OFD_TEXT: gettext_lazy("printed text"),
    Source.PDF_TEXT: gettext_lazy("printed text"),
    Source.QR: gettext_lazy("QR code"),
    Source.OCR: gettext_lazy("letters in the picture"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One field of one invoice in a file, in words: what it says, where from, how sure, and if its place is known."""

    name: str
    label: Any
    value: Any
    source: Any
    sureness: Any
    is_doubtful: bool
    has_place: bool


def facts(evidence: Evidence) -> list[list[Fact]]:
    """The fields of each invoice in a file."""
    return [list(_facts(reading)) for reading in _readings(evidence)]


def place_of(evidence: Evidence, name: str, nth: int) -> FieldValue | None:
    """The field `name` of the nth invoice (from 0) when it is known where it stands."""
    readings = _readings(evidence)
    found = readings[nth].fields.get(name) if 0 <= nth < len(readings) else None
    return found if found and found.place else None


def sureness(value: FieldValue) -> Any:
    """How far a value is to be trusted, in a word."""
    if value.confidence >= CERTAIN:
        return gettext("certain")
    return gettext("probable") if value.confidence >= DOUBTFUL else gettext("please compare")


def _readings(evidence: Evidence) -> list[Reading]:
    if not evidence.reading or not evidence.reading.get("is_invoice"):
        return []
    reading = from_json(evidence.reading)
    return [reading, *reading.others]


def _facts(reading: Reading) -> Iterator[Fact]:
    for name, found in reading.fields.items():
        if name not in FIELD_LABELS:
            continue
        value: Any = found.value
        if name == "kind" and value in KINDS:
            value = gettext(KINDS[value].name)
        yield Fact(
            name, FIELD_LABELS[name], value, SOURCES[found.source], sureness(found),
            found.confidence < DOUBTFUL, found.place is not None,
        )  # fmt: skip
