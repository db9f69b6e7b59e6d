"""/invoices/<id>/checks/: the look-ups of one invoice, and when to look again."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
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
from tickets.models import TicketInvoice


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
    """What a person saw. `found` holds the fields that the source shows."""

    site = serializers.ChoiceField(Site.values)
    outcome = serializers.ChoiceField(CheckOutcome.values)
    looked_up_at = serializers.DateTimeField(required=False)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)
    found = InvoiceInput(required=False)
    evidence = serializers.UUIDField(required=False)


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


class InvoiceChecks(generics.GenericAPIView[Any]):
    """The ladder of one invoice."""

    serializer_class = LadderSerializer
    pagination_class = None
    filter_backends: tuple[Any, ...] = ()

    def _invoice(self, pk: int) -> TicketInvoice:
        mine = TicketInvoice.objects.visible_to(self.request.user)
        found: TicketInvoice = get_object_or_404(mine.select_related("ticket"), pk=pk)
        return found

    def get(self, request: Request, pk: int) -> Response:
        """The look-ups so far, and when to look again."""
        invoice = self._invoice(pk)
        rows = list(invoice.checks.select_related("by"))
        return Response(LadderSerializer({**whole(rows), "advice": checks.ladder(invoice)}).data)

    @extend_schema(request=CheckInput, responses={201: CheckSerializer})
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Record what a person saw; a record that is found settles the invoice."""
        invoice = self._invoice(pk)
        form = CheckInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        evidence = given.pop("evidence", None)
        told = LookUp(**{"looked_up_at": timezone.now(), **given})
        check = services.look_up(invoice=invoice, told=told, by=request.user, evidence_id=evidence)
        return Response(CheckSerializer(check).data, status.HTTP_201_CREATED)
