"""How much of each carrier is read right, and at what cost: `python -m bench.reading`."""

from __future__ import annotations

import datetime as dt
import io
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image

from tests.invoices_factory import einvoice_xml, legacy_xml, make, ofd, photo, xbrl
from tests.invoices_factory.face import faces
from tests.invoices_factory.layouts import STYLES, drawn_pdf
from tests.invoices_factory.numbers import DIGITAL, DIGITAL_PAPER, qr_text
from tests.invoices_factory.photo import has_letters, printed, taken
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import Invoice
from tickets.invoices.ocr.process import Reader, is_installed
from tickets.invoices.parse.contract import Letters
from tickets.invoices.read import read

NOW = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
ALL = (
    "kind", "code", "number", "issue_date", "amount", "tax", "total", "seller_name", "seller_tax_id", "buyer_name",
    "buyer_tax_id", "check_code",
)  # fmt: skip
KEY = ("number", "issue_date", "total", "seller_tax_id", "buyer_tax_id")
CODED = ("number", "issue_date")
OFF_TICKETS = frozenset({"amount", "tax", "seller_name", "seller_tax_id"})
LEGACY = tuple(kind for kind in KINDS if kind not in (*DIGITAL, *DIGITAL_PAPER))
COMMON = ("81", "82", "83", "51", "01", "04", "08", "10", "85", "86")
SHAPES: tuple[dict[str, Any], ...] = (
    {"lines": 1}, {"lines": 3}, {"lines": 8}, {"lines": 1, "discount": True}, {"lines": 2, "exempt": True},
    {"lines": 2, "red": True},
)  # fmt: skip


@dataclass(frozen=True)
class Carrier:
    """How files are made, what is asked of them, and the least share and the most CPU that a reading may have."""

    name: str
    made: Callable[[Invoice, Random], bytes]
    kinds: Sequence[str]
    asked: Sequence[str]
    files: int
    share: float
    milliseconds: float
    lettered: bool = False


def _styled(invoice: Invoice, rng: Random) -> bytes:
    """A face as one of many printing programs draws it, on its side or upright."""
    style = rng.choice([name for name in STYLES if name != "unlabelled"])
    return drawn_pdf(
        faces(invoice), style, seed=rng.randrange(99), code=qr_text(invoice), turn=rng.choice((0, 0, 90, 270))
    )


def _clean(invoice: Invoice, rng: Random, *, code: str | None = None) -> bytes:
    return taken(printed(invoice, code=code), kind=rng.choice(("PNG", "JPEG", "WEBP")), quality=85)


def _spoilt(invoice: Invoice, rng: Random, *, code: str | None = None) -> bytes:
    """±5°, blurred, squeezed."""
    return taken(printed(invoice, code=code), turn=rng.uniform(-5, 5), blur=rng.choice((0.8, 1.2, 1.6)), quality=40)


def _scanned(invoice: Invoice, rng: Random) -> bytes:
    out = io.BytesIO()
    printed(invoice).save(out, "PDF", resolution=200)
    return out.getvalue()


def _einvoice(invoice: Invoice, rng: Random) -> bytes:
    rate, version = rng.choice(("fraction", "percent")), rng.choice(("0.32", "0.33", "0.34", "0.35", "0.36"))
    return einvoice_xml(invoice, rate=rate, version=version)


def _dialect(invoice: Invoice, rng: Random) -> bytes:
    return einvoice_xml(invoice, dialect=rng.choice(("chinese", "pinyin")))


def _one_part(invoice: Invoice, rng: Random) -> bytes:
    return ofd(invoice, parts=(rng.choice(("attachment", "tags")),))


def _coded(invoice: Invoice, rng: Random) -> bytes:
    return photo(invoice, turn=rng.uniform(-5, 5), quality=40)


