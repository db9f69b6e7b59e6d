"""What was put into a log is never in its masked copy; invoice and tax numbers are."""

from __future__ import annotations

import gzip
import io
import random
import zipfile

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation, User
from tests.cases import a_ticket, an_invoice
from tests.logs.samples import card, person, phone
from tickets import outbox
from tickets.evidence import services
from tickets.evidence.models import Evidence
from tickets.invoices.limits import Limits
from tickets.invoices.logs import MAX_LINE, Masker
from tickets.invoices.logs.masking import CUT
from tickets.invoices.packed import mask, sources, together
from tickets.invoices.unpack import Budget
from tickets.models import Event
from tickets.notifications.models import Notification

STAYS = (
    "26112000000014057999",
    "91110108MA01ABCD5T",
    "91110000600037341L",
    "011002300111 12345678",
    "2026-11-20 10:00:00",
    "110108717831609",
)
_FORMS = ("{}", "{}，", "id={}", '"no":"{}"', "前{}后", "<v>{}</v>", "[{}]", "12 {} 34", "a={};b")
_SECRET = st.text(st.sampled_from("abcXYZ0189_-+/=!#$%*~^"), min_size=6, max_size=40)
_HELD = (
    'password={}', "pwd: {}", '"password":"{}"', r'\"password\":\"{}\"', "<password>{}</password>", "Authorization: Bearer {}", "Cookie: sid={}; x=1",
    "access_token={}&x=1", "api-key = '{}'", "密码：{}", "db_password={}", "X-Api-Key: {}", "https://user:{}@example.cn/", "appSecret={}",
)  # fmt: skip


@given(st.integers(0, 10**9), st.sampled_from([person, card, phone]), st.sampled_from(_FORMS), st.sampled_from(STAYS))
def test_numbers_of_people_are_hidden_and_those_of_invoices_stay(
    seed: int, make: object, form: str, stays: str
) -> None:
    number = make(random.Random(seed))  # type: ignore[operator]
    text = f"{form.format(number)} / {stays} /"
    shown = Masker().line(text)
    assert number not in shown
    assert stays in shown


@given(_SECRET.filter(lambda s: not s.startswith("[")), st.sampled_from(_HELD))
def test_what_is_secret_is_hidden(secret: str, form: str) -> None:
    if "@example" in form:
        secret = secret.replace("/", "_")
    assert secret not in Masker().line(f"start {form.format(secret)} end")


@pytest.mark.parametrize(
    "text",
    ["110101 19900307 7715", "6222-0212-3456-7894", "138 0013 8000", "+86 138-0013-8000", "8613800138000", "010-88886666", "138００13８000",
     "11010119900307771x", "+441632960961234", "110101 19900307 771X", "3782-822463-10005"],
)  # fmt: skip
def test_grouped_numbers_are_hidden(text: str) -> None:
    shown = Masker().line(f"no {text}.")
    assert "hidden" in shown
    assert not any(part in shown for part in text.replace("-", " ").split() if len(part) > 3 and part != "+86")


@pytest.mark.parametrize(
    "text",
    ["110101 19901307 7715", "110101199013077715", "12 911101081283462055", "6222 0212 3456 7890"],
    ids=["no month in groups", "no month", "tax number of digits behind a number", "no check digit"],
)
def test_long_numbers_that_are_nobodys_stay(text: str) -> None:
    assert Masker().line(f"no {text}.") == f"no {text}."


def test_keys_go_with_all_their_lines_and_a_mailbox_keeps_its_host() -> None:
    pem = "a\n-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nabc=\n-----END RSA PRIVATE KEY----- b\nzhang.san@corp.example eyJhbGciOiJI.eyJzdWIi.c2ln\n"
    shown = Masker().text(pem)
    assert shown.count("\n") == pem.count("\n")
    assert "MIIE" not in shown and "abc=" not in shown and "zhang" not in shown and "eyJ" not in shown  # noqa: PT018
    assert "[hidden]@corp.example" in shown
    endless = Masker().text("-----BEGIN KEY-----\n" + "x\n" * 500)
    assert endless.count("x") > 50
    assert "İ password=[secret hidden]" in Masker().line("İ password=geheim1")


