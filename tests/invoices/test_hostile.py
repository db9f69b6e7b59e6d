"""Damaged and hostile bytes of every carrier: a reading or a refusal, never another error."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.invoices_factory import (
    einvoice_xml,
    legacy_xml,
    leqi_json,
    list_csv,
    list_xlsx,
    make,
    ofd,
    pdf,
    photo,
    upload_log,
    xbrl,
    zip_of,
)
from tickets.invoices.gate import admit
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.read import read
from tickets.invoices.reading_json import as_json, from_json

NOW = dt.datetime(2026, 11, 24, tzinfo=dt.UTC)
DIGITAL, LEGACY = make("82", seed=1), make("10", seed=1)
FILES = {
    "XML": einvoice_xml(DIGITAL),
    "XML of 税控": legacy_xml(LEGACY),
    "XBRL": xbrl(LEGACY),
    "XML in GBK": einvoice_xml(DIGITAL, dialect="chinese", encoding="GBK"),
    "OFD": ofd(DIGITAL),
    "OFD of tags": ofd(LEGACY, parts=("tags", "custom")),
    "PDF": pdf(DIGITAL),
    "PDF with XML": pdf(DIGITAL, attached=einvoice_xml(DIGITAL)),
    "JPEG": photo(DIGITAL),
    "PNG": photo(DIGITAL, kind="PNG"),
    "WebP": photo(DIGITAL, kind="WEBP"),
    "GIF": photo(DIGITAL, kind="GIF"),
    "ZIP": zip_of({"发票.xml": einvoice_xml(DIGITAL), "b.ofd": ofd(LEGACY, parts=("tags",))}, utf8=False),
    "XLSX": list_xlsx([DIGITAL]),
    "CSV": list_csv([DIGITAL]),
    "JSON": leqi_json([DIGITAL]),
    "log": upload_log([DIGITAL]),
}
HEADS = (b"", b"%PDF-1.7\n", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"<?xml version='1.0'?>", b"GIF89a")
LIMITS = Limits(pixels=4_000_000, unpacked=8_000_000)
SPLINTERS = (
    b"\0", b"\xff" * 8, b"\x80\0\0\0", b"<a>", b"</", b"]]>", b"&#0;", b"<!DOCTYPE x>", b"PK\x01\x02", b"PK\x05\x06", b"%%EOF",
    b"endobj", b"/Length 99999999", b"-1", b"9" * 40, b"1e999", "１２".encode(), "年".encode("gb18030"), b"NaN",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, data: bytes) -> bytes:
    """Cut short, with bytes overwritten, left out, put in, or repeated."""
    for _ in range(draw(st.integers(1, 6))):
        place = draw(st.integers(0, max(0, len(data) - 1)))
        match draw(st.sampled_from(["cut", "write", "drop", "put", "repeat"])):
            case "cut":
                data = data[:place] if draw(st.booleans()) else data[place:]
            case "write":
                splinter = draw(st.binary(min_size=1, max_size=8))
                data = data[:place] + splinter + data[place + len(splinter) :]
            case "drop":
                data = data[:place] + data[place + draw(st.integers(1, 200)) :]
            case "put":
                data = data[:place] + draw(st.sampled_from(SPLINTERS)) + data[place:]
            case _:
                end = place + draw(st.integers(1, 200))
                data = data[:end] + data[place:end] * draw(st.integers(1, 5)) + data[end:]
    return data


def read_or_refused(content: bytes, name: str = "发票") -> None:
    with suppress(Refused):
        reading = read(content, name=name, now=NOW, limits=LIMITS)
        assert from_json(as_json(reading)) == reading
    with suppress(Refused):
        admit(content, name=name, limits=LIMITS)


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=10_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_damage_is_read_or_refused(name: str, data: st.DataObject) -> None:
    read_or_refused(data.draw(damaged(FILES[name])))


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("name", ["OFD", "OFD of tags", "XLSX"])
@settings(max_examples=60, deadline=10_000, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=st.data())
def test_damage_inside_a_whole_container_is_read_or_refused(name: str, data: st.DataObject) -> None:
    inside = members(FILES[name])
    chosen = data.draw(st.sampled_from(sorted(inside)))
    read_or_refused(zip_of(inside | {chosen: data.draw(damaged(inside[chosen]))}))


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_is_read_or_refused(name: str) -> None:
    content = FILES[name]
    for end in range(0, len(content), max(1, len(content) // 40)):
        read_or_refused(content[:end])


@settings(deadline=10_000)
@given(st.binary(max_size=400), st.sampled_from(["", "a.xml", "a.ofd", "a.pdf", "a.png", "a.csv", "a.zip"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    for head in HEADS:
        read_or_refused(head + content, name)
