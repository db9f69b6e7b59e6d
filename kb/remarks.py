"""What reviewers say to a passage of a text, until it is resolved."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, NotNow, Stale
from helpdesk.common.inputs import accept_text
from helpdesk.common.messages import Message, gettext_noop
from kb import markup
from kb.models import Remark, Revision
from kb.services import record

LONGEST = 1000


def require_writing(user: User) -> None:
    """Editors and reviewers alike. Raises Forbidden."""
    if not user.can(Permission.KB_REVIEW):
        require(user, Permission.KB_EDIT)


def remark(*, revision: Revision, passage: int, text: str, by: User, version: int) -> Remark:
    """Say something to the passage that was read. Raises Forbidden, Invalid, NotNow (published), Stale (changed)."""
    require_writing(by)
    text = accept_text("text", text, limit=LONGEST, is_needed=True)
    if not revision.state.is_open:
        raise NotNow(Message(gettext_noop("This text isn't being worked on. Remarks are for drafts and reviews.")))
    if revision.version != version:
        raise Stale
    found = markup.passages(revision.body)
    if not 0 <= passage < len(found):
        error = FieldError("passage", "unknown", Message(gettext_noop("Choose one of the list.")))
        raise Invalid(errors=[error])
    with transaction.atomic():
        made = Remark.objects.create(revision=revision, passage=found[passage], text=text, author=by)
        record(revision.article, "remark.made", by=by, revision=revision, remark=made.pk)
    return made


def resolve(*, remark: Remark, by: User) -> Remark:
    """It is done with; a second time changes nothing. Raises Forbidden."""
    require_writing(by)
    with transaction.atomic():
        open_ = Remark.objects.filter(pk=remark.pk, resolved_at=None)
        if open_.update(resolved_at=timezone.now(), resolved_by=by):
            record(remark.revision.article, "remark.resolved", by=by, revision=remark.revision, remark=remark.pk)
    remark.refresh_from_db()
    return remark
