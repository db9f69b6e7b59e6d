"""What a person was told, and through what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.models import Event

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser


class Channel(models.TextChoices):
    IN_APP = "in_app", _("In the service")
    EMAIL = "email", _("E-mail")


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """A person's own."""
        return self.filter(recipient=user) if isinstance(user, User) else self.none()

    def due(self) -> Self:
        """Mails that could be sent now."""
        return self.filter(channel=Channel.EMAIL, state="pending", next_attempt_at__lte=timezone.now())

    def unread(self) -> Self:
        return self.filter(channel=Channel.IN_APP, read_at=None)


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """A person's own."""
        return self.filter(user=user) if isinstance(user, User) else self.none()

    def waiting(self) -> Self:
        return self.filter(rung_at=None)

    def due(self) -> Self:
        """Those whose moment has come."""
        return self.waiting().filter(at__lte=timezone.now())


class Reminder(models.Model):
    """What a person asked to be told at `at`. `text` is a packed message, `url` a path of this site."""

    user = models.ForeignKey(User, models.CASCADE, related_name="reminders")
    key = models.CharField(max_length=64)  # the same wish twice is one
    at = models.DateTimeField()
    text = models.JSONField()
    url = models.TextField()
    rung_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: Any = ReminderQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="reminder_once")]
        indexes = [models.Index(fields=["at"], name="reminder_waiting", condition=models.Q(rung_at=None))]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} #{self.pk}"


class Notification(models.Model):
    """One event, or one reminder, to one person by one channel; the unique keys make a second delivery the same one."""

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting to be sent")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    event = models.ForeignKey(Event, models.CASCADE, null=True, related_name="notifications")
    reminder = models.ForeignKey(Reminder, models.CASCADE, null=True, related_name="notifications")
    recipient = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    channel = models.CharField(max_length=10, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: Any = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient", "channel"], name="notification_once"),
            models.UniqueConstraint(fields=["reminder", "channel"], name="notification_of_reminder_once"),
            models.CheckConstraint(
                condition=models.Q(event=None) ^ models.Q(reminder=None), name="notification_of_one_thing"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="notification_pending", condition=models.Q(state="pending")),
            models.Index(fields=["recipient", "-id"], name="notification_of_person"),
            models.Index(
                fields=["recipient"],
                name="notification_unread",  # counted on every page
                condition=models.Q(channel="in_app", read_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} #{self.pk}"

    @property
    def url(self) -> str:
        """Where it leads, as a path of this site."""
        if self.event is None:
            return str(self.reminder.url) if self.reminder else "/"
        return f"/tickets/{self.event.ticket.number}/"


class Preference(models.Model):
    """A person's choice that differs from the default of notifications/rules.py."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notification_preferences")
    topic = models.CharField(max_length=40)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    is_on = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic", "channel"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.topic} by {self.channel}"
