"""Pictures and documents of articles: looked at before they are kept, pictures made anew from their pixels."""

from __future__ import annotations

import hashlib
import io
import re
import secrets
import unicodedata
import warnings
import zipfile
from typing import IO, Protocol

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image, ImageOps, ImageSequence

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common import scanners
from helpdesk.common.errors import FieldError, Invalid, NotNow, TooLarge, Unavailable
from helpdesk.common.inputs import clean_text
from helpdesk.common.messages import Message, gettext_noop
from kb.models import Article, Attachment
from kb.services import record

MAX_PICTURE, MAX_DOCUMENT = 8 * 1024 * 1024, 15 * 1024 * 1024
LONG_SIDE, PIXELS, FRAMES = 2000, 40_000_000, 120
MOST = 60  # files of an article
UNPACKED, ENTRIES = 80 * 1024 * 1024, 2000  # of a document, which is a ZIP
_FORMATS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
_OFFICE = "application/vnd.openxmlformats-officedocument."
_PARTS = {"word/": _OFFICE + "wordprocessingml.document", "xl/": _OFFICE + "spreadsheetml.sheet"}
_ACTIVE = ("vbaproject.bin", "/activex/", "/embeddings/", "/externallinks/")
_ACTIVE_PDF = re.compile(rb"/(?:JavaScript|JS|Launch|EmbeddedFile|RichMedia|XFA)\b")


class Bytes(Protocol):
    """An uploaded file."""

    def read(self, size: int = -1, /) -> bytes: ...


def receive(*, article: Article, file: Bytes, name: str, by: User) -> Attachment:
    """Keep a file for an article. Raises Forbidden, Invalid, TooLarge, NotNow (too many), Unavailable."""
    require(by, Permission.KB_EDIT)
    data = file.read(MAX_DOCUMENT + 1)
    if len(data) > MAX_DOCUMENT:
        raise _too_large(MAX_DOCUMENT)
    if scanners.scan(data):
        raise _refused("virus", gettext_noop("The virus scanner found something in this file."))
    data, media_type = _admit(data)
    key = secrets.token_hex(16)
    with transaction.atomic():
        Article.objects.select_for_update().get(pk=article.pk)
        if article.attachments.count() >= MOST:
            text = gettext_noop("An article holds at most %(limit)s files.")
            raise NotNow(Message(text, {"limit": MOST}), code="too_many_files")
        made = _keep(article, key, name, data, media_type, by=by)
        record(article, "file.added", by=by, name=made.name, key=key, sha256=made.sha256)
    return made


def adopt(*, article: Article, key: str, name: str, data: bytes) -> Attachment:
    """Keep a file of a package under the address that its text names. Raises Invalid, TooLarge, Unavailable."""
    if scanners.scan(data):
        raise _refused("virus", gettext_noop("The virus scanner found something in this file."))
    with transaction.atomic():
        made = _keep(article, key, name, *_admit(data), by=None)
        record(article, "file.imported", by=None, name=made.name, key=key, sha256=made.sha256)
    return made


def _keep(article: Article, key: str, name: str, data: bytes, media_type: str, *, by: User | None) -> Attachment:
    return Attachment.objects.create(
        article=article,
        key=key,
        name=_clean_name(name),
        media_type=media_type,
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        path=_write(f"kb/{key[:2]}/{key}", data),
        uploaded_by=by,
    )


def open_file(attachment: Attachment) -> IO[bytes]:
    """The bytes, for who was let through `visible_to`. Raises Unavailable when the storage doesn't give them."""
    try:
        return default_storage.open(attachment.path, "rb")
    except OSError as error:
        raise Unavailable from error


def _write(path: str, data: bytes) -> str:
    try:
        return default_storage.save(path, ContentFile(data))
    except OSError as error:
        raise Unavailable from error


def _refused(code: str, text: str) -> Invalid:
    message = Message(text)
    return Invalid(message, code=f"file.{code}", errors=[FieldError("file", f"file.{code}", message)])


def _too_large(limit: int) -> TooLarge:
    message = Message(gettext_noop("This file is larger than %(limit)s MB."), {"limit": limit // (1024 * 1024)})
    return TooLarge(message, errors=[FieldError("file", "too_large", message)])


def _clean_name(name: str) -> str:
    """The last part of a path, without control and direction characters."""
    last = re.split(r"[/\\]", clean_text(name))[-1]
    kept = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] not in "CZ" or c == " ")
    return kept.strip(" .")[-150:] or "file"


def _admit(data: bytes) -> tuple[bytes, str]:
    """What is kept, and its type by its content; the name says nothing."""
    if data.startswith(b"%PDF-"):
        return _pdf(data)
    if data.startswith(b"PK\x03\x04"):
        return _document(data)
    if len(data) > MAX_PICTURE:
        raise _too_large(MAX_PICTURE)
    return _picture(data)


def _pdf(data: bytes) -> tuple[bytes, str]:
    if _ACTIVE_PDF.search(data):
        raise _refused("active", gettext_noop("This file holds scripts or files inside. Save it again without them."))
    return data, "application/pdf"


def _document(data: bytes) -> tuple[bytes, str]:
    """DOCX or XLSX without macros, which unpacks to no more than it should."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = [member.filename.lower() for member in members]
            whole = len(members) <= ENTRIES and sum(member.file_size for member in members) <= UNPACKED
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise _unknown() from error
    kind = next((media_type for part, media_type in _PARTS.items() if any(n.startswith(part) for n in names)), "")
    if not kind or "[content_types].xml" not in names:
        raise _unknown()
    if not whole or any(mark in f"/{name}" for name in names for mark in _ACTIVE):
        raise _refused("active", gettext_noop("This file holds scripts or files inside. Save it again without them."))
    return data, kind


def _unknown() -> Invalid:
    return _refused("type", gettext_noop("PNG, JPEG, WebP and GIF pictures, PDF, DOCX and XLSX can be added."))


def _picture(data: bytes) -> tuple[bytes, str]:
    """The pixels alone, upright, at most LONG_SIDE wide and high: nothing else of the original comes through."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as picture:
                if picture.width * picture.height * min(getattr(picture, "n_frames", 1), FRAMES) > PIXELS:
                    raise _refused("pixels", gettext_noop("This picture has too many pixels."))
                return _redrawn(picture), _FORMATS[str(picture.format)]
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, IndexError, Image.DecompressionBombError) as error:
        raise _unknown() from error


def _redrawn(picture: Image.Image) -> bytes:
    shape = str(picture.format)
    frames = [_small(frame) for _n, frame in zip(range(FRAMES), ImageSequence.Iterator(picture), strict=False)]
    out = io.BytesIO()
    first, *rest = [frame.convert("RGB") if shape == "JPEG" else frame for frame in frames]
    moving = {"save_all": True, "append_images": rest, "duration": picture.info.get("duration", 100), "loop": 0}
    quality = {"quality": 85} if shape in ("JPEG", "WEBP") else {}
    first.save(out, shape, **quality, **(moving if rest and shape in ("GIF", "WEBP") else {}))
    return out.getvalue()


def _small(frame: Image.Image) -> Image.Image:
    upright = ImageOps.exif_transpose(frame)
    clean = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    clean.thumbnail((LONG_SIDE, LONG_SIDE))
    clean.info = {}
    return clean
