"""PURE. Facts of a case → a proposal, each line with its reasons. Nothing here takes effect; an agent decides.

TRIAGE_RULES: a rule takes Facts and yields Suggestions. For each field the first suggestion wins and later ones that
agree add their reason, so the order of the list is the priority. Adding a rule is one function and one line.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from helpdesk.common.messages import Message
from helpdesk.common.messages import gettext_noop as _
from tickets.invoices.kinds import lookup_fields
from tickets.invoices.logs import Trace
from tickets.invoices.model import Finding, Invoice, Severity
from tickets.sla.clock import BEIJING, Calendar
from tickets.sla.deadlines import Deadline
from tickets.sla.urgency import pressing
from tickets.triage.causes import CAUSE_OF_SIGN, QUEUE_OF, WORDS
from tickets.vocabulary import (
    CAUSE_LABELS,
    FIELD_LABELS,
    PRIORITY_LABELS,
    QUEUE_LABELS,
    SYMPTOM_LABELS,
    Cause,
    Priority,
    Symptom,
)

VERSION = "3"
FIELDS = ("symptom", "cause", "queue", "priority")
MISSING, DUPLICATE = "missing", "duplicate"


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """One invoice of the case: what is claimed, what rules say of it, how the file differs, how look-ups ended."""

    claim: Invoice
    findings: tuple[Finding, ...] = ()
    differing: tuple[str, ...] = ()  # fields in which the file says something else
    checks: tuple[str, ...] = ()  # outcomes of look-ups, oldest first
    has_file: bool = False

    @property
    def label(self) -> str:
        return self.claim.digital_number or self.claim.number or "?"


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a case; `now` is aware, `deadlines` are ahead of it, the nearest first."""

    symptom: str
    now: dt.datetime
    deadlines: tuple[Deadline, ...] = ()  # of the invoices that are still missing
    calendar: Calendar = field(default_factory=Calendar)
    words: str = ""  # subject and description
    tax_id: str = ""  # of the enterprise that files
    invoices: tuple[InvoiceFacts, ...] = ()
    traces: tuple[Trace, ...] = ()
    files: Mapping[str, int] = field(default_factory=dict)  # purpose → how many
    duplicates: tuple[str, ...] = ()  # open tickets of the same enterprise with one of the invoices

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(BEIJING).date()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A value for one field, or one thing that is missing, with why."""

    field: str
    value: Any
    reason: Message


@dataclass(frozen=True, slots=True)
class Proposal:
    """Field → (value, reasons); what is missing; which tickets tell of the same invoice."""

    values: Mapping[str, tuple[Any, tuple[Message, ...]]]
    missing: tuple[tuple[str, Message], ...] = ()
    duplicates: tuple[str, ...] = ()


_LARGE_TAX = Decimal(10_000)  # yuan
_TENTH = dt.timedelta(minutes=6)  # of an hour
_FIVE_YEARS = 5


def by_look_up(facts: Facts) -> Iterator[Suggestion]:
    """A record with other data is no missing record."""
    for item in facts.invoices:
        if item.checks[-1:] == ("differs",):
            reason = Message(
                _("The last look-up of %(number)s found a record with other data."), {"number": item.label}
            )
            yield Suggestion("symptom", Symptom.VERIFICATION_MISMATCH, reason)
            yield Suggestion("cause", Cause.DATA_ENTRY, reason)


def by_file(facts: Facts) -> Iterator[Suggestion]:
    """What was typed isn't what the file says: the look-up was made with wrong data."""
    for item in facts.invoices:
        if item.differing:
            text = _("Claim and file of %(number)s differ in: %(fields)s.")
            reason = Message(
                text,
                {"number": item.label, "fields": [Message(FIELD_LABELS.get(name, name)) for name in item.differing]},
            )
            yield Suggestion("cause", Cause.DATA_ENTRY, reason)


def by_log(facts: Facts) -> Iterator[Suggestion]:
    """The uploading program has said itself what went wrong."""
    for trace in facts.traces:
        if cause := CAUSE_OF_SIGN.get(trace.sign):
            text = _("The log says in line %(line)s: %(what)s (%(code)s).")
            params = {"line": trace.line, "what": Message(trace.text), "code": trace.code}
            yield Suggestion("cause", cause, Message(text, params))


def by_finding(facts: Facts) -> Iterator[Suggestion]:
    """Data that can't be right was looked up, or uploaded."""
    for item in facts.invoices:
        for finding in item.findings:
            if finding.severity == Severity.ERROR:
                yield Suggestion("cause", Cause.DATA_ENTRY, finding.message)


