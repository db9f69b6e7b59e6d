"""Articles, their immutable revisions, and what readers made of them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import LANGUAGES, EventBase, User
from kb.lifecycle import LIFECYCLE, PUBLISHED
from kb.querysets import ArticleQuerySet, AttachmentQuerySet, RemarkQuerySet, RevisionQuerySet


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
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")

    class Meta:
        ordering = ["position", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(parent=None) | ~Q(parent=F("id")), name="category_not_its_parent"),
        ]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.slug


class Article(models.Model):
    """One subject under one slug; the text lives in its revisions, per language."""

    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    category = models.ForeignKey(Category, models.PROTECT, related_name="articles")
    audience = models.CharField(max_length=12, choices=Audience.choices)
    review_by = models.DateField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True)  # when a person last found it still right, or published it
    must_confirm = models.BooleanField(default=False)  # readers say that they have read it: kb.confirming
    reminded_for = models.DateField(null=True)  # the review_by that a mail was sent for
    replaced_by = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")  # when archived
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


class Attachment(models.Model):
    """A picture or document of an article; readers get it while a published text of that article refers to it."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="attachments")
    key = models.CharField(max_length=32, unique=True)  # in its address, which nobody guesses
    name = models.CharField(max_length=150)
    media_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    path = models.CharField(max_length=200)
    uploaded_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("kb_file", args=[self.key])

    @property
    def is_picture(self) -> bool:
        return self.media_type.startswith("image/")

    @property
    def markdown(self) -> str:
        """What stands in a text for it; of a picture the description is still to be written."""
        label = "" if self.is_picture else self.name.translate({ord(sign): None for sign in "[]()"})
        return f"{'!' if self.is_picture else ''}[{label}]({self.get_absolute_url()})"


class Remark(models.Model):
    """What a reviewer says to a passage of a text; the passage's words are kept, for they may change."""

    revision = models.ForeignKey(Revision, models.CASCADE, related_name="remarks")
    passage = models.TextField()
    text = models.CharField(max_length=1000)
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    resolved_at = models.DateTimeField(null=True)

    objects = RemarkQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.text[:60]


class FormerAddress(models.Model):
    """An address that an article had: it leads on to the new one, and nobody else gets it."""

    slug = models.SlugField(max_length=120, unique=True, allow_unicode=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="former_addresses")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.slug


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
    handled_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    handled_at = models.DateTimeField(null=True)  # an editor has dealt with it; another vote of the visitor opens it

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
