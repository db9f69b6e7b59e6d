"""The thread of a ticket: messages, and the events between them, in the order they happened."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from accounts.models import User
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop as _
from tickets import vocabulary as words
from tickets.backfill.rules import MATERIALS
from tickets.diagnosis.leaves import LEAVES
from tickets.evidence.models import Evidence
from tickets.models import Event, Message, Ticket
from tickets.papers.words import PAPERS
from tickets.rail import agents
from tickets.sla.policy import GOAL_LABELS

#: Event → the line of the timeline. Events that a message tells already have none.
LINES: Mapping[str, str] = {
    "ticket.submitted": _("Ticket received"),
    "ticket.diagnosed": _("Diagnosed before it was filed: %(leaf)s"),
    "ticket.accepted": _("Accepted by the desk"),
    "ticket.asked": _("The desk asked for more; the clock pauses"),
    "ticket.answered": _("The enterprise has answered"),
    "ticket.resumed": _("Work goes on"),
    "ticket.referred": _("Waiting for the tax authority"),
    "ticket.resolved": _("Resolved"),
    "ticket.confirmed": _("The enterprise confirmed that it is solved"),
    "ticket.closed": _("Closed"),
    "ticket.reopened": _("Reopened"),
    "ticket.withdrawn": _("Withdrawn by the enterprise"),
    "ticket.assigned": _("Assigned to %(name)s"),
    "reply.held": _("A reply waits for %(name)s to release it"),
    "reply.released": _("Released as %(name)s wrote it"),
    "reply.released_changed": _("Changed and released what %(name)s wrote"),
    "reply.returned": _("Reply of %(name)s sent back: %(reason)s"),
    "ticket.changed": _("Properties changed: %(changed)s"),
    "triage.proposed": _("Triage proposal made"),
    "triage.decided": _("Triage decided"),
    "invoice.found": _("Record found for invoice %(number)s"),
    "invoice.set_aside": _("Invoice %(number)s set aside: %(reason)s"),
    "invoice.missing_again": _("Invoice %(number)s is missing again"),
    "invoices.found": _("Record found for %(count)s invoices: %(positions)s"),
    "invoices.set_aside": _("%(count)s invoices set aside (%(positions)s): %(reason)s"),
    "invoices.missing_again": _("%(count)s invoices are missing again (%(positions)s)"),
    "checks.recorded": _("Look-up of %(count)s invoices (%(positions)s): %(outcome)s"),
    "batch.filed": _("All %(count)s invoices of the list are in the ticket"),
    "check.due": _("Time to look again"),
    "check.recorded": _("Look-up of invoice %(number)s: %(outcome)s"),
    "backfill.opened": _("Backfill opened for invoice %(number)s"),
    "backfill.material_submitted": _("Paper handed in: %(material)s"),
    "backfill.material_accepted": _("Paper accepted: %(material)s"),
    "backfill.material_refused": _("Paper refused: %(material)s. %(reason)s"),
    "backfill.materials_accepted": _("All papers accepted"),
    "backfill.materials_returned": _("Papers asked for again: %(reason)s"),
    "backfill.keyed": _("Entry keyed"),
    "backfill.rekeyed": _("Entry re-keyed by a second person"),
    "backfill.approved": _("Entry approved"),
    "backfill.sent_back": _("Entry sent back: %(reason)s"),
    "backfill.handed_over": _("Handed over to %(department)s"),
    "backfill.package_downloaded": _("Package downloaded"),
    "backfill.received": _("Receipt %(receipt_number)s recorded"),
    "backfill.verified": _("Backfill verified by a look-up"),
    "backfill.cancelled": _("Backfill cancelled: %(reason)s"),
    "paper.made": _("Paper made: %(paper)s, version %(version)s of its template"),
    "evidence.read": _("File read: %(name)s"),
    "cluster.alarm": _("The desk was called: %(count)s enterprises with the same problem"),
    "incident.attached": _("Attached to the incident “%(name)s”"),
    "incident.detached": _("Taken off the incident “%(name)s”"),
    "evidence.unsealed": _("Sealed original of %(name)s opened: %(reason)s"),
    "evidence.refused": _("File refused: %(name)s"),
    "evidence.quarantined": _("File quarantined: %(name)s"),
    "sla.warned": _("%(goal)s: soon overdue, the desk was told"),
    "sla.breached": _("%(goal)s: overdue, the desk was told"),
    "mail.failed": _("No mail reaches %(name)s: %(reason)s"),
}

OUTCOMES = {
    "found": _("found"),
    "not_found": _("not found"),
    "differs": _("found, but differs"),
    "unavailable": _("source unavailable"),
}
_FIELD_NAMES = {
    "symptom": _("Situation"),
    "cause": _("Cause"),
    "priority": _("Priority"),
    "queue": _("Queue"),
    "subject": _("Subject"),
    "description": _("Description"),
    "software": _("Issuing software"),
    "software_version": _("Software version"),
}
PAPER_LABELS = {paper.kind: paper.label for paper in PAPERS}
_MATERIAL = {line.key: line.label for line in MATERIALS}
_LABELS: Mapping[str, Mapping[Any, str]] = {
    "symptom": words.SYMPTOM_LABELS,
    "cause": words.CAUSE_LABELS,
    "priority": words.PRIORITY_LABELS,
    "queue": words.QUEUE_LABELS,
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of the thread: either a message or a line about an event."""

    at: Any
    message: Message | None = None
    files: Sequence[Evidence] = ()
    line: Text | None = None
    actor: str = ""  # who wrote it or did it
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """Entries of the thread that stand together: one message, or lines of events; a long run of lines folds."""

    entries: list[Entry]

    @property
    def is_folded(self) -> bool:
        return len(self.entries) > FOLD


