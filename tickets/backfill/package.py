"""What is handed over: a ZIP with cover sheet, the accepted papers and their hashes."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
from pathlib import PurePosixPath
from typing import IO

from django.db import transaction
from django.template.loader import render_to_string

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import NotNow
from helpdesk.common.messages import Message, gettext_noop
from tickets import workflow
from tickets.backfill import lifecycle, rules
from tickets.backfill.models import Backfill, BackfillMaterial
from tickets.evidence.services import shown

#: States in which there is something approved to hand over.
READY = (lifecycle.APPROVED, lifecycle.HANDED_OVER, lifecycle.RECEIVED, lifecycle.DONE)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same content gives the same bytes


def build(*, backfill: Backfill, by: User) -> IO[bytes]:
    """The package as a temporary file at its start; the download is part of the history. Raises Forbidden, NotNow."""
    require(by, Permission.TICKET_VIEW)
    if backfill.status not in READY:
        raise NotNow(Message(gettext_noop("There is nothing to hand over before the approval.")), code="not_approved")
    target = tempfile.SpooledTemporaryFile(max_size=8 * 1024 * 1024)  # noqa: SIM115  the caller streams and closes it
    materials = [(m, m.evidence) for m in backfill.materials.select_related("evidence__blob") if m.evidence]
    names = {m.pk: _name(m) for m, _file in materials}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        cover = _cover(backfill, [(m.label, names[m.pk], file.blob.sha256) for m, file in materials])
        sums = [f"{hashlib.sha256(cover).hexdigest()}  cover.html"]
        _write(archive, "cover.html", cover)
        for material, evidence in materials:
            with (
                shown(evidence=evidence, to=None).source as source,
                archive.open(_info(names[material.pk]), "w") as entry,
            ):
                shutil.copyfileobj(source, entry)
            sums.append(f"{evidence.blob.sha256}  {names[material.pk]}")
        _write(archive, "SHA256SUMS", "\n".join([*sums, ""]).encode())
    target.seek(0)
    with transaction.atomic():
        told = {"backfill": backfill.pk, "files": len(materials)}
        workflow.record(backfill.case, "backfill.package_downloaded", by=by, public=False, data=told)
    return target


def _cover(backfill: Backfill, lines: list[tuple[str, str, str]]) -> bytes:
    fields = [(name, (backfill.keyed or {}).get(name, "")) for name in rules.KEYED]
    context = {"backfill": backfill, "ticket": backfill.ticket, "fields": fields, "lines": lines}
    return render_to_string("desk/backfill/cover.html", context).encode()


def _name(material: BackfillMaterial) -> str:
    """`01-invoice_file.pdf`: sorted as the checklist, no character that a foreign system could trip over."""
    suffix = PurePosixPath(material.evidence.name if material.evidence else "").suffix.lower()
    safe = suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 6 else ""
    return f"materials/{material.position:02d}-{material.kind}{safe}"


def _info(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


def _write(archive: zipfile.ZipFile, name: str, data: bytes) -> None:
    archive.writestr(_info(name), data)
