"""From a file and an address to a case that the tree can walk, and from its outcome to a reminder."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.core import signing
from django.utils import timezone

from accounts.models import Organisation, User
from helpdesk.common.errors import Invalid, NotNow
from helpdesk.common.inputs import accept_text
from helpdesk.common.messages import Message, gettext_noop
from kb.status import reading as board
from tickets.checks.rules import BEIJING, Tried
from tickets.diagnosis.leaves import Kind
from tickets.diagnosis.outages import Outage
from tickets.diagnosis.questions import QUESTIONS
from tickets.diagnosis.tree import Ask, Case, Facts, Outcome, diagnose
from tickets.invoices.model import Invoice, Line, Reading, Severity
from tickets.models import TicketInvoice
from tickets.notifications.models import Reminder
from tickets.notifications.reminders import remind
from tickets.sla.services import calendar_of

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

SALT = "tickets.diagnosis"
FACTS_KEPT = dt.timedelta(days=30)
MAX_TOKEN = 2000
OLDEST = dt.timedelta(days=366)  # of an address with answers
CLOCK_SLIP = dt.timedelta(minutes=5)
STARTED = "%Y-%m-%dT%H:%M"  # Beijing
WORDS: Mapping[str, int] = {"software": 80, "software_version": 40}
#: What an address may hold besides answers.
OTHER = frozenset({"at", "f", "change", *WORDS})


# Facts of a file


def facts_of(reading: Reading, *, own: Iterable[str] = ()) -> Facts:
    """What the tree need not ask about the (fullest) invoice of a file; `own` are tax numbers of the person."""
    invoice, mine = reading.invoice, set(own)
    is_mine = {"issued": invoice.seller_tax_id in mine, "received": invoice.buyer_tax_id in mine}
    wrong = {finding.field for finding in reading.findings if finding.severity == Severity.ERROR}
    is_known = invoice.issue_date is not None and 2000 <= invoice.issue_date.year < 2100
    return Facts(
        kind=invoice.kind,
        code=invoice.code,
        number=invoice.digital_number or invoice.number,
        issue_date=invoice.issue_date if is_known else None,
        total="" if invoice.total is None else f"{invoice.total:f}",
        region=_region(invoice),
        side=next((side for side, is_so in is_mine.items() if is_so), "") if len(set(is_mine.values())) == 2 else "",
        is_farm=_is_farm(invoice),
        is_red=invoice.is_red,
        is_buyer_wrong="buyer_tax_id" in wrong,
    )


def _region(invoice: Invoice) -> str:
    """Digits 3 and 4 of a 20-digit number (数字化电子发票版式及XML规范 V5.002) or of a credit code (GB 32100)."""
    number = invoice.digital_number or invoice.number
    if len(number) == 20:
        return number[2:4]
    return invoice.seller_tax_id[2:4] if len(invoice.seller_tax_id) == 18 else ""


def _is_farm(invoice: Invoice) -> bool | None:
    """True for what says so, False for goods of another kind; produce alone may be an ordinary sale: then ask."""
    if "收购" in invoice.remark or any("收购" in line.name for line in invoice.lines):
        return True
    return None if not invoice.lines or any(map(_is_produce, invoice.lines)) else False


def _is_produce(line: Line) -> bool:
    """Goods of 税收分类编码 101 (农、林、牧、渔业类产品), or not known to be others."""
    return line.classification.startswith("101") or not line.classification


def seal(facts: Facts) -> str:
    """The facts as a signed text for addresses; without names, for addresses end up in logs."""
    told = {
        "k": facts.kind, "c": facts.code, "n": facts.number, "t": facts.total, "r": facts.region, "s": facts.side,
        "d": facts.issue_date.isoformat() if facts.issue_date else "",
        "f": facts.is_farm, "x": facts.is_red, "b": facts.is_buyer_wrong,
    }  # fmt: skip
    return signing.dumps({key: value for key, value in told.items() if value not in ("", None)}, salt=SALT)


def unseal(token: str) -> Facts:
    """The reverse of `seal`. Raises Invalid when somebody has changed it, or it is too old."""
    try:
        if len(token) > MAX_TOKEN:
            raise signing.BadSignature
        told = signing.loads(token, salt=SALT, max_age=FACTS_KEPT)
    except signing.BadSignature:
        text = gettext_noop("What was read from the file was changed or is too old. Please drop the file again.")
        raise Invalid(Message(text), code="facts") from None
    return Facts(
        kind=told.get("k", ""),
        code=told.get("c", ""),
        number=told.get("n", ""),
        issue_date=dt.date.fromisoformat(told["d"]) if "d" in told else None,
        total=told.get("t", ""),
        region=told.get("r", ""),
        side=told.get("s", ""),
        is_farm=told.get("f"),
        is_red=told.get("x", False),
        is_buyer_wrong=told.get("b", False),
    )


def tax_ids_of(user: User | AnonymousUser) -> list[str]:
    """The tax numbers of the person's enterprises."""
    if not isinstance(user, User):
        return []
    rows = Organisation.objects.visible_to(user).filter(pk__in=user.organisation_ids())
    return [str(tax_id) for tax_id in rows.values_list("tax_id", flat=True)]


