"""Templates: what they may hold, and what they become."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import docx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tickets.papers import services
from tickets.papers.document import MAX_BODY, Style, asked, clean, faults, fill
from tickets.papers.word import as_docx
from tickets.papers.words import BY_NAME, PAPERS, PLACEHOLDERS

SHORT = "# 标题\n\n{企业名称}\n{tax_id}\n\n| 号码 | {ticket} |\n\n## 附\n\n{invoices}\n\n{files}\n\n{签章}\n"
BUILT_IN = sorted(services.FOLDER.glob("*/*.md"))


@pytest.mark.parametrize("path", BUILT_IN, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_what_comes_with_the_service_could_be_saved(path: object) -> None:
    assert not list(faults(path.read_text("utf-8")))  # type: ignore[attr-defined]


def test_every_paper_is_there_in_both_languages() -> None:
    assert {(p.parent.name, p.stem) for p in BUILT_IN} == {(code, p.kind) for p in PAPERS for code in ("zh-hans", "en")}


def test_names_and_their_chinese_spellings_lead_to_one_entry_each() -> None:
    assert len(BY_NAME) == 2 * len(PLACEHOLDERS)
    assert asked("{企业名称} {enterprise} {nothing}") == ("enterprise",)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        ("# t\n{enterprize}\n{signature}", "unknown_placeholder", "{enterprize}"),
        ("# t\nsee {invoices}\n{signature}", "not_alone", "{invoices}"),
        ("# t\n{ticket\n{signature}", "brace", "2"),
        ("text\n{signature}", "title", "# "),
        ("# t\n# u\n{signature}", "title", "# "),
        ("# t\n", "signature", "{signature}"),
        ("# t\n|1|2|3|4|5|6|7|\n{signature}", "cells", "6"),
        ("x" * (MAX_BODY + 1), "too_long", str(MAX_BODY)),
        ("x\n" * 401, "too_long", "400"),
    ],
)
def test_a_fault_is_refused_by_its_name_or_line(body: str, code: str, said: str) -> None:
    found = list(faults(body))
    assert code in {fault.code for fault in found}
    assert any(said in str(fault.message) for fault in found)


def test_values_are_filled_in_and_what_is_absent_is_a_blank() -> None:
    paper = fill(SHORT, {"enterprise": "甲 {ticket}\n乙", "ticket": " "})
    assert [block.style for block in paper.blocks] == [
        Style.TITLE, Style.PARAGRAPH, Style.FORM, Style.HEADING, Style.INVOICES, Style.FILES, Style.SIGNATURE,
    ]  # fmt: skip
    assert paper.title == "标题"
    assert paper.blocks[1].cells[0][0].text == "甲 {ticket}\n乙"  # a value is never read as a template
    assert paper.missing == ("tax_id", "ticket")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])  # each one writes a file
@given(st.text(max_size=300), st.dictionaries(st.sampled_from(sorted(BY_NAME)), st.text(max_size=30), max_size=5))
def test_no_text_breaks_a_paper_or_its_file(body: str, values: dict[str, str]) -> None:
    list(faults(body))
    paper = fill(f"# t\n{body}\n{{signature}}", values)
    data = as_docx(paper, {"invoices": [], "files": [[body, body]]}, body, dt.datetime(2026, 11, 25, tzinfo=dt.UTC))
    docx.Document(io.BytesIO(data))


def test_hostile_values_stay_plain_text() -> None:
    hostile = '\x0b\x00\ud800\ufffe\u202e{ MERGEFIELD x } =cmd|"/c calc"!A1 <w:instrText>HYPERLINK</w:instrText> &lt;'
    paper = fill(SHORT, {"enterprise": hostile})
    data = as_docx(paper, {"invoices": [[hostile] * 5], "files": [[hostile] * 2]}, hostile, dt.datetime.now(dt.UTC))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        whole = "".join(archive.read(n).decode() for n in ("word/document.xml", "word/footer1.xml"))
        assert not [name for name in archive.namelist() if "vba" in name.lower() or "embed" in name.lower()]
    assert "MERGEFIELD" in whole
    assert not any(mark in whole for mark in ("<w:instrText", "<w:fldSimple", "<w:hyperlink", "\u202e", "\x0b"))
    assert clean("a\r\nb\tc") == "a\nb\tc"
