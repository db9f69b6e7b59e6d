"""Writing, reviewing and keeping articles in the browser."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from kb import services
from tests.kb.test_pages import EDIT, REVIEW, WORDS, an_article, handed_in, published

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]


def test_a_reviewer_sets_a_time_and_sees_what_is_wrong_with_it(client_of: Browser, ed: User, kate: User) -> None:
    text = services.perform(revision=an_article(ed).revisions.get(), action="submit", by=ed)
    given = {"action": "schedule", "seen": handed_in(), "publish_at": "yesterday"}
    refused = client_of(kate).post(REVIEW, given)
    assert refused.status_code == 422
    assert 'role="alert"' in refused.content.decode()
    assert client_of(kate).post(REVIEW, {**given, "publish_at": "2026-13-45T99:00"}).status_code == 422
    tomorrow = timezone.localtime() + dt.timedelta(days=1)
    assert client_of(kate).post(REVIEW, {**given, "publish_at": f"{tomorrow:%Y-%m-%dT%H:%M}"}).status_code == 302
    text.refresh_from_db()
    assert text.publish_at == tomorrow.replace(second=0, microsecond=0)
    assert client_of(None).get("/kb/one/").status_code == 404
    assert f"{tomorrow:%Y-%m-%d %H:%M}" in client_of(ed).get(EDIT).content.decode()


def test_any_two_texts_are_compared_and_an_old_one_comes_back(client_of: Browser, ed: User, kate: User) -> None:
    article = published(ed, kate)
    for number in (2, 3):
        text = {**WORDS, "body": f"第{number}稿", "sources": "公告\n通知", "scope": {"software": ["甲"]}}
        draft = services.save_draft(article=article, language="zh-hans", text=text, reason="", by=ed)
        services.perform(revision=draft, action="submit", by=ed)
        services.perform(revision=draft, action="approve", by=kate)
    path, editor = "/desk/kb/one/history/zh-hans/", client_of(ed)
    page = editor.get(path).content.decode()
    assert re.search(r"第.*<del>.*2</del><ins>.*3</ins>稿", page)
    page = editor.get(path, {"from": "1", "to": "3"}).content.decode()
    for added in ("公告", "甲"):
        assert re.search(rf"<ins>[^/]*</span>[^<]*{added}", page)
    assert editor.post("/desk/kb/one/restore/zh-hans/1/").status_code == 302
    assert article.revisions.get(number=4).body == "第一稿"
    assert 'value="第一稿"' not in client_of(None).get("/kb/one/").content.decode()
    assert "/restore/" not in editor.get(path).content.decode()  # a draft is open already
    assert editor.get("/desk/kb/one/history/en/").status_code == 200


def test_what_an_article_applies_to_and_its_sources_are_for_readers(client_of: Browser, ed: User, kate: User) -> None:
    services.category_of("no_record")
    editor = client_of(ed)
    given = {"slug": "one", "category": "no_record", "audience": "public", "start": "outline"}
    edit = editor.post("/desk/kb/new/", given)["Location"]
    assert "如何确认已解决" in editor.get(edit).content.decode()
    more = {
        "kinds": ["81"],
        "software": "甲软件，乙软件",
        "sources": "公告 https://example.com/1\n第二处",
        "submit": "1",
    }
    editor.post(EDIT, {**WORDS, **more})
    assert client_of(kate).post(REVIEW, {"action": "approve", "seen": handed_in()}).status_code == 302
    page = client_of(None).get("/kb/one/").content.decode()
    for word in ("数电发票", "甲软件", "乙软件", 'href="https://example.com/1"', "第二处"):
        assert word in page
    assert 'value="甲软件, 乙软件"' in editor.get(EDIT).content.decode()
