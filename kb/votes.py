"""What readers turned down, and the editors' inbox of votes that an article doesn't help."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import require
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.errors import FieldError, Invalid, Missing, NotNow
from helpdesk.common.messages import Message, gettext_noop
from kb.models import Article, Feedback
from kb.services import record
from kb.visit_models import Place, Rejection


def reject(*, article: Article, visitor: str, place: str, reason: str) -> Rejection:
    """A suggestion was none. Raises Invalid for an unknown place or reason."""
    for name, value, known in (("place", place, Place.values), ("reason", reason, Rejection.Reason.values)):
        if value not in known:
            raise Invalid(errors=[FieldError(name, "unknown", Message(gettext_noop("Choose one of the list.")))])
    row, _new = Rejection.objects.update_or_create(
        article=article, visitor=visitor, place=place, defaults={"reason": reason}
    )
    return row


def inbox(user: User, *, is_handled: bool = False, reason: str = "") -> Any:
    """Votes against articles that the person may read, the newest first."""
    rows = Feedback.objects.filter(is_helpful=False, article__in=Article.objects.visible_to(user))
    rows = rows.filter(handled_at__isnull=not is_handled)
    if reason in Feedback.Reason.values:
        rows = rows.filter(reason=reason)
    return rows.select_related("article", "handled_by").order_by("-created_at", "-pk")


def handle(*, pk: int, by: User) -> Feedback:
    """An editor has dealt with a vote. Raises Forbidden, Missing, NotNow when another was first."""
    require(by, Permission.KB_EDIT)
    found = Feedback.objects.filter(pk=pk, article__in=Article.objects.visible_to(by)).select_related("article").first()
    if found is None:
        raise Missing
    with transaction.atomic():
        waiting = Feedback.objects.filter(pk=pk, is_helpful=False, handled_at=None)
        if not waiting.update(handled_by=by, handled_at=timezone.now()):
            raise NotNow(Message(gettext_noop("Somebody has dealt with this already.")), code="handled")
        record(found.article, "feedback.handled", by=by, feedback=pk, reason=found.reason)
    found.refresh_from_db()
    return found
