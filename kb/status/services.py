"""Writing the board: incidents and their updates, maintenance, announcements. Each change has its event."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, LostRace, NotNow, Stale
from helpdesk.common.inputs import accept_text, text_error
from helpdesk.common.messages import Message, gettext_noop
from kb.models import Audience
from kb.status import reading, words
from kb.status.lifecycle import LIFECYCLE
from kb.status.models import Announcement, Component, Incident, IncidentUpdate, Maintenance, StatusEvent

MAX_BODY, MAX_TITLE = 5000, 120
CLOCK_SLIP = dt.timedelta(minutes=5)
Given = Mapping[str, Any]

#: Called with the event id after the commit; filled by tasks.py. The sweep makes up a lost call.
ON_COMMIT: list[Callable[[int], None]] = []
#: Called with the id of an update after the commit; filled by the room that keeps tickets.
ON_UPDATE: list[Callable[[int], None]] = []


def record(kind: str, *, by: User | None, at: dt.datetime | None = None, **about: Any) -> StatusEvent:
    """The history of the board; call it inside the transaction of the change. `about` names the row and the data."""
    event = StatusEvent.objects.create(
        kind=kind,
        actor=by,
        at=at or timezone.now(),
        delivered_at=None if words.topic_of(kind) else timezone.now(),
        **about,
    )
    transaction.on_commit(partial(cache.delete, reading.CACHED), robust=True)
    for start in ON_COMMIT if words.topic_of(kind) else ():
        transaction.on_commit(partial(start, event.pk), robust=True)
    return event


def _wrong(field: str, code: str, text: str) -> FieldError:
    return FieldError(field, code, Message(text))


def _words(given: Given) -> list[FieldError]:
    """What is wrong with title and text, in both languages."""
    limits = {"title": MAX_TITLE, "title_en": MAX_TITLE, "body": MAX_BODY, "body_en": MAX_BODY}
    found = (
        text_error(name, given.get(name, ""), limit=limit, is_needed=name in ("title", "body"))
        for name, limit in limits.items()
    )
    return [error for error in found if error]


def _scope(given: Given) -> list[FieldError]:
    """What is wrong with the systems and the kinds that are touched."""
    errors = []
    if not given.get("components"):
        errors.append(_wrong("components", "required", gettext_noop("Choose at least one system.")))
    if not set(given.get("kinds", ())) <= set(words.KIND_LABELS):
        errors.append(_wrong("kinds", "unknown", gettext_noop("Choose one of the list.")))
    return errors


def _refuse(errors: list[FieldError]) -> None:
    if errors:
        raise Invalid(errors=errors)


def _texts(given: Given) -> dict[str, str]:
    return {name: str(given.get(name, "")).strip() for name in ("title", "title_en", "body", "body_en")}


def _components(given: Given) -> list[Component]:
    return list(Component.objects.filter(slug__in=given["components"]))


# Incidents


def _incident(given: Given) -> dict[str, Any]:
    """The columns of an incident. Raises Invalid."""
    errors, now = _words(given) + _scope(given), timezone.now()
    if given.get("impact") not in set(words.Impact):
        errors.append(_wrong("impact", "required", gettext_noop("Choose one of the list.")))
    started, expected = given.get("started_at") or now, given.get("expected_at")
    if started > now + CLOCK_SLIP:
        errors.append(_wrong("started_at", "future", gettext_noop("This moment is still to come.")))
    if expected and expected <= started:
        errors.append(_wrong("expected_at", "order", gettext_noop("This has to be after the beginning.")))
    _refuse(errors)
    return {
        **_texts(given),
        "impact": given["impact"],
        "kinds": list(given.get("kinds", ())),
        "situations": list(given.get("situations", ())),
        "started_at": started,
        "expected_at": expected,
    }


def open_incident(*, given: Given, by: User) -> Incident:
    """Report an incident; its text is the first update. Raises Forbidden, Invalid."""
    require(by, Permission.STATUS_EDIT)
    values = _incident(given)
    with transaction.atomic():
        incident = Incident.objects.create(created_by=by, **values)
        incident.components.set(_components(given))
        first = IncidentUpdate.objects.create(
            incident=incident, status=incident.status, by=by, at=incident.started_at,
            body=incident.body, body_en=incident.body_en,
        )  # fmt: skip
        record("incident.opened", by=by, incident=incident, update=first)
    return incident


def change_incident(*, incident: Incident, given: Given, by: User, version: int) -> Incident:
    """Correct what an incident touches, since when, and until when it may last. Raises Forbidden, Invalid, Stale."""
    require(by, Permission.STATUS_EDIT)
    values = _incident(given)
    with transaction.atomic():
        _change(incident, values, version=version)
        incident.components.set(_components(given))
        record("incident.changed", by=by, incident=incident, data={"version": version})
    return incident


def post_update(
    *,
    incident: Incident,
    body: str,
    by: User,
    action: str = "",
    body_en: str = "",
    tells_tickets: bool = False,
    at: dt.datetime | None = None,
) -> IncidentUpdate:
    """Say what is known now and move the incident if there is an `action`; `at` is when it was so, now unless told.

    Raises Missing (no such action), Forbidden, NotNow, Invalid, LostRace.
    """
    require(by, Permission.STATUS_EDIT)
    transition = LIFECYCLE.check(action, incident.status) if action else None
    if transition is None and not incident.state.is_open:
        raise NotNow(Message(gettext_noop("This incident is over. Say that it is back, or report another one.")))
    text = accept_text("body", body, limit=MAX_BODY, is_needed=True)
    english = accept_text("body_en", body_en, limit=MAX_BODY)
    moment = at or timezone.now()
    if not incident.started_at <= moment <= timezone.now() + CLOCK_SLIP:
        wrong = gettext_noop("This has to lie between the beginning and now.")
        raise Invalid(errors=[_wrong("at", "order", wrong)])
    with transaction.atomic():
        target = transition.target if transition else incident.status
        _move(incident, target, resolved_at=moment if target not in LIFECYCLE.open_states else None)
        update = IncidentUpdate.objects.create(
            incident=incident, status=target, body=text, body_en=english, tells_tickets=tells_tickets, by=by, at=moment
        )
        kind = transition.event if transition else "incident.updated"
        record(kind, by=by, incident=incident, update=update)
        for start in ON_UPDATE:
            transaction.on_commit(partial(start, update.pk), robust=True)
    return update


def _move(incident: Incident, status: str, **changes: Any) -> None:
    """UPDATE … WHERE status = old; LostRace when another was first."""
    rows = Incident.objects.filter(pk=incident.pk, status=incident.status)
    if not rows.update(status=status, version=F("version") + 1, **changes):
        raise LostRace
    incident.refresh_from_db()


def _change(row: Any, values: Given, *, version: int, **only: Any) -> None:
    """UPDATE … WHERE version = read; Stale when another was first."""
    if not type(row).objects.filter(pk=row.pk, version=version, **only).update(version=F("version") + 1, **values):
        raise Stale
    row.refresh_from_db()


# Maintenance


def _maintenance(given: Given) -> dict[str, Any]:
    errors = _words(given) + _scope(given)
    starts, ends = given.get("starts_at"), given.get("ends_at")
    errors += [
        _wrong(name, "required", gettext_noop("This is needed."))
        for name in ("starts_at", "ends_at")
        if not given.get(name)
    ]
    if starts and ends and ends <= starts:
        errors.append(_wrong("ends_at", "order", gettext_noop("This has to be after the beginning.")))
    if ends and ends <= timezone.now():
        errors.append(_wrong("ends_at", "past", gettext_noop("This moment has passed.")))
    _refuse(errors)
    return {**_texts(given), "kinds": list(given.get("kinds", ())), "starts_at": starts, "ends_at": ends}


def plan_maintenance(*, given: Given, by: User) -> Maintenance:
    """Announce a window in which systems won't answer. Raises Forbidden, Invalid."""
    require(by, Permission.STATUS_EDIT)
    values = _maintenance(given)
    with transaction.atomic():
        planned = Maintenance.objects.create(created_by=by, **values)
        planned.components.set(_components(given))
        record("maintenance.planned", by=by, maintenance=planned)
    return planned


