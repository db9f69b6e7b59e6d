"""Votes against an article reach the editors; suggestions that are none say why, and make room."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from helpdesk.common.errors import NotNow
from kb import gaps, services, votes
from kb.models import Article, ArticleEvent, Category, Feedback
from kb.visit_models import Rejection
from tests.cases import a_file
from tickets import drafts
from tickets.evidence.models import Evidence

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
TEXT = {"title": "批量上传失败怎么办", "body": "## 步骤\n\n1. 看接口", "summary": "先看接口", "keywords": "BI1072"}


@pytest.fixture
def article(db: None) -> Article:
    names = {"title_zh": "批量上传失败", "title_en": "Batch upload failed", "is_situation": True}
    category, _new = Category.objects.update_or_create(slug="batch_upload_failed", defaults=names)
    for slug, audience in (("batch", "public"), ("batch-desk", "staff")):
        services.import_article(slug=slug, language="zh-hans", category=category, audience=audience, text=TEXT)
    return Article.objects.get(slug="batch")


def test_a_vote_waits_until_an_editor_has_dealt_with_it_and_another_vote_opens_it_again(
    article: Article, client_of: Browser, ed: User, kate: User
) -> None:
    reader, editor = client_of(None), client_of(ed)
    against = {"vote": "no", "reason": "steps", "text": "第三步的按钮没有了"}
    reader.post("/kb/batch/feedback/", against)
    client_of(None).post("/kb/batch/feedback/", {"vote": "yes"})
    assert Feedback.objects.count() == 2
    shown = editor.get("/desk/kb/feedback/?reason=steps").content.decode()
    assert "第三步的按钮没有了" in shown
    assert "第三步的按钮没有了" not in editor.get("/desk/kb/feedback/?reason=outdated").content.decode()
    vote = Feedback.objects.get(is_helpful=False)
    editor.post(f"/desk/kb/feedback/{vote.pk}/handled/")
    assert "第三步的按钮没有了" not in editor.get("/desk/kb/feedback/").content.decode()
    done = editor.get("/desk/kb/feedback/?handled=1").content.decode()
    assert "第三步的按钮没有了" in done
    vote.refresh_from_db()
    assert (vote.handled_by, vote.handled_at is not None) == (ed, True)
    assert ArticleEvent.objects.filter(kind="feedback.handled", actor=ed).count() == 1
    with pytest.raises(NotNow):
        votes.handle(pk=vote.pk, by=ed)
    reader.post("/kb/batch/feedback/", {**against, "text": "还是没有"})
    assert Feedback.objects.count() == 2
    assert list(votes.inbox(kate).values_list("text", flat=True)) == ["还是没有"]


def test_a_vote_against_offers_a_ticket_about_it(article: Article, client_of: Browser, alice: User) -> None:
    browser = client_of(alice)
    shown = browser.post("/kb/batch/feedback/", {"vote": "no", "reason": "unclear"}, follow=True).content.decode()
    at = shown.index("/tickets/new/?q=")
    form = shown[at : shown.index('"', at)].replace("&amp;", "&")
    assert "symptom=batch_upload_failed" in form
    browser.post(form, {"symptom": "batch_upload_failed"})
    assert drafts.load(alice, drafts.NEW_TICKET)["subject"] == TEXT["title"]


def test_too_many_votes_are_slowed_down(
    article: Article, client_of: Browser, api_of: Callable[[User | None], APIClient]
) -> None:
    browser, api = client_of(None), api_of(None)
    codes = [browser.post("/kb/batch/feedback/", {"vote": "yes"}).status_code for _ in range(30)]
    assert set(codes) == {302}
    assert browser.post("/kb/batch/feedback/", {"vote": "yes"}).status_code == 429
    assert api.post("/api/v1/kb/articles/batch/feedback/", {"is_helpful": True}).status_code == 429
    assert Feedback.objects.count() == 1


def test_a_suggestion_that_is_none_counts_once_for_its_place(article: Article, client_of: Browser, ed: User) -> None:
    browser = client_of(None)
    for reason in ("related", "unrelated"):
        said = browser.post("/kb/batch/rejected/", {"place": "check", "reason": reason}, headers={"HX-Request": "true"})
        assert said.status_code == 200
    browser.post("/kb/batch/rejected/", {"place": "diagnosis", "reason": "related"})
    assert browser.post("/kb/batch/rejected/", {"place": "nowhere", "reason": "related"}).status_code == 400
    assert set(Rejection.objects.values_list("place", "reason")) == {("check", "unrelated"), ("diagnosis", "related")}
    row = gaps.numbers(ed).get(slug="batch")
    assert (row.unsolved, row.irrelevant) == (1, 1)
    assert "推荐后未解决" in client_of(ed).get("/desk/kb/gaps/numbers/").content.decode()


def test_the_form_keeps_what_was_typed_and_shows_the_suggestion_no_more(
    article: Article, client_of: Browser, alice: User
) -> None:
    browser = client_of(alice)
    browser.post("/tickets/new/", {"symptom": "batch_upload_failed"})
    typed = {
        "subject": "批量上传失败",
        "description": "接口报错",
        "invoices-TOTAL_FORMS": "0",
        "invoices-INITIAL_FORMS": "0",
    }
    assert "/kb/batch/" in browser.post("/tickets/new/details/", {**typed, "autosave": "1"}).content.decode()
    browser.post("/tickets/new/details/", {**typed, "reject": "related:batch"})
    assert drafts.load(alice, drafts.NEW_TICKET)["description"] == "接口报错"
    shown = browser.get("/tickets/new/details/").content.decode()
    assert "/kb/batch/" not in shown
    assert Rejection.objects.get().reason == "related"
    browser.post("/tickets/new/details/", {**typed, "reject": "unrelated:batch-desk"})  # not hers to see
    assert Rejection.objects.count() == 1


def test_a_code_that_a_log_reports_finds_its_article_on_the_form(
    article: Article, client_of: Browser, alice: User
) -> None:
    upload = a_file(alice, "2026-03-02 10:00:00 ERROR BI1072\n", name="a.log")
    fact = {"code": "BI1072", "sign": "interface", "text": "", "article": "", "count": 1, "line": 1, "member": ""}
    reading = {"findings": [], "log": {"facts": [fact], "lines": 1}}
    Evidence.objects.filter(pk=upload.pk).update(reading=reading)
    drafts.save(alice, drafts.NEW_TICKET, {"symptom": "other", "files": [str(upload.pk)]})
    shown = client_of(alice).get("/tickets/new/details/").content.decode()
    assert "/kb/batch/" in shown
