"""What a log says: codes, phrases, times and endpoints at their lines, in every encoding and out of every wrapping."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.content import FOLDER
from tickets.invoices.gate import admit
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.logs import MAX_LINE, Kind, main_code, read, traces
from tickets.invoices.logs.catalogue import ARTICLES, BY_CODE, PHRASES, status
from tickets.invoices.logs.lines import Tally, blocks
from tickets.invoices.read import read as read_file
from tickets.invoices.reading_json import as_json, from_json

NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
LOG = """2026-11-20 09:59:58 start
2026-11-20 10:00:00 POST https://dppt.example.cn:8443/api/upload/20261120 status=502
2026/11/20 10:00:05 code 4057 报文解密失败
2026/11/20 10:00:06 code 4057 again, tel 13800138000
java.net.UnknownHostException: dppt.example.cn
SSLHandshakeException: PKIX
read timed out
connection reset by peer
发票号码为[26112000000014057999]在数据库中已存在
2026-11-20T10:30:00.123 end
"""


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "."), data)
    return out.getvalue()


def test_a_log_becomes_facts_with_lines_and_counts() -> None:
    found = {(fact.kind.value, fact.code): fact for fact in read([LOG.encode()], "utf-8").facts}
    assert {key: (fact.line, fact.count) for key, fact in found.items()} == {
        ("http_status", "http_502"): (2, 1), ("error_code", "4057"): (3, 2), ("dns", "dns"): (5, 1), ("tls", "tls"): (6, 1),
        ("timeout", "timeout"): (7, 1), ("connection", "reset"): (8, 1), ("answer", "duplicate"): (9, 1),
        ("endpoint", "dppt.example.cn:8443/api/upload/…"): (2, 1), ("timestamp", "first"): (1, 1), ("timestamp", "last"): (10, 1),
    }  # fmt: skip
    assert found["timestamp", "last"].sample == "2026-11-20 10:30:00"
    assert found["error_code", "4057"].article == "api-call-failure"
    assert main_code(tuple(found.values())) == "4057"
    assert main_code(()) == ""


@pytest.mark.parametrize(
    "data",
    [
        LOG.encode(), b"\xef\xbb\xbf" + LOG.encode(), LOG.encode("gb18030"), LOG.encode("utf-16"), LOG.encode("utf-16-le"),
        LOG.encode("utf-16-be"), LOG.replace("\n", "\r\n").encode("gb18030"), LOG.replace("\n", "\r").encode(),
        gzip.compress(LOG.encode("gb18030")), gzip.compress(LOG[:200].encode()) + gzip.compress(LOG[200:].encode()),
        zipped(app__log=LOG.encode("gb18030"), b__log=b""), zipped(inner__zip=zipped(app__log=LOG.encode())),
    ],
)  # fmt: skip
def test_every_encoding_and_wrapping_tells_the_same(data: bytes) -> None:
    assert admit(data, name="upload.log" if not data.startswith(b"\x1f") else "upload.log.gz")
    reading = read_file(data, name="upload.log", now=NOW)
    assert reading.log
    assert {(f.code, f.line) for f in reading.log.facts} == {
        (f.code, f.line) for f in read([LOG.encode()], "utf-8").facts
    }
    assert from_json(as_json(reading)) == reading


_WORDS = st.lists(
    st.sampled_from(["", "ok", "code 4057", "超时", "x" * 50, "BI1005", "4057ms", "a\tb", "处理中", " ", "\x0b"])
)


@given(
    st.lists(_WORDS, max_size=40),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.sampled_from(["utf-8", "gb18030", "utf-16"]),
    st.integers(1, 9),
)
def test_line_numbers_are_those_of_a_slow_oracle(rows: list[list[str]], end: str, encoding: str, size: int) -> None:
    text = end.join(" ".join(row) for row in rows)
    data = text.encode(encoding)
    found = {
        f.code: (f.line, f.count) for f in read([data[i : i + size] for i in range(0, len(data), size)], encoding).facts
    }
    lines = re.split("\r\n|\r|\n", text)
    for code, pattern in {"4057": r"\b4057\b", "BI1005": "BI1005", "timeout": "超时", "syncing": "处理中"}.items():
        at = [n for n, line in enumerate(lines, 1) if re.search(pattern, line)]
        assert found.get(code) == ((at[0], len(at)) if at else None)


def test_gb18030_behind_a_long_beginning_in_ascii_is_read() -> None:
    data = [b"ok 1\n" * 40_000, "接口超时\n".encode("gb18030"), "额度不足\n".encode("gb18030")]
    assert [(f.code, f.line) for f in read(data, "utf-8").facts] == [("timeout", 40_001), ("quota", 40_002)]


def test_a_line_without_end_is_cut_and_told() -> None:
    tally = Tally()
    data = [b"4033 first\n", *[b"x" * 65_536] * 160, b" 4057\n", b"timeout\n"]
    texts = [block.text for block in blocks(data, "utf-8", tally)]
    assert max(len(line) for text in texts for line in text.split("\n")) == MAX_LINE
    assert (tally.lines, tally.cut) == (3, 1)
    assert [(f.code, f.line) for f in read(data, "utf-8").facts] == [("4033", 1), ("timeout", 3)]
    told = read_file(b"".join(data) + b"\xff\xff\n", name="a.log", now=NOW)
    assert [f.code for f in told.findings][1:] == ["log.cut", "log.damaged"]


def test_a_log_of_many_blocks_counts_and_dates_as_one() -> None:
    row = "2026-11-20 10:{:02d}:00 code 4057\n"
    data = [b"x" * 300_000, b"x" * 300_000 + b"\n", *((row.format(n) + "ok\n" * 40_000).encode() for n in range(6))]
    reading = read(data, "utf-8")
    assert (reading.lines, reading.cut) == (240_007, 1)
    assert [(f.code, f.line, f.count, f.sample) for f in reading.facts] == [
        ("4057", 2, 6, "2026-11-20 10:00:00 code 4057"),
        ("first", 2, 1, "2026-11-20 10:00:00"),
        ("last", 200_007, 1, "2026-11-20 10:05:00"),
    ]


def test_the_last_time_is_found_before_a_long_trace() -> None:
    rows = ["2026-11-20 10:00:00 start", "2026-11-20 10:09:00 failed", *["  at java.lang.Thread.run"] * 900]
    last = read(["\n".join(rows).encode()], "utf-8").facts[-1]
    assert (last.code, last.line, last.sample) == ("last", 2, "2026-11-20 10:09:00")


def test_an_endpoint_is_no_trouble() -> None:
    assert [trace.code for trace in traces("POST https://dppt.example.cn/api code 4057")] == ["4057"]


@pytest.mark.parametrize(
    "text", ["took 4055 ms", "10.0.0.1:4032", "0.4057", "4057.5", "A4057", "40571", "12-4057", "4033 条", "took 403 ms"]
)
def test_a_number_that_is_no_code_is_none(text: str) -> None:
    assert not list(traces(text))


HOSTILE = {
    "gz bomb": (gzip.compress(b"0" * 30_000_000), "a.log.gz", "log.bomb"),
    "zip bomb": (zipped(a__log=b"0" * 30_000_000), "a.zip", "zip.bomb"),
    "broken gz": (gzip.compress(LOG.encode())[:-20], "a.log.gz", "gzip.broken"),
    "garbage gz": (b"\x1f\x8b\x08" + b"\xff" * 50, "a.log.gz", "gzip.broken"),
    "a program in a gz": (gzip.compress(b"MZ" + b"\0" * 600), "a.gz", "gzip.content"),
    "an invoice in a gz": (gzip.compress(b"<x/>"), "a.gz", "gzip.content"),
    "NULs": (b"start\n" + b"\0" * 1000, "a.log", "log.binary"),
    "too much": (gzip.compress(LOG.encode() * 20_000), "a.log.gz", "log.bomb"),
}


@pytest.mark.parametrize(("data", "name", "code"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_logs_end_in_a_message(data: bytes, name: str, code: str) -> None:
    limits = Limits(log_unpacked=5_000_000) if code == "log.bomb" and len(data) > 30_000 else Limits()
    with pytest.raises(Refused) as refusal:
        admit(data, name=name, limits=limits)
    assert refusal.value.code == code


def test_nul_behind_the_beginning_is_left_out() -> None:
    log = read([b"ok\n" * 30_000, b"\0\0code 4057\0\n"], "utf-8")
    assert [(f.code, f.sample) for f in log.facts] == [("4057", "code 4057")]


def test_every_known_code_has_its_meaning_and_its_articles_exist_in_both_languages() -> None:
    every = {*BY_CODE, *(phrase.code for phrase in PHRASES), "http_502", "http_418"}
    assert {*ARTICLES} - every <= {f"http_{n}" for n in (400, 401, 403, 404, 408, 429, 500, 503, 504)}
    for code in every:
        assert list(traces(f"code {code} end")) or not code.isupper()
    for slug in set(ARTICLES.values()):
        assert all((FOLDER / language / f"{slug}.md").exists() for language in ("en", "zh-hans"))
    assert {status(code)[0] for code in ("401", "418", "502")} >= {status("404")[0]}
    assert Kind("dns") is Kind.DNS
    many = read([f"http://h{n}.example/\n".encode() for n in range(60)], "utf-8")
    assert sum(f.kind == Kind.ENDPOINT for f in many.facts) == 40
    assert next(read([b"http/1.1 599 \n"], "utf-8").facts.__iter__()).article == "system-status-check"
    assert [f.code for f in read(["İ 4057\n".encode()], "utf-8").facts] == ["4057"]
