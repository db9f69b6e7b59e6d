"""Packages of strangers: a clear refusal or a report, never an exception, in bounded time and memory."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.architecture.source import ROOT
from tests.invoices_factory import einvoice_xml, make, text_pdf, zip_of
from tests.invoices_factory.packages import FAULTS, NOW, PLAIN, as_json, package
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.packages.check import check
from tickets.invoices.packages.contract import Report


def checked(data: bytes, name: str = "package.json", **more: Any) -> Report:
    return check(data, name=name, now=NOW, **more)


def refusal(data: bytes, name: str = "package.json", **more: Any) -> str:
    with pytest.raises(Refused) as refused:
        checked(data, name, **more)
    assert str(refused.value.message)
    return refused.value.code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"[" * 200_000, "json.depth"),
        (b'[{"a":' * 200_000, "json.depth"),
        (b'[{"fphm":"1"}', "json.broken"),
        (b'[{"fphm":"1"} {"fphm":"2"}]', "json.broken"),
        (b'[{"fphm":"1"}] x', "json.broken"),
        (b'[{"fphm":"1",}]', "json.broken"),
        (b"[{'fphm':'1'}]", "json.broken"),
        (b'[{"fphm":"1"},]', "json.broken"),
        (b"[] []", "json.broken"),
        (b'[{"kpr":"\x07"}]', "type.unknown"),
        (b'[{"kpr":"' + b"x" * 4_100_000 + b'"}]', "json.item"),
        (b'[{"fpmxList":[' + b"{}," * 1_500_000 + b"{}]}]", "json.item"),
    ],
)  # fmt: skip
def test_json_that_is_none_is_refused(data: bytes, code: str) -> None:
    assert refusal(data) == code


def test_the_place_of_damage_is_named() -> None:
    with pytest.raises(Refused) as refused:
        checked(b'[\n{"fphm":"1"},\n{"fphm":2x}]')
    assert str(refused.value.message) == "This JSON is damaged at line 3, column 10."


def test_a_file_past_the_limit_is_refused() -> None:
    assert refusal(as_json(package(1)), limits=Limits(max_bytes=100)) == "file.too_large"


@pytest.mark.parametrize(
    ("data", "name", "profile", "code"),
    [
        (text_pdf(["x"]), "a.pdf", "", "package.unknown"),
        (b"a,b,c\n1,2,3\n1,2,3\n", "a.csv", "", "package.unknown"),
        (b"<Invoices/>", "a.xml", "", "package.none"),
        (einvoice_xml(make(), dialect="pinyin"), "a.xml", "", "package.none"),
        (zip_of({"a.txt": b"hello"}), "a.zip", "", "package.none"),
        (as_json(package(1)), "a.json", "einvoice-xml", "package.profile"),
        (einvoice_xml(make()), "a.xml", "leqi-json", "package.profile"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "a.xml", "", "xml.entity"),
        (b"<x>" * 100 + b"</x>" * 100, "a.xml", "", "xml.depth"),
        (zip_of({"a.xml": b" " * 60_000_000}), "a.zip", "", "zip.bomb"),
        (zip_of({"../a.xml": einvoice_xml(make())}), "a.zip", "", "zip.path"),
    ],
)
def test_what_is_no_package_is_refused(data: bytes, name: str, profile: str, code: str) -> None:
    assert refusal(data, name, profile=profile) == code


def test_all_files_of_an_archive_share_one_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.invoices.packages.einvoice.NODES", 1000)
    one = b"<x>" + b"<y/>" * 400 + b"</x>"
    assert refusal(zip_of({f"{n}.xml": one for n in range(2)}), "a.zip") == "package.none"
    assert refusal(zip_of({f"{n}.xml": one for n in range(3)}), "a.zip") == "xml.depth"


def test_json_without_its_name_is_recognised() -> None:
    assert checked(as_json(package(1)), "upload.txt").profile == "leqi-json"
    assert checked(as_json(package(1)), "").profile == "leqi-json"
    assert refusal(b"what is this", "notes.txt") == "json.broken"


@pytest.mark.parametrize(
    ("data", "codes"),
    [
        (b"[]", ["package.empty"]),
        (b"[ ]\n", ["package.empty"]),
        (b'[{}, 1, "x", null, [], NaN]', ["field.missing", "lines.missing", "invoice.type"]),
        (b'["x"]', ["invoice.type"]),
    ],
)
def test_what_is_no_invoice_is_a_finding(data: bytes, codes: list[str]) -> None:
    assert list(dict.fromkeys(finding.code for finding in checked(data).all())) == codes


def test_an_invoice_without_its_array_is_checked_and_told() -> None:
    report = checked(as_json(package(1)[PLAIN]))
    assert [finding.code for finding in report.all()] == ["package.array"]
    assert len(report.invoices) == 1


def test_only_a_hundred_invoices_are_checked() -> None:
    report = checked(as_json(package(1, more=96)))
    assert len(report.invoices) == 100
    assert [finding.code for finding in report.all()] == ["package.too_many"]
    assert len(checked(as_json(package(1, more=95))).invoices) == 100
    many = checked(einvoice_xml(*(make(seed=n) for n in range(101))), "a.xml")
    assert (len(many.invoices), [finding.code for finding in many.findings]) == (100, ["package.too_many"])


def test_names_that_stand_twice_are_told() -> None:
    text = as_json(package(1)).decode()
    text = text.replace('"kpr"', '"kpr": "x", "kpr"', 1).replace('"dw"', '"dw": "x", "dw"', 1)
    told = [(finding.code, finding.field, str(finding.message)) for finding in checked(text.encode()).all()]
    assert told == [
        ("field.twice", "[0]", "“kpr” stands in it more than once; the last one counts."),
        ("field.twice", "[0].fpmxList[0]", "“dw” stands in it more than once; the last one counts."),
    ]


@pytest.mark.parametrize("value", ["9" * 5000, "1e999999999", "-1E-999999", "NaN", "-Infinity", "1" + "0" * 400])
def test_no_huge_number_is_ever_computed(value: str) -> None:
    text = as_json(package(1)).decode()
    start = time.process_time()
    report = checked(text.replace('"hjje": "', f'"hjje": {value}, "x": "', 1).encode())
    assert time.process_time() - start < 2
    assert [(f.code, f.field) for f in report.all()] in (
        [("field.form", "[0].hjje")], [("field.type", "[0].hjje")],
    )  # fmt: skip


def test_digits_of_a_bare_number_are_not_lost() -> None:
    entries = package(1)
    number = entries[PLAIN]["fphm"]
    text = as_json(entries).decode().replace(f'"{number}"', number, 1)
    report = checked(text.encode())
    assert [(f.code, f.field, f.suggestion) for f in report.all()] == [("field.quotes", "[0].fphm", f'"{number}"')]
    assert report.invoices[0].number == number


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_broken_values_give_findings_and_never_an_exception(data: st.DataObject) -> None:
    entries = package(1)
    entry = entries[data.draw(st.integers(0, 4))]
    target = data.draw(st.sampled_from([entry, entry["fpmxList"][0]]))
    name = data.draw(st.sampled_from(sorted(target)))
    target[name] = data.draw(JUNK)
    report = checked(json.dumps(entries).encode())
    for finding in report.all():
        assert str(finding.message)
        json.dumps([finding.suggestion, str(finding.message)], ensure_ascii=False).encode()


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.integers(0, 3000), st.sampled_from(["json", "xml", "zip"]))
def test_damaged_files_are_refused_or_checked(noise: bytes, at: int, kind: str) -> None:
    whole = {"json": as_json(package(1)), "xml": einvoice_xml(make()), "zip": zip_of({"a.xml": einvoice_xml(make())})}
    data = whole[kind]
    with contextlib.suppress(Refused):
        checked(data[:at] + noise + data[at + len(noise) :], f"a.{kind}")


def test_lines_that_are_none_are_findings() -> None:
    entries = package(1)
    entries[PLAIN]["fpmxList"] = [1, None, entries[PLAIN]["fpmxList"][0]]
    told = [(finding.code, finding.field) for finding in checked(as_json(entries)).all()]
    assert told == [("field.type", "[0].fpmxList[0]"), ("field.type", "[0].fpmxList[1]")]
    entries[PLAIN]["fpmxList"] = {"mxxh": 1}
    assert [(finding.code, finding.field) for finding in checked(as_json(entries)).all()] == [
        ("lines.missing", "[0].fpmxList")
    ]


def test_past_a_bound_lines_stay_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.invoices.packages.check.MOST_LINES", 8)
    report = checked(as_json(package(1)[:3]))
    assert [(f.code, f.field) for f in report.all()] == [("lines.unread", "[2].fpmxList")]
    assert report.lines == 10


def test_past_a_number_of_wrong_cells_lines_stay_unread() -> None:
    entry = package(1)[PLAIN]
    entry["fpmxList"] = [{}] * 500
    codes = {finding.code for finding in checked(as_json([entry])).all()}
    assert codes == {"field.missing", "lines.unread"}
    entry["fpmxList"] = [{}] * 91
    assert "lines.unread" not in {finding.code for finding in checked(as_json([entry])).all()}


def test_bytes_of_no_encoding_far_behind_the_start_are_told() -> None:
    entries = package(1)
    entries[4] |= {"kpr": "x?x"}
    data = as_json(entries).decode().replace("[", "[" + " " * 70_000, 1).encode().replace(b"x?x", b"x\xffx")
    assert [(f.code, f.field) for f in checked(data).all()] == [("field.charset", "[4].kpr")]


def test_messages_hold_little_of_a_long_value() -> None:
    entries = package(1)
    entries[PLAIN] |= {"jshj": "1" * 100_000, "gmfmc": "\ud800" * 290, "lzfpbz": "\x7f" * 5}
    for finding in checked(json.dumps(entries).encode()).all():
        assert len(str(finding.message)) < 200
        str(finding.message).encode()


def numbered(text: str, number: str, count: int) -> list[str]:
    """The same invoice under as many numbers."""
    return [text.replace(number, f"{number[:13]}{n:06d}1") for n in range(count)]


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_a_hundred_invoices_of_a_hundred_lines(kind: str) -> None:
    if kind == "json":
        entry = package(1, lines=100)[PLAIN]
        data = f"[{','.join(numbered(json.dumps(entry), entry['fphm'], 100))}]"
    else:
        invoice = make("82", 1, lines=100, issue_date=NOW.date())
        text = einvoice_xml(invoice).decode().partition("?>")[2]
        data = f"<EInvoices>{''.join(numbered(text, invoice.number, 100))}</EInvoices>"
    report = checked(data.encode(), f"a.{kind}")
    assert (report.sound, report.lines) == (100, 10_000)


MEASURE = """
import resource, sys, time
from tests.invoices_factory.packages import NOW, as_json, package
from tickets.invoices.limits import Refused
from tickets.invoices.packages.check import check
data = {cases}[sys.argv[1]]()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
try:
    check(data, name="package.json", now=NOW)
