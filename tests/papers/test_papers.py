"""Papers of a ticket: who gets which, what they say, and the versions of their templates."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
import pytest

from accounts.models import Organisation, User
from helpdesk.common.errors import Forbidden, Invalid, Missing, Stale
from tests.cases import a_file, a_ticket, an_invoice, looked_up
from tickets import services as tickets
from tickets.evidence.services import extract
from tickets.models import Ticket
from tickets.papers import services
from tickets.papers.models import PaperTemplate

pytestmark = pytest.mark.django_db
OWN = "# 标题\n\n{企业名称} 新版 {法定代表人}\n\n{签章}\n"


@pytest.fixture
def ticket(alice: User, ann: User, alpha: Organisation) -> Ticket:
    file = a_file(alice)
    extract(file.pk)
    made = a_ticket(alice, alpha, an_invoice(), an_invoice(), files=(file,))
    tickets.look_up(invoice=made.invoices.first(), told=looked_up("not_found"), by=ann)
    return made


def test_the_enterprise_makes_prints_and_downloads_a_paper(
    client_of: Callable[..., Any], alice: User, ticket: Ticket
) -> None:
    client, base = client_of(alice), f"/tickets/{ticket.number}/papers/"
    listed = client.get(base).content.decode()
    assert "statement" in listed
    assert "transfer_letter" not in listed
    seen = client.get(f"{base}statement/?language=zh-hans").content.decode()
    assert ticket.organisation.tax_id in seen
    assert str(ticket.invoices.first()) in seen
    made = client.post(f"{base}statement/make/", {"language": "zh-hans"}, follow=True)
    page = made.content.decode()
    assert "模板第1版" in page
    paper = ticket.papers.get()
    answer = client.get(f"{base}made/{paper.pk}/docx/")
    assert answer["Content-Disposition"].endswith(f"{ticket.number}-statement-{paper.pk}.docx")
    file = docx.Document(io.BytesIO(answer.content))
    assert file.paragraphs[0].text == "关于发票查询不到的情况说明"
    assert "模板第1版" in file.sections[0].footer.paragraphs[0].text
    assert str(ticket.invoices.first()) in {cell.text for row in file.tables[0].rows for cell in row.cells}
    event = ticket.events.get(kind="paper.made")
    assert (event.actor, event.is_public, event.data["version"]) == (alice, True, 1)


def test_a_paper_stays_as_it_was_made(client_of: Callable[..., Any], alice: User, sam: User, ticket: Ticket) -> None:
    services.load_built_in()
    made = services.make(ticket=ticket, kind="authorisation", language="zh-hans", by=alice)
    services.save_version(kind="authorisation", language="zh-hans", body=OWN, reason="短", by=sam, seen=1)
    tickets.update(ticket=ticket, changes={"description": "另一段"}, by=alice, version=ticket.version)
    page = client_of(alice).get(f"/tickets/{ticket.number}/papers/made/{made.pk}/").content.decode()
    assert "新版" not in page
    later = services.make(ticket=ticket, kind="authorisation", language="zh-hans", by=alice)
    assert later.template.number == 2
    page = client_of(alice).get(f"/tickets/{ticket.number}/papers/made/{later.pk}/").content.decode()
    assert "新版" in page
    assert "法定代表人" in page  # what is left to fill by hand is named


def test_only_the_desk_gets_the_letter_of_transfer(
    client_of: Callable[..., Any], alice: User, ann: User, charlie: User, ticket: Ticket
) -> None:
    with pytest.raises(Missing):
        services.make(ticket=ticket, kind="transfer_letter", language="zh-hans", by=alice)
    with pytest.raises(Forbidden):
        services.make(ticket=ticket, kind="statement", language="zh-hans", by=charlie)
    made = services.make(ticket=ticket, kind="transfer_letter", language="en", by=ann)
    assert client_of(alice).get(f"/tickets/{ticket.number}/papers/made/{made.pk}/").status_code == 404
    assert client_of(ann).get(f"/desk/tickets/{ticket.number}/papers/made/{made.pk}/").status_code == 200
    assert not ticket.events.get(kind="paper.made").is_public


def test_an_internal_file_is_in_no_paper_that_leaves_the_desk(alice: User, ann: User, ticket: Ticket) -> None:
    note = a_file(ann, name="secret.txt")
    extract(note.pk)
    tickets.comment(ticket=ticket, body="内部", by=ann, visibility="internal", evidence_ids=[note.pk])
    made = services.make(ticket=ticket, kind="statement", language="zh-hans", by=ann)
    assert "secret.txt" not in str(made.filled)
    assert "log.txt" in str(made.filled)


def test_what_people_edit_stays_and_what_is_built_in_follows(sam: User, ann: User, monkeypatch: Any) -> None:
    assert services.load_built_in() == 10
    assert services.load_built_in() == 0
    services.save_version(kind="statement", language="en", body=OWN, reason="", by=sam, seen=1)
    monkeypatch.setattr(services, "_built_in", lambda kind, language: OWN)
    assert services.load_built_in() == 9
    assert services.template_in_use(kind="statement", language="en").made_by == sam
    with pytest.raises(Forbidden):
        services.save_version(kind="statement", language="en", body=OWN, reason="", by=ann, seen=2)
    with pytest.raises(Stale):
        services.save_version(kind="statement", language="en", body=OWN, reason="", by=sam, seen=1)
    with pytest.raises(Missing):
        services.save_version(kind="nothing", language="en", body=OWN, reason="", by=sam, seen=1)
    with pytest.raises(Invalid) as refused:
        services.save_version(kind="statement", language="en", body="# t\n{x}\n{签章}", reason="", by=sam, seen=2)
    assert "{x}" in str(refused.value.errors[0].message)


def test_an_editor_previews_saves_and_compares(client_of: Callable[..., Any], ed: User) -> None:
    services.load_built_in()
    client, place = client_of(ed), "/desk/papers/statement/zh-hans/"
    assert client.get("/desk/papers/").status_code == 200
    seen = client.post(place, {"body": OWN, "seen": "1", "preview": "1"}).content.decode()
    assert "示例阿尔法科技有限公司 新版" in seen
    assert PaperTemplate.objects.filter(kind="statement", language="zh-hans").count() == 1
    refused = client.post(place, {"body": "# t\n{没有}\n{签章}", "seen": "1"})
    assert refused.status_code == 422
    assert "{没有}" in refused.content.decode()
    assert client.post(place, {"body": OWN, "seen": "1"}).status_code == 302
    assert client.post(place, {"body": OWN, "seen": "1"}).status_code == 412
    page = client.get(f"{place}2/").content.decode()
    assert "新版" in page
    assert "<ins>" in page


def test_the_case_file_shows_each_side_its_own(
    client_of: Callable[..., Any], alice: User, ann: User, ticket: Ticket
) -> None:
    tickets.comment(ticket=ticket, body="只给同事看", by=ann, visibility="internal")
    ours = client_of(ann).get(f"/desk/tickets/{ticket.number}/print/").content.decode()
    theirs = client_of(alice).get(f"/tickets/{ticket.number}/print/").content.decode()
    sha = ticket.evidence.get(purpose="other").blob.sha256
    assert "只给同事看" in ours
    assert "只给同事看" not in theirs
    assert sha in ours
    assert sha in theirs
