"""The groups of phrases that mean the same: kept by editors with their history, read by every search."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.cache import cache, caches
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, Missing, Stale
from helpdesk.common.inputs import clean_text
from helpdesk.common.messages import Message, gettext_noop
from helpdesk.common.text import normalise, tokens
from kb import index, synonyms
from kb.synonym_models import SynonymEvent, SynonymGroup

MIN_PHRASES, MAX_PHRASES, MAX_PHRASE = 2, 20, 60
KEEP = 60  # seconds, in each process, unless somebody changes something


def related(question: str) -> dict[str, None]:
    """Terms of what means the same as a phrase in `question`."""
    kept, key = caches["suggestions"], f"synonyms:{cache.get(index.VERSION)}"
    table: synonyms.Table | None = kept.get(key)
    if table is None:
        table = synonyms.table(SynonymGroup.objects.filter(is_used=True).values_list("phrases", flat=True))
        kept.set(key, table, KEEP)
    return synonyms.related(question, table)


def keep(*, phrases: Sequence[str], by: User, group: SynonymGroup | None = None, version: int = 0) -> SynonymGroup:
    """A new group, or another wording of one. Raises Forbidden, Invalid, Stale."""
    require(by, Permission.KB_EDIT)
    given = list(dict.fromkeys(" ".join(clean_text(phrase).split()) for phrase in phrases if phrase.strip()))
    with transaction.atomic():
        _check(given, group)
        if group is None:
            made = SynonymGroup.objects.create(phrases=given, updated_at=timezone.now())
            return _record(made, "synonyms.added", by)
        return _change(group, version, "synonyms.changed", by, phrases=given)


def use(*, group: SynonymGroup, is_used: bool, by: User, version: int) -> SynonymGroup:
    """Take a group out of use, or back into it. Raises Forbidden, Invalid, Stale."""
    require(by, Permission.KB_EDIT)
    with transaction.atomic():
        if is_used:
            _check(group.phrases, group)
        return _change(group, version, "synonyms.restored" if is_used else "synonyms.retired", by, is_used=is_used)


def _change(group: SynonymGroup, version: int, kind: str, by: User, **changes: Any) -> SynonymGroup:
    rows = SynonymGroup.objects.filter(pk=group.pk, version=version)
    if not rows.update(version=F("version") + 1, updated_at=timezone.now(), **changes):
        raise Stale
    group.refresh_from_db()
    return _record(group, kind, by)


def _record(group: SynonymGroup, kind: str, by: User) -> SynonymGroup:
    SynonymEvent.objects.create(group=group, kind=kind, actor=by, at=timezone.now(), data={"phrases": group.phrases})
    transaction.on_commit(index.renew)
    return group


def _check(phrases: Sequence[str], group: SynonymGroup | None) -> None:
    folded = {normalise(phrase) for phrase in phrases}
    wrong = gettext_noop(
        "Write %(least)s to %(most)s different phrases, one a line, each of at most %(length)s letters."
    )
    limits = {"least": MIN_PHRASES, "most": MAX_PHRASES, "length": MAX_PHRASE}
    is_short = all(len(phrase) <= MAX_PHRASE and tokens(phrase) for phrase in phrases)
    if not (MIN_PHRASES <= len(folded) == len(phrases) <= MAX_PHRASES and is_short):
        raise Invalid(errors=[FieldError("phrases", "phrases", Message(wrong, limits))])
    others = SynonymGroup.objects.filter(is_used=True).exclude(pk=group.pk if group else 0)
    for other in others:
        if same := folded & {normalise(phrase) for phrase in other.phrases}:
            text = gettext_noop("“%(phrase)s” stands in another group already: %(group)s")
            values = {"phrase": min(same), "group": str(other)}
            raise Invalid(errors=[FieldError("phrases", "taken", Message(text, values))])


def groups(q: str = "") -> list[SynonymGroup]:
    """All groups, those in use first; with `q` the ones that hold it."""
    asked = normalise(q)
    rows = SynonymGroup.objects.order_by("-is_used", "pk")
    return [group for group in rows if any(asked in normalise(phrase) for phrase in group.phrases)]


def find(pk: int) -> SynonymGroup:
    """Raises Missing."""
    found = SynonymGroup.objects.filter(pk=pk).first()
    if found is None:
        raise Missing
    return found


def history(group: SynonymGroup) -> list[SynonymEvent]:
    """What was changed, the newest first."""
    return list(group.events.select_related("actor").order_by("-pk"))
