"""What the bytes are, whatever the file is called."""

import io
import zipfile

import pytest

from tickets.invoices.limits import Refused
from tickets.invoices.model import Carrier
from tickets.invoices.sniff import sniff

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 40
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF" + b"\0" * 40
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n%%EOF\n"
XML = '<?xml version="1.0" encoding="UTF-8"?><EInvoice><备注>发票</备注></EInvoice>'


def packed(*names: str, content: bytes = b"<x/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "carrier", "media_type"),
    [
        (PDF, "invoice.png", Carrier.PDF, "application/pdf"),
        (b"\xef\xbb\xbf\r\n" + PDF, "", Carrier.PDF, "application/pdf"),
        (PNG, "invoice.pdf", Carrier.IMAGE, "image/png"),
        (JPEG, "", Carrier.IMAGE, "image/jpeg"),
        (b"RIFF\x24\0\0\0WEBPVP8 " + b"\0" * 30, "", Carrier.IMAGE, "image/webp"),
        (b"GIF89a" + b"\0" * 30, "", Carrier.IMAGE, "image/gif"),
        (packed("OFD.xml", "Doc_0/Document.xml"), "invoice.zip", Carrier.OFD, "application/ofd"),
        (packed("Doc_0/Document.xml", "OFD.xml"), "", Carrier.OFD, "application/ofd"),
        (packed("a.xml", "b.pdf"), "a.zip", Carrier.ARCHIVE, "application/zip"),
        (packed("[Content_Types].xml", "xl/workbook.xml"), "a.zip", Carrier.SPREADSHEET, None),
        (packed("[Content_Types].xml", "word/document.xml"), "a.ofd", Carrier.UNKNOWN, None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook".encode("utf-16-le"), "", Carrier.SPREADSHEET, None),
        (XML.encode(), "invoice.txt", Carrier.XML, "application/xml"),
        (XML.encode("gbk"), "", Carrier.XML, "application/xml"),
        (XML.encode("utf-16"), "", Carrier.XML, "application/xml"),
        (XML.encode("utf-16-le"), "", Carrier.XML, "application/xml"),
        (b"\xef\xbb\xbf" + XML.encode(), "", Carrier.XML, "application/xml"),
        (b'{"data": []}', "", Carrier.JSON, "application/json"),
        (b'[{"fphm": "1"}]', "log.txt", Carrier.JSON, "application/json"),
        (b"[2026-11-20 10:00:00] ERROR 4057\n", "", Carrier.TEXT, "text/plain"),
        ("2026-11-20 报文解密失败\n".encode("gb18030"), "up.log", Carrier.TEXT, "text/plain"),
        ("发票号码,开票日期,金额\n1,2,3\n4,5,6\n7,8,9\n".encode("gbk"), "", Carrier.SPREADSHEET, "text/csv"),
        (b"a;b\n1;2\n", "list.csv", Carrier.SPREADSHEET, "text/csv"),
        (b"502 Bad Gateway: <html><body>nginx</body></html>\n", "up.log", Carrier.TEXT, "text/plain"),
    ],
)
def test_a_file_is_what_it_contains(data, name, carrier, media_type):
    found = sniff(data, name)
    assert found.carrier == carrier
    assert media_type in (None, found.media_type)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16", "utf-16-le", "utf-8-sig"])
def test_a_text_can_be_decoded_with_the_encoding_found(encoding):
    found = sniff(XML.encode(encoding), "")
    assert "备注" in XML.encode(encoding).decode(found.encoding)


@pytest.mark.parametrize("name", ["a.xml", "a.txt", "a.png", "a.pdf", "", "a.csv", "a.json"])
@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<?xml version='1.0'?><!-- x --><svg:svg xmlns:svg='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf\n <!DOCTYPE html><html></html>",
        b"<HTML><body onload=alert(1)>",
        "<html></html>".encode("utf-16"),
        b"<script>alert(1)</script>",
        b"<img src=x onerror=alert(1)>",
        b"<!-- hello --><body>",
        b"<?xml version='1.0'?><?xml-stylesheet href='x.xsl'?><EInvoice/>",
        b"<?php system($_GET[0]); ?>",
        b"#!/bin/sh\nrm -rf /\n",
        b"MZ\x90\0\x03\0\0\0",
        b"\x7fELF\x02\x01\x01",
        b"L\0\0\0\x01\x14\x02\0" + b"\0" * 60,
        b"{\\rtf1 hello}",
        packed("META-INF/MANIFEST.MF", "A.class"),
        packed("[Content_Types].xml", "xl/vbaProject.bin"),
    ],
)
def test_pages_and_programs_are_refused_under_any_name(data, name):
    with pytest.raises(Refused) as refusal:
        sniff(data, name)
    assert refusal.value.code == "type.refused"


@pytest.mark.parametrize(
    "data",
    [
        b"GIF89a/*" + b"\0" * 20 + b"*/=1;<script>alert(1)</script>",
        PNG + b"<html><script>alert(1)</script></html>",
        JPEG + packed("a.txt"),
        PNG + b"%PDF-1.4",
        b"%PDF-1.4\n<script>alert(1)</script>\n%%EOF",
        PDF + packed("evil.txt"),
    ],
)
def test_a_file_of_two_types_is_refused(data):
    with pytest.raises(Refused) as refusal:
        sniff(data, "invoice.png")
    assert refusal.value.code == "type.refused"


@pytest.mark.parametrize("name", ["run.bat", "a.HTML", "macro.vbs", "a.svg", "x.ps1"])
def test_a_text_named_like_a_program_is_refused(name):
    with pytest.raises(Refused) as refusal:
        sniff(b"echo hello\r\n", name)
    assert refusal.value.code == "type.refused"


def test_an_empty_file_is_told():
    with pytest.raises(Refused) as refusal:
        sniff(b"", "a.xml")
    assert refusal.value.code == "file.empty"


@pytest.mark.parametrize(
    "data", [b"Rar!\x1a\x07\x01\0" + b"\0" * 20, b"7z\xbc\xaf\x27\x1c\0\x04", bytes(range(256)), b"\0" * 50]
)
def test_an_unknown_type_is_told(data):
    with pytest.raises(Refused) as refusal:
        sniff(data, "a.pdf")
    assert refusal.value.code == "type.unknown"
    assert "XML, OFD, PDF" in str(refusal.value.message)
