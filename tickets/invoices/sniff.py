"""PURE. What the bytes are, by content: the name only breaks ties among texts and ZIP containers."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from tickets.invoices.limits import Refused
from tickets.invoices.model import Carrier


@dataclass(frozen=True, slots=True)
class Sniffed:
    """A type of file; `encoding` is a Python codec for texts, else ""."""

    carrier: Carrier
    media_type: str
    encoding: str = ""


LOG_NAMES = ("log", "txt", "out")
HEAD = 64 * 1024  # bytes looked at for a text's type

_IMAGES: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_PROGRAMS = (
    b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe",
    b"L\0\0\0\x01\x14\x02\0", b"\0asm", b"#!", b"!<arch>", b"dex\n", b"ITSF", b"MSCF", b"{\\rtf",
)  # fmt: skip
_BAD_NAMES = re.compile(
    r"[xs]?html?|xht|mhtml?|svgz?|m?js|vb[se]|jse|ws[fh]|hta|bat|cmd|com|exe|scr|dll|msi|psm?1|sh|bash|py|rb|pl|php\d?"
    r"|phtml|jspx?|aspx?|jar|class|lnk|url|reg|swf"
)

#: What a browser would take for a page, at the start of a text (WHATWG MIME Sniffing §7.1).
_PAGE = re.compile(
    r"<(?:!doctype\s+(?:html|svg)|(?:html|head|body|script|svg|iframe|object|embed|style|title|table|div|img|font|br|p|a"
    r"|h1|form|meta|link|base|math|video|audio|input)[\s/>:]|[\w.-]+:(?:svg|html|script)[\s/>])",
    re.IGNORECASE,
)
_ACTIVE = re.compile(rb"<(?:script|html|svg|iframe|!doctype\s+html|\?php)[\s>/]", re.IGNORECASE)
_PROLOG = re.compile(r"\s*(?:<\?.{0,2000}?\?>\s*|<!--.{0,20000}?-->\s*)*", re.DOTALL)
_JSON = re.compile(r'\s*(?:\{\s*["}]|\[\s*[\[{\]"])')
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


def sniff(head: bytes, name: str = "") -> Sniffed:
    """Type of a file from its first bytes, or all of them. Raises Refused for programs, pages and unknown types."""
    if not head:
        raise Refused("file.empty")
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    found = _binary(head, extension) or _text(head, extension)
    if found is None:
        raise Refused("log.binary" if extension in LOG_NAMES else "type.unknown")
    return found


def is_log(found: Sniffed, name: str = "") -> bool:
    """Whether a text is read as a log: no invoice, no list, no package of invoices."""
    ending = name.rpartition(".")[2].lower()
    return found.carrier == Carrier.TEXT or (found.carrier == Carrier.JSON and ending in (*LOG_NAMES, "jsonl"))


def decoded(data: bytes, encoding: str, limit: int = -1) -> str:
    """Text of `data`; bytes that don't fit the encoding become U+FFFD."""
    text = data.decode(encoding, "replace")
    return text if limit < 0 else text[:limit]


def _binary(head: bytes, extension: str) -> Sniffed | None:
    start = head.lstrip(b"\xef\xbb\xbf\r\n\t \0")[:8]
    if start.startswith(b"%PDF-"):
        return _single(head, Sniffed(Carrier.PDF, "application/pdf"))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return _single(head, Sniffed(Carrier.IMAGE, "image/webp"))
    for magic, media_type in _IMAGES:
        if head.startswith(magic) and (magic != b"BM" or head[6:10] == b"\0\0\0\0"):
            return _single(head, Sniffed(Carrier.IMAGE, media_type))
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(head, extension)
    if head.startswith(b"\x1f\x8b\x08"):
        return Sniffed(Carrier.GZIP, "application/gzip")
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _ole(head, extension)
    if head.startswith(_PROGRAMS) and (head[:2] != b"MZ" or b"\0" in head[:512]):
        raise Refused("type.refused")
    return None


def _single(data: bytes, found: Sniffed) -> Sniffed:
    """Refuse a file that is two types at once: a browser or an unpacker would open the other one."""
    ends = data[:4096] + data[-4096:]
    second = _ACTIVE.search(ends) or (found.carrier == Carrier.IMAGE and b"%PDF-" in data[:1024])
    tail = data.rfind(b"PK\x05\x06", max(0, len(data) - 65_557))
    archive = tail >= 0 and tail + 22 + int.from_bytes(data[tail + 20 : tail + 22], "little") == len(data)
    if second or archive:
        raise Refused("type.refused")
    return found


