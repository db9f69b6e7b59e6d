"""Sittings with articles: what is noted, how each ends, what is forgotten, and the page that publishes it."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation, User
from kb import deflection, services
from kb.deflection import WINDOW, Seen, Sitting, outcome, sittings
from kb.models import Article
from kb.visit_models import Visit
from tests.cases import a_ticket
from tickets import drafts
from tickets.models import Draft, Ticket

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
HOUR = dt.timedelta(hours=1)
START = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
TEXT = {"title": "查验时提示查无此票", "body": "## 步骤\n\n1. 核对号码", "summary": "", "keywords": ""}


@pytest.fixture
def library(db: None) -> None:
    for slug in ("one", "two"):
        category = services.category_of("c")
        services.import_article(slug=slug, language="zh-hans", category=category, audience="public", text=TEXT)


def sitting(*hours: float, places: str = "search") -> Sitting:
    return Sitting([Seen("v", START + h * HOUR, n, places) for n, h in enumerate(hours)])


CASES = (
    ("filed", {"filed": (71,), "solved": (1,), "begun": (70,)}, "search"),
    ("solved", {"filed": (73,), "solved": (2,), "begun": ()}, "search"),
    ("solved", {"filed": (), "solved": (-0.05,), "begun": ()}, "outside"),  # said so on the page that then led here
    ("half_filled", {"filed": (), "solved": (), "begun": (80,)}, "search"),
    ("quiet", {"filed": (-1,), "solved": (-1,), "begun": (-1,)}, "search"),
    ("left", {"filed": (), "solved": (), "begun": ()}, "outside"),
)


@pytest.mark.parametrize(("expected", "facts", "place"), CASES)
def test_the_first_outcome_that_holds(expected: str, facts: dict[str, tuple[float, ...]], place: str) -> None:
    moments = {name: [START + h * HOUR for h in hours] for name, hours in facts.items()}
    assert outcome(sitting(0, places=place), **moments) == expected


def test_a_second_article_is_a_sign_of_a_person() -> None:
    assert outcome(sitting(0, 1, places="outside"), filed=(), solved=(), begun=()) == "quiet"


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_sittings_part_the_visits_and_each_fits_its_window(hours: list[int]) -> None:
    visits = sitting(*sorted(hours)).visits
    found = list(sittings(visits))
    assert [visit for one in found for visit in one.visits] == list(visits)
    assert all(one.visits[-1].at < one.end for one in found)
    assert all(after.first.at >= before.end for before, after in itertools.pairwise(found))


def later(ago: dt.timedelta = WINDOW + HOUR) -> None:
    """All that has been noted happened so long ago."""
    for visit in Visit.objects.all():
        Visit.objects.filter(pk=visit.pk).update(at=visit.at - ago)


@pytest.mark.usefixtures("library")
def test_who_reads_without_an_account_and_then_files_is_one_reader(
    client_of: Browser, alice: User, alpha: Organisation
) -> None:
    browser = client_of(None)
    browser.get("/kb/one/?s=x", headers={"referer": "http://testserver/kb/search/?q=x"})
    browser.get("/kb/two/", headers={"referer": "http://testserver/kb/one/"})
    browser.get("/kb/two/?lang=en", headers={"referer": "http://testserver/kb/two/"})  # the same, in the other language
    assert list(Visit.objects.order_by("pk").values_list("place", flat=True)) == ["search", "article"]
    assert {len(row.visitor) for row in Visit.objects.all()} == {64}
    browser.force_login(alice, backend="accounts.backends.Accounts")
    browser.post("/tickets/new/", {"symptom": "no_record"})
    assert deflection.roll_up() == 0  # it may still become a ticket
    later()
    a_ticket(alice, alpha)
    Ticket.objects.update(created_at=timezone.now() - 5 * HOUR)
    Draft.objects.all().delete()
    assert [deflection.roll_up() for _ in range(2)] == [1, 0]
    assert set(Visit.objects.values_list("visitor", "outcome")) == {("", "filed")}
    assert list(Visit.objects.order_by("pk").values_list("opened", flat=True)) == [2, None]


@pytest.mark.usefixtures("library")
def test_each_ends_in_its_own_way(client_of: Browser, alice: User, ann: User) -> None:
    quick, keen, lost = client_of(None), client_of(None), client_of(alice)
    for browser in (quick, keen, lost, client_of(ann)):  # the desk's own readings are not counted
        browser.get("/kb/one/", headers={"referer": "http://testserver/"})
    client_of(None).get("/kb/one/")
    client_of(None).get("/kb/one/", headers={"user-agent": "Examplebot/2.0"})
    quick.post("/kb/one/solved/")
    later()
    services.Deflection.objects.update(created_at=timezone.now() - 70 * HOUR)
    drafts.save(alice, drafts.NEW_TICKET, {"symptom": "no_record"})
    assert deflection.roll_up() == 4
    total = deflection.total(deflection.weeks())
    counted = {name: total[name] for name in ("solved", "quiet", "filed", "half_filled", "left", "share")}
    assert counted == {"solved": 1, "quiet": 1, "filed": 0, "half_filled": 1, "left": 1, "share": 100}
    assert [(row["place"], row["sittings"]) for row in deflection.places()] == [("outside", 1), ("page", 3)]


@pytest.mark.usefixtures("library")
def test_the_page_says_what_it_counts_and_hands_it_out(client_of: Browser, sam: User, alice: User) -> None:
    article = Article.objects.get(slug="one")
    for outcome_ in ("solved", "solved", "quiet", "filed", "half_filled"):
        Visit.objects.create(article=article, place="diagnosis", at=timezone.now(), outcome=outcome_, opened=1)
    browser = client_of(sam)
    shown = browser.get("/desk/kb/deflection/").content.decode()
    assert "72 小时内没有提交工单" in shown
    assert "75%" in shown
    sheet = browser.get("/desk/kb/deflection/?format=csv").content.decode("utf-8-sig").splitlines()
    assert sheet[1].split(",")[1:] == ["5", "2", "1", "1", "1", "0", "75"]
    assert re.search(r"<h2[^>]*>按周</h2>", browser.get("/desk/kb/deflection/?place=search").content.decode()) is None
    assert client_of(alice).get("/desk/kb/deflection/").status_code == 403


@pytest.mark.usefixtures("library")
def test_old_rows_go(settings: object) -> None:
    article = Article.objects.get(slug="one")
    for days in (399, 401):
        at = timezone.now() - dt.timedelta(days=days)
        Visit.objects.create(article=article, place="page", at=at, outcome="quiet", opened=1)
    deflection.forget()
    assert Visit.objects.count() == 1
