"""/tickets/<number>/proposal/: what triage proposes, and the agent's decision."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import require
from accounts.idempotency import idempotent
from accounts.permissions import Permission
from helpdesk.common.errors import Missing
from helpdesk.common.http import say, unpack
from tickets.models import Ticket
from tickets.triage import services
from tickets.triage.models import Proposal


class ProposalSerializer(serializers.Serializer[Any]):
    """Field → value and reasons; `decision` is empty until somebody has decided."""

    id = serializers.IntegerField()
    values = serializers.DictField()
    missing = serializers.ListField(child=serializers.DictField())
    duplicates = serializers.ListField(child=serializers.CharField())
    decision = serializers.DictField(allow_null=True)
    changed = serializers.ListField(child=serializers.CharField(), allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)

    def to_representation(self, row: Proposal) -> dict[str, Any]:
        values = row.content["values"].items()
        return {
            "id": row.pk,
            "values": {
                name: {"value": item["value"], "reasons": [say(unpack(r)) for r in item["reasons"]]}
                for name, item in values
            },
            "missing": [{"item": m["item"], "reason": say(unpack(m["reason"]))} for m in row.content["missing"]],
            "duplicates": row.content["duplicates"],
            "decision": row.decision,
            "changed": row.changed,
            "decided_at": row.decided_at,
        }


class DecisionInput(serializers.Serializer[Any]):
    """What differs from the proposal; an empty body accepts it as it is."""

    symptom = serializers.CharField(required=False, max_length=30)
    cause = serializers.CharField(required=False, max_length=30)
    queue = serializers.CharField(required=False, max_length=20)
    priority = serializers.IntegerField(required=False)


def _latest(request: Request, number: str) -> Proposal:
    ticket = get_object_or_404(Ticket.objects.visible_to(request.user), number=number)
    require(request.user, Permission.TICKET_VIEW)
    found = Proposal.objects.filter(ticket=ticket).select_related("ticket__organisation").last()
    if found is None:
        raise Missing
    return found


class TicketProposal(generics.GenericAPIView[Any]):
    """What triage proposes, each value with its reasons."""

    serializer_class = ProposalSerializer

    def get(self, request: Request, number: str) -> Response:
        return Response(ProposalSerializer(_latest(request, number)).data)


class TicketDecision(generics.GenericAPIView[Any]):
    """The agent's word on the proposal; nothing of it is applied without."""

    serializer_class = ProposalSerializer

    @extend_schema(request=DecisionInput, responses=ProposalSerializer)
    @idempotent
    def post(self, request: Request, number: str) -> Response:
        proposal = _latest(request, number)
        form = DecisionInput(data=request.data)
        form.is_valid(raise_exception=True)
        services.decide(proposal=proposal, values=form.validated_data, by=request.user)
        return Response(ProposalSerializer(_latest(request, number)).data)


urlpatterns = [
    path("tickets/<str:number>/proposal/", TicketProposal.as_view(), name="api-ticket-proposal"),
    path("tickets/<str:number>/proposal/decision/", TicketDecision.as_view(), name="api-ticket-decision"),
]
