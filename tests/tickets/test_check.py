"""The self-check and the form: what is told while somebody types, pastes a QR code, or drops a package."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone, translation
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from tests.invoices_factory import make, qr_text
from tests.invoices_factory.packages import as_json, package
from tickets import drafts, telling, wizard
from tickets.forms import INVOICE_FIELDS
from tickets.invoices.validate import validate

pytestmark = pytest.mark.django_db
DIGITAL = "24112000000048542163"


def check(client_of: Any, by: User | None = None, **given: Any) -> Any:
    with translation.override("en"):
        return client_of(by).post("/check/", given, headers={"Accept-Language": "en"})


def test_a_typed_number_is_checked_with_all_its_rules(client_of: Any) -> None:
    page = check(client_of, number="2411200000004854216O", kind="82")
    text = page.content.decode()
    assert page.status_code == 200
    assert "number.form" in text
    assert f'Perhaps: <span class="mono">{DIGITAL[:-1]}0</span>' in text
    assert "A look-up of this kind asks for: Invoice number, Issue date, Total with tax" in text
    assert "Still empty: Issue date, Total with tax" in text


def test_a_qr_text_is_read_and_what_is_typed_stands_above_it(client_of: Any) -> None:
    invoice = make("82")
    text = check(client_of, qr=qr_text(invoice)).content.decode()
    assert invoice.number in text
    assert "Nothing is wrong with the data of this invoice" in text
    other = f"{(int(invoice.number[:2]) - 1):02d}{invoice.number[2:]}"
    assert "number.year" in check(client_of, qr=qr_text(invoice), number=other).content.decode()


def test_an_altered_qr_text_is_told(client_of: Any) -> None:
    text = qr_text(make("82"))
    assert "qr.crc" in check(client_of, qr=f"{text[:-4]}0000").content.decode()


@pytest.mark.parametrize("given", [{"qr": "https://example.com"}, {"qr": "01,82"}, {}, {"number": "  "}])
def test_what_says_nothing_is_refused_with_what_to_do(client_of: Any, given: dict[str, str]) -> None:
    page = check(client_of, **given)
    assert page.status_code == 422
    assert 'role="alert"' in page.content.decode()


@pytest.mark.parametrize("number", ["2.4112E+19", "24112000000048500000.0", "9" * 300, "٢٤", "a\u202eb", "=1+1"])
def test_hostile_words_end_in_a_finding(client_of: Any, number: str) -> None:
    page = check(client_of, number=number)
    assert page.status_code == 200
    assert 'class="error"' in page.content.decode()


def test_the_json_of_a_package_is_checked_on_the_same_page(client_of: Any) -> None:
    file = ContentFile(as_json(package(1, now=timezone.localtime(), more=2)), name="up.json")
    text = check(client_of, files=file).content.decode()
    assert "up.json" in text
    assert "Rule set" in text


def test_findings_come_while_somebody_types_without_the_page(client_of: Any) -> None:
    page = check(client_of, typing="1", number=DIGITAL, issue_date="2026-1-5", total="12,8oo")
    text = page.content.decode()
    assert "<html" not in text
    assert "number.year" in text
    assert "amount.form" in text
    assert check(client_of, typing="1", qr="01,").content.decode().strip() == ""


def test_what_was_checked_goes_into_the_draft_and_is_not_typed_twice(client_of: Any, alice: User, alpha: Any) -> None:
    invoice = make("82")
    page = check(client_of, alice, qr=qr_text(invoice))
    assert 'action="/check/into-ticket/"' in page.content.decode()
    taken = dict(page.context["taken"])
    assert client_of(alice).post("/check/into-ticket/", taken).status_code == 302
    assert client_of(alice).post("/check/into-ticket/", taken).status_code == 302
    kept = drafts.load(alice, drafts.NEW_TICKET)
    assert [values["number"] for values in kept["invoices"]] == [invoice.number]
    assert kept["symptom"] == "no_record"


def test_the_form_tells_findings_beside_each_invoice_as_they_are_typed(client_of: Any, alice: User, alpha: Any) -> None:
    drafts.save(alice, drafts.NEW_TICKET, {"symptom": "no_record"})
    sent = {
        "autosave": "1", "invoices-TOTAL_FORMS": "2", "invoices-INITIAL_FORMS": "0",
        "invoices-0-number": DIGITAL, "invoices-1-seller_tax_id": "91110108690017781O",
    }  # fmt: skip
    text = client_of(alice).post("/tickets/new/details/", sent).content.decode()
    first, second = text.split('id="told-1"')
    assert 'id="told-0"' in first
    assert "tax_id.form" in second
    page = client_of(alice).get("/tickets/new/details/").content.decode()  # without JavaScript after the next step
    assert "tax_id.form" in page


@given(seed=st.integers(1, 10_000), kind=st.sampled_from(["81", "82", "01", "10", "51"]))
def test_typed_texts_say_what_the_values_say(seed: int, kind: str) -> None:
    invoice = dataclasses.replace(make(kind, seed), lines=(), total_in_words="", is_red=False, original_number="")
    told = telling.typed(wizard.initial(invoice))
    plain = {name: getattr(invoice, name) for name in INVOICE_FIELDS}
    now = dt.datetime.now(dt.UTC)
    assert {f.code for f in told.findings} == {f.code for f in validate(type(invoice)(**plain), now=now)}
    assert all(getattr(told.invoice, name) == value for name, value in plain.items())


def test_staff_read_every_rule_with_its_source(client_of: Any, ann: User) -> None:
    text = client_of(ann).get("/desk/rules/").content.decode()
    assert "number.excel" in text
    assert "GB 32100-2015" in text
    assert "乐企基础版开票能力 V4.000" in text
