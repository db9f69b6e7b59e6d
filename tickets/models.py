"""The core tables: ticket, its invoices, messages and events. Slices keep theirs beside their services."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import EventBase, Organisation, User
from tickets import vocabulary as words
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import FIELDS, Invoice
from tickets.lifecycle import LIFECYCLE
from tickets.querysets import EventQuerySet, MessageQuerySet, TicketInvoiceQuerySet, TicketQuerySet


def choices(labels: Any) -> list[tuple[Any, Any]]:
    """Django choices from a PURE label table."""
    return [(key.value, _(label)) for key, label in labels.items()]


_OPEN = Q(status__in=LIFECYCLE.open_states)


STATUSES = [(state.name, _(state.label)) for state in LIFECYCLE.states.values()]


class Ticket(models.Model):
    """A case of one enterprise. `status` is written by tickets/workflow.py alone."""

    # NULL for the moment between INSERT and the number made of its id: unique constraints let NULLs be
    number = models.CharField(_("Ticket number"), max_length=20, unique=True, null=True)  # noqa: DJ001
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="tickets")
    requester = models.ForeignKey(User, models.PROTECT, related_name="tickets")
    subject = models.CharField(_("Subject"), max_length=200)
    description = models.TextField(_("Description"), blank=True)
    symptom = models.CharField(_("Situation"), max_length=30, choices=choices(words.SYMPTOM_LABELS))
    cause = models.CharField(_("Cause"), max_length=30, choices=choices(words.CAUSE_LABELS), blank=True)
    status = models.CharField(
        _("Status"),
        max_length=30,
        choices=STATUSES,
        default=LIFECYCLE.initial,
    )
    priority = models.PositiveSmallIntegerField(
        _("Priority"), choices=choices(words.PRIORITY_LABELS), default=words.Priority.NORMAL.value
    )
    queue = models.CharField(
        _("Queue"), max_length=20, choices=choices(words.QUEUE_LABELS), default=words.Queue.TRIAGE.value
    )
    assignee = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="assigned_tickets")
    channel = models.CharField(
        _("Channel"), max_length=10, choices=choices(words.CHANNEL_LABELS), default=words.Channel.WEB.value
    )
    software = models.CharField(_("Issuing software"), max_length=80, blank=True)
    software_version = models.CharField(_("Software version"), max_length=40, blank=True)
    tried = models.JSONField(_("Already tried"), default=list, blank=True)
    resolution = models.TextField(_("Resolution"), blank=True)
    article_slug = models.CharField(max_length=120, blank=True)
    due_at = models.DateTimeField(_("Due"), null=True)
    advised_until = models.DateTimeField(null=True)  # "look again at": written by checks/services.py from the ladders
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    lifecycle = LIFECYCLE
    objects = TicketQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["status", "due_at", "id"], name="ticket_status_due"),
            models.Index(fields=["queue", "status", "due_at", "id"], name="ticket_queue_due"),
            models.Index(fields=["assignee", "status", "due_at", "id"], name="ticket_assignee_due"),
            models.Index(fields=["organisation", "-id"], name="ticket_organisation_recent"),
            # the queue's order across several states: without these every page sorts all open, or all done tickets
            models.Index(fields=["due_at", "id"], name="ticket_open_due", condition=_OPEN),
            models.Index(fields=["due_at", "id"], name="ticket_done_due", condition=~_OPEN),
            models.Index(fields=["article_slug"], name="ticket_article", condition=~Q(article_slug="")),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.subject}"

    @property
    def state(self) -> Any:
        """The row of the transition table that the status names."""
        return LIFECYCLE.states[self.status]

    @property
    def symptom_name(self) -> str:
        """msgid; `get_symptom_display` does the same at four times the price, which a queue pays for every row."""
        return words.SYMPTOM_LABELS.get(self.symptom, self.symptom)  # type: ignore[call-overload]

    @property
    def priority_name(self) -> str:
        """msgid."""
        return words.PRIORITY_LABELS.get(self.priority, "")  # type: ignore[call-overload]

    @property
    def case(self) -> Ticket:
        """The ticket whose history tells of this row."""
        return self

    @property
    def is_open(self) -> bool:
        return bool(self.state.is_open)

    @property
    def is_overdue(self) -> bool:
        return bool(self.is_open and self.due_at and self.due_at < timezone.now())


class TicketInvoice(models.Model):
    """One invoice of a ticket, as claimed by the enterprise. Money in yuan."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="invoices")
    position = models.PositiveIntegerField()
    kind = models.CharField(_("Invoice kind"), max_length=2, blank=True)
    code = models.CharField(_("Invoice code"), max_length=12, blank=True)
    number = models.CharField(_("Invoice number"), max_length=20, blank=True)
    digital_number = models.CharField(_("Digital invoice number"), max_length=20, blank=True)
    issue_date = models.DateField(_("Issue date"), null=True, blank=True)
    amount = models.DecimalField(_("Amount without tax"), max_digits=18, decimal_places=2, null=True, blank=True)
    tax = models.DecimalField(_("Tax"), max_digits=18, decimal_places=2, null=True, blank=True)
    total = models.DecimalField(_("Total with tax"), max_digits=18, decimal_places=2, null=True, blank=True)
    seller_name = models.CharField(_("Seller"), max_length=300, blank=True)
    seller_tax_id = models.CharField(_("Seller's tax number"), max_length=20, blank=True)
    buyer_name = models.CharField(_("Buyer"), max_length=300, blank=True)
    buyer_tax_id = models.CharField(_("Buyer's tax number"), max_length=20, blank=True)
    check_code = models.CharField(_("Check code"), max_length=20, blank=True)
    identity = models.CharField(max_length=32, blank=True)  # Invoice.identity, kept for the index
    outcome = models.CharField(max_length=10, choices=choices(words.OUTCOME_LABELS), blank=True, default="")
    outcome_reason = models.TextField(blank=True)
    outcome_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    objects = TicketInvoiceQuerySet.as_manager()

    class Meta:
        ordering = ["ticket_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["ticket", "position"], name="invoice_position_once"),
            models.UniqueConstraint(
                fields=["ticket", "identity"], condition=~Q(identity=""), name="invoice_once_in_ticket"
            ),
        ]
        indexes = [
            models.Index(fields=["identity"], name="invoice_identity"),
            models.Index(fields=["number"], name="invoice_number"),
        ]

    def __str__(self) -> str:
        return self.identity or self.number or f"#{self.position}"

    @property
    def kind_name(self) -> str:
        """The msgid of the kind's name; empty while it is unknown."""
        return KINDS[self.kind].name if self.kind in KINDS else ""

    @property
    def claim(self) -> Invoice:
        """What the enterprise says, as the PURE model."""
        return Invoice(**{name: getattr(self, name) for name in FIELDS if hasattr(self, name)})


class Event(EventBase):
    """Timeline, audit line and outbox in one row; `delivered_at` is empty until all followers have seen it."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="events")
    is_public = models.BooleanField()
    data = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    delivered_at = models.DateTimeField(null=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [
            models.Index(fields=["at"], name="event_undelivered", condition=Q(delivered_at=None)),
            models.Index(fields=["ticket", "id"], name="event_of_ticket"),
        ]


class Message(models.Model):
    """A public message or an internal note; never edited."""

    ticket = models.ForeignKey(Ticket, models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_desk = models.BooleanField()
    body = models.TextField()
    visibility = models.CharField(max_length=10, choices=[(v.value, v.value) for v in words.Visibility])
    created_at = models.DateTimeField()

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["ticket", "id"], name="message_of_ticket")]

    def __str__(self) -> str:
        return f"{self.visibility} #{self.pk}"


class Draft(models.Model):
    """What a person has typed and not sent: the ticket form, a reply, a note."""

    user = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    key = models.CharField(max_length=60)  # "ticket.new", "ticket.17.reply", …
    data = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="draft_once")]

    def __str__(self) -> str:
        return self.key
