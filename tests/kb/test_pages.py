"""The knowledge base in the browser: readers, editors, reviewers; and the self-check of an invoice."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from accounts.models import Organisation, StaffMembership, User
from accounts.permissions import StaffRole
from kb import services
from kb.models import Article, Category, Deflection, Feedback, Revision
from tests.cases import a_ticket, an_invoice
from tests.invoices_factory import einvoice_xml
from tickets.evidence.models import Evidence
from tickets.services import comment

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]


@pytest.fixture
def library(db: None) -> None:
    category, _new = Category.objects.update_or_create(
        slug="no_record", defaults={"title_zh": "查无此票", "title_en": "No record", "is_situation": True}
    )
    text = {"title": "查验时提示查无此票", "summary": "第二天再查", "body": "## 步骤\n\n1. 核对号码", "keywords": ""}
    services.import_article(slug="no-match", language="zh-hans", category=category, audience="public", text=text)
    text = {**text, "title": "The check finds nothing", "body": "## Steps\n\n1. Compare"}
    services.import_article(slug="no-match", language="en", category=category, audience="public", text=text)
    text = {**text, "title": "值班手册", "body": "内部"}
    services.import_article(slug="runbook", language="zh-hans", category=category, audience="staff", text=text)


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "path", ["/", "/kb/", "/kb/category/no_record/", "/kb/search/?q=查无此票", "/kb/suggest/?q=查无"]
)
def test_readers_see_what_is_theirs(path: str, client_of: Browser, ann: User) -> None:
    shown = client_of(None).get(path).content.decode()
    assert "/kb/no-match/" in shown
    assert "值班手册" not in shown
    assert client_of(ann).get(path).status_code == 200


@pytest.mark.usefixtures("library")
def test_an_article_speaks_the_readers_language_and_says_when_it_can_not(client_of: Browser) -> None:
    browser = client_of(None)
    assert "查验时提示查无此票" in browser.get("/kb/no-match/").content.decode()
    assert "The check finds nothing" in browser.get("/kb/no-match/?lang=en").content.decode()
    article = Article.objects.get(slug="no-match")
    article.revisions.filter(language="en").delete()
    told = browser.get("/kb/no-match/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert "not translated yet" in told
    assert "查验时提示查无此票" in told


@pytest.mark.usefixtures("library")
def test_a_staff_article_is_not_there(client_of: Browser, alice: User, ann: User) -> None:
    for reader in (None, alice):
        assert client_of(reader).get("/kb/runbook/").status_code == 404
        assert client_of(reader).post("/kb/runbook/feedback/", {"vote": "yes"}).status_code == 404
        assert client_of(reader).post("/kb/runbook/solved/").status_code == 404
    assert client_of(ann).get("/kb/runbook/").status_code == 200


@pytest.mark.usefixtures("library")
def test_a_vote_and_a_solution_are_counted_once_a_visitor(client_of: Browser) -> None:
    browser = client_of(None)
    browser.get("/kb/no-match/")
    browser.post("/kb/no-match/feedback/", {"vote": "yes"})
    browser.post("/kb/no-match/feedback/", {"vote": "no", "reason": "unclear", "text": "步骤太少"})
    assert Feedback.objects.get().is_helpful is False
    for _ in range(2):
        browser.post("/kb/no-match/solved/")
    assert Deflection.objects.count() == 1


@pytest.mark.usefixtures("library")
def test_nothing_found_leads_on(client_of: Browser) -> None:
    page = client_of(None).get("/kb/search/?q=zzzz").content.decode()
    assert "/tickets/new/?q=zzzz" in page
    assert "/kb/category/no_record/" in page


def test_an_article_from_draft_to_readers(client_of: Browser, ed: User, kate: User) -> None:
    services.category_of("no_record")
    editor, reviewer, reader = client_of(ed), client_of(kate), client_of(None)
    refused = editor.post("/desk/kb/new/", {"slug": "new-one", "category": "no_record", "audience": ""})
    assert refused.status_code == 422  # who may read it is a choice to make
    editor.post("/desk/kb/new/", {"slug": "new-one", "category": "no_record", "audience": "public"})
    text = {"title": "新文章", "summary": "", "keywords": "", "body": "## 步骤", "reason": "", "version": "0"}
    preview = editor.post("/desk/kb/new-one/edit/zh-hans/", {**text, "preview": "1"})
    assert '<h2 id="步骤">' in preview.content.decode()
    assert not Article.objects.get().revisions.exists()
    editor.post("/desk/kb/new-one/edit/zh-hans/", {**text, "save": "1"})
    stale = editor.post("/desk/kb/new-one/edit/zh-hans/", {**text, "body": "另一个窗口", "save": "1"})
    assert stale.status_code == 412
    assert "## 步骤" in stale.content.decode()
    assert "另一个窗口" in stale.content.decode()
    editor.post("/desk/kb/new-one/edit/zh-hans/", {**text, "version": "1", "submit": "1"})
    assert reader.get("/kb/new-one/").status_code == 404
    seen = handed_in()
    assert editor.post("/desk/kb/new-one/review/zh-hans/", {"action": "approve", "seen": seen}).status_code == 403
    page = reviewer.get("/desk/kb/new-one/review/zh-hans/").content.decode()
    assert "新文章" in page
    assert f'value="{seen}"' in page
    reviewer.post("/desk/kb/new-one/review/zh-hans/", {"action": "approve", "seen": seen})
    assert reader.get("/kb/new-one/").status_code == 200
    assert "/kb/new-one/" in reader.get("/kb/search/?q=新文章").content.decode()


def handed_in() -> str:
    """What the review page names the text that it shows."""
    text = Revision.objects.get(status="in_review")
    return f"{text.pk}.{text.version}"


EDIT, REVIEW = "/desk/kb/one/edit/zh-hans/", "/desk/kb/one/review/zh-hans/"
WORDS = {"title": "一篇", "summary": "", "keywords": "", "body": "第一稿", "reason": "", "version": "0"}


def an_article(by: User, audience: str = "public") -> Article:
    category = services.category_of("no_record")
    article = services.create_article(slug="one", category=category, audience=audience, by=by)
    services.save_draft(article=article, language="zh-hans", text=WORDS, reason="", by=by)
    return article


def published(by: User, reviewer: User) -> Article:
    article = an_article(by)
    for action, person in (("submit", by), ("approve", reviewer)):
        services.perform(revision=article.revisions.get(), action=action, by=person)
    return article


def test_the_preview_beside_the_text_is_the_readers_html(client_of: Browser, ed: User, ann: User) -> None:
    shown = client_of(ed).post("/desk/kb/preview/", {"body": "**补录** <script>1</script>"}).content.decode()
    assert "<strong>补录</strong>" in shown
    assert "<script" not in shown
    assert client_of(ann).post("/desk/kb/preview/", {"body": "x"}).status_code == 403


def test_a_preview_does_not_hide_that_a_colleague_has_saved(client_of: Browser, ed: User) -> None:
    article, editor = an_article(ed), client_of(ed)
    services.save_draft(
        article=article, language="zh-hans", text={**WORDS, "body": "同事的稿"}, reason="", by=ed, version=1
    )
    mine = {**WORDS, "body": "我的稿", "version": "1"}
    assert 'name="version" value="1"' in editor.post(EDIT, {**mine, "preview": "1"}).content.decode()
    refused = editor.post(EDIT, {**mine, "save": "1"})
    assert refused.status_code == 412
    assert article.revisions.get().body == "同事的稿"
    page = refused.content.decode()
    assert "同事的稿" in page
    assert "我的稿" in page
    assert editor.post(EDIT, {**mine, "version": "2", "save": "1"}).status_code == 302


def test_a_text_that_is_not_published_is_not_for_agents(client_of: Browser, ed: User, kate: User, ann: User) -> None:
    article = published(ed, kate)
    secret = {**WORDS, "title": "尚未公开", "body": "尚未公开"}
    draft = services.save_draft(article=article, language="zh-hans", text=secret, reason="", by=ed)
    services.perform(revision=draft, action="submit", by=ed)
    for path in (REVIEW, "/desk/kb/", "/desk/kb/?q=尚未公开", "/desk/kb/?status=in_review"):
        assert "尚未公开" not in client_of(ann).get(path).content.decode().replace('value="尚未公开"', "")
    assert client_of(ann).get(EDIT).status_code == 403
    assert "尚未公开" in client_of(kate).get(REVIEW).content.decode()
    assert (
        "/desk/kb/one/review/" in client_of(kate).get("/desk/kb/?status=in_review&category=no_record").content.decode()
    )
    assert "/kb/one/" not in client_of(kate).get("/desk/kb/?category=elsewhere").content.decode()


def test_a_reviewer_approves_the_text_that_was_read(client_of: Browser, ed: User, kate: User) -> None:
    article = an_article(ed)
    services.perform(revision=article.revisions.get(), action="submit", by=ed)
    seen = handed_in()
    services.perform(revision=article.revisions.get(), action="return", by=kate, reason="太短")
    version = article.revisions.get().version
    other = {**WORDS, "body": "另一稿"}
    services.save_draft(article=article, language="zh-hans", text=other, reason="", by=ed, version=version)
    services.perform(revision=article.revisions.get(), action="submit", by=ed)
    assert client_of(kate).post(REVIEW, {"action": "approve", "seen": seen}).status_code == 412
    assert article.revisions.get().status == "in_review"
    back = {"action": "return", "reason": "少了步骤", "seen": handed_in()}
    assert client_of(kate).post(REVIEW, back).status_code == 302
    assert article.revisions.get().status == "draft"


def test_nobody_approves_the_own_text(client_of: Browser, ed: User) -> None:
    StaffMembership.objects.create(user=ed, role=StaffRole.KB_REVIEWER)
    services.perform(revision=an_article(ed).revisions.get(), action="submit", by=ed)
    assert client_of(ed).post(REVIEW, {"action": "approve", "seen": handed_in()}).status_code == 409
    assert client_of(None).get("/kb/one/").status_code == 404


def test_a_published_text_is_replaced_by_publishing_alone(client_of: Browser, ed: User, kate: User) -> None:
    live = published(ed, kate).revisions.get()
    assert client_of(kate).post(REVIEW, {"action": "supersede", "seen": f"{live.pk}.{live.version}"}).status_code == 404
    assert client_of(None).get("/kb/one/").status_code == 200


def test_the_readers_of_an_article_are_chosen_before_it_is_handed_in(client_of: Browser, ed: User, kate: User) -> None:
    article, editor = an_article(ed, audience="staff"), client_of(ed)
    chosen = {"readers-category": "no_record", "readers-audience": "public", "version": "1"}
    path = "/desk/kb/one/readers/zh-hans/"
    assert path in editor.get(EDIT).content.decode()
    assert client_of(kate).post(path, chosen).status_code == 403
    editor.post(path, chosen)
    article.refresh_from_db()
    assert article.audience == "public"
    assert editor.post(path, chosen).status_code == 412
    services.perform(revision=article.revisions.get(), action="submit", by=ed)
    assert path not in editor.get(EDIT).content.decode()
    assert editor.post(path, {**chosen, "readers-audience": "staff", "version": "2"}).status_code == 409


def test_a_ticket_becomes_a_draft_without_names_and_numbers(
    client_of: Browser, alice: User, alpha: Organisation, ann: User
) -> None:
    ticket = a_ticket(alice, alpha)
    services.category_of("no_record")
    said = f"请 Alice 联系 13812345678，{alpha.name} 税号 {alpha.tax_id} 的发票已补录。"
    comment(ticket=ticket, body=said, by=ann, visibility="public", evidence_ids=[])
    comment(ticket=ticket, body="内部：老客户", by=ann, visibility="internal", evidence_ids=[])
    path, given = f"/desk/kb/from-ticket/{ticket.number}/", {"slug": "from-a-ticket", "category": "no_record"}
    assert client_of(ann).post(path, given).status_code == 403
    StaffMembership.objects.create(user=ann, role=StaffRole.KB_EDITOR)
    writer = client_of(User.objects.get(pk=ann.pk))
    assert path in writer.get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert writer.get(path).status_code == 200
    assert writer.post(path, given)["Location"] == "/desk/kb/from-a-ticket/edit/zh-hans/"
    article = Article.objects.get(slug="from-a-ticket")
    body = article.revisions.get().body
    assert article.audience == "staff"
    assert "的发票已补录" in body
    for word in ("Alice", "13812345678", alpha.name, alpha.tax_id, "老客户"):
        assert word not in body
    assert writer.post(path, given).status_code == 422  # the address is taken
    assert client_of(alice).get(path).status_code == 403
    assert writer.get("/desk/kb/from-ticket/0000-0000-0/").status_code == 404


def test_the_editor_is_the_editors(client_of: Browser, alice: User, ann: User) -> None:
    for path in ("/desk/kb/new/", "/desk/kb/"):
        assert client_of(alice).get(path).status_code == 403
    assert client_of(ann).get("/desk/kb/").status_code == 200
    assert client_of(ann).get("/desk/kb/new/").status_code == 403
    assert client_of(None).get("/desk/kb/").status_code == 302


def test_anybody_may_check_an_invoice_and_nothing_is_kept(client_of: Browser, db: None) -> None:
    invoice = an_invoice()
    page = client_of(None).post("/check/", {"files": ContentFile(einvoice_xml(invoice), name="a.xml")})
    assert invoice.number in page.content.decode()
    assert "<dd>82</dd>" not in page.content.decode()  # the kind by its name
    assert not Evidence.objects.exists()
    refused = client_of(None).post("/check/", {"files": ContentFile(b"<html>", name="a.html")})
    assert refused.status_code == 422
    assert client_of(None).post("/check/").status_code == 422


def test_several_invoices_of_one_file_are_all_told(client_of: Browser, db: None) -> None:
    first, second = an_invoice(), an_invoice()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.xml", einvoice_xml(first))
        archive.writestr("b.xml", einvoice_xml(second))
    page = client_of(None).post("/check/", {"files": ContentFile(packed.getvalue(), name="a.zip")}).content.decode()
    assert first.number in page
    assert second.number in page


def test_checking_and_voting_without_end_are_slowed_down(db: None, library: None) -> None:
    """New cookies each time, as a script has them: the address counts."""

    def check(address: str) -> int:
        given = {"files": ContentFile(b"log", name="a.txt")}
        return Client(REMOTE_ADDR=address).post("/check/", given).status_code

    codes = [check("203.0.113.7") for _ in range(22)]
    assert codes == [200] * 20 + [429] * 2
    assert check("203.0.113.8") == 200
    votes = {Client().post("/kb/no-match/feedback/", {"vote": "yes"}).status_code for _ in range(32)}
    assert votes == {302, 429}


def test_a_check_needs_the_token_of_its_page(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/check/", {"files": ContentFile(b"log", name="a.txt")}).status_code == 403


def test_situations_stand_in_the_order_given_to_them(client_of: Browser, db: None) -> None:
    for position, slug in ((1, "zebra"), (2, "apple")):
        Category.objects.create(slug=slug, title_zh=slug, title_en=slug, position=position, is_situation=True)
    page = client_of(None).get("/").content.decode()
    assert page.index("/kb/category/zebra/") < page.index("/kb/category/apple/")


@pytest.mark.usefixtures("library")
def test_a_situation_leads_to_its_articles_and_to_a_ticket(client_of: Browser) -> None:
    page = client_of(None).get("/").content.decode()
    for address in ("/kb/category/no_record/", "/tickets/new/?symptom=no_record", "/tickets/", "/check/"):
        assert f'href="{address}"' in page


@pytest.mark.usefixtures("library")
def test_a_no_leads_to_a_ticket_with_the_words(client_of: Browser) -> None:
    browser = client_of(None)
    browser.get("/kb/no-match/?lang=en")
    answer = browser.post("/kb/no-match/feedback/?lang=en", {"vote": "no", "reason": "steps"})
    assert answer["Location"] == "/kb/no-match/?lang=en"
    assert Feedback.objects.get().language == "en"
    assert 'class="btn primary" href="/tickets/new/?q=The%20check' in browser.get(answer["Location"]).content.decode()
    assert browser.post("/kb/no-match/feedback/", {"vote": "perhaps"}).status_code == 400


@pytest.mark.usefixtures("library")
def test_results_are_narrowed_to_a_category(client_of: Browser) -> None:
    browser = client_of(None)
    assert "/kb/no-match/" in browser.get("/kb/search/?q=查无此票&category=no_record").content.decode()
    assert "/kb/no-match/" not in browser.get("/kb/search/?q=查无此票&category=elsewhere").content.decode()


def test_every_link_of_the_frames_leads_somewhere(
    client_of: Browser, alice: User, ann: User, ed: User, sam: User
) -> None:
    for person in (None, alice, ann, ed, sam):
        browser = client_of(person)
        page = browser.get("/desk/kb/" if person and person.is_desk else "/").content.decode()
        links = {link for link in re.findall(r'<a [^>]*href="(/[^"#?]*)', page) if not link.startswith("/static/")}
        assert links
        for link in links:
            assert browser.get(link).status_code in (200, 302), (person, link)


@pytest.mark.usefixtures("library")
def test_a_number_leads_to_the_tickets(client_of: Browser, alice: User, ann: User) -> None:
    number = "26112000000012345678"
    mine, queue = f"/tickets/?q={number}", f"/desk/queue/all/?q={number}"
    asked = client_of(alice).get(f"/kb/search/?q={number}").content.decode()
    assert mine in asked
    assert queue not in asked
    assert queue in client_of(ann).get(f"/kb/search/?q={number}").content.decode()
    assert mine not in client_of(alice).get("/kb/search/?q=4067").content.decode()
