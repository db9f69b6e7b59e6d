"""The desk's pages without a browser: what they cost, how they narrow, sort and page, and that no refusal loses a word."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Organisation, User
from tests.cases import a_file, a_ticket, again, an_invoice, face, with_materials
from tests.invoices_factory import list_csv
from tickets import services
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.evidence.models import Evidence
from tickets.models import Message, Ticket
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


# Refusals lose nothing


def test_a_refused_reply_keeps_its_words_and_files(client_of: Browsers, ticket: Ticket, alice: User, ann: User) -> None:
    browser, path = client_of(ann), f"/desk/tickets/{ticket.number}/reply/"
    services.act(ticket=ticket, action="withdraw", by=alice)
    file = SimpleUploadedFile("shot.txt", "查验截图 2026-11-20\n".encode())
    refused = browser.post(path, {"visibility": "public", "body": "写了很久的回复", "files": file, "once": "a1"})
    page = refused.content.decode()
    assert refused.status_code == 409
    assert "写了很久的回复</textarea>" in page
    assert "data-errsum" in page
    kept = Evidence.objects.get()
    assert f'name="evidence" value="{kept.pk}"' in page
    assert not Message.objects.exists()
    note = browser.post(
        path, {"visibility": "internal", "body": "写了很久的回复", "evidence": str(kept.pk), "once": "a2"}
    )
    assert note.status_code == 302
    assert list(Message.objects.get().evidence.all()) == [kept]


def test_an_empty_reply_is_a_wrong_form(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    answer = client_of(ann).post(f"/desk/tickets/{ticket.number}/reply/", {"visibility": "public", "body": "  "})
    assert answer.status_code == 422
    assert '<a href="#reply-body">' in answer.content.decode()


def test_a_reply_without_the_permission_comes_back_whole(client_of: Browsers, ticket: Ticket, rita: User) -> None:
    sent = {"visibility": "public", "body": "复核人员写的回复"}
    answer = client_of(rita).post(f"/desk/tickets/{ticket.number}/reply/", sent)
    assert answer.status_code == 403
    assert "写" in answer.content.decode()
    assert not Message.objects.exists()


def test_a_reply_that_is_sent_twice_is_one_message(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    browser, path = client_of(ann), f"/desk/tickets/{ticket.number}/reply/"
    page = browser.get(f"/desk/tickets/{ticket.number}/").content.decode()
    once = re.findall(r'name="once" value="(\w+)"', page)
    assert len(set(once)) == 2  # the reply's and the note's
    for _ in range(2):
        sent = browser.post(path, {"visibility": "public", "body": "只说一次", "once": once[0]})
        assert sent.status_code == 302
    assert Message.objects.count() == 1
    browser.post(path, {"visibility": "public", "body": "只说一次", "once": once[0] + "x"})
    assert Message.objects.count() == 2


def test_a_refusal_leaves_the_form_usable(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    browser, path = client_of(ann), f"/desk/tickets/{ticket.number}/reply/"
    browser.post(path, {"visibility": "public", "body": " ", "once": "same"})
    browser.post(path, {"visibility": "public", "body": "现在有内容了", "once": "same"})
    assert Message.objects.get().body == "现在有内容了"


def test_signing_in_again_leads_back_to_the_page_of_the_form(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    path = f"/desk/tickets/{ticket.number}/reply/"
    lost = client_of(None).post(path, {"visibility": "public", "body": "会话已过期"})
    assert lost["Location"] == f"/accounts/login/?next={path}"
    assert client_of(ann).get(path)["Location"] == f"/desk/tickets/{ticket.number}/"


def test_a_resolution_that_comes_too_early_keeps_its_text(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    sent = {"cause": "sync_delay", "resolution": "等待同步后已能查到", "article": "sync-delay"}
    answer = client_of(ann).post(f"/desk/tickets/{ticket.number}/actions/resolve/", sent)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "等待同步后已能查到</textarea>" in page
    assert 'value="sync-delay"' in page
    assert re.search(r'id="mode-resolve" checked', page)
    ticket.refresh_from_db()
    assert ticket.is_open


def test_two_people_who_change_properties_see_both_texts(
    client_of: Browsers, ticket: Ticket, ann: User, abe: User
) -> None:
    path = f"/desk/tickets/{ticket.number}/change/"
    sent = {"symptom": "no_record", "cause": "network", "priority": "2", "queue": "technical"}
    read = str(ticket.version)
    assert client_of(abe).post(path, {**sent, "cause": "format", "version": read}).status_code == 302
    answer = client_of(ann).post(path, {**sent, "version": read})
    page = answer.content.decode()
    assert answer.status_code == 412
    assert "数据格式不合规" in page
    assert re.search(r"<td><strong>网络中断或延迟</strong></td>", page)
    ticket.refresh_from_db()
    assert ticket.cause == "format"
    new = re.search(r'name="version" value="(\d+)"', page)
    assert new
    assert client_of(ann).post(path, {**sent, "version": new[1]}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.cause == "network"


def test_a_look_up_too_many_keeps_its_note(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    invoice = ticket.invoices.get()
    path, now = f"/desk/tickets/{ticket.number}/invoices/{invoice.pk}/check/", timezone.localtime()
    if now.hour == 0:
        now += dt.timedelta(hours=1)
    for turn in range(5):
        at = (now - dt.timedelta(minutes=2 * turn)).strftime("%Y-%m-%dT%H:%M")
        sent = {"site": "public", "outcome": "not_found", "looked_up_at": at}
        assert client_of(ann).post(path, sent)["Location"].endswith(f"#i{invoice.pk}")
        left = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()
        assert f"今日公共平台还可查验 {4 - turn} 次" in left
    sent = {"site": "public", "outcome": "not_found", "note": "第六次仍无记录"}
    answer = client_of(ann).post(path, sent)
    assert answer.status_code == 409
    assert 'value="第六次仍无记录"' in answer.content.decode()
    assert invoice.checks.count() == 5


# Backfill bench


@pytest.fixture
def keyed(ticket: Ticket, alice: User, ann: User, olga: User) -> Backfill:
    case = with_materials(backfill.open_backfill(invoice=ticket.invoices.get(), by=ann), alice, olga)
    fields = {**face(case), "amount": "98765.43", "seller_name": "只有初录才有的名称"}
    return backfill.act(backfill=case, action="key", by=olga, data={"fields": fields})


@followed
def test_the_first_entry_is_nowhere_on_the_page_of_the_second(
    client_of: Browsers, keyed: Backfill, rita: User, ann: User, olga: User
) -> None:
    entry = keyed.keyed or {}
    for person in (rita, ann):
        page = client_of(person).get(f"/desk/backfill/{keyed.pk}/").content.decode()
        for name in ("number", "issue_date", "amount", "seller_tax_id", "seller_name"):
            assert entry[name] not in page, name
    assert entry["amount"] in client_of(olga).get(f"/desk/backfill/{keyed.pk}/").content.decode()


@followed
def test_the_difference_is_shown_and_the_reason_goes_back_to_the_operator(
    client_of: Browsers, keyed: Backfill, rita: User, olga: User
) -> None:
    path, reviewer = f"/desk/backfill/{keyed.pk}/", client_of(rita)
    typed = {f"field.{name}": value for name, value in again(keyed).items()}
    reviewer.post(path + "actions/rekey/", typed)
    page = reviewer.get(path).content.decode()
    assert page.count('class="is-diff"') == 1
    refused = reviewer.post(path + "actions/approve/", {})
    assert refused.status_code == 409
    assert "data-errsum" in refused.content.decode()
    reviewer.post(path + "actions/send_back/", {"reason": "金额与票面不一致"})
    page = client_of(olga).get(path).content.decode()
    assert "金额与票面不一致" in page
    assert page.count("曾不一致") == 1


@followed
def test_a_wrong_entry_comes_back_as_it_was_typed(client_of: Browsers, keyed: Backfill, rita: User) -> None:
    typed = {f"field.{n}": v for n, v in again(keyed).items()} | {"field.amount": "一百元整", "field.number": ""}
    answer = client_of(rita).post(f"/desk/backfill/{keyed.pk}/actions/rekey/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="一百元整"' in page
    assert f'value="{typed["field.seller_tax_id"]}"' in page
    assert 'href="#k-number"' in page
    assert page.count('aria-invalid="true"') == 2


def test_a_refusal_of_a_paper_needs_its_reason(
    client_of: Browsers, ticket: Ticket, alice: User, ann: User, olga: User
) -> None:
    case = backfill.open_backfill(invoice=ticket.invoices.get(), by=ann)
    file = a_file(alice, purpose="material")
    backfill.submit_material(backfill=case, kind="statement", evidence_id=file.pk, by=alice)
    path = f"/desk/backfill/{case.pk}/materials/statement/"
    assert client_of(olga).post(path, {"decision": "refuse", "reason": " "}).status_code == 422
    client_of(olga).post(path, {"decision": "refuse", "reason": "没有盖章"})
    assert "没有盖章" in client_of(alice).get(f"/tickets/{ticket.number}/").content.decode()


def test_a_file_of_the_ticket_serves_as_a_paper(
    client_of: Browsers, alice: User, alpha: Organisation, ann: User
) -> None:
    ticket = a_ticket(alice, alpha, files=(a_file(alice, name="issue.txt"),))
    case = backfill.open_backfill(invoice=ticket.invoices.get(), by=ann)
    file = Evidence.objects.get()
    path = f"/desk/backfill/{case.pk}/materials/issue_proof/"
    assert client_of(ann).post(path, {"evidence": str(file.pk)})["Location"].endswith("#p-issue_proof")
    assert case.materials.get(kind="issue_proof").evidence == file


# Lists


def test_a_list_that_cannot_be_read_is_a_wrong_form(client_of: Browsers, ann: User) -> None:
    sent = {"site": "buyer", "exported_at": "2026-11-20T10:00", "file": SimpleUploadedFile("a.csv", b"a,b\n1,2\n")}
    answer = client_of(ann).post("/desk/lists/", sent)
    assert answer.status_code == 422
    assert "data-errsum" in answer.content.decode()


def test_a_list_is_imported_once(client_of: Browsers, ticket: Ticket, ann: User) -> None:
    invoice = ticket.invoices.get()
    data, at = list_csv([invoice.claim]), timezone.localtime().strftime("%Y-%m-%dT%H:%M")

    def sent() -> Any:
        given = {"site": "buyer", "exported_at": at, "file": SimpleUploadedFile("list.csv", data)}
        return client_of(ann).post("/desk/lists/", given)

    first = sent()
    assert first.status_code == 302, first.content.decode()[first.content.decode().find("errsum") :][:600]
    invoice.refresh_from_db()
    assert invoice.outcome == "found"
    assert sent().status_code == 422
