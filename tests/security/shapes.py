"""Shapes of files that lie about themselves, made of bytes alone."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib

from PIL import Image

from tests.invoices_factory import make, ofd
from tests.invoices_factory.packs import zip_of
from tests.invoices_factory.xml import einvoice_xml
from tickets.invoices.model import Invoice


def png(width: int, height: int) -> bytes:
    """A PNG whose header promises that many pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * min(height * (3 * width + 1), 3000)))
        + chunk(b"IEND", b"")
    )


def gif_and(tail: bytes) -> bytes:
    out = io.BytesIO()
    Image.new("P", (4, 4)).save(out, "GIF")
    return out.getvalue() + tail


def locked(data: bytes) -> bytes:
    """The flags of a password in every header; the bytes behind need none to be refused."""
    raw = bytearray(zip_of({"fp.xml": data}))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = raw.find(mark)
        raw[at + place] |= 1
    return bytes(raw)


def overlapping(copies: int = 40) -> bytes:
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


def link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("fp.xml")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def squeezed_otherwise() -> bytes:
    """A member in a compression that no invoice uses."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("a.xml", b"<x/>")
    return out.getvalue()


def named_in_western() -> bytes:
    """A member whose name is no Chinese in any code page."""
    raw = zip_of({"a--.xml": einvoice_xml(make("82", seed=1))})
    return raw.replace(b"a--.xml", b"a\xff\xff.xml")


def picture_in(mode: str, image: Image.Image) -> bytes:
    """The picture as PNG or TIFF of that mode, with a transparent background where the mode has one."""
    out = io.BytesIO()
    if mode in ("RGBA", "LA"):
        clear = Image.merge("LA", (image, image.point(lambda value: 255 - value)))
        clear.convert(mode).save(out, "PNG")
    elif mode == "P":
        image.convert("RGB").quantize(8).save(out, "PNG", transparency=b"\xff" * 8)
    else:
        image.convert("I" if mode == "I;16" else mode).save(out, "TIFF")
    return out.getvalue()


def faint(image: Image.Image) -> bytes:
    """Grey on nearly the same grey, as a copy of a copy."""
    out = io.BytesIO()
    image.point(lambda value: 150 + value // 16).save(out, "PNG")
    return out.getvalue()


def tiny(image: Image.Image) -> bytes:
    """A pixel and a half for a module of the code."""
    out = io.BytesIO()
    image.resize((int(image.width / 2.5), int(image.height / 2.5)), Image.Resampling.BILINEAR).save(
        out, "JPEG", quality=70
    )
    return out.getvalue()


def _pdf(*objects: bytes) -> bytes:
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    tail = b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, len(out))
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % size + table + tail


def _packed(data: bytes, extra: bytes = b"") -> bytes:
    packed = zlib.compress(data, 9)
    return b"<<" + extra + b"/Length %d/Filter/FlateDecode>>stream\n" % len(packed) + packed + b"\nendstream"


_CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"


def _one_page(content: bytes, resources: bytes, *more: bytes) -> bytes:
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 400]/Resources " + resources + b"/Contents 4 0 R>>"
    return _pdf(_CATALOGUE, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", page, content, *more)


def forms_in_a_ring() -> bytes:
    """A form that draws itself fifty times, each of which does the same."""
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 5 0 R>>>>"
    return _one_page(_packed(b"/X Do " * 50), b"<</XObject<</X 5 0 R>>>>", _packed(b"/X Do " * 50, form))


def many_page_objects() -> bytes:
    """Ten thousand pages."""
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>"
    return _pdf(_CATALOGUE, b"<</Type/Pages/Count 10000/Kids[" + b"3 0 R " * 10_000 + b"]>>", page)


def page_without_a_page() -> bytes:
    """A page tree whose only leaf is no page."""
    return _pdf(_CATALOGUE, b"<</Type/Pages/Count 1/Kids[3 0 R]>>", b"<</Type/Font>>").replace(
        b"/Kids[3 0 R]", b"/Kids[9 0 R]"
    )


def swelling() -> bytes:
    """Streams that unpack to far more than a scan does."""
    return _one_page(_packed(b" " * 1_000_000), b"<<>>", *[_packed(b"\0" * 90_000_000)] * 5)


def broken_stream() -> bytes:
    """A stream whose packing breaks off in nonsense."""
    return _one_page(b"<</Length 20/Filter/FlateDecode>>stream\n\x78\x9c" + b"\xff" * 18 + b"\nendstream", b"<<>>")


_OFD = b"<OFD><DocBody><DocRoot>Doc_0/Document.xml</DocRoot></DocBody></OFD>"


def one_page_many_times(objects: int = 200) -> bytes:
    """A document of two hundred pages that are all the same one."""
    pages = '<Page ID="1" BaseLoc="P.xml"/><Page ID="1"/>' * 200
    content = '<TextObject ID="1" Boundary="0 0 9 3" Size="3"><TextCode X="0" Y="3">a</TextCode></TextObject>' * objects
    return zip_of({
        "OFD.xml": _OFD, "Doc_0/Document.xml": f"<Document><Pages>{pages}</Pages></Document>".encode(),
        "Doc_0/P.xml": f"<Page>{content}</Page>".encode(),
    })  # fmt: skip


def strange_geometry() -> bytes:
    """Coordinates, steps and matrices that no page has."""
    content = (
        '<Page><TextObject Boundary="1e308 -999999999999 nan inf" Size="0" CTM="0 0 0 0 0 0">'
        '<TextCode X="1e400" Y="-0" DeltaX="g 99999999999 1e300 g g g x">发票</TextCode><TextCode/></TextObject>'
        '<TextObject ID="1" Boundary="0 0"><TextCode DeltaY="g 9 -3">发票号码</TextCode><CGTransform/></TextObject></Page>'
    )
    document = b'<Document><Pages><Page ID="1" BaseLoc="P.xml"/><Page ID="2" BaseLoc="gone.xml"/></Pages></Document>'
    return zip_of({"OFD.xml": _OFD, "Doc_0/Document.xml": document, "Doc_0/P.xml": content.encode()})


def printed_downwards(invoice: Invoice) -> bytes:
    """An OFD whose labels of buyer and seller are one text each, with steps downwards."""
    data = ofd(invoice, parts=("text",))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    content = parts["Doc_0/Pages/Page_0/Content.xml"].decode()
    extra = '<ofd:TextObject Boundary="1 30 4 18" Size="3.2"><ofd:TextCode X="0" Y="3" DeltaY="g 4 3.6">购买方信息</ofd:TextCode></ofd:TextObject>'
    parts["Doc_0/Pages/Page_0/Content.xml"] = content.replace("</ofd:Layer>", f"{extra}</ofd:Layer>").encode()
    return zip_of(parts)