def test_a_line_that_was_cut_keeps_no_half_number() -> None:
    out = io.BytesIO()
    text = "a" * 10 + "," + "b " * 9_990 + "13800138000 " * 50
    mask(text.encode(), "a.log", out, Budget(Limits()))
    assert out.getvalue().decode().rstrip("\n").endswith(CUT)
    assert "138" not in out.getvalue().decode()
    assert len(text) > MAX_LINE


def test_what_is_no_log_has_no_copy() -> None:
    out = io.BytesIO()
    assert mask(b"<x>13800138000</x>", "a.xml", out, Budget(Limits())) == 0
    assert out.getvalue() == b""
    assert list(sources(b"<x/>", "a.xml", Budget(Limits()))) == []
    assert together([]) is None


LINE = "upload failed, code 0499, tel 13800138000\n"


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.log", LINE)
        archive.writestr("b.xml", "<x>13800138000</x>")
    return out.getvalue()


def stored(by: User, name: str, data: bytes) -> Evidence:
    file = services.receive(file=ContentFile(data), name=name, purpose="log", by=by)
    services.extract(file.pk)
    return Evidence.objects.get(pk=file.pk)


def plain(name: str, data: bytes) -> str:
    if name.endswith(".gz"):
        return gzip.decompress(data).decode()
    return zipfile.ZipFile(io.BytesIO(data)).read("a.log").decode() if name.endswith(".zip") else data.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "data"),
    [("a.log", LINE.encode()), ("a.log.gz", gzip.compress(LINE.encode())), ("a.zip", _zip())],
    ids=["plain", "gz", "zip"],  # the bytes of the second hold the time
)
def test_only_the_uploader_gets_the_original(
    name: str,
    data: bytes,
    alice: User,
    bob: User,
    ann: User,
    sam: User,
    alpha: Organisation,
    client_of: object,
    mailoutbox: object,
) -> None:
    file = stored(alice, name, data)
    ticket = a_ticket(alice, alpha, an_invoice(), files=(file,))
    get = lambda user, part="file": b"".join(client_of(user).get(f"/evidence/{file.pk}/{part}/"))  # type: ignore[operator]  # noqa: E731
    assert get(alice) == data
    for user in (bob, ann, sam):
        assert plain(name, get(user)) == LINE.replace("13800138000", "[phone hidden]")
        assert b"13800138000" not in get(user, "preview")
    assert b"13800138000" in get(alice, "preview")
    assert "13800138000" not in file.text + str(file.reading)
    browser: Client = client_of(sam)  # type: ignore[operator]
    assert browser.post(f"/evidence/{file.pk}/original/", {"reason": " "}).status_code == 422
    assert b"".join(browser.post(f"/evidence/{file.pk}/original/", {"reason": "核对"})) == data
    event = Event.objects.get(ticket=ticket, kind="evidence.unsealed")
    assert (event.actor, event.is_public, event.data["reason"]) == (sam, True, "核对")
    outbox.deliver(event.pk)
    assert Notification.objects.filter(event=event, recipient=alice).exists()
    page = client_of(ann).get(f"/desk/tickets/{ticket.number}/").content.decode()  # type: ignore[operator]
    assert "0499" in page
    assert "network-interruption" in page
    assert f"/evidence/{file.pk}/original/" not in page
    assert f"/evidence/{file.pk}/original/" in browser.get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert "0499" in client_of(bob).get(f"/tickets/{ticket.number}/").content.decode()  # type: ignore[operator]


@pytest.mark.django_db
def test_a_log_with_nothing_to_hide_is_not_sealed(
    alice: User, sam: User, alpha: Organisation, client_of: object, api_of: object
) -> None:
    file = stored(alice, "a.log", b"2026-11-20 10:00:00 code 4057\n")
    assert not file.is_sealed
    a_ticket(alice, alpha, an_invoice(), files=(file,))
    assert client_of(sam).post(f"/evidence/{file.pk}/original/", {"reason": "x"}).status_code == 409  # type: ignore[operator]
    told = api_of(alice).get(f"/api/v1/evidence/{file.pk}/").json()["reading"]["log"]  # type: ignore[operator]
    assert next((f["kind"], f["code"], f["line"], f["article"]) for f in told["facts"]) == (
        "error_code",
        "4057",
        1,
        "api-call-failure",
    )
    page = client_of(None).post("/check/", {"files": ContentFile(b"code 4057\n", name="a.log")}).content.decode()  # type: ignore[operator]
    assert "api-call-failure" in page
