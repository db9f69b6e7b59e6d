"""The upload rules: a sound package has no finding, each rule broken once gives exactly its own."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.invoices_factory.packages import BEIJING, FAULTS, MARGIN, NOW, PLAIN, Entry, as_json, package, settled
from tickets.invoices.model import Severity
from tickets.invoices.packages import PROFILES
from tickets.invoices.packages.check import check
from tickets.invoices.packages.contract import Batch, Bill, PackageFinding, Report
from tickets.invoices.packages.rules.clocks import closes_at
from tickets.invoices.packages.rules.package import TOLD


def checked(entries: object, now: dt.datetime = NOW) -> Report:
    return check(json.dumps(entries).encode(), name="package.json", now=now)


def found(entries: object, now: dt.datetime = NOW) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in checked(entries, now).all()]


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(1, 8), st.integers(0, 3 * 365 * 86_400))
def test_a_sound_package_has_no_finding(seed: int, lines: int, seconds: int) -> None:
    now = dt.datetime(2025, 1, 1, tzinfo=BEIJING) + dt.timedelta(seconds=seconds)
    assert found(package(seed, now=now, lines=lines, more=2), now) == []


@pytest.mark.parametrize("seed", [3, 71])
@pytest.mark.parametrize("label", FAULTS)
def test_each_fault_gives_exactly_its_finding(label: str, seed: int) -> None:
    fault, code, path = FAULTS[label]
    entries = package(seed)
    fault(entries)
    assert found(entries) == [(code, path)]


def test_every_rule_of_the_upload_is_broken_by_a_fault() -> None:
    broken = {code for _fault, code, _path in FAULTS.values()} | {"field.twice"}  # JSON alone can say a name twice
    assert {rule.code for rule in PROFILES["leqi-json"].rules} == broken


@pytest.mark.parametrize("profile", PROFILES.values(), ids=PROFILES)
def test_a_rule_says_what_where_and_by_which_source(profile: Any) -> None:
    codes = [rule.code for rule in (*profile.rules, *TOLD)]
    assert len(codes) == len(set(codes))
    for rule in profile.rules:
        assert rule.text[0].isupper() or rule.text.startswith(("%(", "“"))
        assert rule.basis.text
        assert rule.basis.reviewed <= dt.date(2026, 11, 24)


def test_what_the_reader_tells_is_no_check_of_an_invoice() -> None:
    assert [hit for rule in TOLD for hit in rule.check(Bill(0), Batch(NOW))] == []


def test_a_finding_has_its_place_for_programs_and_for_people() -> None:
    entries = package(1, lines=9, more=2)
    entries[5]["fpmxList"][7]["spfwjc"] = ""
    (finding,) = checked(entries).all()
    assert finding.field == "[5].fpmxList[7].spfwjc"
    assert (finding.invoice, finding.line, str(finding.place)) == (6, 8, "invoice 6, line 8")
    assert str(finding.message) == "Short name of the category is required and missing."


def test_lines_under_another_name_keep_it_in_the_path() -> None:
    entries = package(1)
    entries[0]["mxxx"] = entries[0].pop("fpmxList")
    entries[0]["mxxx"][1]["mxxh"] = 0
    assert found(entries) == [("line.order", "[0].mxxx[1].mxxh")]


def only(entries: object) -> PackageFinding:
    (finding,) = checked(entries).all()
    return finding


@pytest.mark.parametrize(
    ("label", "suggestion"),
    [
        ("amount with commas", "1234.50"),
        ("rate in percent", "0.13"),
        ("letter O", "26117000000000012341"),
        ("lower-case tax number", "91110108MA01ABCD5T"),
        ("person without the mark", "示例（个人）"),
        ("check character", ""),
        ("19 digits", ""),
        ("no such day", ""),
        ("exponent", ""),
    ],
)
def test_a_suggestion_is_shown_where_one_is_sure(label: str, suggestion: str) -> None:
    entries = package(3)
    FAULTS[label][0](entries)
    assert only(entries).suggestion == suggestion


@pytest.mark.parametrize(
    ("name", "raw", "suggestion"),
    [
        ("jshj", "￥1,234.50", "1234.50"),
        ("kprq", "２０２６-11-24 09:30:00", "2026-11-24 09:30:00"),
        ("fphm", " 26117000000000012341 ", ""),
        ("fphm", "２6117000000000012341", "26117000000000012341"),
    ],
)
def test_what_was_meant(name: str, raw: str, suggestion: str) -> None:
    entries = package(3)
    entries[PLAIN][name] = raw
    assert only(entries).suggestion == suggestion


def test_a_line_says_what_was_meant() -> None:
    entries = package(3)
    entries[PLAIN]["fpmxList"][0] |= {"slv": "13"}
    assert [f.suggestion for f in checked(entries).all()] == ["0.13"]
    entries[PLAIN]["fpmxList"][0] |= {"slv": "77"}
    assert [(f.code, f.suggestion) for f in checked(entries).all()] == [("line.rate", "")]
    entries[PLAIN]["fpmxList"][0] |= {"slv": "0.13", "mxxh": "１"}
    assert ("field.form", "1") in [(f.code, f.suggestion) for f in checked(entries).all()]


# Arithmetic, against a slow oracle in fractions

CENTS = st.integers(-9, 9)


def _close(left: Fraction, right: Fraction, tolerance: str) -> bool:
    return abs(left - right) <= Fraction(tolerance)


def oracle(entry: Entry) -> set[tuple[str, str]]:
    """What the arithmetic rules must say of the first invoice, reckoned without Decimal and one rule at a time."""
    head = {name: Fraction(entry[name]) for name in ("hjje", "hjse", "jshj")}
    lines = [{n: Fraction(line[n]) for n in ("sl", "dj", "je", "slv", "se", "hsje")} for line in entry["fpmxList"]]
    told = set()
    if head["hjje"] + head["hjse"] != head["jshj"]:
        told.add(("amount.sum", "[0].jshj"))
    if not _close(sum((line["je"] for line in lines), Fraction(0)), head["hjje"], "0.01"):
        told.add(("lines.amount", "[0].hjje"))
    if not _close(sum((line["se"] for line in lines), Fraction(0)), head["hjse"], "0.01"):
        told.add(("lines.tax", "[0].hjse"))
    exact = [line["je"] * line["slv"] for line in lines]
    wrong = [not _close(due, line["se"], "0.06") for due, line in zip(exact, lines, strict=True)]
    if not any(wrong) and not _close(sum(exact, Fraction(0)), sum((li["se"] for li in lines), Fraction(0)), "1.27"):
        told.add(("lines.rounding", "[0].hjse"))
    for at, line in enumerate(lines):
        told |= {("line.tax", f"[0].fpmxList[{at}].se")} if wrong[at] else set()
        if not _close(line["sl"] * line["dj"], line["je"], "0.01"):
            told.add(("line.price", f"[0].fpmxList[{at}].je"))
        if not _close(line["je"] + line["se"], line["hsje"], "0.01"):
            told.add(("line.gross", f"[0].fpmxList[{at}].hsje"))
    return told


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 30), st.data())
def test_arithmetic_agrees_with_a_slow_oracle(seed: int, lines: int, data: st.DataObject) -> None:
    entry = package(seed, lines=lines)[PLAIN]
    for line in entry["fpmxList"]:
        for name in ("se", "je", "hsje"):
            line[name] = str(Decimal(line[name]) + Decimal(data.draw(CENTS)) / 100)
    entry = settled(entry)
    for name in ("hjje", "hjse", "jshj"):
        entry[name] = str(Decimal(entry[name]) + Decimal(data.draw(st.integers(-2, 2))) / 100)
    assert set(found([entry])) == oracle(entry)


@pytest.mark.parametrize(("off", "is_wrong"), [("0.06", False), ("0.07", True), ("-0.06", False), ("-0.07", True)])
def test_the_tax_of_a_line_may_be_six_cents_off(off: str, is_wrong: bool) -> None:
    entry = package(2, lines=1)[PLAIN]
    line = entry["fpmxList"][0] | {"sl": "1", "dj": "100.00", "je": "100.00", "slv": "0.06"}
    tax = Decimal("6.00") + Decimal(off)
    entry["fpmxList"] = [line | {"se": str(tax), "hsje": str(100 + tax)}]
    assert [code for code, _path in found([settled(entry)])] == (["line.tax"] if is_wrong else [])


@pytest.mark.parametrize(("count", "is_wrong"), [(25, False), (26, True)])
def test_all_lines_together_may_be_one_yuan_twenty_seven_off(count: int, is_wrong: bool) -> None:
    entry = package(2, lines=1)[PLAIN]
    line = entry["fpmxList"][0] | {"sl": "1", "dj": "100.00", "je": "100.00", "slv": "0.06", "se": "6.05"}
    entry["fpmxList"] = [line | {"mxxh": n, "hsje": "106.05"} for n in range(1, count + 1)]
    assert [code for code, _path in found([settled(entry)])] == (["lines.rounding"] if is_wrong else [])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(-12, 12))
def test_the_margin_agrees_with_a_slow_oracle(seed: int, cents: int) -> None:
    entry = package(seed)[MARGIN]
    line = entry["fpmxList"][0]
    line["se"] = str(Decimal(line["se"]) + Decimal(cents) / 100)
    line |= {"je": str(Decimal(line["hsje"]) - Decimal(line["se"]))}
    line["dj"] = line["je"]
    gross, tax, rate, cut = (Fraction(line[name]) for name in ("hsje", "se", "slv", "kce"))
    right = _close((gross - cut) / (1 + rate) * rate, tax, "0.06")
    assert [code for code, _path in found([settled(entry)])] == ([] if right else ["margin.tax"])


# Clocks


@pytest.mark.parametrize(
    ("issued", "now", "code"),
    [
        ((2026, 11, 22, 12, 0, 1), (2026, 11, 24, 12), None),
        ((2026, 11, 22, 12), (2026, 11, 24, 12), "date.late"),
        ((2026, 10, 31, 23), (2026, 11, 2, 22), None),
        ((2026, 10, 31, 23), (2026, 11, 12, 23), "date.late"),
        ((2026, 10, 31, 23), (2026, 11, 13), "month.closed"),
        ((2026, 12, 31, 23), (2027, 1, 2, 22), None),
        ((2026, 12, 31, 23), (2027, 1, 13), "month.closed"),
        ((2026, 11, 24, 12, 5), (2026, 11, 24, 12), None),
        ((2026, 11, 24, 12, 5, 1), (2026, 11, 24, 12), "date.future"),
    ],
)
def test_the_clocks_turn_at_their_second(issued: tuple[int, ...], now: tuple[int, ...], code: str | None) -> None:
    entry = package(1)[PLAIN]
    entry["kprq"] = f"{dt.datetime(*issued, tzinfo=BEIJING):%Y-%m-%d %H:%M:%S}"
    moment = dt.datetime(*now, tzinfo=BEIJING)
    told = [(code, "[0].kprq")] if code else []
    assert found([entry], moment) == told
    assert found([entry], moment.astimezone(dt.UTC)) == told


def test_a_month_closes_on_the_thirteenth_of_the_next() -> None:
    assert closes_at(dt.datetime(2026, 12, 31, 15, 59, tzinfo=dt.UTC)).isoformat() == "2027-01-13T00:00:00+08:00"
    assert closes_at(dt.datetime(2026, 12, 31, 16, 0, tzinfo=dt.UTC)).isoformat() == "2027-02-13T00:00:00+08:00"


# Reports


def test_counts_hold_all_findings_and_the_list_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tickets.invoices.packages.check.MOST_FINDINGS", 20)
    report = checked([{**entry, "fpmxList": [{}] * 3} for entry in package(1)])
    assert len(list(report.all())) == 20
    assert sum(report.counts.values()) == 20 + report.left_out
    assert report.lines == 15
    assert report.sound == 0


def test_a_report_names_its_rules_and_its_moment() -> None:
    report = checked(package(1))
    assert (report.version, report.reviewed, report.checked_at) == ("2026.11", dt.date(2026, 11, 24), NOW)
    assert report.counts == {Severity.ERROR: 0, Severity.WARNING: 0, Severity.INFO: 0}
    assert report.sound == len(report.invoices) == 5
    assert [one.number for one in report.invoices] == [entry["fphm"] for entry in package(1)]


def test_discounts_at_the_edges() -> None:
    entries = package(1)
    first = entries[PLAIN]["fpmxList"][0]
    entries[PLAIN]["fpmxList"] = [first | {"fphxz": "01", "ggxh": "", "dw": "", "sl": "", "dj": ""}]
    told = [code for code, _path in found([settled(entries[PLAIN])])]
    assert told == ["discount.parent", "blue.sign"]
    entries = package(1)
    for line in entries[PLAIN]["fpmxList"]:
        line["fphxz"] = "02"
    assert found(entries) == [("discount.child", f"[0].fpmxList[{n}].fphxz") for n in range(3)]


def test_signs_of_lines_are_told_when_the_totals_are_right() -> None:
    entry = package(1)[PLAIN]
    line = entry["fpmxList"][0]
    line |= {name: f"-{line[name]}" for name in ("je", "se", "hsje", "sl")}
    entry["fpmxList"][1] |= {"je": "9999999.99", "se": "999999.99"}
    codes = [code for code, path in found([settled(entry)]) if path == "[0].fpmxList[0].je"]
    assert codes == ["blue.sign"]
    entry = settled(package(1)[PLAIN])
    entry |= {"hjse": f"-{entry['hjse']}"}
    assert ("blue.sign", "[0].hjse") in found([entry])


def test_what_is_missing_silences_what_follows_from_it() -> None:
    entry = package(1)[PLAIN]
    for name in ("hjje", "hjse", "jshj", "fphm", "kprq", "lzfpbz"):
        entry[name] = ""
    for line in entry["fpmxList"]:
        for name in ("mxxh", "je", "se", "slv", "hsje", "hwhyslwfwmc", "sphfwssflhbbm", "fphxz"):
            line[name] = ""
    assert {code for code, _path in found([entry])} == {"field.missing"}


def test_encodings() -> None:
    data = package(1)
    for encoding, told in (("utf-8", []), ("utf-8-sig", ["package.encoding"]), ("gb18030", ["package.encoding"])):
        report = check(as_json(data, encoding), name="package.json", now=NOW)
        assert [finding.code for finding in report.all()] == told
        assert report.sound == 5