except Refused:
    pass
print(time.process_time() - start, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""
FIFTY = {
    "one long list": "lambda: b'[{\"x\":\"\\xf0\\x9f\\x98\\x80\",\"y\":[' + b'0,' * (25 << 20) + b'0]}]'",
    "lines of nothing": "lambda: b'[' + (b'{\"fpmxList\":[' + b'{},' * 160_000 + b'{}]},') * 99 + b'{}]'",
    "sound": "lambda: as_json(package(1, lines=100, more=95)) + b' ' * (45 << 20)",
}


@pytest.mark.parametrize("case", FIFTY)
def test_fifty_megabytes_take_bounded_time_and_memory(case: str) -> None:
    cases = "{" + ", ".join(f"{name!r}: {code}" for name, code in FIFTY.items()) + "}"
    program = MEASURE.replace("{cases}", cases)
    run = subprocess.run([sys.executable, "-c", program, case], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert run.returncode == 0, run.stderr
    seconds, megabytes = map(float, run.stdout.split())
    assert seconds < 10
    assert megabytes < 500


def test_every_fault_survives_the_way_through_bytes() -> None:
    for fault, code, _path in FAULTS.values():
        entries = package(2)
        fault(entries)
        assert code in {finding.code for finding in checked(json.dumps(entries).encode()).all()}
