"""Replies that wait for a mentor, and what became of them. Both texts are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from accounts.models import User
from accounts.permissions import Permission
from tickets.lifecycle import LIFECYCLE
from tickets.models import Ticket

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class HeldReplyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: User | AnonymousUser | None) -> Self:
        """The own ones, those of the own trainees, all for supervisors; never an enterprise's matter."""
        if user is None or not user.is_authenticated or not user.can(Permission.TICKET_VIEW):
            return self.none()
        if user.can(Permission.TRAINING_MANAGE):
            return self
        guided = Q(author__mentorships__mentor=user.pk, author__mentorships__ended_at=None)
        return self.filter(Q(author=user.pk) | guided).distinct()

    def waiting(self) -> Self:
        return self.filter(decided_at=None)


class HeldReply(models.Model):
    """A message or an action with words for the enterprise, as the trainee wrote it and as it was released."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="held_replies")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    action = models.CharField(max_length=40, blank=True)  # of the transition table; empty: a message alone
    words = models.JSONField()  # "body", "resolution" → what the trainee wrote
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)  # further inputs of the action
    evidence = models.JSONField(default=list)  # ids of files that come with it
    released = models.JSONField(null=True)  # the words that went out
    reason = models.CharField(max_length=1000, blank=True)  # why it was sent back
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = HeldReplyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["author"], name="held_reply_waiting", condition=Q(decided_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("author")), name="held_reply_two_people"
            ),
        ]

    def __str__(self) -> str:
        return f"held reply {self.pk}"

    @property
    def is_changed(self) -> bool:
        """Released in other words than it was written."""
        return self.released is not None and self.released != self.words

    @property
    def label(self) -> str:
        """msgid of the action"""
        return LIFECYCLE.transitions[self.action].label if self.action else ""
