"""What the API shows of a ticket and takes for a new one. Money is a decimal string in yuan."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field, inline_serializer
from rest_framework import serializers

from accounts.permissions import Permission
from helpdesk.common.http import say
from helpdesk.common.messages import Message as Text
from tickets import lifecycle, workflow
from tickets.backfill.models import Backfill
from tickets.evidence.models import Evidence
from tickets.evidence.services import files_of
from tickets.intake import MAX_BODY, MAX_INVOICES, MAX_SUBJECT
from tickets.invoices.amounts import parse_money
from tickets.invoices.model import Invoice
from tickets.mentoring.models import HeldReply
from tickets.models import Event, Message, Ticket, TicketInvoice, choices
from tickets.sla.services import ahead_of
from tickets.vocabulary import SYMPTOM_LABELS, Visibility

TEXT = {"allow_blank": True, "required": False}


class MoneyField(serializers.CharField):
    """Yuan as text or number; spaces, commas and ¥ are forgiven."""

    default_error_messages = {"invalid": "Not an amount of money."}

    def to_internal_value(self, data: Any) -> Any:
        if data in (None, ""):
            return None
        if isinstance(data, bool) or not isinstance(data, str | int | float):
            self.fail("invalid")
        value = parse_money(str(data))
        if value is None:
            self.fail("invalid")
        return value

    def to_representation(self, value: Any) -> str:
        return f"{value:.2f}"


class LineField(serializers.CharField):
    """Text of one line: whatever breaks or widens it is one space."""

    def to_internal_value(self, data: Any) -> str:
        return " ".join(super().to_internal_value(data).split())


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()


class OrganisationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    tax_id = serializers.CharField()
    is_verified = serializers.BooleanField()


class InvoiceInput(serializers.Serializer[Any]):
    """One invoice as claimed; `kind` is the fplx code (01, 04, 10, 81, …) or its name."""

    kind = serializers.CharField(max_length=40, **TEXT)
    code = serializers.CharField(max_length=40, **TEXT)
    number = serializers.CharField(max_length=40, **TEXT)
    digital_number = serializers.CharField(max_length=40, **TEXT)
    issue_date = serializers.DateField(required=False, allow_null=True)
    amount = MoneyField(required=False, allow_null=True, allow_blank=True)
    tax = MoneyField(required=False, allow_null=True, allow_blank=True)
    total = MoneyField(required=False, allow_null=True, allow_blank=True)
    seller_name = serializers.CharField(max_length=300, **TEXT)
    seller_tax_id = serializers.CharField(max_length=40, **TEXT)
    buyer_name = serializers.CharField(max_length=300, **TEXT)
    buyer_tax_id = serializers.CharField(max_length=40, **TEXT)
    check_code = serializers.CharField(max_length=40, **TEXT)

    def to_internal_value(self, data: Any) -> Invoice:
        return Invoice(**super().to_internal_value(data))


class TicketInvoiceSerializer(serializers.ModelSerializer[TicketInvoice]):
    """One invoice of a ticket; `id` is the key of its checks."""

    kind_name = serializers.SerializerMethodField()
    amount = MoneyField()
    tax = MoneyField()
    total = MoneyField()
    outcome = serializers.CharField(help_text="empty while open, found, set_aside")

    class Meta:
        model = TicketInvoice
        fields = (
            "id",
            "position",
            "kind",
            "kind_name",
            "code",
            "number",
            "digital_number",
            "issue_date",
            "amount",
            "tax",
            "total",
            "seller_name",
            "seller_tax_id",
            "buyer_name",
            "buyer_tax_id",
            "check_code",
            "outcome",
            "outcome_reason",
            "outcome_at",
            "version",
        )

    def get_kind_name(self, invoice: TicketInvoice) -> str:
        return say(Text(invoice.kind_name)) if invoice.kind_name else ""


class TicketInput(serializers.Serializer[Any]):
    """A new ticket. `organisation` may stay out while the person belongs to one enterprise."""

    subject = LineField(max_length=MAX_SUBJECT)
    description = serializers.CharField(max_length=MAX_BODY, **TEXT)
    symptom = serializers.ChoiceField(choices(SYMPTOM_LABELS))
    organisation = serializers.IntegerField(required=False, allow_null=True)
    invoices = InvoiceInput(many=True, required=False, max_length=MAX_INVOICES)  # type: ignore[call-arg]  # of the list
    evidence = serializers.ListField(child=serializers.CharField(max_length=36), required=False, max_length=20)
    tried = serializers.ListField(child=serializers.CharField(max_length=300), required=False, max_length=30)
    software = serializers.CharField(max_length=80, **TEXT)
    software_version = serializers.CharField(max_length=40, **TEXT)


class TicketPatch(serializers.Serializer[Any]):
    """What may change by PATCH; everything else has an action."""

    subject = LineField(max_length=MAX_SUBJECT, required=False)
    description = serializers.CharField(max_length=MAX_BODY, **TEXT)
    software = serializers.CharField(max_length=80, **TEXT)
    software_version = serializers.CharField(max_length=40, **TEXT)
    symptom = serializers.CharField(max_length=30, required=False)
    cause = serializers.CharField(max_length=30, required=False)
    priority = serializers.IntegerField(required=False)
    queue = serializers.CharField(max_length=20, required=False)
    assignee = serializers.IntegerField(required=False, allow_null=True)


class TicketRow(serializers.ModelSerializer[Ticket]):
    """A ticket in a list."""

    organisation = OrganisationSerializer()
    requester = PersonSerializer()
    assignee = PersonSerializer(allow_null=True)
    status_label = serializers.SerializerMethodField()

    class Meta:
        model = Ticket
        fields: tuple[str, ...] = (
            "number",
            "subject",
            "symptom",
            "cause",
            "status",
            "status_label",
            "priority",
            "queue",
            "organisation",
            "requester",
            "assignee",
            "channel",
            "due_at",
            "created_at",
            "updated_at",
            "version",
        )

    def get_status_label(self, ticket: Ticket) -> str:
        """The desk's word for the desk, the customer-facing one for everybody else."""
        desk = self.context["request"].user.can(Permission.TICKET_VIEW)
        return say(Text(ticket.state.label if desk else ticket.state.customer_label))


