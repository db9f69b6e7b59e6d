"""The versions of a template, and the papers that were made with them. Neither is ever edited."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import LANGUAGES, User
from tickets.models import Ticket
from tickets.papers.querysets import PaperQuerySet, TemplateQuerySet
from tickets.papers.words import BY_KIND, PAPERS


class PaperTemplate(models.Model):
    """One version of the text of a paper in a language; the highest number is in use. No `made_by`: built in."""

    kind = models.CharField(max_length=30, choices=[(paper.kind, _(paper.label)) for paper in PAPERS])
    language = models.CharField(max_length=10, choices=LANGUAGES)
    number = models.PositiveIntegerField()
    body = models.TextField()
    reason = models.CharField(max_length=300, blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "language", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "language", "number"], name="paper_template_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.language} {self.number}"

    @property
    def label(self) -> str:
        """msgid."""
        return BY_KIND[self.kind].label if self.kind in BY_KIND else self.kind


class TicketPaper(models.Model):
    """A paper as it was made: the version of its template, and what it was filled with."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="papers")
    template = models.ForeignKey(PaperTemplate, models.PROTECT, related_name="papers")
    filled = models.JSONField()  # papers/filling.py: values, invoices, files
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"paper {self.pk}"
