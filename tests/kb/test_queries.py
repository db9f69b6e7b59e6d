"""What people asked, what followed, and what editors see of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from kb import gaps, queries, services
from kb.models import Article
from kb.query_models import Handled, Query, Reading
from tests.cases import a_ticket
from tests.kb.test_search import article
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
NO_MATCH = "/kb/no-match/"


@pytest.fixture
def library(db: None) -> None:
    article(
        "no-match", "查验时提示查无此票", "开票后两小时内完成同步。请第二天再查验，并核对号码。", summary="第二天再查"
    )
    article("no-match", "The check finds nothing", "Look again the next day.", language="en")
    article("delay", "同步需要多久", "通常两小时。")
    article("runbook", "值班手册", "内部流程", "staff")


def asked(text: str, times: int = 1, **more: Any) -> None:
    for _ in range(times):
        queries.record(q=text, user=None, language="zh-hans", place="page", hits=[])
    Query.objects.filter(text=text).update(**more)


@pytest.mark.usefixtures("library")
def test_a_question_is_noted_with_what_followed(client_of: Browser, api_of: Callable[..., APIClient]) -> None:
    browser = client_of(None)
    page = browser.get("/kb/search/?q=查无此票").content.decode()
    row = Query.objects.get()
    assert (row.text, row.language, row.audience, row.place) == ("查无此票", "zh-hans", "public", "page")
    assert (row.results, row.strength, row.outcome) == (1, "good", "left")
    link = f"{NO_MATCH}?s={row.token}"
    assert link in page
    browser.get(f"/kb/search/?q=查无此票&s={row.token}&category=x")  # narrowed, it is the same question
    shown = browser.get(link).content.decode()
    row.refresh_from_db()
    assert (row.outcome, row.article.slug) == ("opened", "no-match")
    browser.post(f"{NO_MATCH}solved/?s={row.token}")
    row.refresh_from_db()
    assert row.outcome == "solved"
    assert (
        f"/tickets/new/?q=%E6%9F%A5%E9%AA%8C%E6%97%B6%E6%8F%90%E7%A4%BA%E6%9F%A5%E6%97%A0%E6%AD%A4%E7%A5%A8&amp;s={row.token}"
        in shown
    )
    api_of(None).get("/api/v1/kb/articles/?q=量子力学的历史")
    assert list(Query.objects.order_by("created_at").values_list("place", "strength")) == [
        ("page", "good"),
        ("api", "none"),
    ]
    assert Reading.objects.get().count == 1


@pytest.mark.usefixtures("library")
def test_typing_is_not_noted_but_what_was_chosen_is(client_of: Browser) -> None:
    browser = client_of(None)
    assert f"{NO_MATCH}?q=" in browser.get("/kb/suggest/?q=查无").content.decode()
    assert not Query.objects.exists()
    browser.get(f"{NO_MATCH}?q=查无")
    row = Query.objects.get()
    assert (row.place, row.text, row.outcome, row.article.slug) == ("suggest", "查无", "opened", "no-match")


@pytest.mark.usefixtures("library")
def test_a_ticket_after_all_is_told_of_the_question(client_of: Browser, alice: User, ann: User) -> None:
    browser = client_of(alice)
    browser.get("/kb/search/?q=同步很久")
    token = Query.objects.get().token
    assert Query.objects.get().audience == "enterprises"
    browser.post(f"/tickets/new/?q=同步很久&s={token}", {"symptom": "no_record"})
    browser.post("/tickets/new/review/")
    assert Ticket.objects.get().subject == "同步很久"
    assert Query.objects.get().outcome == "filed"


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("发票 24112000000012345678 查不到", "发票 [invoice number] 查不到"),
        ("２４１１２０００００００１２３４５６７８", "[number]"),
        ("示例阿尔法科技有限公司 ALICE 贝塔贸易有限公司的票", "[name] [name] [company]的票"),
        ("  錯誤 4067  ", "错误 4067"),
    ],
)
def test_names_and_numbers_are_not_kept(said: str, kept: str, alice: User) -> None:
    assert queries.scrubbed(said, alice) == kept


def test_a_question_can_be_followed_by_its_own_name_for_a_day(library: None) -> None:
    found = Article.objects.get(slug="delay")
    asked("同步")
    for token in ("", "x" * 12, "y" * 400):
        queries.opened(token=token, article=found)
    Query.objects.update(created_at=timezone.now() - dt.timedelta(days=2))
    queries.opened(token=Query.objects.get().token, article=found)
    assert Query.objects.get().outcome == "left"


@pytest.mark.usefixtures("library")
def test_a_database_that_takes_no_note_still_answers(client_of: Browser) -> None:
    def busy(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "kb_query"'):
            raise OperationalError("database is locked")
        return execute(sql, *rest)

    with connection.execute_wrapper(busy):
        assert NO_MATCH in client_of(None).get("/kb/search/?q=查无此票").content.decode()
    assert not Query.objects.exists()


def test_old_questions_go(library: None) -> None:
    asked("旧的")
    Query.objects.update(created_at=timezone.now() - dt.timedelta(days=settings.QUERY_LOG_DAYS + 1))
    asked("新的")
    assert queries.forget() == 1
    assert Query.objects.get().text == "新的"


# The editors' pages


def test_the_backlog_holds_what_nothing_answers_until_somebody_deals_with_it(library: None, ed: User) -> None:
    found = Article.objects.get(slug="delay")
    asked("没有文章的问题", 2)
    asked("碰到一点", strength="weak")
    asked("没人点开", 4, strength="good")
    asked("都点开了", 4, strength="good", article=found)
    asked("[number]", 5)
    asked("很久以前", created_at=timezone.now() - dt.timedelta(days=gaps.DAYS + 1))
    assert [row["text"] for row in gaps.backlog()] == ["没人点开", "没有文章的问题", "碰到一点"]
    assert list(gaps.backlog("en")) == []
    gaps.deal(text="没人点开", language="zh-hans", by=ed)
    assert "没人点开" not in [row["text"] for row in gaps.backlog()]
    asked("没人点开")
    assert {row["text"]: row["asked"] for row in gaps.backlog()}["没人点开"] == 1
    assert gaps.summary()["asked"] == 17


def test_editors_work_through_the_backlog(client_of: Browser, library: None, ed: User, ann: User) -> None:
    asked("<b>没有文章</b>的问题")
    page = client_of(ed).get("/desk/kb/gaps/").content.decode()
    assert "&lt;b&gt;没有文章" in page
    assert "/desk/kb/new/?q=" in page
    assert "/desk/kb/new/?q=" not in client_of(ann).get("/desk/kb/gaps/").content.decode()
    given = {"text": "<b>没有文章</b>的问题", "language": "zh-hans"}
    assert client_of(ann).post("/desk/kb/gaps/", given).status_code == 403
    assert client_of(ed).post("/desk/kb/gaps/?language=zh-hans", given)["Location"].endswith("?language=zh-hans")
    assert Handled.objects.get().by == ed
    assert "&lt;b&gt;" not in client_of(ed).get("/desk/kb/gaps/").content.decode()


def test_each_article_shows_what_it_does(
    client_of: Browser, library: None, alice: User, alpha: Organisation, ed: User
) -> None:
    found = Article.objects.get(slug="no-match")
    for place in range(3):
        queries.read(article=found, language="zh-hans")
        services.record_feedback(article=found, language="zh-hans", visitor=f"v{place}", is_helpful=place == 0)
    services.record_deflection(article=found, visitor="v1", user=None, place="article", context="")
    asked("同步", 2, article=found, outcome="filed")
    ticket = a_ticket(alice, alpha)
    Ticket.objects.filter(pk=ticket.pk).update(article_slug="no-match")
    first, *_ = gaps.numbers(ed)
    assert (first.slug, first.reads, first.helpful, first.unhelpful, first.solved, first.filed) == (
        "no-match",
        3,
        1,
        2,
        1,
        2,
    )
    assert gaps.used(["no-match", "delay"]) == {"no-match": 1, "delay": 0}
    assert gaps.numbers(ed, "filed")[0].slug == "no-match"
    assert "查验时提示查无此票" in client_of(ed).get("/desk/kb/gaps/numbers/?sort=filed").content.decode()


def test_what_grows_old_is_listed(client_of: Browser, library: None, ed: User, ann: User) -> None:
    Article.objects.filter(slug="delay").update(review_by=timezone.localdate() - dt.timedelta(days=1))
    found = Article.objects.get(slug="no-match")
    for visitor in "abc":
        services.record_feedback(article=found, language="zh-hans", visitor=visitor, is_helpful=False)
    lists = {name: [one.slug for one in rows] for name, rows in gaps.health(ed).items()}
    assert lists == {"overdue": ["delay"], "disliked": ["no-match"], "untranslated": ["delay", "runbook"]}
    assert "/desk/kb/delay/edit/zh-hans/" in client_of(ed).get("/desk/kb/gaps/health/").content.decode()
    assert "/edit/" not in client_of(ann).get("/desk/kb/gaps/health/").content.decode()


@pytest.mark.parametrize("path", ["/desk/kb/gaps/", "/desk/kb/gaps/numbers/", "/desk/kb/gaps/health/"])
def test_a_page_asks_as_often_for_many_as_for_few(
    path: str, client_of: Browser, library: None, ed: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(12):
        article(f"a{number}", f"文章 {number}", "正文")
        asked(f"问题 {number}")
    browser = client_of(ed)
    browser.get(path)
    with django_assert_max_num_queries(12):
        assert browser.get(path).status_code == 200
