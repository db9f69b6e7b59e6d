"""Articles from draft to tombstone, and what readers say of them."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import StaffMembership, User
from accounts.permissions import StaffRole
from helpdesk.common.errors import Forbidden, Invalid, NotNow, Stale
from kb import reading, search, services
from kb.models import Article, Category, Deflection, Feedback, Revision

pytestmark = pytest.mark.django_db
TEXT = {"title": "怎样查验发票", "body": "## 步骤\n\n1. 打开查验页面", "summary": "第二天再查", "keywords": "查验"}


@pytest.fixture
def category(db: None) -> Category:
    return services.category_of("no-record")


@pytest.fixture
def draft(ed: User, category: Category) -> Revision:
    article = services.create_article(slug="how-to-verify", category=category, audience="public", by=ed)
    return services.save_draft(article=article, language="zh-hans", text=TEXT, reason="first", by=ed)


def publish(draft: Revision, ed: User, kate: User) -> Revision:
    services.perform(revision=draft, action="submit", by=ed)
    return services.perform(revision=draft, action="approve", by=kate)


def found(q: str = "怎样查验") -> list[str]:
    return [hit.title for hit in search.search(q, user=None, language="zh-hans")]


def test_a_text_is_published_by_another_person(draft: Revision, ed: User, kate: User) -> None:
    assert found() == []
    publish(draft, ed, kate)
    assert found() == ["怎样查验发票"]
    kinds = list(draft.article.events.values_list("kind", flat=True))
    assert kinds == ["article.created", "revision.drafted", "revision.submitted", "revision.published"]


def test_nobody_approves_the_own_text(draft: Revision, ed: User) -> None:
    StaffMembership.objects.create(user=ed, role=StaffRole.KB_REVIEWER)
    ed = User.objects.get(pk=ed.pk)
    services.perform(revision=draft, action="submit", by=ed)
    with pytest.raises(NotNow) as refusal:
        services.perform(revision=draft, action="approve", by=ed)
    assert refusal.value.code == "four_eyes"
    assert found() == []


def test_the_live_text_stays_while_the_next_is_reviewed(draft: Revision, ed: User, kate: User) -> None:
    live = publish(draft, ed, kate)
    new = services.save_draft(
        article=live.article, language="zh-hans", text={**TEXT, "title": "发票查验指南"}, reason="clearer", by=ed
    )
    services.perform(revision=new, action="submit", by=ed)
    assert found() == ["怎样查验发票"]
    services.perform(revision=new, action="approve", by=kate)
    assert found("查验指南") == ["发票查验指南"]
    live.refresh_from_db()
    assert live.status == "superseded"


def test_sending_back_needs_a_reason(draft: Revision, ed: User, kate: User) -> None:
    services.perform(revision=draft, action="submit", by=ed)
    with pytest.raises(Invalid):
        services.perform(revision=draft, action="return", by=kate)
    services.perform(revision=draft, action="return", by=kate, reason="缺少步骤")
    assert draft.status == "draft"


def save(draft: Revision, by: User, **text: object) -> Revision:
    return services.save_draft(
        article=draft.article, language=draft.language, text={**TEXT, **text}, reason="", by=by, version=draft.version
    )


def test_saving_what_is_in_review_takes_it_back(draft: Revision, ed: User, kate: User) -> None:
    services.perform(revision=draft, action="submit", by=ed)
    with pytest.raises(Stale):
        services.save_draft(article=draft.article, language="zh-hans", text=TEXT, reason="", by=ed, version=1)
    draft.refresh_from_db()
    assert draft.status == "in_review"
    changed = save(draft, ed, body="另一稿")
    assert (changed.status, changed.body) == ("draft", "另一稿")
    assert "revision.withdrawn" in draft.article.events.values_list("kind", flat=True)
    with pytest.raises(NotNow):
        services.perform(revision=changed, action="approve", by=kate)


def test_who_has_saved_a_text_does_not_approve_it_after_another_has_saved(
    draft: Revision, ed: User, kate: User
) -> None:
    StaffMembership.objects.create(user=kate, role=StaffRole.KB_EDITOR)
    both = User.objects.get(pk=kate.pk)
    draft = save(save(draft, both, body="大半由她写"), ed)
    services.perform(revision=draft, action="submit", by=ed)
    with pytest.raises(NotNow) as refusal:
        services.perform(revision=draft, action="approve", by=both)
    assert refusal.value.code == "four_eyes"


def test_what_is_approved_for_a_time_is_published_then_and_once(draft: Revision, ed: User, kate: User) -> None:
    services.perform(revision=draft, action="submit", by=ed)
    for wrong in (None, timezone.now(), timezone.now() + dt.timedelta(days=400)):
        with pytest.raises(Invalid):
            services.perform(revision=draft, action="schedule", by=kate, publish_at=wrong)
    at = timezone.now() + dt.timedelta(hours=1)
    services.perform(revision=draft, action="schedule", by=kate, publish_at=at)
    assert services.publish_due() == 0
    assert found() == []
    Revision.objects.update(publish_at=timezone.now() - dt.timedelta(seconds=1))
    assert [services.publish_due() for _ in range(2)] == [1, 0]
    assert found() == ["怎样查验发票"]
    live = draft.article.revisions.get()
    assert (live.status, live.reviewer, live.publish_at) == ("published", kate, None)
    kinds = list(draft.article.events.values_list("kind", flat=True))
    assert kinds[-2:] == ["revision.scheduled", "revision.published"]


def test_an_approval_goes_with_the_text_that_was_read(draft: Revision, ed: User, kate: User) -> None:
    services.perform(revision=draft, action="submit", by=ed)
    at = timezone.now() + dt.timedelta(hours=1)
    services.perform(revision=draft, action="schedule", by=kate, publish_at=at)
    changed = save(draft, ed, body="事后改过")
    assert (changed.status, changed.reviewer, changed.publish_at) == ("draft", None, None)
    Revision.objects.update(updated_at=timezone.now() + dt.timedelta(days=1))
    assert services.publish_due() == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.update(status="scheduled")


def test_a_picture_without_words_is_not_handed_in(draft: Revision, ed: User) -> None:
    changed = save(draft, ed, body="![](/kb/files/x/)\n\n```\n![](in-code)\n```")
    with pytest.raises(Invalid) as refusal:
        services.perform(revision=changed, action="submit", by=ed)
    assert refusal.value.errors[0].code == "image_alt"
    changed = save(changed, ed, body="![查验页面](/kb/files/x/)\n\n```\n![](in-code)\n```")
    assert services.perform(revision=changed, action="submit", by=ed).status == "in_review"


def test_an_old_text_comes_back_as_a_draft(draft: Revision, ed: User, kate: User) -> None:
    first = publish(save(draft, ed, scope={"kinds": ["82", "81", "nonsense"], "software": "甲，乙"}), ed, kate)
    second = publish(save(Revision(article=first.article, language="zh-hans"), ed, body="新的"), ed, kate)
    with pytest.raises(Forbidden):
        services.restore(revision=first, reason="", by=kate)
    back = services.restore(revision=first, reason="restored", by=ed)
    assert (back.number, back.status, back.body) == (3, "draft", TEXT["body"])
    assert back.scope == {"kinds": ["81", "82"], "software": ["甲", "乙"]}
    second.refresh_from_db()
    assert second.status == "published"
    with pytest.raises(NotNow):
        services.restore(revision=first, reason="", by=ed)


def test_two_editors_do_not_overwrite_each_other(draft: Revision, ed: User) -> None:
    services.save_draft(article=draft.article, language="zh-hans", text=TEXT, reason="", by=ed, version=draft.version)
    with pytest.raises(Stale):
        services.save_draft(
            article=draft.article, language="zh-hans", text=TEXT, reason="", by=ed, version=draft.version
        )


def test_an_archived_text_is_found_no_more(draft: Revision, ed: User, kate: User) -> None:
    live = publish(draft, ed, kate)
    services.perform(revision=live, action="archive", by=kate, reason="outdated")
    assert found() == []
    assert not Article.objects.visible_to(None).exists()


@pytest.mark.parametrize("wrong", [{"title": ""}, {"title": "x" * 201}, {"body": " "}, {"body": "x" * 100_001}])
def test_a_text_without_what_it_needs_is_refused(draft: Revision, ed: User, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        services.save_draft(
            article=draft.article, language="zh-hans", text={**TEXT, **wrong}, reason="", by=ed, version=draft.version
        )


def test_writing_is_the_editors(draft: Revision, ann: User, alice: User) -> None:
    for person in (ann, alice):
        with pytest.raises(Forbidden):
            services.save_draft(article=draft.article, language="zh-hans", text=TEXT, reason="", by=person, version=1)


def test_a_vote_is_one_a_visitor(draft: Revision) -> None:
    vote = {"article": draft.article, "language": "zh-hans", "visitor": "v"}
    services.record_feedback(**vote, is_helpful=True)
    services.record_feedback(**vote, is_helpful=False, reason="unclear", text="我的电话 13812345678")
    row = Feedback.objects.get()
    assert (row.is_helpful, row.reason, row.text) == (False, "unclear", "我的电话 [phone]")


def test_solved_twice_in_a_moment_is_once(draft: Revision) -> None:
    for _ in range(2):
        services.record_deflection(
            article=draft.article, visitor="v", user=None, place="ticket_form", context="票 26112000000012345678"
        )
    assert Deflection.objects.get().context == "票 [invoice number]"


def test_a_draft_from_a_ticket_tells_nobodys_business(ed: User, category: Category) -> None:
    made = services.draft_from_ticket(
        slug="from-ticket", title="示例阿尔法科技有限公司查不到票", body="Alice 13812345678 税号 91110108MA01ABCD5T",
        names=("示例阿尔法科技有限公司", "Alice"), category=category, language="zh-hans", by=ed,
    )  # fmt: skip
    for secret in ("阿尔法", "Alice", "13812345678", "91110108MA01ABCD5T"):
        assert secret not in made.title + made.body
    assert made.article.audience == "staff"


# Import and export


def test_the_same_file_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    item = {"slug": "a", "title": "标题", "text": "正文", "language": "zh-hans", "category": "c", "audience": "public"}
    path.write_text(json.dumps(item) + "\n\n", encoding="utf-8")
    for _ in range(2):
        call_command("import_articles", str(path), stdout=io.StringIO())
    assert Revision.objects.count() == 1
    out = io.StringIO()
    call_command("export_articles", stdout=out)
    assert {name: json.loads(out.getvalue())[name] for name in item} == item


def test_an_edited_article_is_not_overwritten(ed: User) -> None:
    given = {"slug": "a", "language": "zh-hans", "category": services.category_of("c"), "audience": "public"}
    services.import_article(**given, text=TEXT)
    article = Article.objects.get(slug="a")
    services.save_draft(article=article, language="zh-hans", text={**TEXT, "title": "人工改过"}, reason="", by=ed)
    assert services.import_article(**given, text={**TEXT, "body": "新的内容"}) is False


@pytest.mark.parametrize("line", ["{", '{"slug": "a"}', '{"slug":"a","title":"x","text":" ","language":"zh-hans"}'])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(CommandError, match="line 1"):
        call_command("import_articles", str(path))


# API


def test_readers_need_no_account(
    draft: Revision, ed: User, kate: User, api_of: Callable[[User | None], APIClient]
) -> None:
    publish(draft, ed, kate)
    api = api_of(None)
    listed = api.get("/api/v1/kb/articles/").json()
    assert [row["slug"] for row in listed["results"]] == ["how-to-verify"]
    asked = api.get("/api/v1/kb/articles/", {"q": "查验"}).json()["results"][0]
    assert asked["score"] > 0
    assert "<mark>" in asked["snippet"]
    read = api.get("/api/v1/kb/articles/how-to-verify/?language=en")
    assert (read.json()["language"], read["ETag"]) == ("zh-hans", '"3"')
    assert "<ol>" in read.json()["html"]
    assert api.get("/api/v1/kb/suggest/", {"q": "查验"}).json()["results"]
    voted = api.post("/api/v1/kb/articles/how-to-verify/feedback/", {"is_helpful": False, "reason": "steps"})
    assert voted.status_code == 201
    assert Feedback.objects.get().reason == "steps"


def test_staff_articles_are_not_there_for_others(
    ed: User, kate: User, ann: User, alice: User, category: Category, api_of: Callable[[User | None], APIClient]
) -> None:
    article = services.create_article(slug="runbook", category=category, audience="staff", by=ed)
    publish(services.save_draft(article=article, language="zh-hans", text=TEXT, reason="", by=ed), ed, kate)
    for person in (None, alice):
        api = api_of(person)
        assert api.get("/api/v1/kb/articles/runbook/").status_code == 404
        assert api.get("/api/v1/kb/articles/", {"q": "查验"}).json()["results"] == []
        assert api.get("/api/v1/kb/articles/").json()["results"] == []
        assert api.post("/api/v1/kb/articles/runbook/feedback/", {"is_helpful": True}).status_code == 404
    assert api_of(ann).get("/api/v1/kb/articles/runbook/").status_code == 200


def test_the_database_itself_refuses_an_author_as_reviewer(draft: Revision, ed: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Revision.objects.filter(pk=draft.pk).update(reviewer=ed)


def test_a_published_text_never_changes(draft: Revision, ed: User, kate: User) -> None:
    live = publish(draft, ed, kate)
    services.save_draft(article=live.article, language="zh-hans", text={**TEXT, "body": "新"}, reason="", by=ed)
    live.refresh_from_db()
    assert (live.status, live.body, live.number) == ("published", TEXT["body"], 1)
    assert list(live.article.revisions.values_list("number", "status")) == [(2, "draft"), (1, "published")]


def test_a_category_counts_what_the_reader_may_read(
    ed: User, kate: User, ann: User, alice: User, client_of: Callable[[User | None], Client]
) -> None:
    for slug, audience in (("open", "public"), ("ours", "enterprises"), ("inside", "staff")):
        category = services.category_of(f"about-{slug}")
        for i in range(2):
            article = services.create_article(slug=f"{slug}-{i}", category=category, audience=audience, by=ed)
            publish(services.save_draft(article=article, language="zh-hans", text=TEXT, reason="", by=ed), ed, kate)
    for person, seen in ((None, {"open"}), (alice, {"open", "ours"}), (ann, {"open", "ours", "inside"})):
        reader = person or AnonymousUser()
        counted = {row["slug"]: row["count"] for row in reading.categories(reader, "zh-hans")}
        assert counted == {f"about-{slug}": 2 for slug in seen}
        assert search.visible_count(reader) == 2 * len(seen)
        assert {hit.slug[:-2] for hit in search.search("查验", user=reader, language="en")} == seen
        for slug in ("open", "ours", "inside"):
            page = client_of(person).get(f"/kb/category/about-{slug}/")
            assert page.status_code == (200 if slug in seen else 404)
            asked = client_of(person).get(f"/kb/search/?q=查验&category=about-{slug}").content.decode()
            assert (f"/kb/{slug}-0/" in asked) is (slug in seen)


@pytest.mark.parametrize("q", ["x" * 5000, "（" * 500, "a AND b OR (", "%", "' OR 1=1 --", "🧾" * 300, " "])
def test_any_question_is_answered(q: str, api_of: Callable[[User | None], APIClient], db: None) -> None:
    for address in ("/api/v1/kb/articles/", "/api/v1/kb/suggest/"):
        assert api_of(None).get(address, {"q": q}).status_code == 200
