"""/status/: the board. Readable without an account, announcements within the reader's audience."""

from __future__ import annotations

from typing import Any

from django.urls import path
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, permissions, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from kb.models import Audience
from kb.status import reading, words
from kb.status.models import STATUSES, IncidentUpdate


class ComponentRow(serializers.Serializer[Any]):
    """One system as it is now; `availability` is the share of the watched days without an outage, in per cent."""

    slug = serializers.CharField(source="component.slug")
    group = serializers.ChoiceField(list(words.Group), source="component.group")
    name = serializers.CharField(source="component.name")
    condition = serializers.ChoiceField(list(words.CONDITIONS), source="condition.name")
    watched_days = serializers.IntegerField(source="uptime.watched")
    availability = serializers.DecimalField(max_digits=5, decimal_places=2, source="uptime.share")
    incidents = serializers.IntegerField(source="uptime.incidents")


class UpdateRow(serializers.ModelSerializer[IncidentUpdate]):
    """What was said at one moment."""

    status = serializers.ChoiceField(STATUSES)
    text = serializers.CharField()

    class Meta:
        model = IncidentUpdate
        fields = ("status", "text", "at")


class Scoped(serializers.Serializer[Any]):
    """What incidents and maintenance share; no kind of invoice named means all."""

    id = serializers.IntegerField()
    title = serializers.CharField(source="name")
    components = serializers.SerializerMethodField()
    invoice_kinds = serializers.ListField(child=serializers.ChoiceField(list(words.KIND_LABELS)), source="kinds")

    @extend_schema_field(serializers.ListField(child=serializers.SlugField()))
    def get_components(self, row: Any) -> list[str]:
        return [component.slug for component in row.components.all()]


class IncidentRow(Scoped):
    """An open incident with its updates, the latest first."""

    status = serializers.ChoiceField(STATUSES)
    impact = serializers.ChoiceField(list(words.Impact))
    started_at = serializers.DateTimeField()
    expected_at = serializers.DateTimeField(allow_null=True)
    updates = UpdateRow(many=True)


class MaintenanceRow(Scoped):
    """Maintenance under way or planned."""

    text = serializers.CharField()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()


class AnnouncementRow(serializers.Serializer[Any]):
    """News with their source."""

    id = serializers.IntegerField()
    title = serializers.CharField(source="name")
    text = serializers.CharField()
    subject = serializers.ChoiceField(list(words.Subject))
    audience = serializers.ChoiceField(Audience.values)
    source_url = serializers.URLField()
    effective_from = serializers.DateField()
    effective_until = serializers.DateField(allow_null=True)
    published_at = serializers.DateTimeField()


class StatusBoard(serializers.Serializer[Any]):
    """`condition` is that of the worst component."""

    condition = serializers.ChoiceField(list(words.CONDITIONS), source="worst.name")
    at = serializers.DateTimeField()
    components = serializers.SerializerMethodField()
    incidents = IncidentRow(many=True)
    maintenance = MaintenanceRow(many=True)
    announcements = AnnouncementRow(many=True)

    @extend_schema_field(ComponentRow(many=True))
    def get_components(self, board: reading.Board) -> list[dict[str, Any]]:
        return [ComponentRow(row).data for _label, rows in board.groups for row in rows]


class Status(generics.GenericAPIView[Any]):
    """What works now, what doesn't, and what is announced."""

    permission_classes = (permissions.AllowAny,)
    serializer_class = StatusBoard

    def get(self, request: Request) -> Response:
        return Response(StatusBoard(reading.board(request.user)).data)


urlpatterns = [path("status/", Status.as_view(), name="api-status")]
