"""The pages of the diagnosis: no account, no JavaScript, everything in the address, nothing stored."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Organisation, User
from helpdesk.common.errors import Invalid
from kb import content
from kb.models import Deflection
from tests.cases import a_ticket, an_invoice, looked_up
from tests.invoices_factory import einvoice_xml, make
from tickets import services
from tickets.checks.rules import BEIJING
from tickets.diagnosis import services as diagnosis
from tickets.diagnosis.leaves import LEAVES
from tickets.diagnosis.questions import QUESTIONS
from tickets.diagnosis.tree import Facts, paths
from tickets.evidence.models import Evidence
from tickets.invoices.read import read
from tickets.models import Draft, Event, Ticket

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]
PAGE = "/diagnose/"
EN = {"accept-language": "en"}
ISSUER = {"who": "issuer", "issued": "yesterday", "kind": "digital_special", "state": "success"}
ASKED = {
    "who": "buyer", "kind": "digital_special", "place": "received", "issued": "days", "mark": "none", "data": "same",
    "region": "beijing", "looked": "nothing", "asked": "no",
}  # fmt: skip
LOST = {**ASKED, "issued": "older", "asked": "uploaded"}


def at(ago: dt.timedelta = dt.timedelta()) -> str:
    return (timezone.now() - ago).astimezone(BEIJING).strftime(diagnosis.STARTED)


def url(answers: dict[str, str], page: str = "", **more: str) -> str:
    return f"{PAGE}{page}?{urlencode({'at': at(), **answers, **more})}"


def upload(**values: Any) -> dict[str, Any]:
    return {"files": SimpleUploadedFile("invoice.xml", einvoice_xml(make(kind="81", **values)))}


def texts(page: Any) -> str:
    return html.unescape(page.content.decode())


def hidden(page: Any) -> dict[str, str]:
    form = page.content.decode().partition('<form method="get" action="/diagnose/">')[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in found}


# Question after question


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_way_can_be_walked_by_its_forms(client: Client, language: str) -> None:
    """The shortest way to each leaf, screen by screen, as a browser sends the forms."""
    shortest: dict[str, Any] = {}
    for taken, leaf in paths():
        if leaf not in shortest or len(taken) < len(shortest[leaf]):
            shortest[leaf] = taken
    with translation.override(language):
        for leaf, taken in shortest.items():
            page = client.get(PAGE, headers={"accept-language": language})
            for question, choice in taken:
                if f'name="{question}"' not in page.content.decode():  # the day has told the month
                    assert question == "month"
                    continue
                page = client.get(PAGE, {**hidden(page), question: choice}, headers={"accept-language": language})
                assert page.status_code == 200
            ends = {leaf, LEAVES[leaf].otherwise} - {""}
            titles = [html.escape(translation.gettext(LEAVES[key].title)) for key in ends]
            assert any(f"<h1>{title}</h1>" in page.content.decode() for title in titles), leaf


def test_the_outcome_tells_what_until_when_why_and_what_led_there(client: Client) -> None:
    content.load()
    text = texts(client.get(url(ISSUER), headers=EN))
    assert "Uploaded; the record is on its way" in text
    assert "Look again from" in text
    assert "Between a successful upload" in text
    assert 'href="/kb/sync-delay/"' in text
    assert "Upload state" in text
    assert "Successful" in text
    assert text.count(">Change<") == 4


def test_a_changed_answer_keeps_the_others(client: Client) -> None:
    page = client.get(url(ISSUER, change="issued"), headers=EN)
    assert "When was it issued?" in texts(page)
    assert re.search(r'value="yesterday" required checked', texts(page))
    kept = hidden(page)
    assert {name: kept[name] for name in ("who", "kind", "state")} == {
        "who": "issuer", "kind": "digital_special", "state": "success",
    }  # fmt: skip
    assert "Uploaded with success, and still" in texts(client.get(PAGE, {**kept, "issued": "older"}, headers=EN))


def test_the_way_back_is_the_last_answer(client: Client) -> None:
    page = client.get(url({"who": "issuer", "issued": "today"}))
    assert "change=issued" in texts(page)
    assert "change=" not in texts(client.get(PAGE))


def test_software_and_version_go_along(client: Client) -> None:
    failed = {**ISSUER, "state": "failed", "error": "other"}
    assert 'name="software_version"' in texts(client.get(url(failed)))
    page = client.get(url({**failed, "software": "开票精灵", "software_version": "2.1"}))
    assert 'value="开票精灵"' in texts(page)
    assert "software" not in hidden(page)


def test_an_address_of_yesterday_means_yesterday(client: Client) -> None:
    today = client.get(url({"who": "public", "issued": "today"}), headers=EN)
    assert "Issued today: look again tomorrow" in texts(today)
    old = {"at": at(dt.timedelta(days=1)), "who": "public", "issued": "today"}
    assert "What exactly does the verification site say?" in texts(client.get(PAGE, old, headers=EN))


def test_a_buyer_of_a_deductible_invoice_reads_of_the_filing_deadline(client: Client) -> None:
    assert "Filing ends on" in texts(client.get(url(ASKED), headers=EN))
    assert "Filing ends on" not in texts(client.get(url({**ASKED, "kind": "digital_ordinary"}), headers=EN))
    assert "Filing ends on" not in texts(client.get(url(ISSUER), headers=EN))


def test_no_question_is_called_like_another_part_of_the_address() -> None:
    assert not set(QUESTIONS) & diagnosis.OTHER


# The file


def test_a_file_answers_questions_and_nothing_of_it_is_stored(client: Client) -> None:
    issued = timezone.localdate() - dt.timedelta(days=30)
    answer = client.post(f"{PAGE}file/?{urlencode({'at': at(), 'who': 'buyer'})}", upload(issue_date=issued))
    assert answer.status_code == 302
    page = client.get(answer.url, headers=EN)
    text = texts(page)
    assert "from the invoice file" in text
    assert "In which list did you look?" in text
    assert not Evidence.objects.exists()
    assert not Draft.objects.exists()
    on = client.get(PAGE, {**hidden(page), "place": "received"}, headers=EN)
    assert "Is the invoice marked" in texts(on)  # kind and day are known
    without = parse_qs(
        urlsplit(re.findall(r'href="(/diagnose/\?[^"]+)">Go on without', page.content.decode())[0]).query
    )
    assert "f" not in without


def test_the_address_holds_no_names(client: Client) -> None:
    invoice = make(kind="81")
    token = diagnosis.seal(diagnosis.facts_of(read(einvoice_xml(invoice), name="a.xml", now=timezone.now())))
    told = signing.loads(token, salt=diagnosis.SALT)
    assert invoice.number in told.values()
    assert not {invoice.buyer_name, invoice.seller_name, invoice.buyer_tax_id, invoice.seller_tax_id} & set(
        map(str, told.values())
    )


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"just a log", "no invoice"), (b"", "empty"), (b"%PDF-1.4 broken", ""), (None, "Choose a file first")],
)
def test_a_file_that_is_none_says_so_and_loses_no_answer(client: Client, data: bytes | None, said: str) -> None:
    body = {} if data is None else {"files": SimpleUploadedFile("a.txt", data)}
    page = client.post(url({"who": "buyer"}, "file/"), body, headers=EN)
    assert page.status_code == 422
    assert said in texts(page)
    assert "What kind of invoice is it?" in texts(page)
    assert hidden(page)["who"] == "buyer"


def test_files_are_slowed_down_like_the_self_check(client: Client) -> None:
    codes = [client.post(f"{PAGE}file/", {}).status_code for _ in range(21)]
    assert codes == [422] * 20 + [429]


def test_the_self_check_leads_on_with_what_it_has_read(client: Client) -> None:
    page = client.post("/check/", upload(), headers=EN)
    token = re.findall(r'href="/diagnose/\?f=([^"]+)"', page.content.decode())[0]
    assert "Invoice number" in texts(client.get(f"{PAGE}?f={token}", headers=EN))


# What is on record


def test_look_ups_of_ones_own_ticket_answer_for_the_site(
    client_of: Browser, alice: User, charlie: User, alpha: Organisation, ann: User
) -> None:
    invoice = an_invoice(issue_date=timezone.localdate() - dt.timedelta(days=20))
    ticket = a_ticket(alice, alpha, invoice)
    services.look_up(invoice=ticket.invoices.get(), told=looked_up("not_found", site="public"), by=ann)
    token = diagnosis.seal(Facts(kind="81", number=invoice.number, region="11", issue_date=invoice.issue_date))
    few = {k: v for k, v in ASKED.items() if k not in ("looked", "asked", "kind", "issued", "region")}
    assert "from look-ups on record" in texts(client_of(alice).get(url(few, f=token), headers=EN))
    for stranger in (charlie, None):
        assert "from look-ups on record" not in texts(client_of(stranger).get(url(few, f=token), headers=EN))


# Letter, calendar, reminder, ticket, "solved"


def test_the_letter_names_the_invoice_the_request_and_the_day(
    client: Client, client_of: Browser, alice: User, alpha: Organisation
) -> None:
    number = "26112000000012345678"
    token = diagnosis.seal(Facts(number=number, kind="81", total="113.00"))
    page = texts(client.get(url(ASKED, "letter/", f=token), headers=EN))
    assert number in page
    assert "screenshot of the upload record" in page
    assert "Please answer by" in page
    assert 'class="blank"' in page
    assert alpha.name in texts(client_of(alice).get(url(ASKED, "letter/", f=token)))
    assert client.get(url(ISSUER, "letter/")).status_code == 302


def unfolded(data: bytes) -> dict[str, str]:
    lines = data.decode().replace("\r\n ", "").split("\r\n")
    return dict(line.partition(":")[::2] for line in lines if line)


def test_the_moment_goes_into_a_calendar(client: Client) -> None:
    answer = client.get(url(ISSUER, "reminder.ics"))
    assert answer["Content-Type"].startswith("text/calendar")
    started = dt.datetime.strptime(at(), diagnosis.STARTED).replace(tzinfo=BEIJING)
    begins = dt.datetime.strptime(unfolded(answer.content)["DTSTART"], "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    assert dt.timedelta() <= begins - started <= dt.timedelta(hours=2, minutes=1)
    assert "who=issuer" in unfolded(answer.content)["URL"]
    assert client.get(url({"who": "door", "door": "login"}, "reminder.ics")).status_code == 302


def test_the_ticket_form_is_filled_in_and_the_trail_stays_with_the_ticket(
    client_of: Browser, alice: User, alpha: Organisation, ann: User
) -> None:
    number = "26112000000012345678"
    token = diagnosis.seal(Facts(number=number, kind="81", issue_date=timezone.localdate() - dt.timedelta(days=40)))
    browser = client_of(alice)
    answers = {k: v for k, v in LOST.items() if k not in ("kind", "issued")}
    answer = browser.post(url(answers, "ticket/", f=token, software="开票精灵"))
    assert answer.url == "/tickets/new/details/"
    draft = Draft.objects.get(user=alice).data
    assert (draft["symptom"], draft["tried"]) == ("no_record", ["public_site", "asked_counterpart"])
    assert (draft["invoices"][0]["number"], draft["software"]) == (number, "开票精灵")
    assert number in draft["subject"]
    browser.post(url(answers, "ticket/", f=token))  # twice is once
    assert len(Draft.objects.get(user=alice).data["invoices"]) == 1
    assert "自助诊断" in texts(browser.get("/tickets/new/review/"))
    browser.post("/tickets/new/review/", {"organisation": alpha.pk})
    ticket = Ticket.objects.get()
    event = Event.objects.get(ticket=ticket, kind="ticket.diagnosed")
    assert event.data["leaf"] == "seller_uploaded"
    assert ["asked", "uploaded", "answer"] in event.data["trail"]
    desk = texts(client_of(ann).get(f"/desk/tickets/{ticket.number}/"))
    assert 'id="diagnosis"' in desk
    assert "已上传，并给了证明" in desk
    assert "销售方已上传，仍查不到记录" in texts(browser.get(f"/tickets/{ticket.number}/"))


def test_what_was_typed_into_the_form_stays(client_of: Browser, alice: User) -> None:
    Draft.objects.create(
        user=alice, key="ticket.new", data={"subject": "我的主题", "tried": ["waited"], "files": ["x"]}
    )
    client_of(alice).post(url(ISSUER | {"issued": "older"}, "ticket/"))
    draft = Draft.objects.get(user=alice).data
    assert (draft["subject"], draft["tried"], draft["files"]) == ("我的主题", ["waited"], ["x"])


def test_whoever_signs_in_for_it_lands_on_the_outcome(client: Client, client_of: Browser, alice: User) -> None:
    asked = url(ISSUER, "ticket/")
    answer = client.post(asked)
    assert answer.url.startswith("/accounts/login/?next=/diagnose/ticket/")
    assert client_of(alice).get(asked).url.startswith("/diagnose/?")
    assert client_of(alice).post(url({"who": "buyer"}, "ticket/")).url.startswith("/diagnose/?")  # no outcome yet


def test_without_an_enterprise_the_form_begins_with_registering(client_of: Browser, ann: User) -> None:
    assert client_of(ann).post(url(ISSUER, "ticket/")).url == "/tickets/new/"


def test_this_solved_it_is_counted_for_the_article(client: Client) -> None:
    content.load()
    answer = client.post(url(ISSUER, "solved/"))
    assert answer.url == "/kb/sync-delay/"
    told = Deflection.objects.get()
    assert (told.place, told.context, told.article.slug) == ("diagnosis", "upload_wait", "sync-delay")


# Hostile addresses

BROKEN: dict[str, dict[str, str]] = {
    "unknown question": {"colour": "red"},
    "unknown choice": {"who": "martian"},
    "empty choice": {"who": ""},
    "unknown change": {"change": "x"},
    "huge value": {"who": "a" * 5000},
    "huge name": {"a" * 5000: "1"},
    "huge token": {"f": "a" * 5000},
    "no token": {"f": "x"},
    "other salt": {"f": signing.dumps({"n": "1"}, salt="other")},
    "no moment": {"at": "yesterday"},
    "future": {"at": "2999-01-01T00:00"},
    "past": {"at": "0001-01-01T00:00"},
    "long software": {"software": "x" * 100},
    "lone surrogate": {"at": "2026-11-25T10:00‮"},
}


@pytest.mark.parametrize("given", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("page", ["", "letter/", "reminder.ics"])
def test_a_broken_address_is_told_clearly(client: Client, given: dict[str, str], page: str) -> None:
    answer = client.get(PAGE + page, given, headers=EN)
    assert answer.status_code == 400
    assert "Begin again" in texts(answer)


def test_nul_is_refused(client: Client) -> None:
    assert client.get(f"{PAGE}?who=%00").status_code == 400
    assert client.post(f"{PAGE}file/?who=buyer", {"x": "\x00"}).status_code == 400


def test_changed_facts_are_refused(client: Client) -> None:
    token = diagnosis.seal(Facts(number="1", is_red=True))
    changed = ("A" if token[0] != "A" else "B") + token[1:]
    answer = client.get(PAGE, {"f": changed}, headers=EN)
    assert answer.status_code == 400
    assert "changed or is too old" in texts(answer)


def test_old_facts_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    token = diagnosis.seal(Facts(number="1"))
    monkeypatch.setattr(diagnosis, "FACTS_KEPT", dt.timedelta(seconds=-1))
    with pytest.raises(Invalid):
        diagnosis.unseal(token)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.dictionaries(st.sampled_from([*QUESTIONS, *diagnosis.OTHER, "x"]), st.text(max_size=30), max_size=5))
def test_no_address_breaks_the_page(client: Client, given: dict[str, str]) -> None:
    for page in ("", "letter/", "reminder.ics"):
        query = urlencode(given, errors="surrogatepass")
        assert client.get(f"{PAGE}{page}?{query}").status_code in (200, 302, 400)
