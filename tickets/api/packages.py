"""/packages/check/: what the upload rules say of a package; nothing is stored, nobody has to sign in."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, UserRateThrottle

from helpdesk.common.errors import FieldError, Invalid
from helpdesk.common.http import say
from helpdesk.common.messages import Message, gettext_noop
from tickets.api.evidence import file_of
from tickets.api.readings import FindingSerializer, findings_out
from tickets.evidence.services import clean_name, refusal
from tickets.invoices.limits import Limits, Refused
from tickets.invoices.model import Severity
from tickets.invoices.packages import PROFILES
from tickets.invoices.packages.contract import PackageFinding, Report
from tickets.packages import services


class PackageInput(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True)
    profile = serializers.ChoiceField(list(PROFILES), required=False, help_text="left out: guessed")


class PackageFindingSerializer(FindingSerializer):
    """`field` is the path in the file, `[3].fpmxList[7].se`; `place` says the same for people."""

    invoice = serializers.IntegerField(help_text="from 1; 0 for the file")
    line = serializers.IntegerField(help_text="from 1; 0 for the invoice as a whole")
    name = serializers.CharField(help_text="of the field")
    place = serializers.CharField()


class CheckedInvoiceSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="from 1")
    number = serializers.CharField()
    file = serializers.CharField(help_text="in an archive, else empty")
    lines = serializers.IntegerField()
    counts = serializers.DictField(child=serializers.IntegerField())
    findings = PackageFindingSerializer(many=True)


class RuleSetSerializer(serializers.Serializer[Any]):
    version = serializers.CharField()
    date = serializers.DateField()


class PackageReportSerializer(serializers.Serializer[Any]):
    """`counts` holds every finding, `left_out` how many of them are not listed."""

    profile = serializers.CharField()
    rules = RuleSetSerializer()
    checked_at = serializers.DateTimeField()
    counts = serializers.DictField(child=serializers.IntegerField())
    left_out = serializers.IntegerField()
    findings = PackageFindingSerializer(many=True, help_text="about the file as a whole")
    invoices = CheckedInvoiceSerializer(many=True)


def report_out(report: Report) -> dict[str, Any]:
    """A report in the caller's language."""
    return {
        "profile": report.profile,
        "rules": {"version": report.version, "date": report.reviewed.isoformat()},
        "checked_at": report.checked_at.isoformat(),
        "counts": _counts(report.counts),
        "left_out": report.left_out,
        "findings": _findings(report.findings),
        "invoices": [
            {
                "index": one.index,
                "number": one.number,
                "file": one.label,
                "lines": one.lines,
                "counts": _counts(one.counts),
                "findings": _findings(one.findings),
            }
            for one in report.invoices
        ],
    }


def _counts(counts: Any) -> dict[str, int]:
    return {severity.value: counts.get(severity, 0) for severity in Severity}


def _findings(findings: tuple[PackageFinding, ...]) -> list[dict[str, Any]]:
    return [
        {**plain, "invoice": f.invoice, "line": f.line, "name": _name(f), "place": say(f.place)}
        for f, plain in zip(findings, findings_out(findings), strict=True)
    ]


def _name(finding: PackageFinding) -> str:
    return say(Message(finding.label)) if finding.label else ""


class _Anon(AnonRateThrottle):
    scope = "packages-anon"
    rate = "20/min"


class _Person(UserRateThrottle):
    scope = "packages-user"
    rate = "120/min"


class CheckPackage(generics.GenericAPIView[Any]):
    """Every rule of the upload check for each invoice and line of a package."""

    parser_classes = (MultiPartParser,)
    permission_classes = (AllowAny,)
    throttle_classes = (_Anon, _Person)
    serializer_class = PackageReportSerializer

    @extend_schema(request={"multipart/form-data": PackageInput}, responses=PackageReportSerializer)
    def post(self, request: Request) -> Response:
        given = file_of(request)
        profile = str(request.data.get("profile") or "")
        if profile and profile not in PROFILES:
            text = Message(gettext_noop("Choose one of the list."))
            raise Invalid(errors=[FieldError("profile", "unknown", text)])
        data, name = given.read(Limits().max_bytes + 1), clean_name(given.name or "")
        try:
            report = services.check(data=data, name=name, profile=profile, by=request.user)
        except Refused as refused:
            raise refusal(refused) from refused
        return Response(report_out(report))


urlpatterns = [path("packages/check/", CheckPackage.as_view(), name="api-package-check")]