POSITIONS = 120  # characters of a long list of positions that a line shows
FOLD = 3  # lines of events in a row that are shown as they are


def runs(entries: Iterable[Entry]) -> Iterator[Run]:
    """The thread with the lines between two messages put together."""
    for is_message, group in groupby(entries, key=lambda entry: entry.message is not None):
        if is_message:
            yield from (Run([entry]) for entry in group)
        else:
            yield Run(list(group))


def timeline(
    ticket: Ticket, messages: Sequence[Message] = (), events: Sequence[Event] = (), files: Iterable[Evidence] = ()
) -> list[Entry]:
    """Messages with their `files`, and the events between them, oldest first."""
    brought: dict[int | None, list[Evidence]] = defaultdict(list)
    for file in files:
        brought[file.message_id].append(file)
    told = [(event, text) for event in events if (text := LINES.get(event.kind))]
    names = _names(ticket, {*(m.author_id for m in messages), *(event.actor_id for event, _ in told)})
    entries = [
        Entry(
            m.created_at,
            message=m,
            files=brought.get(m.pk, ()),
            actor=names.get(m.author_id, ""),
            is_internal=m.visibility == "internal",
        )
        for m in messages
    ]
    for event, text in told:
        line, actor = Text(text, values(event)), names.get(event.actor_id, "")
        entries.append(Entry(event.at, line=line, actor=actor, is_internal=not event.is_public))
    return sorted(entries, key=lambda entry: entry.at)


def _names(ticket: Ticket, people: set[int | None]) -> dict[int | None, str]:
    """Mostly the requester and the desk, whose names are at hand; the others take one query."""
    known: dict[int | None, str] = {**dict(agents()), ticket.requester_id: str(ticket.requester)}
    if unknown := people - known.keys() - {None}:
        known |= {person.pk: str(person) for person in User.objects.filter(pk__in=unknown)}
    return known


def values(event: Event) -> dict[str, object]:
    """The event's data as the words of its line; absent ones are empty, never an error."""
    known = dict.fromkeys(
        (
            "name",
            "number",
            "reason",
            "outcome",
            "department",
            "receipt_number",
            "material",
            "paper",
            "leaf",
            "goal",
            "count",
            "positions",
        ),
        "",
    )
    data: dict[str, object] = {**known, **{k: v for k, v in event.data.items() if isinstance(v, str | int)}}
    data["positions"] = str(data["positions"])[:POSITIONS]
    if data["outcome"]:
        data["outcome"] = Text(OUTCOMES.get(str(data["outcome"]), str(data["outcome"])))
    if data["material"]:
        data["material"] = Text(_MATERIAL.get(str(data["material"]), str(data["material"])))
    if leaf := LEAVES.get(str(data["leaf"])):
        data["leaf"] = Text(leaf.title)
    if data["paper"]:
        data["paper"] = Text(PAPER_LABELS.get(str(data["paper"]), str(data["paper"])))
    if data["goal"] in GOAL_LABELS:
        data["goal"] = Text(GOAL_LABELS[data["goal"]])  # type: ignore[index]
    if not data["name"]:
        data["name"] = Text(_("the queue"))
    data["changed"] = _Changed(event.data.get("changed") or {})
    return data


class _Changed:
    """The changed properties as one phrase, translated when it is said."""

    def __init__(self, changed: Mapping[str, Any]) -> None:
        self.changed = changed

    def __str__(self) -> str:
        from helpdesk.common.http import say

        parts = []
        for name, pair in self.changed.items():
            value = pair[1] if isinstance(pair, list) and len(pair) == 2 else pair
            labels = _LABELS.get(name, {})
            shown = say(Text(labels[value])) if value in labels else str(value)
            parts.append(f"{say(Text(_FIELD_NAMES.get(name, name)))} → {shown[:80]}")
        return say(Text(_(", "))).join(parts)
