"""Lists: every row once, in order, forth and back; filters that narrow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import Organisation, User
from tests.api.problems import assert_problem
from tests.cases import a_ticket
from tickets.models import Message, Ticket

pytestmark = pytest.mark.django_db
Api = Callable[[User | None], APIClient]
V1 = "/api/v1"


# Pages


@pytest.fixture
def many(alice: User, alpha: Organisation) -> list[str]:
    """Seven tickets, some due at the same moment, some undated, two of a kind in every column."""
    tickets = [a_ticket(alice, alpha) for _ in range(7)]
    moment = timezone.now().replace(microsecond=0)
    for index, one in enumerate(tickets):
        due = None if index % 3 == 0 else moment + dt.timedelta(days=index % 2)
        at = moment - dt.timedelta(hours=index // 2)
        Ticket.objects.filter(pk=one.pk).update(due_at=due, priority=1 + index % 2, created_at=at, updated_at=at)
    return [str(one.number) for one in tickets]


def pages(api: APIClient, url: str, key: str) -> Iterator[list[Any]]:
    while url:
        answer = api.get(url).json()
        assert set(answer) == {"next", "previous", "results"}
        yield answer["results"]
        url = answer[key]


ORDERINGS = ["", *(sign + name for name in ("created_at", "updated_at", "due_at", "priority") for sign in ("", "-"))]


@pytest.mark.parametrize("ordering", ORDERINGS)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_every_row_is_on_one_page_in_order_and_back(
    ordering: str, size: int, many: list[str], alice: User, api_of: Api
) -> None:
    api = api_of(alice)
    url = f"{V1}/tickets/?ordering={ordering}&page_size={size}"
    forth = list(pages(api, url, "next"))
    numbers = [row["number"] for page in forth for row in page]
    assert sorted(numbers) == sorted(many)
    assert all(len(page) == size for page in forth[:-1])
    column = ordering.removeprefix("-") or "number"
    values = [row[column] for page in forth for row in page]
    dated = [value for value in values if value is not None]
    assert dated == sorted(dated, reverse=ordering.startswith("-") or not ordering)
    assert values == dated + [None] * (len(values) - len(dated))  # undated rows come last
    last = api.get(url).json()
    while last["next"]:
        last = api.get(last["next"]).json()
    back = [last["results"], *pages(api, last["previous"], "previous")] if last["previous"] else [last["results"]]
    assert [row["number"] for page in reversed(back) for row in page] == numbers


def test_pages_stay_while_rows_arrive(many: list[str], alice: User, alpha: Organisation, api_of: Api) -> None:
    first = api_of(alice).get(f"{V1}/tickets/?page_size=3").json()
    a_ticket(alice, alpha)
    rest = [row["number"] for page in pages(api_of(alice), first["next"], "next") for row in page]
    assert [row["number"] for row in first["results"]] + rest == many[::-1]


def test_a_cursor_is_of_one_list_and_one_order(many: list[str], alice: User, ann: User, api_of: Api) -> None:
    following = api_of(alice).get(f"{V1}/tickets/?page_size=3&ordering=due_at").json()["next"]
    cursor = following.partition("cursor=")[2].partition("&")[0]
    for other in ("tickets/?ordering=-due_at&", "tickets/?", "backfills/?", f"tickets/{many[0]}/events/?"):
        told = assert_problem(api_of(alice).get(f"{V1}/{other}cursor={cursor}"), 400)
        assert told["errors"][0]["field"] == "cursor"
    assert_problem(api_of(alice).get(f"{V1}/tickets/?ordering=due_at&cursor={cursor[:-1]}"), 400)
    assert api_of(ann).get(following).status_code == 200  # it opens nothing: the rows are the caller's own


def test_a_page_has_25_rows_and_at_most_100(alice: User, alpha: Organisation, api_of: Api) -> None:
    ticket = a_ticket(alice, alpha)
    rows = [
        Message(ticket=ticket, author=alice, by_desk=False, body="b", visibility="public", created_at=timezone.now())
    ]
    Message.objects.bulk_create(
        Message(**{f.attname: getattr(rows[0], f.attname) for f in Message._meta.fields if f.attname != "id"})
        for _ in range(103)
    )
    url = f"{V1}/tickets/{ticket.number}/messages/"
    for query, size in (("", 25), ("?page_size=100", 100), ("?page_size=5000", 100)):
        assert len(api_of(alice).get(url + query).json()["results"]) == size
    assert sum(len(page) for page in pages(api_of(alice), url, "next")) == 103


@pytest.mark.parametrize("rows", [5, 40])
def test_a_page_costs_the_same_however_many_rows(
    rows: int, alice: User, alpha: Organisation, api_of: Api, django_assert_max_num_queries: Any
) -> None:
    for _ in range(rows):
        a_ticket(alice, alpha)
    with django_assert_max_num_queries(6):
        assert len(api_of(alice).get(f"{V1}/tickets/?page_size=40").json()["results"]) == rows


# Filters


def test_every_filter_narrows(alice: User, alpha: Organisation, ann: User, api_of: Api) -> None:
    one, other = a_ticket(alice, alpha), a_ticket(alice, alpha)
    api, path = api_of(ann), f"{V1}/tickets/{one.number}/"
    api.post(f"{path}actions/accept/")
    change = {"assignee": ann.pk, "priority": 1, "cause": "sync_delay", "queue": "data", "symptom": "delayed"}
    api.patch(path, change, HTTP_IF_MATCH="*")
    due = timezone.now() + dt.timedelta(days=1)
    Ticket.objects.filter(pk=one.pk).update(due_at=due)
    Ticket.objects.filter(pk=other.pk).update(created_at=timezone.now() - dt.timedelta(days=9), due_at=None)
    day = (timezone.now() - dt.timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    number = one.invoices.get().number
    for query in (
        "status=open",
        "status=open&status=resolved",
        "queue=data",
        f"assignee={ann.pk}",
        "unassigned=false",
        "priority=1",
        "cause=sync_delay",
        "symptom=delayed",
        f"created_after={day}",
        f"due_before={(due + dt.timedelta(hours=1)).strftime('%Y-%m-%dT%H:%M:%SZ')}",
        f"invoice_number={number}",
        f"q={number}",
        f"q={one.number}",
    ):
        found = [row["number"] for row in api.get(f"{V1}/tickets/?{query}").json()["results"]]
        assert found == [one.number], query
    assert [r["number"] for r in api.get(f"{V1}/tickets/?created_before={day}").json()["results"]] == [other.number]
    assert len(api.get(f"{V1}/tickets/?organisation={alpha.pk}").json()["results"]) == 2
    assert api.get(f"{V1}/tickets/?organisation={alpha.pk + 1}").json()["results"] == []
