"""/invoices/read/ and /invoices/validate/: the service's knowledge of invoices; nothing is stored."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.urls import path
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from tickets import intake
from tickets.api.evidence import file_of
from tickets.api.readings import FindingSerializer, ReadingSerializer, findings_out, reading_out
from tickets.api.serializers import InvoiceInput
from tickets.evidence.services import clean_name, refusal
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.read import read
from tickets.invoices.validate import validate


class FileInput(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)


class ReadInvoice(generics.GenericAPIView[Any]):
    """What one file says, each field with its source, and what is wrong with it."""

    parser_classes = (MultiPartParser,)
    serializer_class = ReadingSerializer

    @extend_schema(request={"multipart/form-data": FileInput}, responses=ReadingSerializer)
    def post(self, request: Request) -> Response:
        given = file_of(request)
        limits = Limits(max_bytes=settings.EVIDENCE_MAX_BYTES)
        data = given.read(limits.max_bytes + 1)
        try:
            reading = read(data, name=clean_name(given.name or ""), now=timezone.now(), limits=limits)
        except Refused as refused:
            raise refusal(refused) from refused
        return Response(reading_out(reading))


class FindingsSerializer(serializers.Serializer[Any]):
    findings = FindingSerializer(many=True)


class ValidateInvoice(generics.GenericAPIView[Any]):
    """What the rules say of typed fields."""

    serializer_class = FindingsSerializer

    @extend_schema(request=InvoiceInput, responses=FindingsSerializer)
    def post(self, request: Request) -> Response:
        form = InvoiceInput(data=request.data)
        form.is_valid(raise_exception=True)
        invoice = intake.normalise(form.validated_data)
        return Response({"findings": findings_out(validate(invoice, now=timezone.now()))})


urlpatterns = [
    path("invoices/read/", ReadInvoice.as_view(), name="api-invoice-read"),
    path("invoices/validate/", ValidateInvoice.as_view(), name="api-invoice-validate"),
]
