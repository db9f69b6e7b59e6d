"""Bilevel pictures: codes in an OFD, and what is no picture."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.invoices.test_read import NOW
from tests.invoices_factory import make, ofd, qr
from tests.invoices_factory.qr import picture
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.parse import jbig2
from tickets.invoices.read import read

TEXT = "01,32,,24112000000048542163,100.00,20240101,,B2B6,"


@pytest.mark.parametrize("order", ["sequential", "random", "bare"])
def test_every_pixel_comes_back(order: str) -> None:
    wanted = picture(TEXT)
    found = jbig2.opened(qr.jbig2(TEXT, order=order), Limits())
    assert found.size == wanted.size
    assert found.tobytes() == wanted.tobytes()


def test_an_ofd_with_nothing_but_such_a_code_is_read() -> None:
    invoice = make("82", seed=7)
    reading = read(ofd(invoice, parts=("JBIG2 code",)), name="发票.ofd", now=NOW)
    assert (reading.invoice.number, reading.invoice.issue_date) == (invoice.number, invoice.issue_date)


@pytest.mark.parametrize(
    ("width", "height", "code"),
    [(60_000, 60_000, "image.pixels"), (270, 0xFFFFFFFF, "image.pixels"), (0, 270, "image.broken")],
)
def test_a_size_is_checked_before_a_pixel_is_drawn(width: int, height: int, code: str) -> None:
    data = bytearray(qr.jbig2(TEXT))
    data[24:32] = struct.pack(">II", width, height)
    with pytest.raises(Refused, match=code):
        jbig2.opened(bytes(data), Limits())


def a_head(number: int, kind: int, refers_to: bytes = b"\x00", page: bytes = b"\x01", length: int = 0) -> bytes:
    return struct.pack(">IB", number, kind) + refers_to + page + struct.pack(">I", length)


@pytest.mark.parametrize(
    "head",
    [
        a_head(9, 0, b"\x20\x01"),  # refers to one segment
        a_head(300, 0, b"\x40\x00\x01\x00\x02"),  # two, of two bytes each
        a_head(70_000, 0, b"\x20\x00\x00\x00\x01"),  # one of four bytes
        a_head(9, 0, b"\xe0\x00\x00\x08" + bytes(2) + bytes(range(8))),  # eight: the long form
        a_head(9, 0x40, page=b"\x00\x00\x00\x01"),  # the page in four bytes
    ],
    ids=["one", "of two bytes", "of four bytes", "long form", "wide page"],
)
def test_headers_are_passed_over_whatever_their_form(head: bytes) -> None:
    whole = qr.jbig2(TEXT)
    assert jbig2.opened(whole[:13] + head + whole[13:], Limits()).size == picture(TEXT).size


def test_a_file_may_leave_its_number_of_pages_open() -> None:
    whole = qr.jbig2(TEXT)
    open_ended = whole[:8] + b"\x03" + whole[13:]
    assert jbig2.opened(open_ended, Limits()).tobytes() == picture(TEXT).tobytes()


@pytest.mark.parametrize(
    "data",
    [
        jbig2.MAGIC + b"\x01\0\0\0\x01" + a_head(0, 38, length=0xFFFFFFFF),
        jbig2.MAGIC + b"\x01\0\0\0\x01" + a_head(0, 0) * 1001,
        jbig2.MAGIC + b"\x00\0\0\0\x01" + a_head(0, 0) * 1001,
        qr.jbig2(TEXT)[:13] + qr.jbig2(TEXT)[43:],
    ],
    ids=["unknown length", "no end", "no end at random", "no page"],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match=r"image\.broken"):
        jbig2.opened(data, Limits())


@given(cut=st.integers(0, 60), noise=st.binary(max_size=30), at=st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_damage_is_refused_or_drawn_and_never_breaks_the_reader(cut: int, noise: bytes, at: int) -> None:
    whole = qr.jbig2(TEXT, scale=1)
    damaged = whole[:at] + noise + whole[at + len(noise) : len(whole) - cut]
    refused = drawn = None
    try:
        drawn = jbig2.opened(damaged, Limits(pixels=1_000_000))
    except Refused as error:
        refused = error.code
    assert drawn or refused in ("image.broken", "image.pixels")
