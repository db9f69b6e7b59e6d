"""What every page of the desk lists: its views with their counts, and its people. One query each, kept for seconds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as translate

from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.messages import gettext_noop as _
from tickets import lifecycle
from tickets.models import Ticket
from tickets.vocabulary import Queue

KEEP = 10  # seconds
_OPEN = Q(status__in=lifecycle.LIFECYCLE.open_states)


@dataclass(frozen=True, slots=True)
class View:
    """A named part of the queue; `rule` takes the person and gives the condition."""

    label: str
    icon: str
    rule: Callable[[User], Q]

    def narrow(self, rows: Any, user: Any) -> Any:
        return rows.filter(self.rule(user))


VIEWS: dict[str, View] = {
    "triage": View(_("To be triaged"), "inbox", lambda user: Q(status=lifecycle.NEW)),
    "mine": View(_("Mine"), "user", lambda user: _OPEN & Q(assignee=user)),
    "unassigned": View(_("Unassigned"), "user-plus", lambda user: _OPEN & Q(assignee=None)),
    "overdue": View(_("Overdue"), "alarm-clock", lambda user: _OPEN & Q(due_at__lt=timezone.now())),
    "backfill": View(_("Backfill queue"), "file-input", lambda user: _OPEN & Q(queue=Queue.BACKFILL)),
    "waiting": View(_("Waiting for the enterprise"), "circle-pause", lambda user: Q(status=lifecycle.WAITING)),
    "authority": View(_("Waiting for the tax authority"), "landmark", lambda user: Q(status=lifecycle.AUTHORITY)),
    "all": View(_("All open"), "list", lambda user: _OPEN),
    "done": View(_("Done"), "circle-check", lambda user: ~_OPEN),
}
COUNTED = ("triage", "mine", "unassigned", "overdue", "backfill", "waiting", "authority", "all")


def counts(user: User) -> dict[str, int]:
    """View → number of tickets; one aggregate over the open ones."""
    key = f"rail:{user.pk}"
    found: dict[str, int] | None = cache.get(key)
    if found is None:
        open_rows = Ticket.objects.visible_to(user).open()
        found = open_rows.aggregate(**{name: Count("pk", filter=VIEWS[name].rule(user)) for name in COUNTED})
        cache.set(key, found, KEEP)
    return found


def agents() -> list[tuple[int, str]]:
    """(id, name) of everybody who may be given a ticket, by name."""
    found: list[tuple[int, str]] | None = cache.get("agents")
    if found is None:
        found = [(person.pk, str(person)) for person in User.objects.holding(Permission.TICKET_VIEW).order_by("name")]
        cache.set("agents", found, KEEP)
    return found


class Link(NamedTuple):
    """One view beside a desk page."""

    url: str
    label: str
    icon: str
    number: int | None
    is_current: bool
    is_warning: bool


def rail(request: HttpRequest) -> tuple[Link, ...]:
    """The links beside every desk page."""
    user = request.user
    if not user.is_authenticated or not user.can(Permission.TICKET_VIEW):
        return ()
    known = counts(user)
    return tuple(
        Link(
            url := f"/desk/queue/{name}/",
            translate(view.label),
            view.icon,
            known.get(name),
            request.path == url,
            name == "overdue" and bool(known.get(name)),
        )
        for name, view in VIEWS.items()
    )