def by_age(facts: Facts) -> Iterator[Suggestion]:
    """Too fresh or too old for the place where it was looked up."""
    for item in facts.invoices:
        issued = item.claim.issue_date
        if issued is None:
            continue
        days = (facts.today - issued).days
        if days <= 0:
            text = _("%(number)s was issued today; the verification site answers from the next day on.")
            yield Suggestion("symptom", Symptom.DELAYED, Message(text, {"number": item.label}))
            yield Suggestion("cause", Cause.SYNC_DELAY, Message(text, {"number": item.label}))
        elif days <= 4 and facts.symptom in (Symptom.NO_RECORD, Symptom.DELAYED):
            text = _("%(number)s is %(days)s days old; full lists follow up to four days later.")
            yield Suggestion("cause", Cause.SYNC_DELAY, Message(text, {"number": item.label, "days": days}))
        elif (issued.year + _FIVE_YEARS, issued.month, issued.day) < facts.today.timetuple()[:3]:
            text = _("%(number)s is older than five years; the public site doesn't answer for it.")
            yield Suggestion("cause", Cause.QUERY, Message(text, {"number": item.label}))


def by_party(facts: Facts) -> Iterator[Suggestion]:
    """Only the issuer can upload: is it the enterprise itself, or its supplier?"""
    for item in facts.invoices:
        claim = item.claim
        if (
            not facts.tax_id
            or facts.symptom not in (Symptom.NO_RECORD, Symptom.DELAYED)
            or "not_found" not in item.checks
        ):
            continue
        if claim.seller_tax_id == facts.tax_id:
            text = _(
                "The enterprise issued %(number)s itself and look-ups find nothing: the upload has to be cleared up."
            )
            yield Suggestion("cause", Cause.OMISSION, Message(text, {"number": item.label}))
        elif claim.buyer_tax_id == facts.tax_id and claim.seller_tax_id:
            text = _("%(number)s comes from another company, and only its issuer can upload it.")
            yield Suggestion("cause", Cause.COUNTERPART, Message(text, {"number": item.label}))


def by_words(facts: Facts) -> Iterator[Suggestion]:
    """What the enterprise itself names, in the order of the list."""
    words = facts.words.lower()
    for cause, names in WORDS:
        if name := next((name for name in names if _mentions(words, name)), ""):
            yield Suggestion("cause", cause, Message(_("The description mentions “%(word)s”."), {"word": name}))


def _mentions(words: str, name: str) -> bool:
    """Latin names begin a word: "format" isn't in "information"; Chinese knows no spaces."""
    return re.search(rf"(?<![a-z]){re.escape(name)}", words) is not None if name.isascii() else name in words


def by_symptom(facts: Facts) -> Iterator[Suggestion]:
    """What the situation alone suggests, when nothing said more."""
    said = Message(_("The enterprise chose this situation."))
    yield Suggestion("symptom", facts.symptom, said)
    usual = {Symptom.DELAYED: Cause.SYNC_DELAY, Symptom.BATCH_UPLOAD_FAILED: Cause.FORMAT}
    if cause := usual.get(facts.symptom):  # type: ignore[call-overload]
        yield Suggestion("cause", cause, Message(_("The usual cause of this situation.")))
    yield Suggestion("cause", Cause.UNKNOWN, Message(_("No rule knows the cause yet.")))


def by_clock(facts: Facts) -> Iterator[Suggestion]:
    """How much working time is left until the enterprise is harmed; the nearest deadline comes first."""
    for near in pressing(facts.deadlines, now=facts.now, calendar=facts.calendar):
        text = _("%(deadline)s: before %(when)s. At %(now)s %(hours)s working hours were left.")
        if near.deadline.is_estimated:
            text = _(
                "%(deadline)s, by the rule and not published yet: before %(when)s. "
                "At %(now)s %(hours)s working hours were left."
            )
        told = {
            "deadline": Message(near.deadline.label),
            "when": _shown(near.deadline.at),
            "now": _shown(facts.now),
            "hours": f"{near.left // _TENTH / 10:g}",  # never more than there are
        }
        yield Suggestion("priority", near.priority, Message(text, told))


def by_weight(facts: Facts) -> Iterator[Suggestion]:
    """How much hangs on it."""
    tax = sum((item.claim.tax for item in facts.invoices if item.claim.tax), Decimal())
    if tax >= _LARGE_TAX:
        text = _("%(tax)s yuan of tax hang on it.")
        yield Suggestion("priority", Priority.HIGH, Message(text, {"tax": f"{tax:,.2f}"}))
    if facts.symptom == Symptom.OTHER and not facts.invoices:
        yield Suggestion("priority", Priority.LOW, Message(_("No invoice is named.")))
    yield Suggestion("priority", Priority.NORMAL, Message(_("No deadline is near.")))


