"""The desk's pages without a browser: what they cost, how they narrow, sort and page, and that no refusal loses a word."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation, User
from tests.cases import a_file, a_ticket, an_invoice
from tickets import services
from tickets.backfill import services as backfill
from tickets.models import Ticket
from tickets.triage import services as triage

Browsers = Callable[[User | None], Client]
#: With the tasks that follow a commit: files read, a triage proposed, people told.
followed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


def queries(browser: Any, path: str) -> int:
    """How many queries a page costs, with a warm process and a cold cache."""
    browser.get(path)
    cache.clear()
    with CaptureQueriesContext(connection) as told:
        answer = browser.get(path)
    assert answer.status_code == 200, path
    return len(told)


def numbers(answer: Any) -> list[str]:
    """The ticket numbers of a queue page, in order."""
    return re.findall(r'<td class="c-id num muted">([\d-]+)</td>', answer.content.decode())


def link(answer: Any, rel: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{rel}"', answer.content.decode())
    return found[1].replace("&amp;", "&") if found else ""


# What a page costs


def test_lists_cost_the_same_at_ten_and_at_a_hundred_rows(
    client_of: Browsers, api_of: Any, alice: User, ann: User, alpha: Organisation, django_assert_max_num_queries: Any
) -> None:
    pages = {
        "queue": (client_of(ann), "/desk/queue/all/"),
        "queue narrowed": (client_of(ann), "/desk/queue/all/?symptom=no_record&priority=3&sort=-updated&q=查无"),
        "backfills": (client_of(ann), "/desk/backfill/?tab=open"),
        "my tickets": (client_of(alice), "/tickets/"),
        "API list": (api_of(alice), "/api/v1/tickets/"),
        "API backfills": (api_of(ann), "/api/v1/backfills/"),
    }
    _file(10, alice, alpha, ann)
    few = {name: queries(*page) for name, page in pages.items()}
    _file(90, alice, alpha, ann)
    many = {name: queries(*page) for name, page in pages.items()}
    assert few == many
    assert {name: cost for name, cost in many.items() if cost > 12} == {}


def _file(count: int, by: User, organisation: Organisation, agent: User) -> None:
    for _ in range(count):
        backfill.open_backfill(invoice=a_ticket(by, organisation).invoices.get(), by=agent)


def test_a_ticket_costs_the_same_with_ten_and_with_a_hundred_messages(
    client_of: Browsers, api_of: Any, alice: User, ann: User, alpha: Organisation
) -> None:
    one = a_ticket(alice, alpha, an_invoice(), files=(a_file(alice),))
    other = a_ticket(alice, alpha, *(an_invoice() for _ in range(20)), files=tuple(a_file(alice) for _ in range(10)))
    for ticket, count in ((one, 10), (other, 100)):
        for _ in range(count // 2):
            services.comment(ticket=ticket, body="还在查。", by=ann)
            services.comment(ticket=ticket, body="好的。", by=alice)
        for invoice in ticket.invoices.all():
            backfill.open_backfill(invoice=invoice, by=ann)
    desk = [queries(client_of(ann), f"/desk/tickets/{t.number}/?view=all") for t in (one, other)]
    enterprise = [queries(client_of(alice), f"/tickets/{t.number}/") for t in (one, other)]
    api = [queries(api_of(alice), f"/api/v1/tickets/{t.number}/") for t in (one, other)]
    for few, many in (desk, enterprise, api):
        assert few == many
        assert many <= 20


# Queue


def test_a_queue_pages_forth_and_back_through_every_ticket_once(
    client_of: Browsers, alice: User, ann: User, alpha: Organisation
) -> None:
    made = [a_ticket(alice, alpha) for _ in range(60)]
    now = timezone.now()
    for at, ticket in enumerate(made[30:]):  # five at the same moment: the id breaks the tie
        Ticket.objects.filter(pk=ticket.pk).update(due_at=now + dt.timedelta(hours=at // 5))
    browser = client_of(ann)
    for sort in ("due", "-due", "number", "-number", "updated", "-updated"):
        pages = [browser.get(f"/desk/queue/all/?sort={sort}")]
        while forth := link(pages[-1], "next"):
            pages.append(browser.get(f"/desk/queue/all/{forth}"))
        seen = [numbers(page) for page in pages]
        assert [len(rows) for rows in seen] == [25, 25, 10]
        assert sorted(n for rows in seen for n in rows) == sorted(t.number for t in made)
        back = [pages[-1]]
        while before := link(back[-1], "prev"):
            back.append(browser.get(f"/desk/queue/all/{before}"))
        assert [numbers(page) for page in back] == seen[::-1], sort
        if sort.endswith("due"):
            assert set(seen[2]) <= {t.number for t in made[:30]}  # undated ones last, whichever way


@pytest.mark.parametrize("key", ["x", "W10", "WyJhIiwgMV0", "WzEsIDk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5XQ", "%00"])
def test_a_broken_key_starts_from_the_beginning(client_of: Browsers, ticket: Ticket, ann: User, key: str) -> None:
    for name in ("after", "before"):
        answer = client_of(ann).get(f"/desk/queue/all/?{name}={key}")
        assert answer.status_code == (400 if key == "%00" else 200)
        assert key == "%00" or numbers(answer) == [ticket.number]


def test_filters_combine_and_come_off_one_by_one(
    client_of: Browsers, alice: User, ann: User, abe: User, alpha: Organisation
) -> None:
    urgent, taken, plain = (a_ticket(alice, alpha) for _ in range(3))
    services.update(ticket=urgent, changes={"priority": 1}, by=ann, version=urgent.version)
    services.assign(ticket=taken, assignee=abe, by=ann)
    browser, path = client_of(ann), "/desk/queue/all/"

    def shown(query: str) -> set[str]:
        return set(numbers(browser.get(path + query)))

    assert shown("?priority=1") == {urgent.number}
    assert shown("?priority=1&priority=3") == {urgent.number, taken.number, plain.number}
    assert shown(f"?assignee={abe.pk}") == {taken.number}
    assert shown("?assignee=none") == {urgent.number, plain.number}
    assert shown(f"?assignee=none&assignee={abe.pk}&priority=3") == {taken.number, plain.number}
    assert shown("?assignee=99999999999999999999999") == set()
    assert shown("?status=new&symptom=no_record") == {urgent.number, taken.number, plain.number}
    assert shown("?status=nonsense") == {urgent.number, taken.number, plain.number}
    page = browser.get(path + "?priority=1&priority=3&symptom=no_record&sort=number&after=x").content.decode()
    assert 'href="?priority=3&amp;symptom=no_record&amp;sort=number"' in page
    assert 'href="?priority=1&amp;priority=3&amp;sort=number"' in page


def test_an_empty_queue_and_an_empty_filter_say_different_things(
    client_of: Browsers, ticket: Ticket, ann: User
) -> None:
    done = client_of(ann).get("/desk/queue/overdue/").content.decode()
    assert "都处理完了" in done
    assert "/desk/queue/unassigned/" in done
    none = client_of(ann).get("/desk/queue/all/?priority=1").content.decode()
    assert "没有符合条件的工单" in none
    assert "都处理完了" not in none
    assert client_of(ann).get("/desk/queue/nonsense/").status_code == 200


def test_a_ticket_keeps_its_place_in_the_queue_it_was_opened_from(
    client_of: Browsers, alice: User, ann: User, alpha: Organisation
) -> None:
    first, second, third = (a_ticket(alice, alpha) for _ in range(3))
    browser = client_of(ann)
    opened = re.search(
        rf'href="(/desk/tickets/{second.number}/[^"]*)"',
        browser.get("/desk/queue/all/?sort=-number&priority=3").content.decode(),
    )
    assert opened
    path = opened[1].replace("&amp;", "&")
    page = browser.get(path)
    assert 'href="/desk/queue/all/?sort=-number&amp;priority=3"' in page.content.decode()
    assert link(page, "prev").startswith(f"/desk/tickets/{third.number}/?view=all")
    assert link(page, "next").startswith(f"/desk/tickets/{first.number}/?view=all")
    sent = browser.post(path.replace("/?", "/reply/?"), {"visibility": "public", "body": "已收到。"})
    assert sent["Location"] == path


@followed
def test_what_is_unread_stands_out_until_it_is_opened(
    client_of: Browsers, ticket: Ticket, alice: User, ann: User
) -> None:
    services.assign(ticket=ticket, assignee=ann, by=ann)
    services.comment(ticket=ticket, body="补充一点。", by=alice)
    browser = client_of(ann)
    assert 'class="unread"' in browser.get("/desk/queue/mine/").content.decode()
    browser.get(f"/desk/tickets/{ticket.number}/")
    assert 'class="unread"' not in browser.get("/desk/queue/mine/").content.decode()


# Ticket page


@followed
def test_the_page_says_what_is_left_and_why_the_answer_is_due(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
    for text in ("确认分诊建议", "尚无人领取此工单", "1 张发票中有 1 张尚无记录", "个工作小时，自"):
        assert text in page
    triage.decide(proposal=ticket.proposals.get(), values={}, by=ann)
    services.set_aside(invoice=ticket.invoices.get(), reason="对方已红冲", by=ann)
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert "发票均已办结，可标记已解决" in page
    assert "确认分诊建议" not in page


@followed
def test_a_decided_proposal_names_the_person_and_the_change(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    proposal = ticket.proposals.get()
    assert proposal.content["values"]["priority"]["value"] != 1
    client_of(ann).post(f"/desk/tickets/{ticket.number}/proposal/", {"priority": "1"})
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert "Ann 修改后采纳" in page
    assert re.search(r"<del>.*普通</del> <strong>.*紧急</strong>", page)
    again_ = client_of(ann).post(f"/desk/tickets/{ticket.number}/proposal/", {"priority": "2"})
    assert again_.status_code == 409


def test_an_unverified_enterprise_is_seen_at_once(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    assert "尚未核实" not in client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
    Organisation.objects.filter(pk=ticket.organisation_id).update(is_verified=False)
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert page.count("尚未核实") == 2  # beside the name and on the panel


def test_a_long_case_folds(client_of: Browsers, alice: User, ann: User, alpha: Organisation) -> None:
    ticket = a_ticket(alice, alpha, *(an_invoice() for _ in range(20)))
    for turn in range(100):
        services.comment(ticket=ticket, body=f"第 {turn} 条", by=ann)
        services.comment(ticket=ticket, body="收到。", by=alice)
    path = f"/desk/tickets/{ticket.number}/"
    page = client_of(ann).get(path).content.decode()
    assert page.count('class="item"') == 20
    assert not re.search(r'class="item" id="i\d+" open', page)
    assert "第 99 条" in page
    assert "第 3 条" not in page
    assert page.count('class="msg') <= 41
    assert "第 3 条" in client_of(ann).get(path + "?all=1").content.decode()
