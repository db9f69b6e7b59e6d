"""CPU time of a reading by carrier, of a full upload package and of the validators: `python -m bench.files`."""

from __future__ import annotations

import datetime as dt
import resource
import sys
from collections.abc import Callable
from functools import partial
from statistics import median

from tests.invoices_factory import einvoice_xml, legacy_xml, make, ofd, pdf, photo, xbrl
from tests.invoices_factory.packages import as_json, package
from tickets.invoices.packages.check import check
from tickets.invoices.read import read
from tickets.invoices.validate import validate

NOW = dt.datetime.now(dt.UTC)
ROUNDS = 5
STRUCTURED, PRINTED, PACKAGE, VALIDATED = 60, 100, 1000, 20  # ms


def samples() -> dict[str, tuple[Callable[[], object], int]]:
    """Name → (work, most milliseconds of CPU)."""
    invoice = make("82", seed=1, lines=8)
    carriers = {
        "EInvoice XML": (einvoice_xml(invoice), STRUCTURED),
        "legacy XML": (legacy_xml(make("10", seed=2, lines=8)), STRUCTURED),
        "XBRL": (xbrl(invoice), STRUCTURED),
        "OFD": (ofd(invoice), STRUCTURED),
        "PDF with QR": (pdf(invoice), PRINTED),
        "picture with QR": (photo(invoice), PRINTED),
    }
    found: dict[str, tuple[Callable[[], object], int]] = {
        name: (partial(read, data, name="sample", now=NOW), most) for name, (data, most) in carriers.items()
    }
    full = as_json(package(1, lines=100, more=95))
    found["package, 100 invoices × 100 lines"] = (lambda: check(full, name="package.json", now=NOW)), PACKAGE
    claims = [make("82", seed=seed) for seed in range(100)]
    found["100 invoices validated"] = (lambda: [validate(claim, now=NOW) for claim in claims]), VALIDATED
    return found


def milliseconds(work: Callable[[], object]) -> float:
    """Median CPU time of this process and its children over a few rounds; the first one warms up."""
    spent = []
    for _ in range(ROUNDS + 1):
        start = _cpu()
        work()
        spent.append((_cpu() - start) * 1000)
    return median(spent[1:])


def _cpu() -> float:
    """Seconds; a PDF is opened in a child process."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def main() -> int:
    kept = True
    for name, (work, most) in samples().items():
        spent = milliseconds(work)
        kept &= spent < most
        print(f"{name:<36}{spent:>9.1f} ms  {'✓' if spent < most else '✗'} < {most} ms")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