class EvidenceBrief(serializers.ModelSerializer[Evidence]):
    size = serializers.IntegerField(source="blob.size")
    sha256 = serializers.CharField(source="blob.sha256")

    class Meta:
        model = Evidence
        fields: tuple[str, ...] = (
            "id",
            "name",
            "size",
            "sha256",
            "media_type",
            "purpose",
            "state",
            "visibility",
            "created_at",
        )


class BackfillBrief(serializers.ModelSerializer[Backfill]):
    status_label = serializers.SerializerMethodField()

    class Meta:
        model = Backfill
        fields = ("id", "invoice", "status", "status_label", "receipt_number", "created_at", "updated_at", "version")

    def get_status_label(self, backfill: Backfill) -> str:
        desk = self.context["request"].user.can(Permission.TICKET_VIEW)
        return say(Text(backfill.state.label if desk else backfill.state.customer_label))


class ActionSerializer(serializers.Serializer[Any]):
    """One action of a transition table, as its caller may start it now."""

    action = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]  # also a field's own attribute
    to = serializers.CharField(source="target")
    needs = serializers.ListField(child=serializers.CharField())
    takes = serializers.ListField(child=serializers.CharField())

    def get_label(self, transition: Any) -> str:
        return say(Text(transition.label))


class ActionList(serializers.Serializer[Any]):
    """What the caller may start now; one page, always."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ActionSerializer(many=True)


class TicketDetail(TicketRow):
    """A whole ticket: invoices, files, backfills, deadlines, and what the caller may do now."""

    invoices = TicketInvoiceSerializer(many=True, help_text="the first 200; all of them are at `…/invoices/`")
    invoice_count = serializers.SerializerMethodField()
    evidence = serializers.SerializerMethodField()
    backfills = BackfillBrief(many=True)
    deadlines = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta(TicketRow.Meta):
        fields = (
            *TicketRow.Meta.fields,
            "description",
            "tried",
            "software",
            "software_version",
            "resolution",
            "article_slug",
            "advised_until",
            "resolved_at",
            "closed_at",
            "invoices",
            "invoice_count",
            "evidence",
            "backfills",
            "deadlines",
            "actions",
        )

    def get_invoice_count(self, ticket: Ticket) -> int:
        shown = len(ticket.invoices.all())
        return shown if shown < MAX_INVOICES else TicketInvoice.objects.of(ticket, self.context["request"].user).count()

    @extend_schema_field(EvidenceBrief(many=True))
    def get_evidence(self, ticket: Ticket) -> Any:
        return EvidenceBrief(files_of(ticket, self.context["request"].user), many=True).data

    @extend_schema_field(
        inline_serializer(
            "Deadline",
            {
                "kind": serializers.CharField(help_text="due, look_again, upload, month_close, year_end, filing"),
                "at": serializers.DateTimeField(),
                "is_estimated": serializers.BooleanField(),
            },
            many=True,
        )
    )
    def get_deadlines(self, ticket: Ticket) -> list[dict[str, Any]]:
        known = {"due": ticket.due_at, "look_again": ticket.advised_until}
        own = [{"kind": kind, "at": at, "is_estimated": False} for kind, at in known.items() if at]
        rows = ticket.invoices.all()  # the first of them come with the ticket
        ahead = ahead_of(ticket, rows if len(rows) < MAX_INVOICES else None).deadlines
        return own + [{"kind": one.kind.value, "at": one.at, "is_estimated": one.is_estimated} for one in ahead]

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, ticket: Ticket) -> Any:
        return ActionSerializer(workflow.allowed(ticket, self.context["request"].user), many=True).data


class EventSerializer(serializers.ModelSerializer[Event]):
    actor = PersonSerializer(allow_null=True)

    class Meta:
        model = Event
        fields = ("id", "kind", "at", "actor", "data", "is_public")


class MessageSerializer(serializers.ModelSerializer[Message]):
    author = PersonSerializer()
    evidence = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = ("id", "author", "by_desk", "body", "visibility", "evidence", "created_at")

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_evidence(self, message: Message) -> list[str]:
        return [str(item.pk) for item in message.evidence.all()]


class HeldReplySerializer(serializers.ModelSerializer[HeldReply]):
    """What a trainee wrote and the mentor has not released yet; the enterprise sees nothing of it."""

    words = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = HeldReply
        fields = ("id", "action", "words", "created_at")


class MessageInput(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=MAX_BODY)
    visibility = serializers.ChoiceField([v.value for v in Visibility], default=Visibility.PUBLIC.value)
    evidence = serializers.ListField(child=serializers.CharField(max_length=36), required=False, max_length=20)


class ActionInput(serializers.Serializer[Any]):
    """The inputs that an action needs or takes; see the action list."""

    body = serializers.CharField(max_length=MAX_BODY, **TEXT)
    cause = serializers.CharField(max_length=30, **TEXT)
    resolution = serializers.CharField(max_length=MAX_BODY, **TEXT)
    article = serializers.CharField(max_length=120, **TEXT)
    evidence = serializers.ListField(child=serializers.CharField(max_length=36), required=False, max_length=20)
    invoices = serializers.ListField(child=serializers.IntegerField(), required=False)


STATUS_CHOICES = [(name, name) for name in lifecycle.LIFECYCLE.states]
