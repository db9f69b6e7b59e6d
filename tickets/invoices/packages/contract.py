"""PURE. What a package profile is made of: fields, invoices as read, rules and their report."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.limits import Limits
from tickets.invoices.model import Carrier, Finding, Severity

MOST_INVOICES = 100  # of one package; the interface takes no more
MOST_LINES = 100_000  # of one package are looked at
MOST_SLIPS = 1_000  # wrong cells of one invoice, then its further lines stay unread
MOST_FINDINGS = 5_000  # of one report are kept; all are counted


class Form(StrEnum):
    """How a value is written."""

    TEXT = "text"
    DIGITS = "digits"
    MONEY = "money"  # 18 digits, two of them decimals
    MONEY_OR_STARS = "money_or_stars"  # "***" on the face of an exempt invoice
    FIGURE = "figure"
    POSITION = "position"
    RATE = "rate"  # 16 digits, six of them decimals
    RATE_OR_WORD = "rate_or_word"  # also 13% and 免税
    TIME = "time"  # yyyy-MM-dd HH:mm:ss
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Field:
    """One cell: `name` in Bill or Item, `source` in the file. `longest` in characters, 0 for no limit."""

    name: str
    source: str
    label: str
    form: Form = Form.TEXT
    longest: int = 0
    required: bool = False
    choices: frozenset[str] = frozenset()


@dataclass(slots=True)
class Item:
    """One goods line as the rules see it; "" and None are empty or wrong, which a field rule has told already."""

    position: Decimal | None = None
    item: str = ""
    name: str = ""
    short: str = ""
    specification: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None
    rate: Decimal | None = None
    tax: Decimal | None = None
    gross: Decimal | None = None
    classification: str = ""
    role: str = ""
    deduction: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """Where a rule was broken: a field, in line `line` of the invoice (from 0), and what to show beside it."""

    field: str
    line: int = -1
    suggestion: str = ""
    params: Mapping[str, object] = dataclasses.field(default_factory=dict)
    message: Message | None = None  # instead of the rule's text


@dataclass(slots=True)
class Bill:
    """One invoice of a package as the rules see it; `slips` are its wrong cells by the code of a field rule."""

    index: int
    rows_name: str = ""
    number: str = ""
    supervised_number: str = ""
    colour: str = ""  # "blue", "red", "" when it isn't said
    vat_kind: str = ""  # "01" special, "02" ordinary
    platform: str = ""
    region: str = ""
    tag: str = ""
    version: str = ""
    seller_tax_id: str = ""
    seller_name: str = ""
    buyer_tax_id: str = ""
    buyer_name: str = ""
    is_person: str = ""  # "Y", "N" or ""
    amount: Decimal | None = None
    tax: Decimal | None = None
    total: Decimal | None = None
    total_in_words: str = ""
    drawer: str = ""
    ip: str = ""
    mac: str = ""
    issued_at: dt.datetime | None = None
    issue_date: dt.datetime | None = None
    method: str = ""
    elements: str = ""
    margin: str = ""
    deduction: Decimal | None = None
    purchase: str = ""
    remark: str = ""
    original_number: str = ""
    red_form: str = ""
    red_form_id: str = ""
    rows: list[Item] = field(default_factory=list)
    slips: list[tuple[str, Hit]] = field(default_factory=list)
    is_cut: bool = False  # not all of its lines were read, so sums say nothing

    @property
    def is_red(self) -> bool:
        return self.colour == "red"

    @property
    def on_margin(self) -> bool:
        """差额征税: taxed on what is left after a deduction."""
        return bool(self.margin) or self.deduction is not None or any(row.deduction is not None for row in self.rows)


@dataclass(slots=True)
class Batch:
    """What the rules know beside one invoice: the moment, and the numbers before it with their place from 1."""

    now: dt.datetime
    seen: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Basis:
    """Where a rule is written, and when somebody last looked there."""

    text: str
    reviewed: dt.date


Check = Callable[[Bill, Batch], Iterator[Hit]]


#: By how much of a place is known: the file, an invoice, a line.
PLACES = (_("whole file"), _("invoice %(invoice)s"), _("invoice %(invoice)s, line %(line)s"))


def silent(bill: Bill, batch: Batch) -> Iterator[Hit]:
    """For rules that are told by whoever reads the file."""
    yield from ()


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. Contract: `check` yields a Hit for each place, is silent about what is empty, and never raises."""

    code: str
    severity: Severity
    text: str  # English msgid
    basis: Basis
    check: Check = silent


def rule(code: str, severity: Severity, text: str, basis: Basis) -> Callable[[Check], Rule]:
    """Turn a check into the Rule of that name."""

    def made(check: Check) -> Rule:
        return Rule(code, severity, text, basis, check)

    return made


@dataclass(frozen=True, slots=True)
class Draft:
    """One invoice as it stands in the file: source name → raw value."""

    head: Mapping[str, object] = field(default_factory=dict)
    rows: Sequence[object] = ()
    rows_name: str = ""
    label: str = ""  # the file in an archive
    twice: tuple[str, ...] = ()  # names that stand in it more than once
    is_object: bool = True


@dataclass(frozen=True, slots=True)
class Note:
    """Something about the file itself."""

    rule: Rule
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Given:
    """A file for a profile's reader."""

    data: bytes
    encoding: str
    is_archive: bool
    limits: Limits


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of package: how it is read, its field map and its rules.

    Contract: `read` yields at most MOST_INVOICES drafts in the order of the file, notes between them, and raises only
    Refused. A field's `name` is one of Bill (`head`) or Item (`lines`).
    """

    code: str
    label: str
    read: Callable[[Given], Iterator[Draft | Note]]
    head: tuple[Field, ...]
    lines: tuple[Field, ...]
    rules: tuple[Rule, ...]
    colours: Mapping[str, str]  # what the file says → "blue" or "red"
    carriers: frozenset[Carrier]  # what its files can be, by content


@dataclass(frozen=True, slots=True)
class PackageFinding(Finding):
    """A finding with its place: `invoice` and `line` from 1, 0 for the whole; `label` is the field's."""

    invoice: int = 0
    line: int = 0
    label: str = ""

    @property
    def place(self) -> Message:
        """ "Invoice 4, line 8", for people."""
        return Message(PLACES[bool(self.invoice) + bool(self.line)], {"invoice": self.invoice, "line": self.line})


@dataclass(frozen=True, slots=True)
class Checked:
    """One invoice of the report; `counts` holds every finding, also those that were left out."""

    index: int  # from 1
    number: str
    label: str
    lines: int
    counts: Mapping[Severity, int]
    findings: tuple[PackageFinding, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """What the rules say of a package. `left_out` findings were counted and not kept."""

    profile: str
    version: str
    reviewed: dt.date
    checked_at: dt.datetime
    findings: tuple[PackageFinding, ...]
    invoices: tuple[Checked, ...]
    left_out: int = 0

    @property
    def counts(self) -> dict[Severity, int]:
        own = {severity: sum(f.severity == severity for f in self.findings) for severity in Severity}
        return {s: own[s] + sum(one.counts.get(s, 0) for one in self.invoices) for s in Severity}

    @property
    def lines(self) -> int:
        return sum(one.lines for one in self.invoices)

    @property
    def sound(self) -> int:
        """Invoices without an error or a warning."""
        return sum(not (c.counts.get(Severity.ERROR) or c.counts.get(Severity.WARNING)) for c in self.invoices)

    def all(self) -> Iterable[PackageFinding]:
        """Every kept finding, those of the file first."""
        yield from self.findings
        for one in self.invoices:
            yield from one.findings