CARRIERS = (
    Carrier("EInvoice XML", _einvoice, DIGITAL, ALL, 60, 1.0, 60),
    Carrier("XML in Chinese or pinyin", _dialect, ("81", "82", "10"), ALL, 40, 1.0, 60),
    Carrier("legacy XML (fp:)", lambda i, r: legacy_xml(i), LEGACY, ALL, 40, 1.0, 60),
    Carrier("XBRL", lambda i, r: xbrl(i), ("10", "81", "82"), ALL, 40, 1.0, 60),
    Carrier("OFD, all parts", lambda i, r: ofd(i), (*DIGITAL, *LEGACY), ALL, 30, 1.0, 60),
    Carrier("OFD, attachment or tags", _one_part, ("81", "82"), ALL, 30, 1.0, 60),
    Carrier("OFD, text and code", lambda i, r: ofd(i, parts=("text", "code")), (*DIGITAL, *LEGACY), ALL, 30, 1.0, 60),
    Carrier("PDF, 12 ways of drawing", _styled, tuple(KINDS), ALL, 60, 0.99, 100),
    Carrier("picture, its code alone", _coded, tuple(KINDS), CODED, 30, 1.0, 100),
    Carrier("clean picture", _clean, COMMON, ALL, 16, 0.97, 2500, lettered=True),
    Carrier("clean picture, no code", partial(_clean, code=""), COMMON, ALL, 16, 0.97, 2500, lettered=True),
    Carrier("photo ±5°, blurred, JPEG 40", _spoilt, COMMON, KEY, 16, 0.90, 2500, lettered=True),
    Carrier("the same, no code", partial(_spoilt, code=""), COMMON, KEY, 16, 0.90, 2500, lettered=True),
    Carrier("scan in a PDF", _scanned, COMMON, ALL, 8, 0.97, 2500, lettered=True),
)


def samples(carrier: Carrier) -> Iterator[tuple[Invoice, bytes]]:
    for seed in range(carrier.files):
        rng = Random(f"{carrier.name}/{seed}")
        kind = carrier.kinds[seed % len(carrier.kinds)]
        shape: dict[str, Any] = {"lines": 2} if kind in ("51", "61") else rng.choice(SHAPES)
        invoice = make(kind, seed, **shape)
        yield invoice, carrier.made(invoice, rng)


def asked_of(carrier: Carrier, invoice: Invoice) -> list[str]:
    unsaid = OFF_TICKETS if invoice.kind in ("51", "61") else frozenset()
    return [name for name in carrier.asked if name not in unsaid and getattr(invoice, name) not in ("", None)]


def cpu() -> float:
    return sum(
        u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def measure(carrier: Carrier, letters: Letters | None, spent_in_child: Callable[[], float]) -> tuple[int, int, float]:
    """Fields asked, fields right, CPU milliseconds a file."""
    asked = right = 0
    spent = 0.0
    for invoice, data in samples(carrier):
        begun = cpu() + spent_in_child()
        found = read(data, name="sample", now=NOW, letters=letters).invoice
        spent += cpu() + spent_in_child() - begun
        names = asked_of(carrier, invoice)
        asked += len(names)
        right += sum(getattr(found, name) == getattr(invoice, name) for name in names)
    return asked, right, spent * 1000 / carrier.files


def row(carrier: Carrier, asked: int, right: int, spent: float) -> bool:
    is_kept = right >= carrier.share * asked and spent < carrier.milliseconds
    share = f"{right}/{asked} = {100 * right / asked:.1f} %"
    print(f"{'✓' if is_kept else '✗'} {carrier.name:<30}{share:>22}  (≥ {100 * carrier.share:.0f} %)", end="")
    print(f"{spent:>10.1f} ms CPU  (< {carrier.milliseconds:.0f})")
    return is_kept


def rows(carriers: Sequence[Carrier], letters: Letters | None, spent_in_child: Callable[[], float]) -> bool:
    """All of them, one after another; whether each keeps to its bounds."""
    kept = [row(carrier, *measure(carrier, letters, spent_in_child)) for carrier in carriers]
    return all(kept)


def main() -> int:
    kept = rows([carrier for carrier in CARRIERS if not carrier.lettered], None, lambda: 0.0)
    if not is_installed() or not has_letters():
        print("- pictures: the extra ocr (`make ocr`) or a font with Chinese characters is missing here; not measured")
        return 0 if kept else 1
    with tempfile.TemporaryDirectory() as folder, Reader(Path(folder) / "turn", patience=3600) as letters:
        begun = cpu()
        letters(Image.new("L", (64, 64), 255))
        start = letters.usage()[0] + cpu() - begun
        kept &= rows([carrier for carrier in CARRIERS if carrier.lettered], letters, lambda: letters.usage()[0])
        peak = letters.usage()[1] / 1024 / 1024
    print(f"  reading process: start {start:.2f} s CPU, peak {peak:.0f} MB {'✓' if peak < 700 else '✗'} < 700 MB")
    return 0 if kept and peak < 700 else 1


if __name__ == "__main__":
    sys.exit(main())
