"""Hostile files: name, bytes and the code of the refusal. `LATE` are told apart only by the reader behind the door."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

from PIL import Image

from tests.cases import an_invoice
from tests.invoices_factory import einvoice_xml, pdf
from tests.invoices_factory.packs import zip_of

Hostile = tuple[str, Callable[[], bytes], str]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
SCRIPT = b"<script>alert(document.cookie)</script>"


def _picture(width: int, height: int) -> bytes:
    """A PNG whose header promises that many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def _gif_and(tail: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("P", (4, 4)).save(out, "GIF")
    return out.getvalue() + tail


def _encrypted(data: bytes) -> bytes:
    """The flags of a password in every header; the bytes behind need none to be refused."""
    raw = bytearray(zip_of({"fp.xml": data}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        raw[at + place] |= 1
    return bytes(raw)


def _overlapping(copies: int = 40) -> bytes:
    """Many directory entries over the same bytes (CVE-2024-0450)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("0", b"\0" * 2_000_000)
        first = archive.infolist()[0]
        for index in range(1, copies):
            twin = zipfile.ZipInfo(str(index))
            for field in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, field, getattr(first, field))
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin
    return out.getvalue()


def _link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("fp.xml")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def _invoice() -> bytes:
    return einvoice_xml(an_invoice())


def _locked_pdf() -> bytes:
    """A PDF that says it has a password; the key is none that anybody knows."""
    return pdf(an_invoice()).replace(
        b"/Root", b"/Encrypt<</Filter/Standard/V 1/R 2/P -44/O<" + b"41" * 32 + b">/U<" + b"42" * 32 + b">>>/ID[<00><00>]/Root"
    )  # fmt: skip


def _many_pages() -> bytes:
    kids = b" ".join(b"3 0 R" for _ in range(1000))
    return (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1000/Kids["
        + kids
        + b"]>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj\ntrailer<</Root 1 0 R>>\n"
    )


def laughs() -> bytes:
    """The billion laughs."""
    lines = [f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{"".join(lines)}]><x>&l9;</x>'.encode()


HOSTILE: dict[str, Hostile] = {
    "empty": ("fp.xml", lambda: b"", "file.empty"),
    "page": ("fp.html", lambda: b"<!doctype html>" + SCRIPT, "type.refused"),
    "page named as a text": ("fp.txt", lambda: b"<!doctype html>" + SCRIPT, "type.refused"),
    "page behind a comment": ("fp.xml", lambda: b"<!-- fp -->\n<html>" + SCRIPT + b"</html>", "type.refused"),
    "page in UTF-16": ("fp.xml", lambda: ("\ufeff<html>" + SCRIPT.decode()).encode("utf-16-le"), "type.refused"),
    "drawing": ("fp.svg", lambda: SVG, "type.refused"),
    "drawing named as a picture": ("fp.png", lambda: SVG, "type.refused"),
    "drawing inside an XML": ("fp.xml", lambda: b"<x>" + SVG + b"</x>", "type.refused"),
    "style sheet": ("a.xml", lambda: b'<?xml version="1.0"?><?xml-stylesheet href="//x"?><x/>', "type.refused"),
    "program": ("fp.pdf", lambda: b"MZ" + b"\0" * 600, "type.refused"),
    "script": ("fp.txt", lambda: b"#!/bin/sh\nrm -rf /\n", "type.refused"),
    "program by its name": ("fp.vbs", lambda: b"MsgBox 1", "type.refused"),
    "picture and page": ("fp.gif", lambda: _gif_and(b"<html>" + SCRIPT), "type.refused"),
    "picture and archive": ("fp.gif", lambda: _gif_and(zip_of({"a.xml": b"<x/>"})), "type.refused"),
    "picture and PDF": ("a.gif", lambda: b"GIF89a" + b"\0" * 20 + pdf(an_invoice()), "type.refused"),
    "PDF and archive": ("fp.pdf", lambda: pdf(an_invoice()) + zip_of({"a": b"b"}), "type.refused"),
    "program for Java": ("fp.zip", lambda: zip_of({"META-INF/MANIFEST.MF": b"Main-Class: X"}), "type.refused"),
    "sheet with macros": (
        "a.xlsx", lambda: zip_of({"[Content_Types].xml": b"<x/>", "xl/vbaProject.bin": b"\0"}), "type.refused",
    ),
    "unknown": ("fp.bin", lambda: b"\x01\x02\x03\x04" * 99, "type.unknown"),
    "zip bomb": ("fp.zip", lambda: zip_of({"a": b"0" * 30_000_000, "b": b"1" * 30_000_000}), "zip.bomb"),
    "zip bomb below the limit": ("fp.zip", lambda: zip_of({"a": b"0" * 30_000_000}), "zip.bomb"),
    "bomb in an archive": ("a.zip", lambda: zip_of({"b.zip": zip_of({"a": b"0" * 30_000_000})}), "zip.bomb"),
    "bomb as OFD": ("fp.ofd", lambda: zip_of({"OFD.xml": b" " * 30_000_000}), "zip.bomb"),
    "bomb as a sheet": (
        "a.xlsx", lambda: zip_of({"[Content_Types].xml": b"<x/>", "xl/a.xml": b" " * 30_000_000}), "zip.bomb",
    ),
    "overlapping entries": ("fp.zip", _overlapping, "zip.bomb"),
    "archives in archives": (
        "fp.zip", lambda: zip_of({"a.zip": zip_of({"b.zip": zip_of({"c.xml": b"<x/>"})})}), "zip.depth",
    ),
    "archive of many": ("fp.zip", lambda: zip_of({f"{n}": b"" for n in range(2001)}), "zip.entries"),
    "path outside": ("fp.zip", lambda: zip_of({"../../etc/cron.d/x": b"<x/>"}), "zip.path"),
    "absolute path": ("fp.zip", lambda: zip_of({"/etc/passwd": b"<x/>"}), "zip.path"),
    "drive": ("fp.zip", lambda: zip_of({"C:\\x.xml": b"<x/>"}), "zip.path"),
    "symbolic link": ("fp.zip", _link, "zip.path"),
    "archive with a password": ("fp.zip", lambda: _encrypted(_invoice()), "zip.encrypted"),
    "half an archive": ("fp.zip", lambda: zip_of({"fp.xml": _invoice()})[:-60], "zip.broken"),
    "half an OFD": ("fp.ofd", lambda: zip_of({"OFD.xml": b"<x/>"})[:-30], "ofd.broken"),
    "laughs": ("fp.xml", laughs, "xml.entity"),
    "foreign entity": (
        "a.xml", lambda: b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', "xml.entity",
    ),
    "foreign DTD": ("a.xml", lambda: b'<!DOCTYPE EInvoice SYSTEM "http://x.example/a.dtd"><EInvoice/>', "xml.entity"),
    "entities in GBK": (
        "a.xml", lambda: b'<?xml version="1.0" encoding="GBK"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "xml.entity",
    ),
    "deep XML": ("fp.xml", lambda: b"<x>" * 100_000 + b"</x>" * 100_000, "xml.depth"),
    "wide XML": ("fp.xml", lambda: b"<x>" + b"<y/>" * 200_001 + b"</x>", "xml.depth"),
    "half an XML": ("fp.xml", lambda: _invoice()[:-20], "xml.broken"),
    "giant picture": ("fp.png", lambda: _picture(60_000, 60_000), "image.pixels"),
    "long picture": ("fp.png", lambda: _picture(2_000_000, 60), "image.pixels"),
    "broken picture": ("fp.png", lambda: b"\x89PNG\r\n\x1a\nnothing else", "image.broken"),
    "broken PDF": ("fp.pdf", lambda: b"%PDF-1.7\n" + b"not really" * 9, "pdf.broken"),
    "truncated PDF": ("fp.pdf", lambda: pdf(an_invoice())[:400], "pdf.broken"),
    "PDF with a password": ("fp.pdf", _locked_pdf, "pdf.encrypted"),
    "PDF of many pages": ("fp.pdf", _many_pages, "pdf.pages"),
}  # fmt: skip

LATE: dict[str, Hostile] = {
    "twice packed stream": (
        "a.pdf",
        lambda: pdf(an_invoice()).replace(b"/FlateDecode", b"[/FlateDecode /FlateDecode]", 1),
        "zip.bomb",
    ),
    "more invoices than a reading holds": (
        "fp.zip",
        lambda: zip_of({f"{n}.xml": _invoice() for n in range(201)}),
        "file.too_many",
    ),
}
