"""Finding tickets by what a person remembers: number, invoice number, enterprise, words of the subject."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from kb import gaps
from tickets import numbers
from tickets.invoices.identifiers import fold
from tickets.models import Ticket, TicketInvoice

MAX_QUERY, MAX_WORDS = 200, 8


def search_tickets(rows: Any, q: str) -> Any:
    """`rows` narrowed to those that match every word of `q`; the number of one of them wins alone."""
    q = q.strip()[:MAX_QUERY]
    if not q:
        return rows
    number = numbers.parse(q)  # one in ten invoice numbers of eight digits could be a ticket's too
    if number and rows.filter(number=number).exists():
        return rows.filter(number=number)
    for word in q.split()[:MAX_WORDS]:
        rows = rows.filter(_matches(word))
    return rows


def _matches(word: str) -> Q:
    match = Q(subject__icontains=word) | Q(organisation__name__icontains=word)
    digits = fold(word)
    if len(digits) >= 6 and digits.isascii() and digits.isalnum():
        invoices = TicketInvoice.objects.filter(ticket=OuterRef("pk"))
        exact = Q(number=digits) | Q(identity=digits) | Q(digital_number=digits) | Q(seller_tax_id=digits)
        match |= Q(Exists(invoices.filter(exact))) | Q(organisation__tax_id=digits)
    return match


def answered_by(slugs: Collection[str]) -> dict[str, int]:
    """How many tickets each article has resolved; a number for the desk, of no ticket in particular."""
    rows = Ticket.objects.filter(article_slug__in=slugs).order_by().values_list("article_slug")
    return dict(rows.annotate(Count("pk")))


gaps.USED.append(answered_by)
