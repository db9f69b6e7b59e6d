"""The search index of published texts, written in the transaction that publishes."""

from __future__ import annotations

from django.db import models

from kb.models import Article


class Document(models.Model):
    """One published text as the ranking sees it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="documents")
    language = models.CharField(max_length=10)
    audience = models.CharField(max_length=12)
    category = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True)
    text = models.TextField()
    length = models.PositiveIntegerField()  # sum of the weighted frequencies, in halves
    published_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "language"], name="document_once")]
        indexes = [models.Index(fields=["audience", "language", "length"], name="document_statistics")]

    def __str__(self) -> str:
        return self.title


class Posting(models.Model):
    """How often one term stands in one document, weighted by field, in halves."""

    pk = models.CompositePrimaryKey("term", "document")
    term = models.CharField(max_length=64)
    document = models.ForeignKey(Document, models.CASCADE, related_name="postings")
    frequency = models.PositiveIntegerField()

    class Meta:
        # holds all that the ranking reads, in its order: the rows themselves lie scattered by article
        indexes = [models.Index(fields=["term", "document", "frequency"], name="posting_by_term")]

    def __str__(self) -> str:
        return self.term


class Term(models.Model):
    """In how many documents of one language and audience a term stands, and how a pair of characters sounds."""

    pk = models.CompositePrimaryKey("term", "language", "audience")
    term = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    audience = models.CharField(max_length=12)
    documents = models.IntegerField()
    sound = models.CharField(max_length=20, blank=True)

    class Meta:
        indexes = [models.Index(fields=["sound"], condition=~models.Q(sound=""), name="term_sound")]

    def __str__(self) -> str:
        return self.term
