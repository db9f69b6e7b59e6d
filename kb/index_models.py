"""The search index of published articles, written in the transaction that publishes."""

from __future__ import annotations

from django.db import models

from kb.models import Article


class IndexedArticle(models.Model):
    """One published text as the ranking sees it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="indexed")
    language = models.CharField(max_length=10)
    audience = models.CharField(max_length=12)
    category = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    length = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "language"], name="indexed_once")]

    def __str__(self) -> str:
        return self.title


class Posting(models.Model):
    """What one term adds to the score of one document."""

    document = models.ForeignKey(IndexedArticle, models.CASCADE, related_name="postings")
    term = models.CharField(max_length=64)
    weight = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["term", "document"], name="posting_once")]

    def __str__(self) -> str:
        return self.term
