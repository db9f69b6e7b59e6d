"""The floor: what Django itself takes for 25 rows by index in a template, behind the same middleware."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template import engines

from tickets.models import Ticket

ROWS = 25
PAGE = engines["django"].from_string(
    "<!doctype html><title>floor</title><table>{% for ticket in tickets %}<tr><td>{{ ticket.number }}"
    "<td>{{ ticket.subject }}<td>{{ ticket.status }}<td>{{ ticket.due_at|date:'c' }}{% endfor %}</table>"
)


def tickets(request: HttpRequest) -> HttpResponse:
    rows = Ticket.objects.filter(status="new").order_by("due_at", "id")[:ROWS]
    return HttpResponse(PAGE.render({"tickets": rows}))