def missing_material(facts: Facts) -> Iterator[Suggestion]:
    """What the desk would have to ask for."""
    if not facts.invoices:
        yield Suggestion(MISSING, "invoice", Message(_("Which invoice is it? Number and issue date are needed.")))
    for item in facts.invoices:
        if not item.claim.number and not item.claim.digital_number:
            yield Suggestion(MISSING, "number", Message(_("The number of an invoice is missing.")))
        elif not item.has_file:
            text = _("The invoice file of %(number)s (XML, OFD or PDF).")
            yield Suggestion(MISSING, "file", Message(text, {"number": item.label}))
        for name in lookup_fields(item.claim.kind):
            if name != "number" and getattr(item.claim, name) in (None, ""):
                text = _("%(field)s of %(number)s, which a look-up asks for.")
                told = {"field": Message(FIELD_LABELS[name]), "number": item.label}
                yield Suggestion(MISSING, name, Message(text, told))
    if facts.symptom == Symptom.BATCH_UPLOAD_FAILED and not facts.files.get("log"):
        yield Suggestion(MISSING, "log", Message(_("The upload log of the issuing software.")))
    if facts.symptom in (Symptom.ABNORMAL_STATUS, Symptom.VERIFICATION_MISMATCH) and not facts.files.get("screenshot"):
        yield Suggestion(MISSING, "screenshot", Message(_("A screenshot of what the tax system says.")))


def same_invoice(facts: Facts) -> Iterator[Suggestion]:
    for number in facts.duplicates:
        text = _("Ticket %(number)s of the same enterprise is open and names the same invoice.")
        yield Suggestion(DUPLICATE, number, Message(text, {"number": number}))


def _shown(moment: dt.datetime) -> str:
    return moment.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")


TRIAGE_RULES: list[Callable[[Facts], Iterator[Suggestion]]] = [
    by_look_up,
    by_log,
    by_file,
    by_finding,
    by_age,
    by_party,
    by_words,
    by_symptom,
    by_clock,
    by_weight,
    missing_material,
    same_invoice,
]


def propose(facts: Facts) -> Proposal:
    """The proposal that all rules make together; the queue follows from the cause."""
    values: dict[str, tuple[Any, tuple[Message, ...]]] = {}
    missing: list[tuple[str, Message]] = []
    duplicates: list[str] = []
    for rule in TRIAGE_RULES:
        for said in rule(facts):
            if said.field == MISSING:
                missing.append((said.value, said.reason))
            elif said.field == DUPLICATE:
                duplicates.append(said.value)
            elif said.field not in values:
                values[said.field] = (said.value, (said.reason,))
            elif values[said.field][0] == said.value and len(values[said.field][1]) < 5:
                values[said.field] = (said.value, (*values[said.field][1], said.reason))
    cause = values["cause"][0]
    reason = Message(
        _("Tickets with this cause are worked on there: %(cause)s."), {"cause": Message(CAUSE_LABELS[cause])}
    )
    values["queue"] = (QUEUE_OF[cause], (reason,))
    return Proposal({name: values[name] for name in FIELDS}, tuple(missing), tuple(duplicates))


# As JSON, and as lines of a page

LABELS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "symptom": (_("Situation"), SYMPTOM_LABELS),
    "cause": (_("Probable cause"), CAUSE_LABELS),
    "queue": (_("Queue"), QUEUE_LABELS),
    "priority": (_("Priority"), PRIORITY_LABELS),
}


@dataclass(frozen=True, slots=True)
class ProposedLine:
    """One line of the proposal: `label` and `value` are msgids, `raw` the stored value, `choices` the others."""

    name: str
    label: str
    value: str
    raw: Any
    choices: tuple[tuple[Any, str], ...]
    reasons: tuple[Mapping[str, Any], ...]


def lines_of(content: Mapping[str, Any]) -> list[ProposedLine]:
    """The lines of a stored proposal, in the order of FIELDS, then what is missing and what is double."""
    lines = []
    for name, (label, labels) in LABELS.items():
        given = content["values"][name]
        choices = tuple((key.value, text) for key, text in labels.items())
        value = labels[next(key for key in labels if key.value == given["value"])]
        lines.append(ProposedLine(name, label, value, given["value"], choices, tuple(given["reasons"])))
    if content["missing"]:
        reasons = tuple(item["reason"] for item in content["missing"])
        lines.append(ProposedLine(MISSING, _("Still missing"), _("ask the enterprise for:"), "", (), reasons))
    if content["duplicates"]:
        text = _("Ticket %(number)s of the same enterprise is open and names the same invoice.")
        reasons = tuple({"text": text, "params": {"number": number}} for number in content["duplicates"])
        lines.append(ProposedLine(DUPLICATE, _("Duplicates"), _("perhaps the same case"), "", (), reasons))
    return lines
