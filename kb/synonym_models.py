"""Phrases that mean the same, as staff keep them."""

from __future__ import annotations

from django.db import models

from accounts.models import EventBase


class SynonymGroup(models.Model):
    """Phrases of one meaning, in any language; taken out of use rather than deleted."""

    phrases = models.JSONField(default=list)
    is_used = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return ", ".join(self.phrases)


class SynonymEvent(EventBase):
    """The history of a group: who made it what it then was; `data` holds its phrases."""

    group = models.ForeignKey(SynonymGroup, models.CASCADE, related_name="events")

    class Meta:
        ordering = ["pk"]
