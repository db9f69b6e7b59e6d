"""The mentor's release: what a trainee wrote goes out as theirs, at this moment."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from accounts.models import User
from helpdesk.common.inputs import accept_text
from tickets import intake, services
from tickets.evidence.services import hand_out
from tickets.mentoring.models import HeldReply
from tickets.mentoring.services import decide, may_decide
from tickets.models import Message
from tickets.workflow import record


def release(*, held: HeldReply, words: Mapping[str, str], by: User) -> HeldReply:
    """Send `words`, as written or as the mentor has changed them; clocks and mails count from now.

    Raises Forbidden, Invalid (nothing left), NotNow (dealt with, or the ticket has moved on), LostRace.
    """
    may_decide(held=held, by=by)
    out = {n: accept_text(n, words.get(n, ""), limit=intake.MAX_BODY, is_needed=True) for n in held.words}
    ticket, author = held.ticket, held.author
    with transaction.atomic():
        decide(held=held, by=by, released=out)
        if held.action:
            given = {**held.data, **out}
            services.act(ticket=ticket, action=held.action, by=author, data=given, released_by=by)
        else:
            services.comment(ticket=ticket, body=out["body"], by=author, released_by=by)
        message = Message.objects.filter(ticket=ticket, author=author).latest("pk") if "body" in out else None
        hand_out(evidence_ids=held.evidence, ticket=ticket, message=message)
        data = {"reply": held.pk, "person": author.pk, "name": str(author), "is_changed": held.is_changed}
        kind = "reply.released_changed" if held.is_changed else "reply.released"
        record(ticket, kind, by=by, public=False, data=data)
    return held
