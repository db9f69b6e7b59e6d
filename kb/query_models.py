"""What people ask the search for and what follows, and how often each article is read."""

from __future__ import annotations

from django.db import models

from accounts.models import LANGUAGES, User
from kb.models import Article, Audience


class Query(models.Model):
    """One question put to the search, without names and numbers; nothing in it leads back to the reader."""

    class Place(models.TextChoices):
        PAGE = "page"
        SUGGEST = "suggest"  # opened while typing; the question was never sent
        API = "api"

    class Strength(models.TextChoices):
        NONE = "none"
        WEAK = "weak"
        GOOD = "good"

    class Outcome(models.TextChoices):
        LEFT = "left"
        OPENED = "opened"
        SOLVED = "solved"
        FILED = "filed"

    token = models.CharField(max_length=16, primary_key=True)  # in the links of one answer; can't be guessed
    text = models.CharField(max_length=200)  # in its searched form, by which equal questions are counted together
    language = models.CharField(max_length=10, choices=LANGUAGES)
    audience = models.CharField(max_length=12, choices=Audience.choices)  # the widest that the reader belongs to
    place = models.CharField(max_length=8, choices=Place.choices)
    results = models.PositiveSmallIntegerField()
    strength = models.CharField(max_length=6, choices=Strength.choices)
    article = models.ForeignKey(Article, models.SET_NULL, null=True, related_name="queries")  # the last one opened
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.LEFT)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "queries"
        indexes = [models.Index(fields=["created_at"], name="query_by_time")]

    def __str__(self) -> str:
        return self.text


class Reading(models.Model):
    """How often an article was read on one day in one language."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="readings")
    language = models.CharField(max_length=10, choices=LANGUAGES)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "language", "day"], name="reading_once")]
        indexes = [models.Index(fields=["day"], name="reading_by_day")]

    def __str__(self) -> str:
        return f"{self.article_id} {self.day}: {self.count}"


class Handled(models.Model):
    """An editor has dealt with a question that had no answer; never edited."""

    text = models.CharField(max_length=200)
    language = models.CharField(max_length=10)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["text", "language", "at"], name="handled_question")]

    def __str__(self) -> str:
        return self.text
