"""Pictures in the worker: their letters are read where the engine is, and where it isn't the file says so."""

from __future__ import annotations

import io
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from accounts.models import Organisation, User
from tests.cases import a_ticket, an_invoice
from tests.invoices_factory import make
from tests.invoices_factory.face import faces
from tests.invoices_factory.layouts import drawn_pdf
from tests.invoices_factory.photo import has_letters, printed, taken
from tests.invoices_factory.typeset import Typeset, sheet
from tickets import drafts
from tickets.evidence import services
from tickets.evidence.models import Evidence, State
from tickets.evidence.preview import marked
from tickets.invoices.ocr.process import Busy, is_installed

pytestmark = pytest.mark.django_db
INVOICE = make("82", seed=3)


def picture() -> bytes:
    out = io.BytesIO()
    sheet().save(out, "PNG")
    return out.getvalue()


def read_file(by: User, data: bytes) -> Evidence:
    file = services.receive(file=ContentFile(data), name="a.png", purpose="invoice", by=by)
    services.extract(file.pk)
    file.refresh_from_db()
    return file


@pytest.fixture
def typeset(monkeypatch: pytest.MonkeyPatch) -> Typeset:
    """The engine's place is taken by one that knows the page; the engine itself is tried below and in tests/invoices."""
    letters = Typeset(faces(INVOICE)[0])
    monkeypatch.setattr(services, "_letters", lambda: nullcontext(letters))
    return letters


def test_letters_become_fields_with_place_and_confidence(alice: User, typeset: Typeset) -> None:
    file = read_file(alice, picture())
    assert file.state == State.CLEAN
    assert file.reading is not None
    field = file.reading["fields"]["buyer_tax_id"]
    assert (field["value"], field["source"], field["confidence"]) == (INVOICE.buyer_tax_id, "ocr", 0.85)
    page, x0, y0, x1, y1 = field["place"]
    assert page == 1
    assert 0 < x0 < x1 < 1
    assert 0 < y0 < y1 < 1
    assert INVOICE.buyer_tax_id in file.text


def test_without_the_engine_the_file_says_so(alice: User, settings: Any) -> None:
    settings.OCR = False
    file = read_file(alice, picture())
    assert file.state == State.CLEAN
    assert file.reading is not None
    assert [f["code"] for f in file.reading["findings"]] == ["file.no_invoice", "ocr.not_run"]


def test_a_reader_that_is_taken_leaves_the_file_to_the_sweep(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(picture: object) -> list[object]:
        raise Busy

    monkeypatch.setattr(services, "_letters", lambda: nullcontext(busy))
    file = read_file(alice, picture())
    assert (file.state, file.attempts) == (State.RECEIVED, 0)


@pytest.mark.skipif(not is_installed() or not has_letters(), reason="needs the extra ocr and a Chinese font")
def test_the_worker_reads_a_photo(alice: User, settings: Any, tmp_path: Path) -> None:
    settings.OCR, settings.HOME = True, tmp_path
    file = read_file(alice, taken(printed(INVOICE), turn=3, blur=0.8, quality=60))
    assert file.reading is not None
    fields = file.reading["fields"]
    assert (fields["number"]["source"], fields["seller_tax_id"]["source"]) == ("qr", "ocr")
    assert fields["seller_tax_id"]["value"] == INVOICE.seller_tax_id


def size_of(answer: Any) -> Image.Image:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "image/jpeg"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    return Image.open(io.BytesIO(answer.content))


def is_marked(strip: Image.Image) -> bool:
    """Whether it holds the red of the frame."""
    pixels = strip.convert("RGB").tobytes()
    return any(r > 150 and g < 90 and b < 90 for r, g, b in zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True))


def test_a_field_is_shown_on_the_paper(alice: User, typeset: Typeset, client: Client) -> None:
    file = read_file(alice, picture())
    client.force_login(alice)
    for name in ("number", "total", "seller_tax_id"):
        strip = size_of(client.get(f"/evidence/{file.pk}/place/{name}/"))
        assert is_marked(strip)
        assert 3 < strip.width / strip.height < 5
    for address in ("place/remark/", "place/number/?n=1", "place/nothing/", "place/number/?n=999999"):
        assert client.get(f"/evidence/{file.pk}/{address}").status_code in (200, 404)
    assert client.get(f"/evidence/{file.pk}/place/number/?n=1").status_code == 404
    assert client.get(f"/evidence/{file.pk}/place/kind/").status_code == 404


def test_a_stranger_sees_no_place(alice: User, charlie: User, typeset: Typeset, client: Client) -> None:
    file = read_file(alice, picture())
    client.force_login(charlie)
    assert client.get(f"/evidence/{file.pk}/place/number/").status_code == 404


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_place_in_a_pdf_is_where_the_value_is_printed(alice: User, turn: int) -> None:
    page = faces(INVOICE)[0]
    file = services.receive(file=ContentFile(drawn_pdf([page], turn=turn)), name="a.pdf", purpose="invoice", by=alice)
    services.extract(file.pk)
    file.refresh_from_db()
    assert file.reading is not None
    piece = next(piece for piece in page.values if piece.field == "number")
    x, y = piece.x / 210, (piece.y + piece.size / 2) / 140
    asked = {0: (x, y), 90: (y, 1 - x), 180: (1 - x, 1 - y), 270: (1 - y, x)}[turn]
    _page, x0, y0, x1, y1 = file.reading["fields"]["number"]["place"]
    assert x0 - 0.01 <= asked[0] <= x1 + 0.01
    assert y0 - 0.01 <= asked[1] <= y1 + 0.01
    assert is_marked(Image.open(io.BytesIO(marked(file, name="number"))))


def test_what_was_read_stands_beside_the_paper_on_form_and_desk(
    alice: User, ann: User, alpha: Organisation, typeset: Typeset, client: Client
) -> None:
    file = read_file(alice, picture())
    drafts.save(alice, drafts.NEW_TICKET, {"symptom": "no_record", "files": [str(file.pk)]})
    client.force_login(alice)
    client.post("/tickets/new/details/", {"fill": str(file.pk), "invoices-TOTAL_FORMS": 1, "invoices-INITIAL_FORMS": 0})
    form = client.get("/tickets/new/details/", headers={"Accept-Language": "en"}).content.decode()
    assert f"/evidence/{file.pk}/place/number/?n=0" in form
    assert "letters in the picture · probable" in form
    ticket = a_ticket(alice, alpha, an_invoice(), files=(file,))
    client.force_login(ann)
    desk = client.get(f"/desk/tickets/{ticket.number}/").content.decode()
    assert f"/evidence/{file.pk}/place/seller_tax_id/?n=0" in desk
    told = client.get(f"/evidence/{file.pk}/place/seller_tax_id/")
    assert told.status_code == 200


def test_a_photo_is_shown_with_the_side_up_that_the_telephone_says(alice: User, client: Client) -> None:
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    sheet().save(out, "JPEG", exif=exif)
    file = read_file(alice, out.getvalue())
    client.force_login(alice)
    shown = size_of(client.get(f"/evidence/{file.pk}/preview/"))
    assert shown.height > shown.width
