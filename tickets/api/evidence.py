"""/evidence/: upload one file, see what became of it, fetch its bytes."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import FileResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import idempotent
from helpdesk.common.api import ANY
from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.http import say, unpack
from helpdesk.common.messages import Message as Text
from helpdesk.common.messages import gettext_noop
from tickets.api.readings import ReadingSerializer, reading_out
from tickets.api.serializers import EvidenceBrief
from tickets.evidence import services
from tickets.evidence.models import Evidence, Purpose
from tickets.evidence.views import download


class RefusalSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    detail = serializers.CharField()


class EvidenceSerializer(EvidenceBrief):
    """One file. `state` is received, scanning, clean, refused or quarantined; `reading` comes with clean."""

    reading = serializers.SerializerMethodField()
    refusal = serializers.SerializerMethodField()
    is_sealed = serializers.BooleanField(read_only=True, help_text="others than the uploader get a masked copy")
    ticket = serializers.SlugRelatedField("number", read_only=True, allow_null=True)  # type: ignore[var-annotated]

    class Meta(EvidenceBrief.Meta):
        fields: tuple[str, ...] = (*EvidenceBrief.Meta.fields, "ticket", "invoice", "refusal", "is_sealed", "reading")

    @extend_schema_field(ReadingSerializer(allow_null=True))
    def get_reading(self, evidence: Evidence) -> Any:
        return reading_out(evidence.reading) if evidence.reading else None

    @extend_schema_field(RefusalSerializer(allow_null=True))
    def get_refusal(self, evidence: Evidence) -> Any:
        if not evidence.refusal:
            return None
        return {"code": evidence.refusal["code"], "detail": say(unpack(evidence.refusal))}


class UploadInput(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    purpose = serializers.ChoiceField(Purpose.choices, required=False)


def file_of(request: Request) -> Any:
    """The uploaded file of a multipart body."""
    given = request.FILES.get("file")
    if given is None:
        text = Text(gettext_noop("Send the file as the part “file” of a multipart body."))
        raise Invalid(errors=[FieldError("file", "required", text)])
    return given


class EvidenceUpload(generics.GenericAPIView[Any]):
    """Upload one file; it is read in the background."""

    parser_classes = (MultiPartParser,)
    serializer_class = EvidenceSerializer

    @extend_schema(request={"multipart/form-data": UploadInput}, responses={201: EvidenceSerializer})
    @idempotent
    def post(self, request: Request) -> Response:
        given = file_of(request)
        purpose = request.data.get("purpose", Purpose.OTHER)
        made = services.receive(file=given, name=given.name or "", purpose=str(purpose), by=request.user)
        made.refresh_from_db(fields=("state", "refusal", "reading"))  # a fast worker may have read it already
        location = {"Location": f"{request.path}{made.pk}/"}
        return Response(EvidenceSerializer(made).data, status.HTTP_201_CREATED, headers=location)


class EvidenceDetail(generics.RetrieveAPIView[Evidence]):
    """What became of a file: its state, and once it is clean what was read from it."""

    serializer_class = EvidenceSerializer
    queryset = Evidence.objects.none()

    def get_queryset(self) -> Any:
        return Evidence.objects.visible_to(self.request.user).select_related("blob", "ticket")


class EvidenceFile(generics.GenericAPIView[Any]):
    """The bytes, as an attachment; of a log that holds personal data or keys the masked copy, but for its uploader."""

    serializer_class = None
    renderer_classes = ANY
    queryset = Evidence.objects.none()

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, pk: uuid.UUID) -> FileResponse:
        rows = Evidence.objects.visible_to(request.user).select_related("blob", "masked")
        return download(services.shown(evidence=get_object_or_404(rows, pk=pk), to=request.user))


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class EvidenceOriginal(generics.GenericAPIView[Any]):
    """Open a sealed original, with a reason: it stands in the history, and the enterprise is told."""

    serializer_class = None
    renderer_classes = ANY
    queryset = Evidence.objects.none()

    @extend_schema(request=ReasonInput, responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def post(self, request: Request, pk: uuid.UUID) -> FileResponse:
        rows = Evidence.objects.visible_to(request.user).select_related("blob", "masked", "ticket")
        reason = str(request.data.get("reason", ""))
        found = get_object_or_404(rows, pk=pk)
        return download(services.unseal(evidence=found, reason=reason, by=request.user))


urlpatterns = [
    path("evidence/", EvidenceUpload.as_view(), name="api-evidence-list"),
    path("evidence/<uuid:pk>/", EvidenceDetail.as_view(), name="api-evidence-detail"),
    path("evidence/<uuid:pk>/original/", EvidenceOriginal.as_view(), name="api-evidence-original"),
    path("evidence/<uuid:pk>/file/", EvidenceFile.as_view(), name="api-evidence-file"),
]
