"""PURE. The guided diagnosis: from answers and facts to the next question or to the one outcome with its reasons.

The tree is data: a node asks one question, and each choice leads to another node or to a leaf. What a fact answers is
never asked. Answers that lie on no path are kept and do nothing, so that a changed answer loses no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from tickets.checks import rules as ladder
from tickets.checks.rules import BEIJING, DIFFERS, FOUND, NOT_FOUND, PUBLIC, UNAVAILABLE, Tried
from tickets.diagnosis.leaves import LEAVES, Clock, Leaf
from tickets.diagnosis.outages import Outage, behind
from tickets.diagnosis.questions import QUESTIONS, Choice, Question
from tickets.invoices.kinds import KINDS
from tickets.sla.clock import Calendar
from tickets.sla.deadlines import MONTH_CLOSES, month_close

VERSION = "2"
REPLY_DAYS = 3  # working days that a letter leaves the other party
FIVE_YEARS = 5  # how far back the verification site answers (its own notice; 乐企发票查验 V1.019, code 10017)


@dataclass(frozen=True, slots=True)
class Facts:
    """What needs no question. Empty and None mean unknown; `kind` is fplx, `tried` the look-ups on record."""

    kind: str = ""
    code: str = ""
    number: str = ""
    issue_date: dt.date | None = None
    total: str = ""  # yuan, for forms and letters
    region: str = ""  # first two digits of the seller's 行政区划, as invoice numbers carry them
    side: str = ""  # "issued" or "received": which party the person's enterprise is
    is_farm: bool | None = None
    is_red: bool = False
    is_buyer_wrong: bool = False
    tried: tuple[Tried, ...] = ()
    outages: tuple[Outage, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """One step that was taken: a question, its choice, and whether a person or a fact gave it."""

    question: Question
    choice: Choice
    source: str  # "answer", "file", "check", or "answers" when it follows from those before


@dataclass(frozen=True, slots=True)
class Ask:
    """The next screen."""

    question: Question
    trail: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end: a leaf, the moment that goes with it (aware, Beijing) and every step that led there."""

    leaf: Leaf
    trail: tuple[Given, ...]
    at: dt.datetime | None = None
    outage: int | None = None  # the number of the incident that the leaf speaks of


@dataclass(frozen=True, slots=True)
class Case:
    """Answers given since `started`, with what is known besides; both moments are aware."""

    answers: Mapping[str, str]
    facts: Facts
    started: dt.datetime
    now: dt.datetime
    calendar: Calendar = field(default_factory=Calendar)

    @property
    def first_day(self) -> dt.date:
        """The Beijing day on which the answers were given: "today" means this one."""
        return self.started.astimezone(BEIJING).date()

    @property
    def issue_date(self) -> dt.date | None:
        """From the file, or as far as the answer names a day; of a span the latest."""
        if self.facts.issue_date:
            return self.facts.issue_date
        days = _AGES.get(self.answers.get("issued", ""))
        return None if days is None else self.first_day - dt.timedelta(days=days)


_AGES = {"today": 0, "yesterday": 1, "days": 2}


@dataclass(frozen=True, slots=True)
class Node:
    """One place of the tree: which question, and where each choice leads."""

    question: str
    to: Mapping[str, str]


_DIGITAL = ("digital_special", "digital_ordinary", "travel", "unsure")
_CONTROL = ("control_special", "control_ordinary")
_ORDINARY = ("digital_ordinary", "control_ordinary")
_DEDUCTIBLE = ("digital_special", "control_special", "travel", "unsure")
_MARKS = {"void": "void_by_seller", "red": "red_by_seller", "abnormal": "abnormal_voucher", "ticked": "ticked"}
_WRONG = {"typed_wrong": "query_again", "buyer_wrong": "buyer_wrong"}
_STATES = {
    "success": "upload_wait", "running": "result_pending", "duplicate": "duplicate", "offset": "own_red",
    "unknown": "state_unknown",
}  # fmt: skip
_ERRORS = {"format": "format", "network": "network", "interface": "interface", "quota": "quota", "other": "software"}
_SAID = {"differs": "compare", "no_answer": "site_down"}
_LOOKED = {"found": "list_follows", **_SAID, "not_looked": "verify_first"}
_ASKED = {"uploaded": "seller_wait", "silent": "seller_silent"}

