"""Articles, their immutable revisions, and what readers made of them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import LANGUAGES, EventBase, User
from kb.lifecycle import LIFECYCLE, PUBLISHED
from kb.querysets import ArticleQuerySet, RevisionQuerySet


class Audience(models.TextChoices):
    """Who may read; a required choice."""

    PUBLIC = "public", _("Everyone")
    ENTERPRISES = "enterprises", _("Signed-in enterprises")
    STAFF = "staff", _("Staff only")


class Category(models.Model):
    """A situation or subject; titles in both languages because it is navigation, not text."""

    slug = models.SlugField(max_length=60, unique=True)
    title_zh = models.CharField(max_length=80)
    title_en = models.CharField(max_length=80)
    description_zh = models.CharField(max_length=200, blank=True)
    description_en = models.CharField(max_length=200, blank=True)
    icon = models.CharField(max_length=40, default="file-text")
    position = models.PositiveSmallIntegerField(default=0)
    is_situation = models.BooleanField(default=False)  # shown as a tile on the home page

    class Meta:
        ordering = ["position", "slug"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.slug


class Article(models.Model):
    """One subject under one slug; the text lives in its revisions, per language."""

    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="articles")
    audience = models.CharField(max_length=12, choices=Audience.choices)
    review_by = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects = ArticleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["audience", "category"], name="article_audience")]

    def __str__(self) -> str:
        return self.slug


class Revision(models.Model):
    """One text in one language. Never edited once submitted: the next change is the next revision."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="revisions")
    language = models.CharField(max_length=10, choices=LANGUAGES)
    number = models.PositiveIntegerField()
    status = models.CharField(
        max_length=12, choices=[(s.name, _(s.label)) for s in LIFECYCLE.states.values()], default=LIFECYCLE.initial
    )
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=500, blank=True)
    body = models.TextField()
    keywords = models.CharField(max_length=500, blank=True)
    sources = models.TextField(blank=True)  # one a line
    scope = models.JSONField(default=dict, blank=True)  # what it applies to: kb.scope
    reason = models.CharField(max_length=300, blank=True)  # why this change
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    writers = models.ManyToManyField(User, related_name="+")  # everybody who has saved it: none of them approves it
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    publish_at = models.DateTimeField(null=True)  # approved for this moment
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)
    published_at = models.DateTimeField(null=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["article_id", "language", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["article", "language", "number"], name="revision_number_once"),
            models.UniqueConstraint(
                fields=["article", "language"], condition=Q(status=PUBLISHED), name="revision_published_once"
            ),
            models.UniqueConstraint(
                fields=["article", "language"],
                condition=Q(status__in=["draft", "in_review", "scheduled"]),
                name="revision_open_once",
            ),
            models.CheckConstraint(
                condition=Q(reviewer=None) | Q(author=None) | ~Q(reviewer=F("author")), name="revision_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(publish_at__isnull=False, reviewer__isnull=False),
                name="revision_scheduled_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language} {self.number})"

    @property
    def state(self) -> Any:
        return LIFECYCLE.states[self.status]


class ArticleEvent(EventBase):
    """The history of an article."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="events")
    revision = models.ForeignKey(Revision, models.CASCADE, null=True, related_name="events")

    class Meta:
        ordering = ["pk"]


class Feedback(models.Model):
    """One visitor's vote on one article; no account needed."""

    class Reason(models.TextChoices):
        UNCLEAR = "unclear", _("Hard to understand")
        STEPS = "steps", _("The steps don't match")
        NOT_FOR_ME = "not_for_me", _("Doesn't fit my case")
        OUTDATED = "outdated", _("Rules have changed")

    article = models.ForeignKey(Article, models.CASCADE, related_name="feedback")
    language = models.CharField(max_length=10)
    visitor = models.CharField(max_length=64)  # digest of the session, or of the account
    is_helpful = models.BooleanField()
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    text = models.CharField(max_length=1000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["article", "visitor"], name="feedback_once")]

    def __str__(self) -> str:
        return f"{self.article_id}: {self.is_helpful}"


class Deflection(models.Model):
    """An article that ended a search or a half-written ticket: "this solved it"."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="deflections")
    visitor = models.CharField(max_length=64)
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    place = models.CharField(max_length=20)  # "ticket_form", "article", "search"
    context = models.CharField(max_length=300, blank=True)  # scrubbed words that led here
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.place}: {self.article_id}"
