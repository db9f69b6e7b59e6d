"""The tables of the board. Nothing here says what a component is like now: that follows from its incidents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import LANGUAGES, EventBase, User
from kb.bilingual import Bilingual, Titled
from kb.models import Audience
from kb.status import words
from kb.status.lifecycle import LIFECYCLE
from kb.status.querysets import AnnouncementQuerySet, IncidentQuerySet, MaintenanceQuerySet, PublicQuerySet

STATUSES: list[tuple[str, Any]] = [(state.name, _(state.label)) for state in LIFECYCLE.states.values()]


def choices(labels: Mapping[Any, str]) -> list[tuple[str, Any]]:
    return [(str(key), _(label)) for key, label in labels.items()]


class Component(models.Model):
    """A system that invoices depend on; they come from kb/content/components.json."""

    slug = models.SlugField(max_length=40, unique=True)
    group = models.CharField(max_length=10, choices=choices(words.GROUP_LABELS))
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField(default=0)
    watched_since = models.DateField()

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["position", "slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_zh


class Scoped(Titled):
    """What it touches: components, and kinds of invoices; no kind named means all."""

    components = models.ManyToManyField(Component, verbose_name=_("Affected systems"), related_name="+")
    kinds = models.JSONField(_("Affected kinds of invoices"), default=list)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    @property
    def kind_names(self) -> list[str]:
        """msgids"""
        return [words.KIND_LABELS[kind] for kind in self.kinds if kind in words.KIND_LABELS]


class Incident(Scoped):
    """Something that doesn't work. `status` is written by kb/status/services.py alone; `body` is how it began."""

    impact = models.CharField(_("Impact"), max_length=10, choices=choices(words.IMPACT_LABELS))
    status = models.CharField(max_length=14, choices=STATUSES, default=LIFECYCLE.initial)
    situations = models.JSONField(_("What enterprises see"), default=list)  # slugs of categories
    started_at = models.DateTimeField(_("Since"))
    expected_at = models.DateTimeField(_("Recovery expected"), null=True, blank=True)
    resolved_at = models.DateTimeField(null=True)

    lifecycle = LIFECYCLE
    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [models.Index(fields=["resolved_at"], name="incident_resolved")]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="resolved", resolved_at__isnull=False)
                | (~Q(status="resolved") & Q(resolved_at__isnull=True)),
                name="incident_resolved_has_its_moment",
            ),
        ]

    @property
    def state(self) -> Any:
        return LIFECYCLE.states[self.status]

    @property
    def condition(self) -> words.Condition:
        return words.CONDITIONS[self.impact]


class IncidentUpdate(Bilingual):
    """What was said at one moment; never edited. `status` is the incident's from then on."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="updates")
    status = models.CharField(max_length=14, choices=STATUSES)
    tells_tickets = models.BooleanField(_("Tell the attached tickets too"), default=False)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.status} #{self.pk}"

    @property
    def state(self) -> Any:
        return LIFECYCLE.states[self.status]


class Maintenance(Scoped):
    """A planned stretch without a system."""

    starts_at = models.DateTimeField(_("Begins"))
    ends_at = models.DateTimeField(_("Ends"))
    cancelled_at = models.DateTimeField(null=True)

    objects = MaintenanceQuerySet.as_manager()

    class Meta:
        ordering = ["-starts_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="maintenance_ends_after_it_begins"),
        ]


class Announcement(Titled):
    """News from outside: its source, for whom, and from when until when it counts."""

    subject = models.CharField(_("About"), max_length=10, choices=choices(words.SUBJECT_LABELS))
    audience = models.CharField(_("Who may read it"), max_length=12, choices=Audience.choices)
    source_url = models.URLField(_("Address of the source"), max_length=500)
    effective_from = models.DateField(_("In force from"))
    effective_until = models.DateField(_("Until"), null=True, blank=True)
    is_banner = models.BooleanField(_("Show it above every help page"), default=False)
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    published_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = AnnouncementQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
                name="announcement_ends_after_it_begins",
            ),
        ]


class StatusEvent(EventBase):
    """The history of the board, and the outbox of its mails; `delivered_at` is when all of them were written."""

    incident = models.ForeignKey(Incident, models.CASCADE, null=True, related_name="events")
    update = models.OneToOneField(IncidentUpdate, models.CASCADE, null=True, related_name="event")
    maintenance = models.ForeignKey(Maintenance, models.CASCADE, null=True, related_name="events")
    announcement = models.ForeignKey(Announcement, models.CASCADE, null=True, related_name="events")
    delivered_at = models.DateTimeField(null=True)

    objects = PublicQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["at"], name="status_event_waiting", condition=Q(delivered_at=None)),
        ]

    @property
    def about(self) -> Titled:
        """The incident, maintenance or announcement it tells of."""
        found = self.incident or self.maintenance or self.announcement
        assert found is not None  # noqa: S101  written with one of the three
        return found


class Subscriber(models.Model):
    """An address that gets mails of the board once its reader has confirmed it; unsubscribing deletes the row."""

    email = models.EmailField(unique=True)  # folded
    language = models.CharField(max_length=10, choices=LANGUAGES)
    topics = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"subscriber {self.pk}"


class StatusMail(models.Model):
    """One mail to one subscriber: of an event, or without one the request to confirm."""

    class State(models.TextChoices):
        PENDING = "pending"
        SENT = "sent"
        FAILED = "failed"

    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="mails")
    event = models.ForeignKey(StatusEvent, models.CASCADE, null=True, related_name="mails")
    state = models.CharField(max_length=8, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "subscriber"], name="status_mail_once"),
            models.UniqueConstraint(fields=["subscriber"], condition=Q(event=None), name="status_mail_confirm_once"),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="status_mail_due", condition=Q(state="pending")),
        ]

    def __str__(self) -> str:
        return f"mail {self.pk}"
