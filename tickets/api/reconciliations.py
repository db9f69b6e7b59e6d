"""/reconciliations/: the own list beside that of the tax side; what is missing becomes tickets."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from accounts.idempotency import idempotent
from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.http import say, unpack
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets.api.evidence import ANY, RefusalSerializer
from tickets.api.serializers import MoneyField, OrganisationSerializer, PersonSerializer
from tickets.api.tickets import organisation_of
from tickets.invoices.listed import Item
from tickets.invoices.reconcile import Result
from tickets.reconciliation import filing, services, tables
from tickets.reconciliation.models import Against, Reconciliation, ReconciliationPage, State, Step
from tickets.reconciliation.stored import PAGE, Line, lines
from tickets.reconciliation.words import REASONS
from tickets.vocabulary import Channel

RESULTS = [result.value for result in Result]


class ReconciliationInput(serializers.Serializer[Any]):
    own = serializers.FileField(allow_empty_file=True, help_text="the own list: XLSX, XLS, CSV, EInvoice XML or ZIP")
    theirs = serializers.FileField(
        allow_empty_file=True, required=False, help_text="of the tax side; left out: the look-ups already recorded"
    )
    organisation = serializers.IntegerField(required=False, help_text="needed by who files for several")
    starts = serializers.DateField(required=False)
    ends = serializers.DateField(required=False)

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if ("starts" in given) != ("ends" in given):
            raise serializers.ValidationError({"ends": Text(gettext_noop("Give both days, or neither.")).text})
        return given


class ClassSerializer(serializers.Serializer[Any]):
    """How many rows a class has, and the sums of their totals on both sides."""

    result = serializers.ChoiceField(RESULTS)
    count = serializers.IntegerField()
    own = serializers.CharField()
    theirs = serializers.CharField()


class ReconciliationSerializer(serializers.ModelSerializer[Reconciliation]):
    """`step` and `rows_read` tell how far it is while `state` is running; `classes` comes with done."""

    organisation = OrganisationSerializer()
    created_by = PersonSerializer()
    own = serializers.CharField(source="own.name")
    theirs = serializers.CharField(source="theirs.name", allow_null=True, default=None)
    against = serializers.ChoiceField(Against.values)
    state = serializers.ChoiceField(State.choices)
    step = serializers.ChoiceField(Step.values, allow_blank=True)
    refusal = serializers.SerializerMethodField()
    classes = serializers.SerializerMethodField()
    own_rows = serializers.SerializerMethodField()
    their_rows = serializers.SerializerMethodField()
    outside = serializers.SerializerMethodField(help_text="entries outside of the period, which are left out")
    tickets = serializers.SerializerMethodField()

    class Meta:
        model = Reconciliation
        fields = (
            "id", "organisation", "created_by", "own", "theirs", "against", "starts", "ends", "state", "step",
            "rows_read", "refusal", "classes", "own_rows", "their_rows", "outside", "tickets", "created_at",
            "finished_at",
        )  # fmt: skip

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_refusal(self, row: Reconciliation) -> Any:
        return {"code": row.refusal["code"], "detail": say(unpack(row.refusal))} if row.refusal else None

    @extend_schema_field(ClassSerializer(many=True))
    def get_classes(self, row: Reconciliation) -> Any:
        known = row.summary.get("classes", {})
        return [{"result": name, **known[name]} for name in RESULTS if name in known]

    def get_own_rows(self, row: Reconciliation) -> int:
        return int(row.summary.get("own", 0))

    def get_their_rows(self, row: Reconciliation) -> int:
        return int(row.summary.get("theirs", 0))

    def get_outside(self, row: Reconciliation) -> int:
        return int(row.summary.get("outside", 0))

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_tickets(self, row: Reconciliation) -> Any:
        return [link.ticket.number for link in row.tickets.all()]


class SideSerializer(serializers.Serializer[Item]):
    """One row of a list as it was read; `position` is its line in the sheet."""

    position = serializers.IntegerField()
    kind = serializers.CharField()
    code = serializers.CharField()
    number = serializers.CharField()
    digital_number = serializers.CharField()
    issue_date = serializers.DateField(allow_null=True)
    amount = MoneyField(allow_null=True)
    tax = MoneyField(allow_null=True)
    total = MoneyField(allow_null=True)
    status = serializers.CharField()
    seller_name = serializers.CharField()
    seller_tax_id = serializers.CharField()
    buyer_name = serializers.CharField()
    buyer_tax_id = serializers.CharField()


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class ReconciliationRowSerializer(serializers.Serializer[Line]):
    """`first` is the position of the first row of a duplicate, else 0."""

    result = serializers.ChoiceField(RESULTS)
    own = SideSerializer(allow_null=True)
    theirs = SideSerializer(allow_null=True)
    reasons = serializers.SerializerMethodField()
    first = serializers.IntegerField()

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, line: Line) -> Any:
        return [{"code": code, "detail": say(Text(REASONS.get(code, code)))} for code in line.reasons]


class ReconciliationRows(serializers.Serializer[Any]):
    """50 rows of one class, in the order of the lists."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ReconciliationRowSerializer(many=True)


class FiledTickets(serializers.Serializer[Any]):
    tickets = serializers.ListField(child=serializers.CharField(), help_text="their numbers")


