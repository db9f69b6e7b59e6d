"""The tables of learning. What has been published or taken is never edited: a change is the next row."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import EventBase, User
from kb.bilingual import Titled
from kb.models import Article, Audience, Revision
from kb.training.querysets import EditionQuerySet, MentorshipQuerySet, OwnQuerySet, PathQuerySet
from kb.training.quiz import Question

READERS = [(one.value, one.label) for one in (Audience.STAFF, Audience.ENTERPRISES)]


class Path(models.Model):
    """A way of learning under one slug; what is taught lives in its editions."""

    slug = models.SlugField(_("Address"), max_length=60, unique=True)
    audience = models.CharField(_("For whom"), max_length=12, choices=READERS)
    roles = models.JSONField(_("Meant for the roles"), default=list)
    owner = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    review_by = models.DateField(_("Review by"), null=True, blank=True)
    required_roles = models.JSONField(_("Required for the roles"), default=list)
    required_from = models.DateField(_("Required from"), null=True, blank=True)
    renewed_from = models.PositiveIntegerField(default=1)  # completions of an earlier edition no longer count
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    objects = PathQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug


class Edition(Titled):
    """What a path teaches: a draft until it is published, then as it is."""

    path = models.ForeignKey(Path, models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField()
    is_major = models.BooleanField(default=True)  # earlier completions need a renewal
    pass_mark = models.PositiveSmallIntegerField(_("Pass mark in per cent"), default=80)
    retry_hours = models.PositiveSmallIntegerField(_("Hours until another try"), default=24)
    questions = models.JSONField(default=list)  # Question.as_data
    articles = models.ManyToManyField(Article, through="Step", related_name="+")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")  # None: it came as a file
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["path_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["path", "number"], name="edition_number_once"),
            models.UniqueConstraint(fields=["path"], condition=Q(published_at=None), name="edition_draft_once"),
            models.UniqueConstraint(
                fields=["path"], condition=Q(published_at__isnull=False, ended_at=None), name="edition_live_once"
            ),
            models.CheckConstraint(condition=Q(pass_mark__gte=1, pass_mark__lte=100), name="edition_pass_mark"),
        ]

    @property
    def quiz(self) -> list[Question]:
        return [Question.of(data) for data in self.questions]


class Step(models.Model):
    """One article at its place."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="steps")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["edition_id", "position"]
        constraints = [models.UniqueConstraint(fields=["edition", "article"], name="step_article_once")]

    def __str__(self) -> str:
        return f"{self.edition_id}.{self.position}"


class ReadMark(models.Model):
    """A person has read this text; the next text of the same article asks again."""

    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    revision = models.ForeignKey(Revision, models.CASCADE, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "revision"], name="read_mark_once")]

    def __str__(self) -> str:
        return f"{self.person_id} read {self.revision_id}"


class Attempt(models.Model):
    """One try at a quiz; marked once, by the service."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="attempts")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    seed = models.PositiveIntegerField()  # of the order that the person saw
    answers = models.JSONField(default=list)  # the chosen places, by question as the edition holds them
    score = models.PositiveSmallIntegerField(null=True)
    has_passed = models.BooleanField(default=False)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects = OwnQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["edition", "person"], condition=Q(finished_at=None), name="attempt_open_once"
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, score=None) | Q(finished_at__isnull=False, score__isnull=False),
                name="attempt_finished_has_score",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"


class Completion(models.Model):
    """A person has completed an edition; `attempt` is empty when it has no quiz."""

    edition = models.ForeignKey(Edition, models.PROTECT, related_name="completions")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    attempt = models.OneToOneField(Attempt, models.PROTECT, null=True, related_name="completion")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["edition", "person"], name="completion_once")]

    def __str__(self) -> str:
        return f"{self.person_id} completed {self.edition_id}"


class Waiver(models.Model):
    """A supervisor's word that a person works without the path that their role requires."""

    path = models.ForeignKey(Path, models.CASCADE, related_name="waivers")
    person = models.ForeignKey(User, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=300)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["path", "person"], name="waiver_once")]

    def __str__(self) -> str:
        return f"{self.person_id} without {self.path_id}"


class Mentorship(models.Model):
    """While it lasts, the mentor releases what the trainee writes to enterprises."""

    trainee = models.ForeignKey(User, models.CASCADE, related_name="mentorships")
    mentor = models.ForeignKey(User, models.CASCADE, related_name="trainees")
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    since = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True)

    objects = MentorshipQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["trainee"], condition=Q(ended_at=None), name="mentorship_current_once"),
            models.CheckConstraint(condition=~Q(trainee=F("mentor")), name="mentorship_two_people"),
        ]

    def __str__(self) -> str:
        return f"{self.mentor_id} guides {self.trainee_id}"


class TrainingEvent(EventBase):
    """The history of paths, mentors and waivers."""

    path = models.ForeignKey(Path, models.CASCADE, null=True, related_name="events")
    subject = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")

    class Meta:
        ordering = ["pk"]
