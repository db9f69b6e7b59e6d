"""Hostile files: name, bytes and the code of the refusal. `LATE` are told apart only by the reader behind the door."""

from __future__ import annotations

import gzip
from collections.abc import Callable

from tests.cases import an_invoice
from tests.invoices_factory import einvoice_xml, pdf
from tests.invoices_factory.packs import zip_of
from tests.security.shapes import (
    forms_in_a_ring,
    gif_and,
    link,
    locked,
    many_page_objects,
    one_page_many_times,
    overlapping,
    png,
    swelling,
)

Hostile = tuple[str, Callable[[], bytes], str]
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
SCRIPT = b"<script>alert(document.cookie)</script>"


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
    "picture and page": ("fp.gif", lambda: gif_and(b"<html>" + SCRIPT), "type.refused"),
    "picture and archive": ("fp.gif", lambda: gif_and(zip_of({"a.xml": b"<x/>"})), "type.refused"),
    "picture and PDF": ("a.gif", lambda: b"GIF89a" + b"\0" * 20 + pdf(an_invoice()), "type.refused"),
    "PDF and archive": ("fp.pdf", lambda: pdf(an_invoice()) + zip_of({"a": b"b"}), "type.refused"),
    "program for Java": ("fp.zip", lambda: zip_of({"META-INF/MANIFEST.MF": b"Main-Class: X"}), "type.refused"),
    "sheet with macros": (
        "a.xlsx", lambda: zip_of({"[Content_Types].xml": b"<x/>", "xl/vbaProject.bin": b"\0"}), "type.refused",
    ),
    "unknown": ("fp.bin", lambda: b"\x01\x02\x03\x04" * 99, "type.unknown"),
    "log that is no text": ("a.log", lambda: b"start\n" + b"\0" * 1000, "log.binary"),
    "log that swells": ("a.log.gz", lambda: gzip.compress(b"0" * 30_000_000), "log.bomb"),
    "log cut short": ("a.log.gz", lambda: gzip.compress(b"upload failed\n" * 900)[:-20], "gzip.broken"),
    "program in a packed log": ("a.gz", lambda: gzip.compress(b"MZ" + b"\0" * 600), "gzip.content"),
    "zip bomb": ("fp.zip", lambda: zip_of({"a": b"0" * 30_000_000, "b": b"1" * 30_000_000}), "zip.bomb"),
    "zip bomb below the limit": ("fp.zip", lambda: zip_of({"a": b"0" * 30_000_000}), "zip.bomb"),
    "bomb in an archive": ("a.zip", lambda: zip_of({"b.zip": zip_of({"a": b"0" * 30_000_000})}), "zip.bomb"),
    "bomb as OFD": ("fp.ofd", lambda: zip_of({"OFD.xml": b" " * 30_000_000}), "zip.bomb"),
    "bomb as a sheet": (
        "a.xlsx", lambda: zip_of({"[Content_Types].xml": b"<x/>", "xl/a.xml": b" " * 30_000_000}), "zip.bomb",
    ),
    "overlapping entries": ("fp.zip", overlapping, "zip.bomb"),
    "archives in archives": (
        "fp.zip", lambda: zip_of({"a.zip": zip_of({"b.zip": zip_of({"c.xml": b"<x/>"})})}), "zip.depth",
    ),
    "archive of many": ("fp.zip", lambda: zip_of({f"{n}": b"" for n in range(2001)}), "zip.entries"),
    "path outside": ("fp.zip", lambda: zip_of({"../../etc/cron.d/x": b"<x/>"}), "zip.path"),
    "absolute path": ("fp.zip", lambda: zip_of({"/etc/passwd": b"<x/>"}), "zip.path"),
    "drive": ("fp.zip", lambda: zip_of({"C:\\x.xml": b"<x/>"}), "zip.path"),
    "symbolic link": ("fp.zip", link, "zip.path"),
    "archive with a password": ("fp.zip", lambda: locked(_invoice()), "zip.encrypted"),
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
    "giant picture": ("fp.png", lambda: png(60_000, 60_000), "image.pixels"),
    "long picture": ("fp.png", lambda: png(2_000_000, 60), "image.pixels"),
    "broken picture": ("fp.png", lambda: b"\x89PNG\r\n\x1a\nnothing else", "image.broken"),
    "broken PDF": ("fp.pdf", lambda: b"%PDF-1.7\n" + b"not really" * 9, "pdf.broken"),
    "truncated PDF": ("fp.pdf", lambda: pdf(an_invoice())[:400], "pdf.broken"),
    "PDF with a password": ("fp.pdf", _locked_pdf, "pdf.encrypted"),
    "PDF that swells": ("fp.pdf", swelling, "zip.bomb"),
    "PDF of ten thousand pages": ("fp.pdf", many_page_objects, "pdf.pages"),
    "PDF of many pages": ("fp.pdf", _many_pages, "pdf.pages"),
}  # fmt: skip

LATE: dict[str, Hostile] = {
    "forms that call each other": ("a.pdf", forms_in_a_ring, "zip.bomb"),
    "OFD that names one page many times": ("a.ofd", lambda: one_page_many_times(5000), "xml.depth"),
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
