"""Rights past the address: ids in bodies, filters, counts, actions, and rights that have just ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from rest_framework.test import APIClient

from accounts import services as accounts
from accounts.models import Membership, User
from accounts.permissions import Permission
from helpdesk.common.lifecycle import Lifecycle
from tests.access.test_rights import ROWS
from tests.access.world import ROLES, World
from tickets import lifecycle
from tickets.backfill import lifecycle as backfill_lifecycle
from tickets.backfill.models import Backfill
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]


def stored() -> dict[str, int]:
    """How many rows each table has."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


@pytest.fixture
def as_(world: World) -> Callable[[str], APIClient]:
    def make(who: str) -> APIClient:
        client = APIClient()
        client.force_authenticate(User.objects.get(pk=world.people[who].pk))  # type: ignore[union-attr]
        return client

    return make


#: Whose request, and a body that names what belongs to somebody else; the field that is said to be unknown.
FOREIGN = (
    (
        "charlie",
        "POST /api/v1/tickets/",
        {"subject": "s", "symptom": "no_record", "organisation": "alpha"},
        "organisation",
    ),
    (
        "charlie",
        "POST /api/v1/tickets/",
        {"subject": "s", "symptom": "no_record", "evidence": ["upload"]},
        "evidence.0",
    ),
    ("charlie", "POST /api/v1/tickets/", {"subject": "s", "symptom": "no_record", "evidence": ["file"]}, "evidence.0"),
    ("bob", "POST /api/v1/tickets/", {"subject": "s", "symptom": "no_record", "evidence": ["upload"]}, "evidence.0"),
    ("bob", "POST /api/v1/tickets/{ticket}/messages/", {"body": "b", "evidence": ["upload"]}, "evidence.0"),
    ("bob", "POST /api/v1/tickets/{ticket}/messages/", {"body": "b", "evidence": ["note"]}, "evidence.0"),
    ("ann", "POST /api/v1/tickets/{ticket}/messages/", {"body": "b", "evidence": ["upload"]}, "evidence.0"),
    ("bob", "POST /api/v1/tickets/{asked}/actions/answer/", {"body": "b", "evidence": ["upload"]}, "evidence.0"),
    ("bob", "PUT /api/v1/backfills/{papers}/materials/upload_log/", {"evidence": "upload"}, "evidence.0"),
    ("bob", "PUT /api/v1/backfills/{papers}/materials/upload_log/", {"evidence": "note"}, "evidence.0"),
    ("charlie", "POST /api/v1/backfills/", {"invoice": "invoice"}, "invoice"),
    (
        "ann",
        "POST /api/v1/invoices/{invoice}/checks/",
        {"site": "buyer", "outcome": "found", "evidence": "upload"},
        "evidence.0",
    ),
    ("ann", "PATCH /api/v1/tickets/{ticket}/", {"assignee": "alice"}, "assignee"),
    ("ann", "PATCH /api/v1/tickets/{ticket}/", {"assignee": "ed", "priority": 1}, "assignee"),
)


@pytest.mark.parametrize(("who", "request_", "body", "field"), FOREIGN, ids=lambda value: str(value)[:60])
def test_an_id_in_a_body_is_looked_up_in_the_callers_own_rows(
    who: str, request_: str, body: dict[str, Any], field: str, world: World, as_: Any
) -> None:
    def known(value: Any) -> Any:
        if isinstance(value, list):
            return [known(one) for one in value]
        person = world.people.get(value) if isinstance(value, str) else None
        named = world.names.get(value, value) if isinstance(value, str) else value
        return person.pk if person else str(named) if value in ("upload", "file", "note") else named

    method, path = request_.split()
    before = stored(), Ticket.objects.get(number=world.names["ticket"]).version
    call = getattr(as_(who), method.lower())
    answer = call(path.format_map(world.names), {k: known(v) for k, v in body.items()}, HTTP_IF_MATCH="*")
    assert (answer.status_code, answer.data["code"]) == (400, "invalid"), answer.data
    assert [(error["field"], error["code"]) for error in answer.data["errors"]] == [(field, "not_found")]
    assert (stored(), Ticket.objects.get(number=world.names["ticket"]).version) == before


@pytest.mark.parametrize(
    "query",
    [
        "organisation={alpha}",
        "q={ticket}",
        "q=91110108MA01ABCD5T",
        "q=示例阿尔法",
        "invoice_number={number}",
        "assignee={ann}",
        "status=open",
        "",
    ],
)
def test_no_filter_widens_what_one_sees(query: str, world: World, as_: Any) -> None:
    ticket = Ticket.objects.get(number=world.names["ticket"])
    number = ticket.invoices.first().number  # type: ignore[union-attr]
    asked = query.format(**world.names, number=number, ann=world.people["ann"].pk)  # type: ignore[union-attr]
    assert as_("charlie").get(f"/api/v1/tickets/?{asked}").data["results"] == []
    assert as_("ed").get(f"/api/v1/tickets/?{asked}").data["results"] == []
    seen = {row["organisation"]["id"] for row in as_("alice").get(f"/api/v1/tickets/?{asked}").data["results"]}
    assert seen <= {world.names["alpha"]}


