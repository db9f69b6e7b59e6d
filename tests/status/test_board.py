"""The board through its services and pages: who writes what, and what readers see of it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from defusedxml import ElementTree
from django.test import Client
from django.utils import timezone

from accounts.models import User
from helpdesk.common.errors import Forbidden, Invalid, LostRace, NotNow, Stale
from kb.status import reading, seed, services
from kb.status.models import Announcement, Component, Incident, StatusEvent
from tests.status.cases import a_window, an_incident, news_for

Browser = Callable[[User | None], Client]


@pytest.fixture
def incident(sam: User) -> Incident:
    return services.open_incident(given=an_incident(), by=sam)


def condition(slug: str) -> str:
    rows = [row for _label, rows in reading.board(None).groups for row in rows]
    return next(row.condition.name for row in rows if row.component.slug == slug)


# Incidents


def test_an_incident_goes_its_way_and_each_step_is_an_event(incident: Incident, sam: User, ann: User) -> None:
    assert (condition("leqi"), condition("etax")) == ("outage", "normal")
    for action, by in (("identify", ann), ("monitor", sam), ("recover", ann), ("relapse", sam), ("recover", sam)):
        services.post_update(incident=incident, action=action, body=f"进展 {action}", by=by)
    kinds = list(StatusEvent.objects.filter(incident=incident).values_list("kind", flat=True))
    steps = ["opened", "identified", "monitored", "resolved", "reopened", "resolved"]
    assert kinds == [f"incident.{step}" for step in steps]
    assert incident.resolved_at
    assert condition("leqi") == "normal"
    assert incident.updates.count() == 6


def test_what_is_refused(incident: Incident, sam: User, alice: User, kate: User) -> None:
    for who in (alice, kate):
        with pytest.raises(Forbidden):
            services.post_update(incident=incident, body="x", by=who)
    with pytest.raises(Invalid):
        services.post_update(incident=incident, body=" ", by=sam)
    with pytest.raises(Invalid):
        services.post_update(incident=incident, body="x", at=timezone.now() - dt.timedelta(days=2), by=sam)
    same = Incident.objects.get(pk=incident.pk)
    services.post_update(incident=incident, action="recover", body="好了", by=sam)
    with pytest.raises(LostRace):
        services.post_update(incident=same, action="identify", body="晚了", by=sam)
    with pytest.raises(NotNow):
        services.post_update(incident=incident, body="还有一句", by=sam)
    assert incident.updates.count() == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"), ({"components": []}, "components"), ({"impact": "huge"}, "impact"),
        ({"kinds": ["99"]}, "kinds"), ({"body_en": "x" * 5001}, "body_en"),
        ({"started_at": timezone.now() + dt.timedelta(days=1)}, "started_at"),
        ({"expected_at": timezone.now() - dt.timedelta(days=1)}, "expected_at"),
    ],
)  # fmt: skip
def test_an_incident_that_is_not_whole(sam: User, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        services.open_incident(given=an_incident(**wrong), by=sam)
    assert field in {error.field for error in refused.value.errors}
    assert not Incident.objects.exists()


def test_of_two_who_correct_it_the_second_sees_the_first(incident: Incident, sam: User, client_of: Browser) -> None:
    services.change_incident(incident=incident, given=an_incident(title="先改的标题"), by=sam, version=1)
    with pytest.raises(Stale):
        services.change_incident(incident=incident, given=an_incident(), by=sam, version=1)
    sent = {**an_incident(title="后改的标题"), "version": "1", "title_en": "", "started_at": "2026-01-05T09:00"}
    answer = client_of(sam).post(f"/desk/status/incidents/{incident.pk}/edit/", sent)
    assert answer.status_code == 412
    assert "先改的标题" in answer.content.decode()
    assert "后改的标题" in answer.content.decode()


def test_an_update_from_the_form(incident: Incident, ann: User, client_of: Browser) -> None:
    browser, address = client_of(ann), f"/desk/status/incidents/{incident.pk}/"
    assert browser.post(address, {"action": "identify", "body": ""}).status_code == 422
    assert browser.post(address, {"action": "relapse", "body": "不行"}).status_code == 422
    assert browser.post(address, {"action": "", "body": "仍在等平台答复"}).status_code == 302
    last = incident.updates.first()
    assert last is not None
    assert (last.body, last.status, last.by) == ("仍在等平台答复", "investigating", ann)


# Maintenance and announcements


def test_maintenance_is_planned_moved_and_cancelled(sam: User) -> None:
    now = timezone.now()
    works = services.plan_maintenance(given=a_window(starts_at=now, ends_at=now + dt.timedelta(hours=1)), by=sam)
    assert condition("etax") == "maintenance"
    services.change_maintenance(maintenance=works, given=a_window(), by=sam, version=1)
    assert condition("etax") == "normal"
    with pytest.raises(Invalid):
        services.plan_maintenance(given=a_window(ends_at=now), by=sam)
    services.cancel_maintenance(maintenance=works, by=sam, version=2)
    assert not reading.board(None).maintenance
    with pytest.raises(NotNow):
        services.change_maintenance(maintenance=works, given=a_window(), by=sam, version=3)


def test_announcements_reach_their_audience(sam: User, ann: User, alice: User, client_of: Browser) -> None:
    for audience in ("public", "enterprises", "staff"):
        services.announce(given=news_for(audience, title=f"给 {audience}", is_banner=True), by=sam)
    with pytest.raises(Forbidden):
        services.announce(given=news_for("public"), by=ann)
    for who, count in ((None, 1), (alice, 2), (ann, 3)):
        text = client_of(who).get("/status/announcements/").content.decode()
        assert len(re.findall(r'class="t"', text)) == count
        assert len(reading.banners(who)) == count
    text = client_of(None).get("/status/announcements/feed.atom").content.decode()
    assert "给 public" in text
    assert "给 enterprises" not in text
    first = Announcement.objects.get(audience="public")
    services.withdraw_announcement(announcement=first, by=sam, version=1)
    assert client_of(None).get(f"/status/announcements/{first.pk}/").status_code == 404


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.com/", "example.com", "https://", ""])
def test_a_source_is_an_address_that_can_be_opened(sam: User, url: str) -> None:
    with pytest.raises(Invalid):
        services.announce(given=news_for("public", source_url=url), by=sam)


# Readers


def test_the_page_says_it_in_words_in_both_languages(incident: Incident, client_of: Browser) -> None:
    Component.objects.update(watched_since=timezone.localdate() - dt.timedelta(days=100))
    page = client_of(None).get("/status/").content.decode()
    assert "部分系统故障" in page
    assert re.search(r"90 天可用率 99\.\d\d %，1 次故障", page)
    english = Client(headers={"accept-language": "en"}).get("/status/").content.decode()
    assert "Leqi uploads time out" in english
    assert re.search(r"90-day availability 99\.\d\d %, 1 incident<", english)


def test_an_open_incident_stands_above_every_help_page(
    incident: Incident, sam: User, alice: User, client_of: Browser, django_capture_on_commit_callbacks: Any
) -> None:
    for address in ("/", "/kb/", "/diagnose/", "/tickets/new/"):
        assert "乐企上传超时" in client_of(alice).get(address).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        services.post_update(incident=incident, action="recover", body="好了", by=sam)
    assert "乐企上传超时" not in client_of(alice).get("/").content.decode()


@pytest.mark.parametrize("many", [1, 12])
def test_the_pages_ask_as_often_for_one_incident_as_for_many(
    many: int, sam: User, client_of: Browser, django_assert_max_num_queries: Any
) -> None:
    for number in range(many):
        services.open_incident(given=an_incident(title=f"故障 {number}"), by=sam)
        services.plan_maintenance(given=a_window(), by=sam)
        services.announce(given=news_for("public", is_banner=True), by=sam)
    for address in ("/status/", "/status/feed.atom", "/status/history/", "/status/announcements/", "/api/v1/status/"):
        with django_assert_max_num_queries(9):
            client_of(None).get(address)
    desk = client_of(sam)
    desk.get("/desk/status/")  # counts of the queues are kept, too
    with django_assert_max_num_queries(9):
        desk.get("/desk/status/")
    client_of(None).get("/kb/")
    with django_assert_max_num_queries(2):  # of the page itself: what stands above it is kept
        client_of(None).get("/kb/")


def test_the_feed_is_atom_with_every_update(incident: Incident, sam: User, client_of: Browser) -> None:
    services.post_update(incident=incident, action="identify", body="<b>网关</b>", by=sam)
    services.plan_maintenance(given=a_window(), by=sam)
    answer = client_of(None).get("/status/feed.atom")
    assert answer["Content-Type"].startswith("application/atom+xml")
    entries = ElementTree.fromstring(answer.content).findall("{*}entry")
    titles = [entry.findtext("{*}title") for entry in entries]
    assert titles == ["计划维护：电子税务局维护", "已定位：乐企上传超时", "故障：乐企上传超时"]
    assert len({entry.findtext("{*}id") for entry in entries}) == 3


def test_months_lie_behind_each_other(sam: User, client_of: Browser) -> None:
    began = timezone.now() - dt.timedelta(days=70)
    services.open_incident(given=an_incident(title="两个月前", started_at=began), by=sam)
    page = client_of(None)
    assert "两个月前" in page.get(f"/status/history/?month={timezone.localtime(began):%Y-%m}").content.decode()
    assert "两个月前" not in page.get("/status/history/?month=not-a-month").content.decode().partition("<main")[2]


def test_the_api_tells_the_board(incident: Incident, sam: User, api_of: Callable[[User | None], Any]) -> None:
    services.announce(given=news_for("staff"), by=sam)
    services.plan_maintenance(given=a_window(), by=sam)
    told = api_of(None).get("/api/v1/status/").json()
    assert told["condition"] == "outage"
    leqi = next(row for row in told["components"] if row["slug"] == "leqi")
    assert (leqi["condition"], leqi["incidents"], leqi["group"]) == ("outage", 1, "issuing")
    (one,) = told["incidents"]
    assert (one["status"], one["components"], one["invoice_kinds"]) == ("investigating", ["leqi"], [])
    assert [row["components"] for row in told["maintenance"]] == [["etax"]]
    assert told["announcements"] == []
    assert len(api_of(sam).get("/api/v1/status/").json()["announcements"]) == 1


def test_components_load_once_and_keep_when_they_were_first_watched() -> None:
    Component.objects.update(watched_since=dt.date(2026, 1, 1))
    assert seed.load() == 0
    assert set(Component.objects.values_list("watched_since", flat=True)) == {dt.date(2026, 1, 1)}