class _One(generics.GenericAPIView[Reconciliation]):
    """Of one reconciliation that the caller may see."""

    serializer_class: Any = ReconciliationSerializer
    queryset = Reconciliation.objects.none()
    filter_backends: tuple[Any, ...] = ()

    def get_queryset(self) -> Any:
        rows = Reconciliation.objects.visible_to(self.request.user)
        return rows.select_related("organisation", "created_by", "own", "theirs").prefetch_related("tickets__ticket")


class ReconciliationList(_One, generics.ListAPIView[Reconciliation]):
    """The reconciliations of the caller's enterprises, newest first."""

    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": ReconciliationInput}, responses={201: ReconciliationSerializer}
    )  # fmt: skip
    @idempotent
    def post(self, request: Request) -> Response:
        """Compare two lists in the background; ask for the detail until `state` is done."""
        form = ReconciliationInput(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        theirs = given.get("theirs")
        row = services.start(
            own=services.Upload(given["own"], given["own"].name),
            theirs=services.Upload(theirs, theirs.name) if theirs else None,
            organisation=organisation_of(request.user, given.get("organisation")),
            by=request.user,
            period=(given["starts"], given["ends"]) if "starts" in given else None,
        )
        made = ReconciliationSerializer(self.get_queryset().get(pk=row.pk)).data
        return Response(made, status.HTTP_201_CREATED, headers={"Location": f"{request.path}{row.pk}/"})


class ReconciliationDetail(_One, generics.RetrieveAPIView[Reconciliation]):
    """How far it is, and its classes when it is done."""


class ReconciliationCancel(_One):
    """Stop the work."""

    @extend_schema(request=None, responses=ReconciliationSerializer)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Stop a comparison that has not ended."""
        row = services.cancel(reconciliation=self.get_object(), by=request.user)
        return Response(ReconciliationSerializer(row).data)


class ReconciliationTickets(_One):
    """The tickets of the missing invoices."""

    @extend_schema(request=None, responses=FiledTickets)
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """File the missing invoices; repeated, it answers with the same tickets."""
        made = filing.file_missing(reconciliation=self.get_object(), by=request.user, channel=Channel.API)
        return Response({"tickets": [ticket.number for ticket in made]})


class ReconciliationRowList(_One):
    """The rows of one class, page by page."""

    serializer_class = ReconciliationRows
    pagination_class = None

    @extend_schema(
        parameters=[
            OpenApiParameter("result", str, enum=RESULTS, default=RESULTS[0], description="The class."),
            OpenApiParameter("page", int, description="Of `next` or `previous`, from 1."),
        ],
        responses=ReconciliationRows,
    )
    def get(self, request: Request, pk: int) -> Response:
        """50 rows of a class; the last page costs what the first one costs."""
        row, chosen, number = self.get_object(), request.query_params.get("result", RESULTS[0]), _page(request)
        if chosen not in RESULTS:
            text = Text(gettext_noop("Choose one of: %(names)s."), {"names": ", ".join(RESULTS)})
            raise Invalid(errors=[FieldError("result", "unknown", text)])
        pages = ReconciliationPage.objects.visible_to(request.user).filter(reconciliation=row, result=chosen)
        found = pages.filter(number=number).first()
        last = -(-row.summary.get("classes", {}).get(chosen, {}).get("count", 0) // PAGE)
        told = {
            "next": _link(request, number + 1) if number < last else None,
            "previous": _link(request, min(number - 1, last)) if number > 1 and last else None,
            "results": lines(bytes(found.packed), chosen) if found else [],
        }
        return Response(ReconciliationRows(told).data)


def _page(request: Request) -> int:
    given = request.query_params.get("page", "1")
    if not (given.isascii() and given.isdecimal() and 0 < len(given) < 9 and int(given)):
        raise Invalid(errors=[FieldError("page", "invalid", Text(gettext_noop("Pages are counted from 1.")))])
    return int(given)


def _link(request: Request, number: int) -> str:
    return replace_query_param(request.build_absolute_uri(), "page", number)


class ReconciliationDownload(_One):
    """The result as a file."""

    serializer_class = None
    renderer_classes = ANY

    @extend_schema(
        parameters=[OpenApiParameter("result", str, enum=RESULTS, description="One class as CSV; else all as XLSX.")],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, pk: int) -> StreamingHttpResponse | FileResponse:
        """A workbook with a sheet for each class, or one class as CSV."""
        row = get_object_or_404(self.get_queryset(), pk=pk)
        return tables.answer(row, request.query_params.get("result", ""))


urlpatterns = [
    path("reconciliations/", ReconciliationList.as_view(), name="api-reconciliations"),
    path("reconciliations/<int:pk>/", ReconciliationDetail.as_view(), name="api-reconciliation"),
    path("reconciliations/<int:pk>/rows/", ReconciliationRowList.as_view(), name="api-reconciliation-rows"),
    path("reconciliations/<int:pk>/cancel/", ReconciliationCancel.as_view(), name="api-reconciliation-cancel"),
    path("reconciliations/<int:pk>/tickets/", ReconciliationTickets.as_view(), name="api-reconciliation-tickets"),
    path("reconciliations/<int:pk>/download/", ReconciliationDownload.as_view(), name="api-reconciliation-download"),
]
