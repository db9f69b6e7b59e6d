"""/backfills/: the manual backfill of one invoice."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db import transaction
from django.http import FileResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import idempotent
from accounts.models import User
from accounts.permissions import Permission
from helpdesk.common.api import ANY, check_version, etag
from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.filters import IdFilter
from helpdesk.common.http import say
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets import workflow
from tickets.api.serializers import ActionSerializer, BackfillBrief, PersonSerializer
from tickets.backfill import lifecycle, package, services
from tickets.backfill.models import Backfill, BackfillMaterial
from tickets.models import TicketInvoice


class MaterialSerializer(serializers.ModelSerializer[BackfillMaterial]):
    """One line of the checklist."""

    label = serializers.SerializerMethodField()  # type: ignore[assignment]  # also a field's own attribute

    class Meta:
        model = BackfillMaterial
        fields = ("kind", "label", "is_required", "state", "reason", "evidence", "version")

    def get_label(self, material: BackfillMaterial) -> str:
        return say(Text(material.label))


class BackfillSerializer(BackfillBrief):
    """A backfill. The entries are shown to the desk, and to nobody while the second one is still to be typed."""

    ticket = serializers.CharField(source="ticket.number")
    materials = MaterialSerializer(many=True)
    keyed = serializers.SerializerMethodField()
    keyed_by = PersonSerializer(allow_null=True)
    approved_by = PersonSerializer(allow_null=True)
    differing = serializers.ListField(child=serializers.CharField())
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Backfill
        fields = (
            *BackfillBrief.Meta.fields,
            "ticket",
            "materials",
            "keyed",
            "keyed_by",
            "differing",
            "approved_by",
            "approved_hash",
            "department",
            "handed_over_at",
            "actions",
        )

    @extend_schema_field(OpenApiTypes.OBJECT)
    def get_keyed(self, backfill: Backfill) -> dict[str, str] | None:
        return shown_entry(backfill, self.context["request"].user)

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, backfill: Backfill) -> Any:
        return ActionSerializer(workflow.allowed(backfill, self.context["request"].user), many=True).data


def shown_entry(backfill: Backfill, user: User) -> dict[str, str] | None:
    """The first entry for those who may see it now: the re-keying is blind."""
    if not user.can(Permission.TICKET_VIEW):
        return None
    blind = backfill.status in (lifecycle.KEYING, lifecycle.REKEYING) and backfill.keyed_by_id != user.pk
    return None if blind else backfill.keyed


class OpenInput(serializers.Serializer[Any]):
    invoice = serializers.IntegerField(help_text="id of an invoice of a ticket")


class MaterialInput(serializers.Serializer[Any]):
    """`evidence` hands a paper in; `state` accepts or refuses the one that is there."""

    evidence = serializers.UUIDField(required=False)
    state = serializers.ChoiceField(["accepted", "refused"], required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given.keys() & {"evidence", "state"}:
            raise Invalid(errors=[FieldError("evidence", "required", Text(services.NEEDED))])
        return given


class BackfillAction(serializers.Serializer[Any]):
    """The inputs of the actions; see `actions` of the backfill."""

    fields_ = serializers.DictField(child=serializers.CharField(allow_blank=True), required=False)
    reason = serializers.CharField(max_length=500, required=False, allow_blank=True)
    department = serializers.CharField(max_length=120, required=False, allow_blank=True)
    receipt_number = serializers.CharField(max_length=60, required=False, allow_blank=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        known = super().get_fields()
        known["fields"] = known.pop("fields_")  # `fields` itself is a property of every serializer
        return known


class BackfillFilter(filters.FilterSet):
    status = filters.MultipleChoiceFilter(choices=[(s, s) for s in lifecycle.LIFECYCLE.states])
    ticket = filters.CharFilter(field_name="ticket__number")
    invoice = IdFilter(field_name="invoice_id")

    class Meta:
        model = Backfill
        fields: list[str] = []


class BackfillViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Backfill]):
    """Backfills of the caller's enterprises; all of them for the desk."""

    serializer_class = BackfillSerializer
    filterset_class = BackfillFilter
    lookup_value_regex = r"[0-9]{1,18}"
    queryset = Backfill.objects.none()

    def get_queryset(self) -> Any:
        rows = Backfill.objects.visible_to(self.request.user)
        return rows.select_related("ticket", "invoice", "keyed_by", "approved_by").prefetch_related("materials")

    def _detail(self, backfill: Backfill, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=backfill.pk)
        headers = {"ETag": etag(fresh.version)}
        if code == status.HTTP_201_CREATED:
            headers["Location"] = f"{self.request.path}{fresh.pk}/"
        return Response(self.get_serializer(fresh).data, code, headers=headers)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A backfill with its checklist, and what the caller may do now."""
        return self._detail(self.get_object())

    @extend_schema(request=OpenInput, responses={201: BackfillSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Open the backfill of one invoice."""
        form = OpenInput(data=request.data)
        form.is_valid(raise_exception=True)
        mine = TicketInvoice.objects.visible_to(request.user)
        invoice = mine.select_related("ticket").filter(pk=form.validated_data["invoice"]).first()
        if invoice is None:
            text = Text(gettext_noop("There is no such invoice."))
            raise Invalid(errors=[FieldError("invoice", "not_found", text)])
        return self._detail(services.open_backfill(invoice=invoice, by=request.user), status.HTTP_201_CREATED)

    @extend_schema(request=BackfillAction, responses=BackfillSerializer)
    @action(detail=True, methods=["post"], url_path=r"actions/(?P<name>[a-z_]{1,40})", filterset_class=None)
    @idempotent
    def act(self, request: Request, pk: str, name: str) -> Response:
        """Start an action of the backfill's table; If-Match is welcome."""
        backfill = self.get_object()
        if request.headers.get("If-Match"):
            check_version(request, backfill.version)
        form = BackfillAction(data=request.data)
        form.is_valid(raise_exception=True)
        given = {key: value for key, value in form.validated_data.items() if value not in ("", None)}
        services.act(backfill=backfill, action=name, by=request.user, data=given)
        return self._detail(backfill)

    @extend_schema(request=MaterialInput, responses=BackfillSerializer)
    @action(detail=True, methods=["put"], url_path=r"materials/(?P<kind>[a-z_]{1,40})", filterset_class=None)
    @idempotent
    def material(self, request: Request, pk: str, kind: str) -> Response:
        """Hand a paper in (`evidence`), or accept or refuse the one that is there (`state`)."""
        backfill = self.get_object()
        form = MaterialInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        common = {"backfill": backfill, "kind": kind, "by": request.user}
        with transaction.atomic():  # handed in and accepted at once, or neither
            if "evidence" in given:
                services.submit_material(evidence_id=given["evidence"], **common)
            if "state" in given:
                accepted = given["state"] == "accepted"
                services.review_material(is_accepted=accepted, reason=given.get("reason", ""), **common)
        return self._detail(backfill)

    @extend_schema(responses={(200, "application/zip"): OpenApiTypes.BINARY})
    @action(detail=True, filterset_class=None, renderer_classes=ANY)
    def package(self, request: Request, pk: str) -> FileResponse:
        """What is handed over: cover sheet, papers and their hashes; after the approval."""
        backfill = self.get_object()
        bundle = package.build(backfill=backfill, by=request.user)
        return FileResponse(bundle, as_attachment=True, filename=f"backfill-{backfill.pk}.zip")
