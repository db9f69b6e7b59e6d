"""Pictures and documents of articles: what is let in, what is left of it, who gets it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.base import ContentFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image

from accounts.models import User
from helpdesk.common.errors import DomainError, Forbidden
from kb import files, services
from kb.models import Article, Attachment
from tests.kb.test_pages import WORDS, an_article

pytestmark = pytest.mark.django_db
Browser = Callable[[User | None], Client]


def picture(shape: str = "PNG", size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, shape, **options)
    return out.getvalue()


def archive(*names: str, size: int = 10) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in names:
            made.writestr(name, b"0" * size)
    return out.getvalue()


DOCX = archive("[Content_Types].xml", "word/document.xml")
XLSX = archive("[Content_Types].xml", "xl/workbook.xml")


def add(article: Article, data: bytes, by: User, name: str = "截图.png") -> Attachment:
    return files.receive(article=article, file=io.BytesIO(data), name=name, by=by)


@pytest.mark.parametrize("shape", ["PNG", "JPEG", "WEBP", "GIF"])
def test_of_a_picture_the_pixels_alone_are_kept(shape: str, ed: User) -> None:
    marked = Image.new("RGB", (3000, 300), "red")
    exif = marked.getexif()
    exif[0x010E], exif[0x0112] = "<script>alert(1)</script>", 6
    out = io.BytesIO()
    marked.save(out, shape, **({} if shape == "GIF" else {"exif": exif}))
    made = add(an_article(ed), out.getvalue() + b"<script>alert(2)</script>", ed)
    with files.open_file(made) as source:
        data = source.read()
    assert b"script" not in data
    shown = Image.open(io.BytesIO(data))
    assert shown.format == shape
    assert max(shown.size) == files.LONG_SIDE
    assert (shown.height > shown.width) is (shape != "GIF")  # turned as the camera was held
    assert made.media_type == f"image/{shape.lower()}"


def test_a_moving_picture_keeps_moving(ed: User) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=50)
    with files.open_file(add(an_article(ed), out.getvalue(), ed)) as source:
        assert getattr(Image.open(source), "is_animated", False)


REFUSED = {
    "page": b"<!doctype html><script>1</script>",
    "drawing": b'<svg xmlns="http://www.w3.org/2000/svg" onload="x"/>',
    "program": b"MZ\x90\0",
    "empty": b"",
    "half": picture()[:40],
    "bomb": picture(size=(9000, 9000)),
    "other picture": picture("BMP"),
    "scripted PDF": b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(x)>>>>",
    "archive": archive("a.txt"),
    "no archive": b"PK\x03\x04nothing",
    "macros": archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
    "embedded": archive("[Content_Types].xml", "word/document.xml", "word/embeddings/a.bin"),
    "blown up": archive("[Content_Types].xml", "word/document.xml", *(f"word/{n}" for n in range(9)), size=10_000_000),
    "virus": b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*",
    "large": b"%PDF-" + b"0" * files.MAX_DOCUMENT,
    "large picture": b"\x89PNG" + b"0" * files.MAX_PICTURE,
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_picture_and_no_document_is_refused(name: str, ed: User) -> None:
    with pytest.raises(DomainError) as refusal:
        add(an_article(ed), REFUSED[name], ed)
    assert refusal.value.status in (400, 413)
    assert not Attachment.objects.exists()


def test_files_are_the_editors(ed: User, kate: User, ann: User) -> None:
    article = an_article(ed)
    for other in (kate, ann):
        with pytest.raises(Forbidden):
            add(article, picture(), other)
    files_before, files.MOST = files.MOST, 1
    try:
        add(article, picture(), ed)
        with pytest.raises(DomainError) as refusal:
            add(article, picture(), ed)
    finally:
        files.MOST = files_before
    assert refusal.value.code == "too_many_files"


def test_readers_get_what_a_published_text_of_theirs_refers_to(
    client_of: Browser, ed: User, kate: User, alice: User, ann: User
) -> None:
    def got(reader: User | None, path: str) -> HttpResponse:
        answer = client_of(reader).get(path)
        if answer.streaming:
            assert b"".join(answer.streaming_content)
        return answer

    article = an_article(ed, audience="enterprises")
    kept, other = add(article, picture(), ed), add(article, DOCX, ed, name="表\u202e格.docx")
    path = kept.get_absolute_url()
    assert got(ed, path).status_code == 200
    assert got(kate, path).status_code == 200
    for person in (None, alice, ann):
        assert got(person, path).status_code == 404  # of a draft
    text = {**WORDS, "body": f"![页面]({path})"}
    draft = services.save_draft(article=article, language="zh-hans", text=text, reason="", by=ed, version=1)
    services.perform(revision=draft, action="submit", by=ed)
    assert got(alice, path).status_code == 404
    live = services.perform(revision=draft, action="approve", by=kate)
    assert got(None, path).status_code == 404
    for person in (alice, ann):
        answer = got(person, path)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert got(person, other.get_absolute_url()).status_code == 404  # no text refers to it
    services.perform(revision=live, action="archive", by=kate, reason="x")
    assert got(alice, path).status_code == 404
    answer = got(ed, other.get_absolute_url())
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    assert other.name == "表格.docx"


@pytest.mark.parametrize(
    ("data", "mark"), [(picture(), "![]("), (DOCX, "[文件.docx]("), (XLSX, "["), (b"%PDF-1.7\n", "[")]
)
def test_an_upload_answers_with_its_markdown(data: bytes, mark: str, client_of: Browser, ed: User, ann: User) -> None:
    an_article(ed)
    path = "/desk/kb/one/files/"

    def send(person: User, data: bytes, **headers: str) -> object:
        return client_of(person).post(
            path, {"file": ContentFile(data, name="文件.docx"), "next": "/desk/kb/"}, **headers
        )

    made = send(ed, data, HTTP_ACCEPT="application/json")
    assert made.status_code == 201  # type: ignore[attr-defined]
    assert made.json()["markdown"].startswith(mark)  # type: ignore[attr-defined]
    assert send(ed, b"MZ", HTTP_ACCEPT="application/json").json()["errors"][0]["field"] == "file"  # type: ignore[attr-defined]
    assert send(ed, data)["Location"] == send(ed, b"MZ")["Location"] == "/desk/kb/"  # type: ignore[index]
    assert client_of(ed).post(path, HTTP_ACCEPT="application/json").status_code == 400
    assert send(ann, data).status_code == 403  # type: ignore[attr-defined]
    assert Attachment.objects.count() == 2
