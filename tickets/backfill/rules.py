"""PURE. What a backfill needs: the papers by kind of invoice, the fields that are keyed, and when two entries agree."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.amounts import parse_money
from tickets.invoices.identifiers import fold, halve_width


@dataclass(frozen=True, slots=True)
class Material:
    """One line of a checklist; `kinds` empty means every kind of invoice (fplx codes otherwise)."""

    key: str
    label: str
    hint: str
    is_required: bool = True
    kinds: frozenset[str] = frozenset()


_STUB = frozenset({"01", "02", "03", "04", "11", "15"})  # kinds with a paper stub at the seller's
_UPLOADED = frozenset({"08", "10", "14", "81", "82", "83", "84", "85", "86", "87", "88", "51", "61"})
_FARM = frozenset({"04", "10", "81", "82", "85", "86"})  # kinds in which farm products are bought

MATERIALS: tuple[Material, ...] = (
    Material(
        "invoice_file",
        _("Invoice: original file, or scan of the original"),
        _("OFD, XML or PDF as issued; a clear scan of both sides for paper."),
    ),
    Material(
        "issue_proof",
        _("Proof of issue"),
        _("Issue record or screenshot of the issuing software that shows number, date and amount."),
    ),
    Material(
        "upload_log",
        _("Upload log"),
        _("Log of the upload with time and returned code, as text or screenshot."),
        kinds=_UPLOADED,
    ),
    Material(
        "stub_copy",
        _("Copy of the record sheet"),
        _("The bookkeeping or stub sheet with the seller's seal."),
        kinds=_STUB,
    ),
    Material(
        "statement",
        _("Written statement with seal"),
        _("What happened, since when, and what was tried; signed and sealed by the enterprise."),
    ),
    Material(
        "authorisation",
        _("Authorisation of the person in charge"),
        _("Letter of authorisation and identity of the person who handles the matter."),
    ),
    Material(
        "transaction_proof",
        _("Proof of the transaction"),
        _("Contract, delivery note or bank receipt that belongs to the invoice."),
        is_required=False,
    ),
    Material(
        "purchase_list",
        _("Purchase list of farm products"),
        _("Only for agricultural purchase invoices: list of sellers and quantities."),
        is_required=False,
        kinds=_FARM,
    ),
)

#: Key → line of the checklist.
LINES: Mapping[str, Material] = {line.key: line for line in MATERIALS}

#: What the operator keys, in the order of the invoice's face.
KEYED: tuple[str, ...] = (
    "kind", "code", "number", "issue_date", "amount", "tax", "total",
    "seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id", "check_code",
)  # fmt: skip

#: What the reviewer keys again without seeing the first entry: the fields that a look-up is made with.
REKEYED: tuple[str, ...] = ("number", "issue_date", "amount", "seller_tax_id", "buyer_tax_id")

#: What an entry can't do without.
REQUIRED: frozenset[str] = frozenset({"number", "issue_date", "amount", "seller_tax_id"})


def checklist(kind: str) -> tuple[Material, ...]:
    """The papers of one kind (fplx code); every line that could apply while the kind is unknown."""
    return tuple(m for m in MATERIALS if not m.kinds or not kind or kind in m.kinds)


def same(name: str, one: str, other: str) -> bool:
    """Whether two people who read the same face typed the same `name`."""
    read = {"amount": parse_money, "tax": parse_money, "total": parse_money, "issue_date": parse_date}.get(name)
    if read is not None and read(one) is not None:
        return read(one) == read(other)
    return fold(one).upper() == fold(other).upper()


def differing(keyed: Mapping[str, str], rekeyed: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the re-keyed fields in which the two entries differ."""
    return tuple(name for name in REKEYED if not same(name, keyed.get(name, ""), rekeyed.get(name, "")))


_DATE = re.compile(r"([0-9]{4})(?:([0-9]{2})([0-9]{2})|[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?)")


def parse_date(text: str) -> dt.date | None:
    """2026-09-18, 2026/9/18, 2026.9.18, 2026年9月18日 or 20260918, in any width; None when it is no day."""
    found = _DATE.fullmatch("".join(halve_width(text).split()))
    try:
        return dt.date(*map(int, filter(None, found.groups()))) if found else None
    except ValueError:
        return None
