"""The filters of lists of tickets and of look-ups; pages and API share them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.forms import DateInput
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as lazy

from helpdesk.common.filters import IdFilter, MomentFilter
from helpdesk.common.http import say
from helpdesk.common.messages import Message, gettext_noop
from tickets import vocabulary as words
from tickets.checks.models import Check, CheckOutcome
from tickets.checks.words import SOURCES
from tickets.invoices.identifiers import fold
from tickets.lifecycle import LIFECYCLE
from tickets.models import Ticket, TicketInvoice
from tickets.search import search_tickets


class _Day(DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__({"class": "in sm"}, format="%Y-%m-%d")


def _choices(labels: Any) -> list[tuple[str, str]]:
    return [(str(key.value), str(label)) for key, label in labels.items()]


class TicketFilter(filters.FilterSet):
    """Every name may be given several times where it is a choice."""

    status = filters.MultipleChoiceFilter(choices=[(s.name, s.label) for s in LIFECYCLE.states.values()])
    queue = filters.MultipleChoiceFilter(choices=_choices(words.QUEUE_LABELS))
    priority = filters.MultipleChoiceFilter(choices=_choices(words.PRIORITY_LABELS))
    cause = filters.MultipleChoiceFilter(choices=_choices(words.CAUSE_LABELS))
    symptom = filters.MultipleChoiceFilter(choices=_choices(words.SYMPTOM_LABELS))
    assignee = IdFilter(field_name="assignee_id")
    unassigned = filters.BooleanFilter(field_name="assignee", lookup_expr="isnull")
    organisation = IdFilter(field_name="organisation_id")
    created_after = MomentFilter(field_name="created_at", lookup_expr="gte")
    created_before = MomentFilter(field_name="created_at", lookup_expr="lt")
    due_before = MomentFilter(field_name="due_at", lookup_expr="lt")
    invoice_number = filters.CharFilter(method="by_invoice_number")
    problem = filters.CharFilter(field_name="signature__key")
    q = filters.CharFilter(method="by_words")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def by_invoice_number(self, rows: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        number = fold(value)[:32]
        return rows.filter(invoices__number__startswith=number).distinct() if number else rows

    def by_words(self, rows: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        return search_tickets(rows, value)


class CheckFilter(filters.FilterSet):
    """Look-ups: of which invoice, of which moment, with which result."""

    invoice = IdFilter(field_name="invoice_id")
    invoice_number = filters.CharFilter(method="by_number", label=lazy("Invoice number"))
    after = MomentFilter(field_name="looked_up_at", lookup_expr="gte")
    before = MomentFilter(field_name="looked_up_at", lookup_expr="lt")
    outcome = filters.ChoiceFilter(choices=CheckOutcome.choices, label=lazy("Result of the look-up"))
    source = filters.ChoiceFilter(
        choices=[(n, lazy(text)) for n, text in SOURCES.items()], label=lazy("Kind of look-up")
    )
    organisation = IdFilter(field_name="ticket__organisation_id")

    class Meta:
        model = Check
        fields: list[str] = []

    def by_number(self, rows: QuerySet[Check], name: str, value: str) -> QuerySet[Check]:
        number = fold(value)[:32]
        starts = Q(invoice__number__startswith=number) | Q(invoice__digital_number__startswith=number)
        return rows.filter(starts | Q(invoice__identity__startswith=number)) if number else rows


class HistoryFilter(CheckFilter):
    """The page of look-ups; days of the reader's time zone, both included."""

    after = None  # type: ignore[assignment]  # this is how a filter is left out; on a page they name its place
    before = None  # type: ignore[assignment]
    since = filters.DateFilter(method="by_since", label=lazy("From"), widget=_Day)
    until = filters.DateFilter(method="by_until", label=lazy("To"), widget=_Day)

    def by_since(self, rows: QuerySet[Check], name: str, value: dt.date) -> QuerySet[Check]:
        return rows.filter(looked_up_at__gte=_midnight(value)) if _is_usual(value) else rows

    def by_until(self, rows: QuerySet[Check], name: str, value: dt.date) -> QuerySet[Check]:
        return rows.filter(looked_up_at__lt=_midnight(value + dt.timedelta(days=1))) if _is_usual(value) else rows


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _is_usual(day: dt.date) -> bool:
    """Days at the ends of the calendar have no moment in UTC."""
    return 1900 <= day.year <= 2200


