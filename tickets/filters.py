"""The filters of a ticket list; pages and API share them."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet

from tickets import vocabulary as words
from tickets.invoices.identifiers import fold
from tickets.lifecycle import LIFECYCLE
from tickets.models import Ticket
from tickets.search import search_tickets


def _choices(labels: Any) -> list[tuple[str, str]]:
    return [(str(key.value), str(label)) for key, label in labels.items()]


class TicketFilter(filters.FilterSet):
    """Every name may be given several times where it is a choice."""

    status = filters.MultipleChoiceFilter(choices=[(s.name, s.label) for s in LIFECYCLE.states.values()])
    queue = filters.MultipleChoiceFilter(choices=_choices(words.QUEUE_LABELS))
    priority = filters.MultipleChoiceFilter(choices=_choices(words.PRIORITY_LABELS))
    cause = filters.MultipleChoiceFilter(choices=_choices(words.CAUSE_LABELS))
    symptom = filters.MultipleChoiceFilter(choices=_choices(words.SYMPTOM_LABELS))
    assignee = filters.NumberFilter(field_name="assignee_id")
    unassigned = filters.BooleanFilter(field_name="assignee", lookup_expr="isnull")
    organisation = filters.NumberFilter(field_name="organisation_id")
    created_after = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="gte")
    created_before = filters.IsoDateTimeFilter(field_name="created_at", lookup_expr="lt")
    due_before = filters.IsoDateTimeFilter(field_name="due_at", lookup_expr="lt")
    invoice_number = filters.CharFilter(method="by_invoice_number")
    q = filters.CharFilter(method="by_words")

    class Meta:
        model = Ticket
        fields: list[str] = []

    def by_invoice_number(self, rows: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        number = fold(value)[:32]
        return rows.filter(invoices__number__startswith=number).distinct() if number else rows

    def by_words(self, rows: QuerySet[Ticket], name: str, value: str) -> QuerySet[Ticket]:
        return search_tickets(rows, value)
