"""The desk's forms: no refusal loses a word, nothing counts twice, and the second entry is made blind."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import Organisation, User
from tests.cases import a_file, a_ticket, again, face, with_materials
from tests.invoices_factory import list_csv
from tickets import services
from tickets.backfill import services as backfill
from tickets.backfill.models import Backfill
from tickets.evidence.models import Evidence
from tickets.models import Message, Ticket

Browsers = Callable[[User | None], Client]
#: With the tasks that follow a commit: files read, a triage proposed, people told.
followed = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ticket(alice: User, alpha: Organisation) -> Ticket:
    return a_ticket(alice, alpha)


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