def test_every_list_of_a_stranger_is_empty(world: World, as_: Any, ask: Ask) -> None:
    for path in ("tickets", "backfills", "notifications"):
        assert as_("charlie").get(f"/api/v1/{path}/").data["results"] == [], path
        assert as_("root").get(f"/api/v1/{path}/").data["results"] == [], path
    for query in (f"ticket={world.names['ticket']}", f"invoice={world.names['invoice']}"):
        assert as_("charlie").get(f"/api/v1/backfills/?{query}").data["results"] == []


def test_counts_are_of_ones_own_rows(ask: Ask) -> None:
    """A tab says how many tickets it holds; a stranger's hold none."""
    for who, some in (("alice", True), ("vera", True), ("charlie", False), ("ed", False)):
        context = ask(who, "GET /tickets/").context
        assert bool(sum(context["counts"].values())) == some, who


def test_an_enterprise_reads_neither_notes_nor_the_desks_history(world: World, as_: Any) -> None:
    path = f"/api/v1/tickets/{world.names['ticket']}/"
    for who, internal in (("alice", False), ("ann", True)):
        notes = [m for m in as_(who).get(f"{path}messages/").data["results"] if m["visibility"] == "internal"]
        hidden = [e for e in as_(who).get(f"{path}events/").data["results"] if not e["is_public"]]
        files = [f["id"] for f in as_(who).get(path).data["evidence"]]
        assert bool(notes) == bool(hidden) == (str(world.names["note"]) in files) == internal


def test_the_second_look_is_blind_over_the_api_too(world: World, as_: Any) -> None:
    path = f"/api/v1/backfills/{world.names['keyed']}/"
    assert as_("rita").get(path).data["keyed"] is None
    assert as_("ann").get(path).data["keyed"] is None
    assert as_("alice").get(path).data["keyed"] is None
    assert as_("olga").get(path).data["keyed"]


def expected(user: User, table: Lifecycle, action: str, state: str, organisation: int) -> set[int]:
    """403 without the permission, 409 at the wrong moment; at the right one the input or a guard decides."""
    transition = table.find(action)
    if not user.can(Permission(transition.permission), organisation):
        return {403} if transition.manual else {403, 409}
    return {200, 400, 409} if state in transition.sources and transition.manual else {409}


@pytest.mark.parametrize("who", ROLES)
def test_every_action_of_both_tables_answers_by_its_row(who: str, world: World, as_: Any) -> None:
    if who == "nobody":
        client, user = APIClient(), None
    else:
        client = as_(who)
        user = User.objects.get(pk=world.people[who].pk)  # type: ignore[union-attr]
    ticket = Ticket.objects.get(number=world.names["ticket"])
    case = Backfill.objects.get(pk=world.names["papers"])
    sees = user is not None and (user.can(Permission.TICKET_VIEW) or ticket.organisation_id in user.organisation_ids())
    for kind, row, table in (
        (f"tickets/{ticket.number}", ticket, lifecycle.LIFECYCLE),
        (f"backfills/{case.pk}", case, backfill_lifecycle.LIFECYCLE),
    ):
        for action in table.transitions:
            with transaction.atomic():
                code = client.post(f"/api/v1/{kind}/actions/{action}/", {}).status_code
                transaction.set_rollback(True)
            if user is None or not sees:
                assert code == (401 if user is None else 404), action
            else:
                assert code in expected(user, table, action, row.status, ticket.organisation_id), (action, code)


def test_a_right_ends_with_the_next_request(world: World, as_: Any) -> None:
    root, path = world.people["root"], f"/api/v1/tickets/{world.names['ticket']}/"
    target = User.objects.get(pk=world.names["person"])
    _token, secret = accounts.issue_token(by=target)
    client = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert client.get(path).status_code == 200
    accounts.revoke_role(user=target, role="agent", by=root)  # type: ignore[arg-type]
    assert client.get(path).status_code == 404
    assert client.get("/api/v1/me/").data["roles"] == []
    accounts.deactivate(user=target, by=root)  # type: ignore[arg-type]
    assert client.get("/api/v1/me/").status_code == 401
    membership = Membership.objects.get(user=world.people["bob"])
    assert as_("bob").get(path).status_code == 200
    accounts.remove_member(membership=membership, by=world.people["alice"])  # type: ignore[arg-type]
    assert as_("bob").get(path).status_code == 404


#: What nobody's link holds.
QUERIES = (
    "page=0&page=-1&after=x&before=WzEsMV0&q=%25&tab=x&status=x&lang=x&verified=x&symptom=x&category=x",
    "page=99999999999999999999&after=WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzE0OjAwIiwxXQ&organisation=99999999999999999999",
    "after=WzFlNDAwLDFlNDAwXQ&sort=x&order=x&assignee=99999999999999999999&created_after=0001-01-01T00:00:00%2B14:00",
    "q=" + "+".join(f"w{n}" for n in range(1100)),
)


@pytest.mark.parametrize("path", sorted({row.path for row in ROWS if row.request.startswith("GET")}))
def test_no_page_falls_over_a_query(path: str, ask: Ask) -> None:
    able = [w for row in ROWS if row.request == f"GET {path}" for w, code in row.answers.items() if code == 200]
    for query in QUERIES if able else ():
        assert ask(able[-1], f"GET {path}?{query}").status_code < 500, query
