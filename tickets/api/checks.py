"""/invoices/<id>/checks/: the look-ups of one invoice, and when to look again; /checks/: all of them."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import idempotent
from helpdesk.common.http import say
from helpdesk.common.paging import whole
from tickets import services
from tickets.api.serializers import InvoiceInput, PersonSerializer
from tickets.checks import services as checks
from tickets.checks.models import Check, CheckOutcome, Site
from tickets.checks.sources import LookUp
from tickets.filters import CheckFilter
from tickets.models import TicketInvoice
from tickets.rechecks import services as rechecks


class CheckSerializer(serializers.ModelSerializer[Check]):
    """One look-up; `differences` compares the claim with the record, `fault` says why the source was unavailable."""

    by = PersonSerializer(allow_null=True)

    class Meta:
        model = Check
        fields = (
            "id",
            "source",
            "site",
            "outcome",
            "differences",
            "note",
            "evidence",
            "by",
            "looked_up_at",
            "fault",
            "attempts",
            "took_ms",
        )


class CheckInput(serializers.Serializer[Any]):
    """What a person saw; `found` holds the fields that are shown. Or `{"source": "http"}` alone: have it asked."""

    source = serializers.ChoiceField(("person", "http"), default="person")  # type: ignore[assignment]
    site = serializers.ChoiceField(Site.values, required=False, help_text="Needed of a person.")
    outcome = serializers.ChoiceField(CheckOutcome.values, required=False, help_text="Needed of a person.")
    looked_up_at = serializers.DateTimeField(required=False)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)
    found = InvoiceInput(required=False)
    evidence = serializers.UUIDField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """A person says where and what; a source that is asked says it itself."""
        needed, told = {"site", "outcome"}, set(given) - {"source"}
        if given["source"] == "person" and (missing := needed - told):
            raise serializers.ValidationError(dict.fromkeys(missing, ErrorDetail(_("This is needed."), "required")))
        if given["source"] == "http" and told:
            text = ErrorDetail(_("The source that is asked says this."), "unknown")
            raise serializers.ValidationError(dict.fromkeys(told, text))
        return given


class ListedCheckSerializer(CheckSerializer):
    """One look-up with the invoice and the ticket that it belongs to."""

    invoice_number = serializers.CharField(source="invoice.__str__")
    ticket = serializers.CharField(source="ticket.number")

    class Meta(CheckSerializer.Meta):
        fields = ("id", "invoice", "invoice_number", "ticket", *CheckSerializer.Meta.fields[1:])  # type: ignore[assignment]


class StandingSerializer(serializers.Serializer[Any]):
    """Whether a source can be asked; `at` is from when on, empty when asking makes no sense."""

    is_set_up = serializers.BooleanField()
    is_asking = serializers.BooleanField()
    at = serializers.DateTimeField(allow_null=True)


class AdviceSerializer(serializers.Serializer[Any]):
    """`next_at` is empty when looking again will not help."""

    next_at = serializers.DateTimeField(allow_null=True)
    tries_left = serializers.IntegerField()
    reason = serializers.SerializerMethodField()

    def get_reason(self, advice: Any) -> str:
        return say(advice.reason)


class LadderSerializer(serializers.Serializer[Any]):
    """Every look-up of the invoice, oldest first, and when to look again."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = CheckSerializer(many=True)
    advice = AdviceSerializer()
    source = StandingSerializer()  # type: ignore[assignment]


class InvoiceChecks(generics.GenericAPIView[Any]):
    """The ladder of one invoice."""

    serializer_class = LadderSerializer
    pagination_class = None
    filter_backends: tuple[Any, ...] = ()

    def _invoice(self, pk: int) -> TicketInvoice:
        mine = TicketInvoice.objects.visible_to(self.request.user)
        found: TicketInvoice = get_object_or_404(mine.select_related("ticket", "recheck"), pk=pk)
        return found

    def get(self, request: Request, pk: int) -> Response:
        """The look-ups so far, and when to look again."""
        invoice = self._invoice(pk)
        rows = list(invoice.checks.select_related("by"))
        told = {**whole(rows), "advice": checks.ladder(invoice), "source": rechecks.standing(invoice)}
        return Response(LadderSerializer(told).data)

    @extend_schema(request=CheckInput, responses={201: CheckSerializer, 202: StandingSerializer})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Record what a person saw (201), or have the source asked (202; the answer comes into this list).

        A record that is found settles the invoice. Too soon is 409 `too_soon` with `Retry-After`.
        """
        invoice = self._invoice(pk)
        form = CheckInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        if given.pop("source") == "http":
            return self._ask(request, invoice)
        evidence = given.pop("evidence", None)
        told = LookUp(**{"looked_up_at": timezone.now(), **given})
        check = services.look_up(invoice=invoice, told=told, by=request.user, evidence_id=evidence)
        return Response(CheckSerializer(check).data, status.HTTP_201_CREATED)

    def _ask(self, request: Request, invoice: TicketInvoice) -> Response:
        rechecks.request(invoice=invoice, by=request.user)
        invoice = self._invoice(invoice.pk)
        headers = {"Location": request.build_absolute_uri()}
        return Response(StandingSerializer(rechecks.standing(invoice)).data, status.HTTP_202_ACCEPTED, headers=headers)


class Checks(generics.ListAPIView[Check]):
    """Every look-up of the invoices that you may see, the newest first."""

    serializer_class = ListedCheckSerializer
    queryset = Check.objects.none()
    filterset_class = CheckFilter

    def get_queryset(self) -> Any:
        return Check.objects.visible_to(self.request.user).select_related("invoice", "ticket", "by")

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Narrowed by invoice, moment, result, source and enterprise."""
        return self.list(request, *args, **kwargs)