def _zip(data: bytes, extension: str) -> Sniffed:
    names = {data[at + 30 : at + 30 + min(data[at + 26], 80)] for at in _marks(data, b"PK\x03\x04")}
    names |= {data[at + 46 : at + 46 + min(data[at + 28], 80)] for at in _marks(data, b"PK\x01\x02")}
    if any(n in (b"META-INF/MANIFEST.MF", b"AndroidManifest.xml") or n.endswith(b"vbaProject.bin") for n in names):
        raise Refused("type.refused")
    if b"OFD.xml" in names or (extension == "ofd" and b"[Content_Types].xml" not in names):
        return Sniffed(Carrier.OFD, "application/ofd")
    office = "application/vnd.openxmlformats-officedocument."
    folders = {n.partition(b"/")[0] for n in names}
    if b"xl" in folders or (extension == "xlsx" and b"[Content_Types].xml" in names):
        return Sniffed(Carrier.SPREADSHEET, office + "spreadsheetml.sheet")
    if b"[Content_Types].xml" in names:
        kind = "presentationml.presentation" if b"ppt" in folders else "wordprocessingml.document"
        return Sniffed(Carrier.UNKNOWN, office + kind)
    return Sniffed(Carrier.ARCHIVE, "application/zip")


def _marks(data: bytes, mark: bytes) -> list[int]:
    """Where `mark` occurs with room for a header behind it, at most 4,000 times."""
    found: list[int] = []
    at = data.find(mark)
    while 0 <= at <= len(data) - 46 and len(found) < 4000:
        found.append(at)
        at = data.find(mark, at + 4)
    return found


def _ole(data: bytes, extension: str) -> Sniffed:
    """Excel and Word before 2007; an installer (MSI) has the same container."""
    if _wide("_VBA_PROJECT") in data:
        raise Refused("type.refused")
    if _wide("Workbook") in data or _wide("Book") in data:
        return Sniffed(Carrier.SPREADSHEET, "application/vnd.ms-excel")
    if _wide("WordDocument") in data:
        return Sniffed(Carrier.UNKNOWN, "application/msword")
    if extension == "xls":
        return Sniffed(Carrier.SPREADSHEET, "application/vnd.ms-excel")
    raise Refused("type.refused")


def _wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def _text(data: bytes, extension: str) -> Sniffed | None:
    encoding = _encoding(data[:HEAD])
    if not encoding:
        return None
    text = decoded(data[:HEAD], encoding).lstrip("\ufeff")
    if _BAD_NAMES.fullmatch(extension):
        raise Refused("type.refused")
    rest = text[_PROLOG.match(text).end() :]  # type: ignore[union-attr]  # the pattern matches the empty text
    if rest.startswith("<"):
        if _PAGE.match(rest) or "<?xml-stylesheet" in text[:4096]:
            raise Refused("type.refused")
        return Sniffed(Carrier.XML, "application/xml", encoding)
    if _PAGE.match(rest.lstrip("\x0c\x1b")) or text.lstrip().startswith(("<?php", "<%")):
        raise Refused("type.refused")
    if extension == "json" or (_JSON.match(text) and extension not in ("csv", "tsv")):
        return Sniffed(Carrier.JSON, "application/json", encoding)
    if extension in ("csv", "tsv") or (extension in ("", "xls", "xlsx") and _is_table(text)):
        return Sniffed(Carrier.SPREADSHEET, "text/csv", encoding)
    return Sniffed(Carrier.TEXT, "text/plain", encoding)


def _encoding(head: bytes) -> str:
    """Codec of a text: its mark, UTF-16 by its zero bytes, UTF-8, GB18030; "" when it is no text."""
    marks = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
    codec = next((name for mark, name in marks if head.startswith(mark)), "")
    if not codec and head[1:2] == b"\0" and head[3:4] == b"\0":
        codec = "utf-16-le"
    if not codec and head[:1] == b"\0" and head[2:3] == b"\0":
        codec = "utf-16-be"
    for candidate in [codec] if codec else ["utf-8", "gb18030"]:
        try:
            text = codecs.getincrementaldecoder(candidate)("strict").decode(head, final=False)
        except UnicodeDecodeError:
            continue
        if text.strip() and not _CONTROL.search(text):
            return candidate
    return ""


def _is_table(text: str) -> bool:
    """At least three lines with the same number, two or more, of commas or tabs."""
    lines = [line for line in text.splitlines()[:20] if line.strip()][:-1]
    return any(
        len(lines) >= 2 and len({line.count(mark) for line in lines}) == 1 <= lines[0].count(mark) - 1 for mark in ",\t"
    )