def change_maintenance(*, maintenance: Maintenance, given: Given, by: User, version: int) -> Maintenance:
    """Move or correct a window that isn't over. Raises Forbidden, Invalid, NotNow, Stale."""
    require(by, Permission.STATUS_EDIT)
    _still_ahead(maintenance)
    values = _maintenance(given)
    with transaction.atomic():
        _change(maintenance, values, version=version, cancelled_at=None)
        maintenance.components.set(_components(given))
        record("maintenance.changed", by=by, maintenance=maintenance)
    return maintenance


def cancel_maintenance(*, maintenance: Maintenance, by: User, version: int) -> Maintenance:
    """It won't take place. Raises Forbidden, NotNow, Stale."""
    require(by, Permission.STATUS_EDIT)
    _still_ahead(maintenance)
    with transaction.atomic():
        _change(maintenance, {"cancelled_at": timezone.now()}, version=version, cancelled_at=None)
        record("maintenance.cancelled", by=by, maintenance=maintenance)
    return maintenance


def _still_ahead(maintenance: Maintenance) -> None:
    if maintenance.cancelled_at or maintenance.ends_at <= timezone.now():
        raise NotNow(Message(gettext_noop("This maintenance is over or was cancelled.")))


# Announcements


def _announcement(given: Given) -> dict[str, Any]:
    errors = _words(given)
    labels: dict[str, set[Any]] = {"subject": set(words.Subject), "audience": set(Audience.values)}
    for name, known in labels.items():
        if given.get(name) not in known:
            errors.append(_wrong(name, "required", gettext_noop("Choose one of the list.")))
    url = str(given.get("source_url", "")).strip()
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname or len(url) > 500:
        errors.append(_wrong("source_url", "invalid", gettext_noop("Give the address of the source, with https://.")))
    since, until = given.get("effective_from"), given.get("effective_until")
    if since is None:
        errors.append(_wrong("effective_from", "required", gettext_noop("This is needed.")))
    elif until and until < since:
        errors.append(_wrong("effective_until", "order", gettext_noop("This has to be after the beginning.")))
    _refuse(errors)
    return {
        **_texts(given),
        **{name: given[name] for name in labels},
        "source_url": url,
        "effective_from": since,
        "effective_until": until,
        "is_banner": bool(given.get("is_banner")),
    }


def announce(*, given: Given, by: User) -> Announcement:
    """Publish news with their source. Raises Forbidden, Invalid."""
    require(by, Permission.ANNOUNCE)
    values = _announcement(given)
    with transaction.atomic():
        made = Announcement.objects.create(published_by=by, published_at=timezone.now(), **values)
        record("announcement.published", by=by, announcement=made)
    return made


def change_announcement(*, announcement: Announcement, given: Given, by: User, version: int) -> Announcement:
    """Correct an announcement. Raises Forbidden, Invalid, Stale (changed or withdrawn)."""
    require(by, Permission.ANNOUNCE)
    values = _announcement(given)
    with transaction.atomic():
        _change(announcement, values, version=version, withdrawn_at=None)
        record("announcement.changed", by=by, announcement=announcement, data={"version": version})
    return announcement


def withdraw_announcement(*, announcement: Announcement, by: User, version: int) -> Announcement:
    """Take an announcement back; who announces still sees it. Raises Forbidden, Stale."""
    require(by, Permission.ANNOUNCE)
    with transaction.atomic():
        _change(announcement, {"withdrawn_at": timezone.now()}, version=version, withdrawn_at=None)
        record("announcement.withdrawn", by=by, announcement=announcement)
    return announcement