def look_ups_of(facts: Facts, user: User | AnonymousUser) -> tuple[Tried, ...]:
    """Look-ups on record of this invoice, in tickets that the person may see."""
    identity = Invoice(code=facts.code, number=facts.number).identity
    if not identity or not isinstance(user, User):
        return ()
    rows = TicketInvoice.objects.visible_to(user).filter(identity=identity).prefetch_related("checks")
    return tuple(Tried(c.site, c.outcome, c.looked_up_at) for row in rows for c in row.checks.all())


def known_outages() -> tuple[Outage, ...]:
    """The open incidents of the status board."""
    return tuple(Outage(one.pk, one.kinds, one.situations, one.expected_at) for one in board.outages())


# The address


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What an address says, and where the tree leads from there."""

    case: Case
    found: Ask | Outcome
    token: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    change: str = ""  # the question to be asked again

    def query(self, *, without: Iterable[str] = (), **more: str) -> str:
        """The address's query, so that nothing is lost from screen to screen."""
        return urlencode(self.pairs(without=without, **more))

    def pairs(self, *, without: Iterable[str] = (), **more: str) -> list[tuple[str, str]]:
        """The same as (name, value): for hidden fields."""
        told = {
            "at": self.case.started.astimezone(BEIJING).strftime(STARTED),
            **self.case.answers,
            **self.words,
            "f": self.token,
            **more,
        }
        dropped = set(without)
        return [(name, value) for name, value in told.items() if value and name not in dropped]


def open_address(given: Mapping[str, str], *, user: User | AnonymousUser) -> Diagnosis:
    """The diagnosis that an address holds. Raises Invalid: unknown question or choice, changed facts, no moment."""
    now = timezone.now()
    answers = {name: value for name, value in given.items() if name not in OTHER}
    for name, value in answers.items():
        question = QUESTIONS.get(name)
        if question is None or question.choice(value) is None:
            raise _broken()
    token, change = given.get("f", ""), given.get("change", "")
    facts = unseal(token) if token else Facts()
    words = {name: accept_text(name, given.get(name, ""), limit=limit) for name, limit in WORDS.items()}
    facts = replace(facts, tried=look_ups_of(facts, user), outages=known_outages())
    started = _started(given.get("at", ""), now)
    case = Case(answers, facts, started, now, calendar_of(started.astimezone(BEIJING).year))
    if change and change not in QUESTIONS:
        raise _broken()
    return Diagnosis(case, diagnose(case), token, words, change)


def _started(text: str, now: dt.datetime) -> dt.datetime:
    """When the first answer was given; now when the address doesn't say."""
    if not text:
        return now.replace(second=0, microsecond=0)  # as the address will say it
    try:
        started = dt.datetime.strptime(text, STARTED).replace(tzinfo=BEIJING)
    except ValueError:
        raise _broken() from None
    if not now - OLDEST < started < now + CLOCK_SLIP:
        raise _broken()
    return min(started, now)


def _broken() -> Invalid:
    text = gettext_noop("This address isn't complete, or was changed. Please begin again.")
    return Invalid(Message(text), code="address")


# What follows from an outcome


def reminder_text(outcome: Outcome, facts: Facts) -> Message:
    """What a reminder and a calendar entry say."""
    is_asked = outcome.leaf.kind == Kind.COUNTERPART
    if not facts.number:
        asked, look = gettext_noop("Has the seller answered?"), gettext_noop("Time to look for the invoice again")
        return Message(asked if is_asked else look)
    asked = gettext_noop("Has the seller answered about invoice %(number)s?")
    look = gettext_noop("Time to look for invoice %(number)s again")
    return Message(asked if is_asked else look, {"number": facts.number})


def remind_of(*, diagnosis: Diagnosis, url: str, by: User) -> Reminder:
    """Remind the person at the outcome's moment. Raises NotNow when there is none, Invalid when it has passed."""
    found = diagnosis.found
    if not isinstance(found, Outcome) or found.at is None or found.leaf.kind not in (Kind.WAIT, Kind.COUNTERPART):
        raise NotNow(Message(gettext_noop("There is nothing to wait for here.")))
    return remind(at=found.at, text=reminder_text(found, diagnosis.case.facts), url=url, by=by)