START, KNOWN = "who", "known_outage"
NODES: Mapping[str, Node] = {
    "who": Node("who", {"issuer": "i.issued", "buyer": "b.kind", "public": "p.issued", "door": "door"}),
    "door": Node("door", {"login": "login_locked", "permission": "no_permission", "down": "site_down"}),
    # Whoever issued it: the state of the upload decides
    "i.issued": Node("issued", {
        **dict.fromkeys(("today", "yesterday", "days", "older"), "kind"), "ancient": "too_old",
    }),
    "kind": Node("kind", {**dict.fromkeys(_DIGITAL, "d.state"), **dict.fromkeys(_CONTROL, "c.state")}),
    "d.state": Node("state", {**_STATES, "failed": "d.error", "never": "d.month"}),
    "c.state": Node("state", {**_STATES, "failed": "c.error", "never": "c.month"}),
    "d.error": Node("error", {**_ERRORS, "closed": "month_closed"}),
    "c.error": Node("error", {**_ERRORS, "closed": "stub_backfill"}),
    "d.month": Node("month", {"this": "upload_now", "last": "upload_now", "before": "month_closed"}),
    "c.month": Node("month", {"this": "upload_control", "last": "upload_control", "before": "stub_backfill"}),
    "software": Node("version", {"current": "upload_failed", "outdated": "update", "unsure": "upload_failed"}),
    # Whoever received it: the right list, then the invoice itself, then the seller
    "b.kind": Node("kind", {**dict.fromkeys(_ORDINARY, "o.place"), **dict.fromkeys(_DEDUCTIBLE, "b.place")}),
    "o.place": Node("place", {"deduct": "o.farm", "received": "b.issued"}),
    "o.farm": Node("farm", {"yes": "farm_pending", "no": "ordinary_list"}),
    "b.place": Node("place", {"deduct": "b.farm", "received": "b.issued"}),
    "b.farm": Node("farm", {"yes": "farm_pending", "no": "b.issued"}),
    "b.issued": Node("issued", {
        "today": "same_day", **dict.fromkeys(("yesterday", "days", "older"), "b.mark"), "ancient": "too_old",
    }),
    "b.mark": Node("mark", {**_MARKS, "none": "b.data"}),
    "b.data": Node("data", {"same": "b.region", **_WRONG}),
    "b.region": Node("region", {"beijing": "b.looked", "unsure": "b.looked", "elsewhere": "away.looked"}),
    "b.looked": Node("looked", {**_LOOKED, "nothing": "asked"}),
    "away.looked": Node("looked", {**_LOOKED, "nothing": "away.asked"}),
    "asked": Node("asked", {**_ASKED, "no": "ask_seller"}),
    "away.asked": Node("asked", {**_ASKED, "no": "ask_seller_away"}),
    # Whoever asked the national site: first the look-up itself, then the part the enterprise plays
    "p.issued": Node("issued", {
        "today": "same_day", **dict.fromkeys(("yesterday", "days", "older"), "p.said"), "ancient": "too_old",
    }),
    "p.said": Node("said", {**_SAID, "tries": "tries_used", "nothing": "p.side"}),
    "p.side": Node("side", {"issued": "own.data", "received": "p.data"}),
    "own.data": Node("data", {"same": "kind", **_WRONG, "buyer_wrong": "own_buyer_wrong"}),
    "p.data": Node("data", {"same": "p.mark", **_WRONG}),
    "p.mark": Node("mark", {**_MARKS, "none": "p.region"}),
    "p.region": Node("region", {"beijing": "asked", "unsure": "asked", "elsewhere": "away.asked"}),
}  # fmt: skip


def diagnose(case: Case) -> Ask | Outcome:
    """The next question, or the outcome. An answer that isn't one of its question's choices counts as not given."""
    place, trail = START, list[Given]()
    while node := NODES.get(place):
        question = QUESTIONS[node.question]
        step = _step(question, case)
        if step is None:
            return Ask(question, tuple(trail))
        trail.append(step)
        place = node.to[_meant(step, case)]
    return _outcome(LEAVES[place], tuple(trail), case)


def _step(question: Question, case: Case) -> Given | None:
    """What is known of one question: a fact goes before an answer."""
    known = _KNOWN.get(question.key, _unknown)(case)
    choice = question.choice(known or case.answers.get(question.key, ""))
    if choice is None:
        return None
    return Given(question, choice, _source(question, case) if known else "answer")


def _source(question: Question, case: Case) -> str:
    """The month follows from the day, which may be an answer."""
    if question.key in ("looked", "said"):
        return "check"
    return "file" if question.key != "month" or case.facts.issue_date else "answers"


def _meant(step: Given, case: Case) -> str:
    """ "Today", answered yesterday, means yesterday."""
    if step.question.key == "issued" and step.choice.key in _AGES and case.issue_date:
        return _age(case.issue_date, case)
    return step.choice.key


# What facts answer


def _unknown(case: Case) -> str:
    return ""


def _kind(case: Case) -> str:
    kind = KINDS.get(case.facts.kind)
    return kind.family if kind else ""


def _issued(case: Case) -> str:
    return _age(case.facts.issue_date, case) if case.facts.issue_date else ""


def _age(issued: dt.date, case: Case) -> str:
    """How the question calls an issue date; one in the future counts as today."""
    today = case.now.astimezone(BEIJING).date()
    days = (today - issued).days
    if (issued.year + FIVE_YEARS, issued.month, issued.day) < (today.year, today.month, today.day):
        return "ancient"
    return "today" if days <= 0 else "yesterday" if days == 1 else "days" if days * DAY <= ladder.FULL_LIST else "older"


DAY = dt.timedelta(days=1)


def _month(case: Case) -> str:
    if case.issue_date is None:
        return ""
    first = case.first_day.replace(day=1)
    before = (first - DAY).replace(day=1)
    return "this" if case.issue_date >= first else "last" if case.issue_date >= before else "before"


