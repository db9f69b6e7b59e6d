"""Who has learnt what, who guides whom, and who was excused."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import Invalid, LostRace, NotNow
from helpdesk.common.inputs import accept_text
from helpdesk.common.messages import Message, gettext_noop
from kb.training.models import Attempt, Completion, Edition, Mentorship, Path, Waiver
from kb.training.services import record, wrong

#: msgids of the states in the report
STATES = {
    "overdue": gettext_noop("Overdue"),
    "renewal": gettext_noop("Renewal due"),
    "open": gettext_noop("Not started"),
    "tried": gettext_noop("Under way"),
    "done": gettext_noop("Completed"),
    "waived": gettext_noop("Excused"),
}
TONES = {"overdue": "danger", "renewal": "warning", "tried": "info", "done": "success"}


@dataclass(frozen=True, slots=True)
class Row:
    """One person on one path."""

    person: User
    edition: Edition
    state: str
    score: int | None  # of the newest marked attempt
    at: dt.datetime | None
    attempts: int

    @property
    def label(self) -> str:
        """msgid"""
        return STATES[self.state]

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")


def editions() -> list[Edition]:
    """What can be taken now, by address."""
    return list(Edition.objects.live().select_related("path").order_by("path__slug"))


def report(*, by: User) -> list[Row]:
    """Everybody whom a published path is for, or who has tried it; what is overdue first."""
    require(by, Permission.TRAINING_MANAGE)
    found = editions()
    books = _Books(found)
    rows = [row for edition in found for row in books.rows(edition)]
    rank = list(STATES)
    return sorted(rows, key=lambda row: (rank.index(row.state), row.edition.path.slug, str(row.person)))


class _Books:
    """What was taken on all paths, read once: the same number of queries for one path and for twenty."""

    def __init__(self, found: Sequence[Edition]) -> None:
        paths = [edition.path_id for edition in found]
        tries = Attempt.objects.filter(edition__path__in=paths).exclude(finished_at=None)
        done = Completion.objects.filter(edition__path__in=paths).select_related("edition")
        waived = Waiver.objects.filter(path__in=paths).values_list("path", "person")
        self.tries: dict[int, dict[int, list[Attempt]]] = defaultdict(lambda: defaultdict(list))
        for attempt in tries.select_related("edition").order_by("pk"):
            self.tries[attempt.edition.path_id][attempt.person_id].append(attempt)
        self.done: dict[int, dict[int, Completion]] = defaultdict(dict)
        for completion in done.order_by("at"):
            self.done[completion.edition.path_id][completion.person_id] = completion
        self.waived = set(waived)
        staff = User.objects.staff().prefetch_related("staff_roles")
        self.roles = {person.pk: {held.role for held in person.staff_roles.all()} for person in staff}
        known = set(self.roles).union(*self.tries.values(), *self.done.values())
        self.people = {person.pk: person for person in User.objects.filter(pk__in=known, is_active=True)}

    def rows(self, edition: Edition) -> Iterator[Row]:
        path = edition.path
        tries, done = self.tries[path.pk], self.done[path.pk]
        wanted = {*path.roles, *path.required_roles} if path.roles else set()
        staff = self.roles.items() if path.audience == "staff" else ()
        meant = {pk for pk, held in staff if not wanted or held & wanted}
        starts = bool(path.required_from and path.required_from <= timezone.localdate())
        for pk in {*meant, *tries, *done} & self.people.keys():
            found, mine = done.get(pk), tries.get(pk, [])
            required = starts and bool(self.roles.get(pk, set()) & set(path.required_roles))
            is_waived = (path.pk, pk) in self.waived
            state = _state(path, found, is_waived=is_waived, is_required=required, has_tried=bool(mine))
            score = mine[-1].score if mine else None
            yield Row(self.people[pk], edition, state, score, found.at if found else None, len(mine))


def _state(path: Path, found: Completion | None, *, is_waived: bool, is_required: bool, has_tried: bool) -> str:
    if found is not None and found.edition.number >= path.renewed_from:
        return "done"
    if is_waived:
        return "waived"
    if is_required:
        return "overdue"
    return "renewal" if found else "tried" if has_tried else "open"


def waive(*, path: Path, person: User, reason: str, by: User) -> Waiver:
    """Excuse a person from what their role requires. Raises Invalid, NotNow."""
    require(by, Permission.TRAINING_MANAGE)
    if person.pk == by.pk:
        raise NotNow(Message(gettext_noop("Nobody excuses themselves. Ask another supervisor.")))
    reason = accept_text("reason", reason, limit=300, is_needed=True)
    try:
        with transaction.atomic():
            made = Waiver.objects.create(path=path, person=person, reason=reason, by=by)
            record("path.waived", by=by, path=path, subject=person, reason=reason)
    except IntegrityError:
        raise NotNow(Message(gettext_noop("This person is excused already."))) from None
    return made


def assign_mentor(*, trainee: User | None, mentor: User | None, by: User) -> Mentorship:
    """From now on the mentor releases what the trainee writes to enterprises; a mentor before ends.

    Raises Invalid (not at the desk, the same person, the mentor is a trainee too).
    """
    require(by, Permission.TRAINING_MANAGE)
    errors = [
        wrong(name, "not_desk", gettext_noop("Choose somebody who answers tickets."))
        for name, person in (("trainee", trainee), ("mentor", mentor))
        if person is None or not person.can(Permission.TICKET_ANSWER)
    ]
    if errors or trainee is None or mentor is None:
        raise Invalid(errors=errors)
    if trainee.pk == mentor.pk:
        raise Invalid(errors=[wrong("mentor", "same", gettext_noop("A mentor is somebody else."))])
    if mentor_of(mentor) is not None:
        raise Invalid(errors=[wrong("mentor", "trainee", gettext_noop("This person still has a mentor."))])
    try:
        with transaction.atomic():
            Mentorship.objects.current().filter(trainee=trainee).update(ended_at=timezone.now())
            made = Mentorship.objects.create(trainee=trainee, mentor=mentor, by=by)
            record("mentor.assigned", by=by, subject=trainee, mentor=mentor.pk)
    except IntegrityError:
        raise LostRace from None
    return made


def end_mentorship(*, mentorship: Mentorship, by: User) -> None:
    """The trainee writes alone from now on; what still waits a supervisor releases."""
    require(by, Permission.TRAINING_MANAGE)
    with transaction.atomic():
        rows = Mentorship.objects.current().filter(pk=mentorship.pk)
        if not rows.update(ended_at=timezone.now()):
            raise NotNow(Message(gettext_noop("This has ended already.")))
        record("mentor.ended", by=by, subject=mentorship.trainee, mentor=mentorship.mentor_id)


def mentor_of(person: User) -> User | None:
    """Who releases what the person writes; None for who writes alone."""
    found = Mentorship.objects.current().filter(trainee=person).select_related("mentor").first()
    return found.mentor if found else None
