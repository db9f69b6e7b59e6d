"""PURE. A package becomes a report: sniff, read, apply the rules of its profile, one invoice at a time."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpdesk.common.messages import Message
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Carrier
from tickets.invoices.packages import PROFILES
from tickets.invoices.packages.bases import REVIEWED, RULE_SET
from tickets.invoices.packages.bills import bill_of
from tickets.invoices.packages.cells import shown
from tickets.invoices.packages.contract import (
    MOST_FINDINGS,
    MOST_LINES,
    Batch,
    Bill,
    Checked,
    Draft,
    Given,
    Hit,
    Note,
    PackageFinding,
    Profile,
    Report,
    Rule,
)
from tickets.invoices.packages.rules import package
from tickets.invoices.sniff import Sniffed, sniff

_DEFAULT = Limits()


def check(data: bytes, *, name: str, now: dt.datetime, profile: str = "", limits: Limits = _DEFAULT) -> Report:
    """What the rules say of a package as if it were uploaded at `now`. `profile` "" is guessed from the content.

    Raises only Refused, for what is hostile, broken or no package.
    """
    if not data:
        raise Refused("file.empty")
    if len(data) > limits.max_bytes:
        raise Refused("file.too_large", limit=limits.max_bytes // (1024 * 1024))
    sniffed = sniff(data, name)
    chosen = _profile(sniffed, profile)
    given = Given(data, sniffed.encoding, sniffed.carrier == Carrier.ARCHIVE, limits)
    made = _Report(chosen, Batch(now))
    for part in chosen.read(given):
        if isinstance(part, Note):
            made.note(part)
        else:
            made.invoice(part)
    return made.done()


def _profile(sniffed: Sniffed, asked: str) -> Profile:
    if asked and sniffed.carrier not in PROFILES[asked].carriers:
        raise Refused("package.profile")
    fitting = [profile for profile in PROFILES.values() if sniffed.carrier in profile.carriers]
    if not fitting:
        raise Refused("package.unknown")
    return PROFILES[asked] if asked else fitting[0]


@dataclass(slots=True)
class _Report:
    """A report while it grows; an invoice is dropped as soon as its findings are known."""

    profile: Profile
    batch: Batch
    findings: list[PackageFinding] = field(default_factory=list)
    invoices: list[Checked] = field(default_factory=list)
    lines: int = 0
    kept: int = 0
    left_out: int = 0

    def note(self, note: Note) -> None:
        self.findings.append(finding(note.rule, Hit("", params=note.params)))

    def invoice(self, draft: Draft) -> None:
        index = len(self.invoices)
        if not draft.is_object:
            bill, hits = Bill(index), [(package.NO_OBJECT, Hit(""))]
        else:
            bill = bill_of(draft, index, self.profile, MOST_LINES - self.lines)
            self.lines += len(bill.rows)
            hits = [(rule, hit) for rule in self.profile.rules for hit in rule.check(bill, self.batch)]
        if bill.is_cut:
            hits.append((package.TOO_MANY_LINES, Hit("rows")))
        hits.sort(key=lambda told: told[1].line)
        counts = Counter(rule.severity for rule, _hit in hits)
        keep = hits[: max(0, MOST_FINDINGS - self.kept)]
        self.kept, self.left_out = self.kept + len(keep), self.left_out + len(hits) - len(keep)
        told = tuple(finding(rule, hit, bill, self.profile) for rule, hit in keep)
        rows = len(draft.rows)
        self.invoices.append(Checked(index + 1, shown(bill.number), shown(draft.label), rows, counts, told))

    def done(self) -> Report:
        if not self.invoices:
            self.note(Note(package.EMPTY))
        told = tuple(self.findings), tuple(self.invoices), self.left_out
        return Report(self.profile.code, RULE_SET, REVIEWED, self.batch.now, *told)


def finding(rule: Rule, hit: Hit, bill: Bill | None = None, profile: Profile | None = None) -> PackageFinding:
    """What a rule has to say, with its place as a path in the file and in words."""
    label = path = ""
    if bill is not None:
        label, path = _place(hit, bill, profile)
    params = hit.params if hit.params or "%" not in rule.text else {"name": Message(label)}
    message = hit.message or Message(rule.text, params)
    invoice = 0 if bill is None else bill.index + 1
    return PackageFinding(rule.code, rule.severity, path, message, hit.suggestion, invoice, hit.line + 1, label)


def _place(hit: Hit, bill: Bill, profile: Profile | None) -> tuple[str, str]:
    """(label of the field, path such as [3].fpmxList[7].se)."""
    fields = () if profile is None else profile.lines if hit.line >= 0 else profile.head
    found = next((field for field in fields if field.name == hit.field), None)
    parts = [f"[{bill.index}]"]
    if hit.line >= 0:
        parts.append(f"{bill.rows_name}[{hit.line}]")
    if found is not None:
        parts.append(found.source)
    elif hit.field == "rows" and hit.line < 0:
        parts.append(bill.rows_name)
    return (found.label if found else ""), ".".join(parts)


def with_more(report: Report, more: Mapping[int, Sequence[tuple[Rule, Hit]]]) -> Report:
    """The report with further findings of whole invoices, by their index from 1."""
    return replace(report, invoices=tuple(_with(report, one, more.get(one.index, ())) for one in report.invoices))


def _with(report: Report, one: Checked, hits: Iterable[tuple[Rule, Hit]]) -> Checked:
    bill, profile = Bill(one.index - 1), PROFILES[report.profile]
    added = tuple(finding(rule, hit, bill, profile) for rule, hit in hits)
    counts = Counter(one.counts) + Counter(f.severity for f in added)
    return replace(one, counts=counts, findings=(*one.findings, *added)) if added else one