class QueueFilter(TicketFilter):
    """The desk's page: several assignees at once, and nobody among them."""

    assignee = filters.CharFilter(method="by_assignee")

    def by_assignee(self, rows: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        given = self.data.getlist(name)
        people = Q(assignee__in=[int(pk) for pk in given if pk.isascii() and pk.isdigit() and len(pk) < 10])
        return rows.filter(people | Q(assignee=None) if NOBODY in given else people)


NOBODY = "none"
FACETS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "status": (gettext_noop("Status"), {s.name: s.label for s in LIFECYCLE.states.values()}),
    "symptom": (gettext_noop("Situation"), words.SYMPTOM_LABELS),
    "priority": (gettext_noop("Priority"), words.PRIORITY_LABELS),
    "queue": (gettext_noop("Queue"), words.QUEUE_LABELS),
    "cause": (gettext_noop("Cause"), words.CAUSE_LABELS),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One value of a facet; `without` is the query string that leaves a chosen one out."""

    value: str
    text: str
    is_chosen: bool
    without: str = ""


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    label: str
    options: tuple[Option, ...]

    @property
    def chosen(self) -> list[Option]:
        return [option for option in self.options if option.is_chosen]


def facets(given: QueryDict, people: Iterable[tuple[int, str]]) -> list[Facet]:
    """What a queue can be narrowed by, and by what it is; `people` as (id, name)."""
    found = [_facet(given, *words) for words in _facet_words(get_language())]
    names = {NOBODY: say(Message(gettext_noop("the queue"))), **{str(pk): text for pk, text in people}}
    found.append(_facet(given, "assignee", say(Message(gettext_noop("Assignee"))), names))
    return found


@lru_cache(maxsize=4)
def _facet_words(language: str | None) -> list[tuple[str, str, dict[str, str]]]:
    """(name, label, value → text) of what is the same for everybody who reads `language`, the active one."""

    def texts(labels: Mapping[Any, str]) -> dict[str, str]:
        return {str(getattr(key, "value", key)): say(Message(text)) for key, text in labels.items()}

    return [(name, say(Message(label)), texts(labels)) for name, (label, labels) in FACETS.items()]


def _facet(given: QueryDict, name: str, label: str, texts: Mapping[str, str]) -> Facet:
    chosen = set(given.getlist(name))
    options = (
        Option(v, t, True, _without(given, name, v)) if v in chosen else Option(v, t, False)  # noqa: FBT003
        for v, t in texts.items()
    )
    return Facet(name, label, tuple(options))


def _without(given: QueryDict, name: str, value: str) -> str:
    """The query string without one value; its first page again."""
    left = given.copy()
    left.setlist(name, [v for v in left.getlist(name) if v != value])
    for key in ("after", "before"):
        left.pop(key, None)
    return f"?{left.urlencode()}"


def is_narrowed(given: QueryDict) -> bool:
    return any(
        value for name in (*FACETS, "assignee", "q", "invoice_number", "problem") for value in given.getlist(name)
    )


class ItemFilter(filters.FilterSet):
    """Invoices of one ticket by how their matter ended."""

    outcome = filters.ChoiceFilter(choices=[(n, n) for n in ("open", "found", "set_aside")], method="by_outcome")

    class Meta:
        model = TicketInvoice
        fields: list[str] = []

    def by_outcome(self, rows: Any, _name: str, value: str) -> Any:
        return rows.filter(outcome="" if value == "open" else value)
