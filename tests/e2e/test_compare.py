"""What was read from a picture, beside the place on the paper, on the form and on the desk."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from playwright.sync_api import Page, expect

from accounts.models import Organisation, User
from tests.cases import a_ticket
from tests.e2e.conftest import inspect
from tests.invoices_factory import make
from tests.invoices_factory.face import faces
from tests.invoices_factory.layouts import drawn_pdf
from tests.invoices_factory.numbers import qr_text
from tests.invoices_factory.photo import has_letters, printed, taken
from tests.invoices_factory.typeset import Typeset
from tickets import drafts
from tickets.evidence import services
from tickets.evidence.models import Evidence
from tickets.invoices.limits import Limits
from tickets.invoices.read import read

Open = Callable[..., Page]
INVOICE = make("82", seed=3)


def read_file(by: User, data: bytes, name: str) -> Evidence:
    file = services.receive(file=ContentFile(data), name=name, purpose="invoice", by=by)
    services.extract(file.pk)
    file.refresh_from_db()
    return file


@pytest.mark.skipif(not has_letters(), reason="needs a font with Chinese characters")
def test_each_field_can_be_compared_with_the_paper(
    page_of: Open, alice: User, ann: User, alpha: Organisation, monkeypatch: pytest.MonkeyPatch
) -> None:
    typeset = Typeset(faces(INVOICE)[0], read_as=lambda p: (p.text, 0.6 if p.field == "buyer_name" else 0.98))

    def with_letters(data: bytes, **given: object) -> object:
        return read(data, letters=typeset, limits=Limits(), **given)  # type: ignore[arg-type]

    monkeypatch.setattr(services, "read", lambda data, name, now, letters: with_letters(data, name=name, now=now))
    photo = read_file(alice, taken(printed(INVOICE)), "照片.jpg")
    drawn = read_file(alice, drawn_pdf(faces(INVOICE), code=qr_text(INVOICE)), "发票.pdf")
    for language in ("zh-hans", "en"):
        drafts.save(alice, drafts.NEW_TICKET, {"symptom": "no_record", "files": [str(photo.pk), str(drawn.pk)]})
        page = page_of(alice, language=language)
        page.goto("/tickets/new/details/")
        page.locator(".seen > summary").first.click()
        strip = page.locator(".seen img").first
        strip.scroll_into_view_if_needed()
        expect(strip).to_have_js_property("complete", value=True)
        assert strip.evaluate("image => image.naturalWidth") > 300
        inspect(page, f"compare-form-{language}")
    ticket = a_ticket(alice, alpha, INVOICE, files=(photo, drawn))
    page = page_of(ann)
    page.goto(f"/desk/tickets/{ticket.number}/")
    page.locator(".tside .seen > summary").first.click()
    expect(page.locator(".tside .seen img").first).to_be_visible()
    inspect(page, "compare-desk")
