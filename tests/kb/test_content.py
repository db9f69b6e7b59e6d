"""The articles that come with the service: whole, in both languages, and their links lead somewhere."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest

from kb import content, search
from kb.models import Audience, Category, Revision
from tickets.invoices.logs.catalogue import ARTICLES, BY_CODE, PHRASES

FILES = list(content.files())
LANGUAGES = ("zh-hans", "en")
LONGEST_SUMMARY = {"zh-hans": 120, "en": 240}
SECTIONS = {
    "zh-hans": ["症状", "适用范围", "原因", "步骤", "如何确认已解决", "仍未解决时提交什么"],
    "en": ["Symptoms", "Applies to", "Cause", "Steps", "How to confirm", "If it still fails, send us"],
}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.language}/{f.slug}")
def test_an_article_is_whole(file: content.File) -> None:
    slugs = {category["slug"] for category in json.loads((content.FOLDER / "categories.json").read_text())}
    assert re.findall(r"^## (.+)$", file.body, re.MULTILINE) == SECTIONS[file.language]
    assert file.head["category"] in slugs
    assert file.head["audience"] in Audience.values
    assert 10 <= len(file.head["summary"]) <= LONGEST_SUMMARY[file.language]
    assert len(f"{file.head['keywords']}, {file.head.get('codes', '')}") <= 500, "the rest would be cut off"
    assert "![](" not in file.body, "a picture says in words what it shows"
    assert file.head["keywords"]
    assert file.head["sources"]
    assert dt.date.fromisoformat(file.head["review_by"]) > dt.date(2026, 11, 24)
    known = {f.slug for f in FILES}
    assert all(link in known for link in re.findall(r"\]\(/kb/([^/]+)/\)", file.body))


def test_every_article_is_there_in_both_languages() -> None:
    by_language = {code: {f.slug for f in FILES if f.language == code} for code in LANGUAGES}
    assert by_language["zh-hans"] == by_language["en"]
    assert len([f for f in FILES if f.language == "en" and f.head["audience"] in {"public", "enterprises"}]) >= 60


def test_loading_twice_changes_nothing(db: None) -> None:
    assert content.load() == len(FILES)
    assert content.load() == 0
    assert Revision.objects.published().count() == len(FILES)
    assert Category.objects.filter(is_situation=True).count() == 6


def test_every_error_code_of_logs_has_an_article_that_names_it() -> None:
    codes = {(f.language, f.slug): set(f.head.get("codes", "").split(",")) for f in FILES}
    every = {*BY_CODE, *(phrase.code for phrase in PHRASES), *ARTICLES}
    missing = [(c, lang) for c in every for lang in LANGUAGES if c not in codes.get((lang, ARTICLES.get(c, "")), ())]
    assert missing == []


def test_the_right_article_is_among_the_first_three(db: None) -> None:
    content.load()
    asked = {
        "发票查不到": "verification-no-match",
        "税号写错了一位怎么改": "typo-in-taxpayer-id",
        "补录需要哪些材料": "manual-backfill-materials",
        "一次上传几百张都失败": "batch-upload-failure",
        "热线打不通": "hotline-busy",
        "4067": "api-call-failure",
        "documents for a manual backfill": "manual-backfill-materials",
        "数电票号码前两位代表什么": "read-digital-number",
        "专票查验要填含税还是不含税金额": "invoice-kinds",
        "大写和小写金额对不上": "amount-in-words",
        "晚交几天滞纳金怎么算": "deadlines-and-late-fee",
        "BI1060": "red-invoice-offset",
        "excel 里发票号码变成 E+19": "damaged-invoice-numbers",
        "火车票报销怎么查验": "travel-documents",
        "税额差一分钱行不行": "tax-rounding-tolerance",
        "which file is the original invoice, xml or pdf": "xml-ofd-pdf-original",
        "the number exists already": "duplicate-number",
    }
    found = {q: [hit.slug for hit in search.search(q, user=None, language="zh-hans", limit=3)] for q in asked}
    assert {q: found[q] for q, slug in asked.items() if slug not in found[q]} == {}
