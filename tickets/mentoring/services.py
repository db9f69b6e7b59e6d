"""Keep back what a trainee writes to an enterprise, and send it back with a reason. The release is a use-case above."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import Forbidden, NotNow
from helpdesk.common.inputs import accept_text
from helpdesk.common.messages import Message, gettext_noop
from kb.training.people import mentor_of
from tickets import workflow
from tickets.evidence.services import attach
from tickets.mentoring.models import HeldReply
from tickets.models import Ticket
from tickets.vocabulary import Visibility


@dataclass(frozen=True, slots=True)
class Reply:
    """What somebody at the desk is about to tell an enterprise; empty words are none."""

    ticket: Ticket
    words: Mapping[str, str]
    action: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    evidence_ids: Sequence[uuid.UUID | str] = ()


def keep(*, reply: Reply, by: User) -> HeldReply | None:
    """The one rule: while a trainee has a mentor, words for an enterprise wait. None when they may go out.

    Files are on the ticket for the desk alone until then.
    """
    words = {name: text for name, text in reply.words.items() if text}
    mentor = mentor_of(by) if words else None
    if mentor is None:
        return None
    with transaction.atomic():
        files = attach(evidence_ids=reply.evidence_ids, ticket=reply.ticket, by=by, visibility=Visibility.INTERNAL)
        held = HeldReply.objects.create(
            ticket=reply.ticket,
            author=by,
            action=reply.action,
            words=words,
            data=dict(reply.data),
            evidence=[str(file.pk) for file in files],
        )
        data = {"reply": held.pk, "person": mentor.pk, "name": str(mentor)}
        workflow.record(reply.ticket, "reply.held", by=by, public=False, data=data)
    return held


def may_decide(*, held: HeldReply, by: User) -> None:
    """The mentor of today or a supervisor, never the author. Raises Forbidden, NotNow."""
    if by.pk == held.author_id:
        raise Forbidden(Message(gettext_noop("Somebody else has to release your reply.")), code="own_reply")
    if mentor_of(held.author) != by and not by.can(Permission.TRAINING_MANAGE):
        raise Forbidden(permission=Permission.TRAINING_MANAGE)
    if held.decided_at:
        raise _decided()


def _decided() -> NotNow:
    return NotNow(Message(gettext_noop("Somebody has dealt with this reply already.")), code="decided")


def decide(*, held: HeldReply, by: User, **values: Any) -> None:
    """UPDATE … WHERE undecided: of two people the second is told."""
    rows = HeldReply.objects.waiting().filter(pk=held.pk)
    if not rows.update(decided_by=by, decided_at=timezone.now(), **values):
        raise _decided()
    held.refresh_from_db()


def send_back(*, held: HeldReply, reason: str, by: User) -> HeldReply:
    """Nothing goes out; the trainee reads why and writes anew. Raises Forbidden, Invalid, NotNow."""
    may_decide(held=held, by=by)
    reason = accept_text("reason", reason, limit=1000, is_needed=True)
    with transaction.atomic():
        decide(held=held, by=by, reason=reason)
        data = {"reply": held.pk, "person": held.author_id, "name": str(held.author), "reason": reason}
        workflow.record(held.ticket, "reply.returned", by=by, public=False, data=data)
    return held
