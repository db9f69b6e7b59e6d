"""The guards that the backfill's table names. Each raises NotNow with what to do instead."""

from __future__ import annotations

from accounts.models import User
from helpdesk.common.errors import LostRace, NotNow
from helpdesk.common.messages import Message, gettext_noop
from tickets import workflow
from tickets.backfill.models import Backfill, MaterialState
from tickets.checks.models import Check, CheckOutcome


def materials_accepted(backfill: Backfill, by: User | None) -> None:
    """Every required paper has been looked at and accepted."""
    open_lines = backfill.materials.filter(is_required=True).exclude(state=MaterialState.ACCEPTED)
    if count := open_lines.count():
        text = gettext_noop("%(count)s required materials are not accepted yet.")
        raise NotNow(Message(text, {"count": count}), code="materials_open")


def another_person(backfill: Backfill, by: User | None) -> None:
    """Four eyes are two persons, whatever roles one of them holds."""
    if by is None or by.pk == backfill.keyed_by_id:
        text = gettext_noop("You keyed this entry yourself. Another person has to re-key and approve it.")
        raise NotNow(Message(text), code="four_eyes")


def as_it_was_read(backfill: Backfill, by: User | None) -> None:
    """What the person looked at is what moves: an entry that was keyed anew meanwhile is another one."""
    if not Backfill.objects.filter(pk=backfill.pk, version=backfill.version).exists():
        raise LostRace


def entries_agree(backfill: Backfill, by: User | None) -> None:
    """Nothing is approved while the two entries differ."""
    if backfill.differing or backfill.rekeyed is None:
        text = gettext_noop("The two entries differ in %(count)s fields. Send it back with the reason.")
        raise NotNow(Message(text, {"count": len(backfill.differing)}), code="entries_differ")


def found_since_hand_over(backfill: Backfill, by: User | None) -> None:
    """Only a look-up made after the hand-over shows that it worked."""
    found = Check.objects.filter(
        invoice=backfill.invoice_id, outcome=CheckOutcome.FOUND, looked_up_at__gte=backfill.handed_over_at
    )
    if not found.exists():
        raise NotNow(Message(gettext_noop("No look-up since the hand-over has found the record.")), code="not_found")


workflow.GUARDS.update(
    {f.__name__: f for f in (materials_accepted, another_person, as_it_was_read, entries_agree, found_since_hand_over)}
)