def _region(case: Case) -> str:
    return "" if not case.facts.region else "beijing" if case.facts.region == "11" else "elsewhere"


def _farm(case: Case) -> str:
    return {True: "yes", False: "no", None: ""}[case.facts.is_farm]


def _mark(case: Case) -> str:
    return "red" if case.facts.is_red else ""


def _data(case: Case) -> str:
    return "buyer_wrong" if case.facts.is_buyer_wrong else ""


def _side(case: Case) -> str:
    return case.facts.side


_OUTCOMES = {FOUND: "found", NOT_FOUND: "nothing", DIFFERS: "differs", UNAVAILABLE: "no_answer"}


def _looked(case: Case) -> str:
    """The last look-up at the national site that is on record."""
    last = max((t for t in case.facts.tried if t.site == PUBLIC), key=lambda t: t.at, default=None)
    return _OUTCOMES[last.outcome] if last else ""


def _said(case: Case) -> str:
    """The same, for whoever says that the site finds nothing: a record found earlier answers nothing."""
    said = _looked(case)
    if said and ladder.tries_left(case.facts.tried, case.now) == 0:
        return "tries"
    return "" if said == "found" else said


_KNOWN: Mapping[str, Callable[[Case], str]] = {
    "kind": _kind, "issued": _issued, "month": _month, "region": _region, "farm": _farm, "mark": _mark, "data": _data,
    "side": _side, "looked": _looked, "said": _said,
}  # fmt: skip


# The moment of an outcome


def _outcome(leaf: Leaf, trail: tuple[Given, ...], case: Case) -> Outcome:
    at = _CLOCKS[leaf.clock](case)
    has_passed = bool(leaf.otherwise) and (at is None or at <= case.now)
    kind = _kind(case) or case.answers.get("kind", "")
    outage = behind(leaf, kind, case.facts.outages)
    if outage and (not has_passed or leaf.clock == Clock.OUTAGE):  # what is older has another cause
        until = outage.until if outage.until and outage.until > case.now else case.now + ladder.OUTAGE
        return Outcome(LEAVES[KNOWN], trail, until.astimezone(BEIJING), outage.number)
    if has_passed:
        return Outcome(LEAVES[leaf.otherwise], trail)
    return Outcome(leaf, trail, at.astimezone(BEIJING) if at else None)


def _none(case: Case) -> dt.datetime | None:
    return None


def _next_morning(case: Case) -> dt.datetime | None:
    """When the public site begins to answer for an invoice of that day."""
    return ladder.advise((), issue_date=case.issue_date, now=case.started).next_at


def _tomorrow(case: Case) -> dt.datetime | None:
    return _nine(case.first_day + DAY)


def _outage(case: Case) -> dt.datetime | None:
    return case.started + ladder.OUTAGE


def _result(case: Case) -> dt.datetime | None:
    return case.started + ladder.SYNC


def _sync(case: Case) -> dt.datetime | None:
    """The ladder's advice after a look-up that found nothing when the diagnosis began; None past all lists."""
    issued = case.issue_date
    if issued is None or case.now >= _nine(issued) + ladder.FULL_LIST:
        return None
    tried = (*case.facts.tried, Tried(PUBLIC, NOT_FOUND, case.started))
    return ladder.advise(tried, issue_date=issued, now=case.started).next_at


def _full_list(case: Case) -> dt.datetime | None:
    return _nine(case.issue_date) + ladder.FULL_LIST if case.issue_date else None


def _reply(case: Case) -> dt.datetime | None:
    """The end of the third working day after the diagnosis began."""
    return dt.datetime.combine(_working_days(case), dt.time(18), BEIJING)


def _working_days(case: Case) -> dt.date:
    day, left = case.first_day, REPLY_DAYS
    while left:
        day += DAY
        left -= case.calendar.is_worked(day)
    return day


def _month_close(case: Case) -> dt.datetime | None:
    """Of the day, or of the month that was answered."""
    if case.issue_date:
        return month_close(case.issue_date)
    if case.answers["month"] == "this":
        return month_close(case.first_day)
    return dt.datetime.combine(case.first_day.replace(day=MONTH_CLOSES), dt.time(), BEIJING)


def _nine(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), BEIJING)


_CLOCKS: Mapping[Clock, Callable[[Case], dt.datetime | None]] = {
    Clock.NONE: _none,
    Clock.NEXT_MORNING: _next_morning,
    Clock.MORNING: _tomorrow,
    Clock.OUTAGE: _outage,
    Clock.SYNC: _sync,
    Clock.RESULT: _result,
    Clock.FULL_LIST: _full_list,
    Clock.REPLY: _reply,
    Clock.MONTH_CLOSE: _month_close,
}


def paths() -> Iterator[tuple[tuple[tuple[str, str], ...], str]]:
    """Every way through the tree without any fact: its (question, choice) pairs, and the leaf."""
    todo: list[tuple[tuple[tuple[str, str], ...], str]] = [((), START)]
    while todo:
        taken, place = todo.pop()
        node = NODES.get(place)
        if node is None:
            yield taken, place
            continue
        todo += [((*taken, (node.question, choice)), target) for choice, target in node.to.items()]
