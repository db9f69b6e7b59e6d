"""Where articles are opened, how the sitting ends, and which suggestions were turned down."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from kb.models import Article


class Place(models.TextChoices):
    """The page that led to an article."""

    SEARCH = "search", _("Search")
    SUGGEST = "suggest", _("While typing")
    DIAGNOSIS = "diagnosis", _("Diagnosis")
    CHECK = "check", _("Check of an invoice")
    TICKET_FORM = "ticket_form", _("Ticket form")
    TICKET = "ticket", _("Own tickets")
    ARTICLE = "article", _("Another article")
    PAGE = "page", _("Other pages")
    DESK = "desk", _("Desk")
    OUTSIDE = "outside", _("From outside")


class Outcome(models.TextChoices):
    """How a sitting ended; kb.deflection says when."""

    SOLVED = "solved", _("Solved it")
    QUIET = "quiet", _("Without a ticket")
    FILED = "filed", _("Ticket filed")
    HALF_FILLED = "half_filled", _("Form left half-filled")
    LEFT = "left", _("Came once from outside")


class Visit(models.Model):
    """An article was opened. When the sitting is over its outcome is written down and its reader forgotten."""

    visitor = models.CharField(max_length=64, blank=True)  # digest; "" once the sitting has been counted
    article = models.ForeignKey(Article, models.CASCADE, related_name="visits")
    place = models.CharField(max_length=12, choices=Place.choices)
    at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    opened = models.PositiveSmallIntegerField(null=True)  # articles of the sitting, on its first visit alone

    class Meta:
        indexes = [
            models.Index(fields=["visitor", "at"], name="visit_by_visitor"),
            models.Index(fields=["at"], name="visit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.article_id}"


class Rejection(models.Model):
    """A suggestion that was none, in the words of who got it; saying it again changes it."""

    class Reason(models.TextChoices):
        RELATED = "related", _("Relevant, but didn't solve it")
        UNRELATED = "unrelated", _("Not relevant")

    article = models.ForeignKey(Article, models.CASCADE, related_name="rejections")
    visitor = models.CharField(max_length=64)
    place = models.CharField(max_length=12, choices=Place.choices)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "visitor", "place"], name="rejection_once")]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.reason}"
