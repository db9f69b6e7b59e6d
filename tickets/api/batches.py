"""/batches/: a list of invoices, its rows with what is said of each, and the ticket that it becomes."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle

from accounts.idempotency import idempotent
from helpdesk.common.api import ANY
from helpdesk.common.http import say, unpack
from helpdesk.common.messages import Message
from helpdesk.common.paging import OLDEST_FIRST, KeysetPagination
from tickets import services
from tickets.api.evidence import RefusalSerializer, file_of
from tickets.api.serializers import ActionSerializer
from tickets.api.tickets import narrowed, organisation_of
from tickets.batches import services as batches
from tickets.batches.downloads import download
from tickets.batches.models import RESULTS, STATES, Batch, BatchRow
from tickets.intake import MAX_BODY, MAX_SUBJECT
from tickets.invoices.columns import HEADS
from tickets.models import choices
from tickets.vocabulary import SYMPTOM_LABELS, Channel

_FORMS = r"(?P<form>xlsx|csv)"


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """A list. `about` is how many rows are expected, 0 when nobody knows; `columns` names the field of each column."""

    name = serializers.CharField(source="evidence.name")
    ticket = serializers.CharField(source="ticket.number", allow_null=True, default=None)
    columns = serializers.DictField(child=serializers.ChoiceField(list(HEADS)))
    heads = serializers.ListField(child=serializers.CharField())
    counts = serializers.SerializerMethodField()
    gaps = serializers.ListField(child=serializers.DictField())
    failure = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = (
            "id", "organisation", "name", "sha256", "state", "heads", "columns", "about", "rows", "counts", "gaps",
            "failure", "filed", "ticket", "created_at", "checked_at", "actions",
        )  # fmt: skip

    def get_counts(self, batch: Batch) -> dict[str, int]:
        return {name: getattr(batch, name) for name, _label in RESULTS}

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_failure(self, batch: Batch) -> Any:
        return {"code": batch.failure["code"], "detail": say(unpack(batch.failure))} if batch.failure else None

    @extend_schema_field(ActionSerializer(many=True))
    def get_actions(self, batch: Batch) -> Any:
        return ActionSerializer(batch.actions(self.context["request"].user), many=True).data


class RowFindingSerializer(serializers.Serializer[Any]):
    """What is wrong with one cell or row."""

    code = serializers.CharField()
    severity = serializers.CharField()
    field = serializers.CharField()
    message = serializers.SerializerMethodField()

    def get_message(self, finding: dict[str, Any]) -> str:
        return say(Message(finding["text"], finding["params"]))


class BatchRowSerializer(serializers.ModelSerializer[BatchRow]):
    """One line of the sheet; `invoice` holds what could be read of it."""

    invoice = serializers.DictField(source="claim", child=serializers.CharField())
    findings = RowFindingSerializer(many=True)

    class Meta:
        model = BatchRow
        fields = ("position", "result", "invoice", "findings")


class BatchInput(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    organisation = serializers.IntegerField(required=False, help_text="needed by members of several enterprises")


class ColumnsInput(serializers.Serializer[Any]):
    """Column, counted from 0, → field; the columns that are left out are not read."""

    columns = serializers.DictField(child=serializers.ChoiceField(list(HEADS)))


class FilingInput(serializers.Serializer[Any]):
    """What the ticket is about."""

    subject = serializers.CharField(max_length=MAX_SUBJECT)
    symptom = serializers.ChoiceField(choices(SYMPTOM_LABELS))
    description = serializers.CharField(max_length=MAX_BODY, required=False, allow_blank=True)


class BatchFilter(filters.FilterSet):
    state = filters.MultipleChoiceFilter(choices=STATES)

    class Meta:
        model = Batch
        fields: list[str] = []


class RowFilter(filters.FilterSet):
    result = filters.MultipleChoiceFilter(choices=RESULTS)

    class Meta:
        model = BatchRow
        fields: list[str] = []


RESULT = OpenApiParameter("result", str, many=True, enum=[name for name, _label in RESULTS])


class RowPages(KeysetPagination):
    orderings = OLDEST_FIRST


class _Pace(UserRateThrottle):
    scope = "batches-user"
    rate = "60/min"


class BatchViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Batch]):
    """Lists of the caller's enterprises; all of them for the desk."""

    serializer_class = BatchSerializer
    filterset_class = BatchFilter
    lookup_value_regex = r"[0-9]{1,18}"
    parser_classes = (JSONParser, MultiPartParser)
    queryset = Batch.objects.none()

    def get_queryset(self) -> Any:
        return Batch.objects.visible_to(self.request.user).select_related("evidence__blob", "organisation", "ticket")

    def _detail(self, batch: Batch, code: int = status.HTTP_200_OK) -> Response:
        fresh = self.get_queryset().get(pk=batch.pk)
        headers = {"Location": f"{self.request.path}{fresh.pk}/"} if code == status.HTTP_201_CREATED else {}
        return Response(self.get_serializer(fresh).data, code, headers=headers)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """A list where it stands, and what the caller may do now."""
        return self._detail(self.get_object())

    @extend_schema(request={"multipart/form-data": BatchInput}, responses={200: BatchSerializer, 201: BatchSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Upload a list; it is checked in the background. The same file is the same list, answered with 200."""
        given = file_of(request)
        named = str(request.data.get("organisation") or "")
        organisation = organisation_of(request.user, int(named) if named.isdecimal() and len(named) < 18 else None)
        batch, is_new = batches.take_in(file=given, name=given.name or "", organisation=organisation, by=request.user)
        return self._detail(batch, status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @extend_schema(responses=BatchRowSerializer(many=True), parameters=[RESULT])
    @action(detail=True, filterset_class=None, pagination_class=RowPages)
    def rows(self, request: Request, pk: str) -> Response:
        """The rows that were checked, in the order of the sheet; filter by `result`."""
        batch = get_object_or_404(self.get_queryset(), pk=pk)
        page = self.paginate_queryset(narrowed(RowFilter, request, batch.lines.all()))
        return self.get_paginated_response(BatchRowSerializer(page, many=True).data)

    @extend_schema(request=ColumnsInput, responses=BatchSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    @idempotent
    def columns(self, request: Request, pk: str) -> Response:
        """Say what the columns hold, for this list and the enterprise's next ones; it is checked from the start."""
        batch = self.get_object()
        form = ColumnsInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data["columns"].items()
        named = {int(column) if column.isdecimal() and len(column) < 9 else -1: field for column, field in given}
        return self._detail(batches.name_columns(batch=batch, columns=named, by=request.user))

    @extend_schema(request=FilingInput, responses=BatchSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    @idempotent
    def file(self, request: Request, pk: str) -> Response:
        """File the sound rows as one ticket; its invoices follow in the background. Twice is the same ticket."""
        batch = self.get_object()
        form = FilingInput(data=request.data)
        form.is_valid(raise_exception=True)
        new = services.NewTicket(**form.validated_data, channel=Channel.API)
        services.file_batch(batch=batch, new=new, by=request.user)
        return self._detail(batch)

    @extend_schema(request=None, responses=BatchSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    @idempotent
    def cancel(self, request: Request, pk: str) -> Response:
        """Stop the list; a ticket that is being filled is withdrawn."""
        return self._detail(services.cancel_batch(batch=self.get_object(), by=request.user))

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    @action(
        detail=True, url_path=f"report/{_FORMS}", filterset_class=None, renderer_classes=ANY, throttle_classes=[_Pace]
    )
    def report(self, request: Request, pk: str, form: str) -> StreamingHttpResponse:
        """The same sheet with the result and what is wrong behind each row, as `xlsx` or `csv`."""
        return download(self.get_object(), form)
