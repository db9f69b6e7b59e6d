"""Rules: who reads one says so, a new text asks again, and editors see who hasn't."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import User
from helpdesk.common.errors import NotNow, Stale
from kb import confirming, services
from kb.models import Article, Revision
from kb.training.models import ReadMark

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
TEXT = {"title": "补录四眼原则", "body": "## 规定\n\n录入人不得复核。", "summary": "", "keywords": ""}


@pytest.fixture
def rule(ed: User, kate: User) -> Article:
    article = services.create_article(slug="four-eyes", category=services.category_of("staff"), audience="staff", by=ed)
    publish(article, ed, kate)
    return confirming.ask(article=article, is_asked=True, by=ed, version=1)


def publish(article: Article, ed: User, kate: User, language: str = "zh-hans", body: str = "") -> Revision:
    text = {**TEXT, "body": body or TEXT["body"]}
    draft = services.save_draft(article=article, language=language, text=text, reason="", by=ed)
    services.perform(revision=draft, action="submit", by=ed)
    return services.perform(revision=draft, action="approve", by=kate)


def open_(browser: Client) -> tuple[str, str]:
    """The page, and the revision that its button names."""
    shown = browser.get("/kb/four-eyes/").content.decode()
    found = re.search(r'name="revision" value="(\d+)"', shown)
    return shown, found[1] if found else ""


def test_a_reader_confirms_a_version_once_and_the_next_asks_again(
    rule: Article, client_of: Browser, ann: User, ed: User, kate: User
) -> None:
    browser = client_of(ann)
    shown, revision = open_(browser)
    assert "我已阅读第 1 版" in shown
    assert "four-eyes" in browser.get("/desk/kb/").content.decode()[:40_000].split("<table")[0]
    for _ in range(2):
        assert browser.post("/kb/four-eyes/confirmed/", {"revision": revision}).status_code == 302
    assert ReadMark.objects.filter(person=ann).count() == 1
    shown, none = open_(browser)
    assert ("确认阅读第 1 版" in shown, none) == (True, "")
    assert not confirming.waiting(ann).exists()
    publish(rule, ed, kate, body="## 规定\n\n改过了。")
    assert browser.post("/kb/four-eyes/confirmed/", {"revision": revision}).status_code == 409  # of the old text
    assert "我已阅读第 2 版" in open_(browser)[0]
    assert confirming.waiting(ann).exists()


def test_editors_see_who_has_and_who_has_not(
    rule: Article, client_of: Browser, ann: User, abe: User, ed: User, alice: User
) -> None:
    confirming.confirm(article=rule, revision=Revision.objects.get().pk, by=ann)
    shown = client_of(ed).get("/desk/kb/four-eyes/upkeep/").content.decode()
    rows = re.findall(r'class="sub2">([^<]*@[^<]*)</span></td><td>(.*?)</td>', shown, re.DOTALL)
    state = {mail: "尚未确认" not in cell for mail, cell in rows}
    assert state["ann@desk.example"]
    assert not state["abe@desk.example"]
    assert "alice@alpha.example" not in state
    assert list(state.values()) == sorted(state.values())  # who hasn't comes first


def test_in_either_language_and_only_where_it_is_asked(
    rule: Article, client_of: Browser, ann: User, ed: User, kate: User
) -> None:
    english = publish(rule, ed, kate, language="en")
    confirming.confirm(article=rule, revision=english.pk, by=ann)
    assert not confirming.waiting(ann).exists()
    assert client_of(None).post("/kb/four-eyes/confirmed/", {"revision": str(english.pk)}).status_code == 302
    with pytest.raises(Stale):
        confirming.ask(article=rule, is_asked=False, by=ed, version=1)
    client_of(ed).post("/desk/kb/four-eyes/confirmation/", {"ask": "no", "version": str(rule.version)})
    assert "确认" not in re.sub(r"如何确认", "", open_(client_of(ann))[0])
    rule.refresh_from_db()
    with pytest.raises(NotNow):
        confirming.confirm(article=rule, revision=english.pk, by=kate)
    kinds = list(rule.events.filter(kind="article.confirmation_changed").values_list("actor", flat=True))
    assert kinds == [ed.pk, ed.pk]
