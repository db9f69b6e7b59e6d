"""Package checks: the PURE rules, and the numbers that the caller's own tickets hold already."""

from __future__ import annotations

from collections import defaultdict

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from accounts.models import User
from tickets.invoices.packages import check as rules
from tickets.invoices.packages.contract import Hit, Report, Rule
from tickets.invoices.packages.rules.package import FOUND, KNOWN
from tickets.models import TicketInvoice
from tickets.vocabulary import Outcome

SHOWN = 3  # tickets of one number


def check(*, data: bytes, name: str, profile: str, by: User | AnonymousUser) -> Report:
    """The report of a package; nothing is stored. `profile` "" is guessed. Raises Refused."""
    report = rules.check(data, name=name, profile=profile, now=timezone.now())
    places: dict[str, list[int]] = defaultdict(list)
    for one in report.invoices:
        if one.number:
            places[one.number].append(one.index)
    more: dict[int, list[tuple[Rule, Hit]]] = {}
    for number, told in _known(list(places), by).items():
        more |= {index: [told] for index in places[number]}
    return rules.with_more(report, more) if more else report


def _known(numbers: list[str], by: User | AnonymousUser) -> dict[str, tuple[Rule, Hit]]:
    """What the tickets that the caller may see say of these numbers."""
    if not isinstance(by, User):
        return {}
    rows = TicketInvoice.objects.visible_to(by).filter(number__in=numbers).order_by("-ticket_id")
    tickets: dict[str, list[str]] = defaultdict(list)
    recorded: set[str] = set()
    for number, ticket, outcome in rows.values_list("number", "ticket__number", "outcome"):
        tickets[number].append(ticket)
        recorded |= {number} if outcome == Outcome.FOUND else set()
    return {
        number: (FOUND if number in recorded else KNOWN, Hit("number", params={"tickets": found[:SHOWN]}))
        for number, found in tickets.items()
    }
