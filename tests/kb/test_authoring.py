"""Writing, reviewing and keeping articles in the browser."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import StaffMembership, User
from accounts.permissions import StaffRole
from helpdesk.common.errors import NotNow
from kb import remarks, services, upkeep
from kb.models import Article, Revision
from tests.conftest import person
from tests.kb.test_pages import EDIT, REVIEW, WORDS, an_article, handed_in, published

pytestmark = pytest.mark.django_db
HISTORY = "/desk/kb/one/history/zh-hans/"
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
    other = {"slug": "one", "category": article.category, "audience": "public"}
    assert services.import_article(**other, language="en", text={**WORDS, "title": "English"})
    assert "English</td>" not in editor.get(path).content.decode()
    assert "English</td>" in editor.get("/desk/kb/one/history/en/").content.decode()
    assert editor.post("/desk/kb/one/restore/en/4/").status_code == 404  # a number of the other language


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


# The draft that is kept while one writes


AUTOSAVE = "/desk/kb/one/autosave/zh-hans/"


def test_a_draft_is_kept_by_itself_until_a_colleague_saves(client_of: Browser, ed: User) -> None:
    services.create_article(slug="one", category=services.category_of("no_record"), audience="public", by=ed)
    editor = client_of(ed)
    assert editor.post(AUTOSAVE, {**WORDS, "title": ""}).status_code == 204  # nothing to keep yet
    for body in ("一", "二"):
        kept = editor.post(AUTOSAVE, {**WORDS, "body": body, "version": Revision.objects.count()})
        assert kept.status_code == 200
    again = editor.post(AUTOSAVE, {**WORDS, "body": "二", "version": "2"})
    assert again.json()["version"] == kept.json()["version"] == 2
    stale = editor.post(AUTOSAVE, {**WORDS, "body": "三", "version": "1"})
    assert stale.status_code == 412
    assert (stale.json()["theirs"]["body"], stale.json()["yours"]["body"]) == ("二", "三")
    assert list(Article.objects.get().events.values_list("kind", flat=True)) == ["article.created", "revision.drafted"]


def test_nothing_is_kept_behind_the_back_of_a_reviewer(client_of: Browser, ed: User, kate: User) -> None:
    text = services.perform(revision=an_article(ed).revisions.get(), action="submit", by=ed)
    assert client_of(ed).post(AUTOSAVE, {**WORDS, "body": "改", "version": text.version}).status_code == 409
    text.refresh_from_db()
    assert text.status == "in_review"
    services.perform(revision=text, action="approve", by=kate)
    assert client_of(ed).post(AUTOSAVE, WORDS).status_code == 204  # the same as what is published
    assert Revision.objects.count() == 1


@pytest.mark.parametrize("path", ["/desk/kb/", "/desk/kb/upkeep/", "/desk/kb/one/upkeep/", EDIT, REVIEW, HISTORY])
def test_pages_ask_as_often_for_many_as_for_one(
    path: str, client_of: Browser, ed: User, kate: User, django_assert_max_num_queries: Any
) -> None:
    StaffMembership.objects.create(user=ed, role=StaffRole.KB_REVIEWER)
    article = published(ed, kate)
    for number in range(5):
        body = "\n\n".join(f"第 {n} 段 [a](/kb/none-{n}/)" for n in range(10))
        text = {**WORDS, "body": f"{body}\n\n{number}"}
        draft = services.save_draft(article=article, language="zh-hans", text=text, reason="", by=ed)
        for n in range(10):
            remarks.remark(revision=draft, passage=n, text="改", by=kate, version=draft.version)
        services.perform(revision=draft, action="submit", by=ed)
        if number < 4:
            services.perform(revision=draft, action="approve", by=kate)
        other = {**WORDS, "body": body}
        services.import_article(
            slug=f"more-{number}", language="en", category=article.category, audience="public", text=other
        )
    Article.objects.update(review_by=timezone.localdate())
    browser = client_of(User.objects.get(pk=ed.pk))
    browser.get("/desk/kb/new/")
    with django_assert_max_num_queries(12 if "kb/one" not in path else 20):
        assert browser.get(path).status_code == 200


# Remarks


def test_a_remark_stands_at_its_passage_and_outlives_its_words(client_of: Browser, ed: User, kate: User) -> None:
    article = an_article(ed)
    text = services.save_draft(
        article=article, language="zh-hans", text={**WORDS, "body": "第一段\n\n第二段"}, reason="", by=ed, version=1
    )
    text = services.perform(revision=text, action="submit", by=ed)
    reviewer, path = client_of(kate), "/desk/kb/one/remarks/zh-hans/"
    given = {"passage": "1", "text": "第二段太短", "version": text.version}
    assert reviewer.post(path, {**given, "version": "1"}).status_code == 412
    assert reviewer.post(path, {**given, "passage": "7"}).status_code == 400
    assert reviewer.post(path, {**given, "text": " "}).status_code == 400
    assert reviewer.post(path, given).status_code == 302
    assert "第二段太短" in reviewer.get(REVIEW).content.decode()
    back = {"action": "return", "reason": "见批注", "seen": handed_in()}
    reviewer.post(REVIEW, back)
    page = client_of(ed).get(EDIT).content.decode()
    assert "第二段太短" in page
    assert "见批注" in page
    version = article.revisions.get().version
    changed = {**WORDS, "body": "第一段\n\n第二段，写长了", "version": version, "submit": "1"}
    assert client_of(ed).post(EDIT, changed).status_code == 302
    assert "这段之后已修改" in reviewer.get(REVIEW).content.decode()
    done = f"/desk/kb/one/remarks/{article.revisions.get().remarks.get().pk}/resolve/"
    for _ in range(2):
        assert client_of(ed).post(done).status_code == 302
    assert article.events.filter(kind="remark.resolved").count() == 1
    assert "第二段太短" not in client_of(ed).get(EDIT).content.decode()


def test_remarks_are_no_agents_and_no_published_texts(client_of: Browser, ed: User, kate: User, ann: User) -> None:
    live = published(ed, kate).revisions.get()
    assert client_of(ann).post("/desk/kb/one/remarks/zh-hans/", {"text": "x"}).status_code == 403
    assert client_of(kate).post("/desk/kb/one/remarks/zh-hans/", {"text": "x"}).status_code == 404
    with pytest.raises(NotNow):
        remarks.remark(revision=live, passage=0, text="x", by=kate, version=live.version)


# Addresses and tombs


def test_a_renamed_article_is_found_by_both_addresses(
    client_of: Browser, ed: User, kate: User, api_of: Callable[[User | None], APIClient]
) -> None:
    published(ed, kate)
    editor, reader = client_of(ed), client_of(None)
    version = Article.objects.get().version
    given = {"slug": "two", "version": version}
    assert editor.post("/desk/kb/one/address/", given).status_code == 302
    moved = reader.get("/kb/one/?lang=en")
    assert (moved.status_code, moved["Location"]) == (301, "/kb/two/?lang=en")
    assert "/kb/two/" in reader.get("/kb/search/?q=一篇").content.decode()
    assert api_of(None).get("/api/v1/kb/articles/one/").status_code == 301
    assert editor.post("/desk/kb/two/address/", {**given, "slug": "three"}).status_code == 412
    new = {"slug": "one", "category": "no_record", "audience": "public"}
    for slug in ("one", "two", "search"):
        assert editor.post("/desk/kb/new/", {**new, "slug": slug}).status_code == 422
    assert editor.post("/desk/kb/two/address/", {"slug": "search", "version": version + 1}).status_code == 422
    assert "/kb/one/" in editor.get("/desk/kb/two/upkeep/").content.decode()
    assert services.import_article(  # a file of the old name is the same article
        slug="one", language="en", category=Article.objects.get().category, audience="public", text=WORDS
    )
    assert editor.post("/desk/kb/two/address/", {"slug": "one", "version": version + 1}).status_code == 302
    assert reader.get("/kb/one/").status_code == 200
    assert reader.get("/kb/two/").status_code == 301


def test_a_former_address_tells_strangers_nothing(client_of: Browser, ed: User, kate: User, ann: User) -> None:
    article = published(ed, kate)
    Article.objects.update(audience="staff")
    article.refresh_from_db()
    upkeep.rename(article=article, slug="two", by=ed, version=article.version)
    assert client_of(None).get("/kb/one/").status_code == 404
    assert client_of(ann).get("/kb/one/").status_code == 301


def test_an_archived_article_leaves_a_tomb_with_the_way_on(client_of: Browser, ed: User, kate: User) -> None:
    old = published(ed, kate).revisions.get()
    other = services.category_of("no_record")
    services.import_article(
        slug="after", language="zh-hans", category=other, audience="public", text={**WORDS, "title": "新的一篇"}
    )
    given = {"action": "archive", "reason": "过时", "seen": f"{old.pk}.{old.version}", "replaced_by": "/kb/nowhere/"}
    assert client_of(kate).post(REVIEW, given).status_code == 422
    assert client_of(kate).post(REVIEW, {**given, "replaced_by": "/kb/after/"}).status_code == 302
    page = client_of(None).get("/kb/one/")
    assert page.status_code == 410
    assert 'href="/kb/after/"' in page.content.decode()
    assert "第一稿" not in page.content.decode()
    Article.objects.filter(slug="one").update(audience="staff")
    assert client_of(None).get("/kb/one/").status_code == 404


# Checks


def test_a_check_moves_the_day_and_readers_see_when(client_of: Browser, ed: User, kate: User) -> None:
    article = published(ed, kate)
    article.refresh_from_db()
    today = timezone.localdate()
    assert article.review_by == today + services.REVIEW_EVERY
    Article.objects.update(review_by=today - dt.timedelta(days=1), verified_at=timezone.now() - dt.timedelta(days=200))
    assert "已过核对日期" in client_of(None).get("/kb/one/").content.decode()
    editor = client_of(ed)
    assert "/desk/kb/one/verified/" in editor.get("/desk/kb/upkeep/").content.decode()
    late = {"version": article.version, "review_by": "1999-01-01"}
    assert editor.post("/desk/kb/one/verified/", late).status_code == 422
    assert editor.post("/desk/kb/one/verified/", {"version": article.version, "list": "1"}).status_code == 302
    assert editor.post("/desk/kb/one/verified/", {"version": article.version}).status_code == 412
    article.refresh_from_db()
    assert article.review_by == today + services.REVIEW_EVERY
    page = client_of(None).get("/kb/one/").content.decode()
    assert f"最近核对于 {today}" in page
    assert "已过核对日期" not in page
    assert "/desk/kb/one/verified/" not in editor.get("/desk/kb/upkeep/").content.decode()


def test_the_owner_is_reminded_once_of_each_day(ed: User, kate: User, mailoutbox: list[EmailMessage]) -> None:
    person("Eva", "eva@desk.example", StaffRole.KB_EDITOR)
    published(ed, kate)
    services.import_article(
        slug="two", language="zh-hans", category=services.category_of("c"), audience="public", text=WORDS
    )
    assert upkeep.remind() == 0
    Article.objects.update(review_by=timezone.localdate() + dt.timedelta(days=3))
    assert [upkeep.remind() for _ in range(2)] == [2, 0]
    told = {mail.to[0]: mail.body for mail in mailoutbox}
    assert set(told) == {"ed@desk.example", "eva@desk.example"}  # what came as a file is everybody's
    assert "one" in told["ed@desk.example"]
    assert " one" not in told["eva@desk.example"]
    Article.objects.update(review_by=timezone.localdate() + dt.timedelta(days=4))
    assert upkeep.remind() == 2


def test_a_translation_that_is_behind_is_told(client_of: Browser, ed: User) -> None:
    category = services.category_of("no_record")
    for language in ("en", "zh-hans"):
        services.import_article(slug="one", language=language, category=category, audience="public", text=WORDS)
    assert "落后" not in client_of(ed).get("/desk/kb/?category=no_record").content.decode()
    Revision.objects.filter(language="en").update(published_at=timezone.now() - dt.timedelta(days=2))
    assert "旧于中文版" in client_of(ed).get("/desk/kb/").content.decode()
    assert "/desk/kb/one/edit/en/" in client_of(ed).get("/desk/kb/upkeep/").content.decode()
    told = "中文原文在此译文之后有更新"
    assert told in client_of(None).get("/kb/one/?lang=en").content.decode()
    assert told not in client_of(None).get("/kb/one/").content.decode()


def test_dead_links_and_pictures_are_told(client_of: Browser, ed: User, kate: User, ann: User) -> None:
    category = services.category_of("no_record")

    def put(slug: str, audience: str = "public", body: str = "正文") -> None:
        text = {**WORDS, "body": body}
        services.import_article(slug=slug, language="zh-hans", category=category, audience=audience, text=text)

    put("gone")
    put("inside", "staff")
    put("moved")
    services.perform(revision=Revision.objects.get(article__slug="gone"), action="archive", by=kate, reason="x")
    upkeep.rename(article=Article.objects.get(slug="moved"), slug="here", by=ed, version=1)
    good = "[a](/kb/here/#b) [s](/kb/search/?q=x) [o](https://example.com/kb/x/) [d](/diagnose/) ![图](/static/x.png)"
    put("good", body=good)
    put("bad", body="[a](/kb/none/) [b](/kb/gone/) [c](/kb/moved/) [d](/kb/inside/) ![](/x.png) ![e](/kb/files/00/)")
    put("desk", "staff", body="[d](/kb/inside/)")
    assert [(f.text.article.slug, f.code) for f in upkeep.faults()] == [
        ("bad", code) for code in ("missing", "archived", "renamed", "hidden", "no_alt", "no_file")
    ]
    page = client_of(ed).get("/desk/kb/upkeep/").content.decode()
    assert page.count("/desk/kb/bad/edit/zh-hans/") == 6
    read = client_of(ann).get("/desk/kb/upkeep/").content.decode()
    assert read.count("/kb/bad/?lang=zh-hans") == 6
    assert "/edit/" not in read
