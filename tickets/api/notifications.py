"""/notifications/: what the caller was told in the service."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import idempotent
from tickets.notifications import services
from tickets.notifications.models import Notification


class NotificationSerializer(serializers.ModelSerializer[Notification]):
    text = serializers.SerializerMethodField()
    ticket = serializers.SerializerMethodField()
    kind = serializers.SerializerMethodField()

    class Meta:
        model = Notification
        fields = ("id", "text", "ticket", "kind", "created_at", "read_at")

    def get_text(self, notification: Notification) -> str:
        return services.subject(notification)

    def get_ticket(self, notification: Notification) -> str | None:
        """The ticket's number; null for a reminder."""
        return notification.event.ticket.number if notification.event else None

    def get_kind(self, notification: Notification) -> str:
        """The event's kind, or "reminder"."""
        return notification.event.kind if notification.event else "reminder"


class ReadInput(serializers.Serializer[Any]):
    up_to = serializers.IntegerField(help_text="id of the newest notification that was seen")


class ReadAnswer(serializers.Serializer[Any]):
    read = serializers.IntegerField()


class NotificationViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Notification]):
    """The caller's own, newest first."""

    serializer_class = NotificationSerializer
    queryset = Notification.objects.none()
    filter_backends = ()

    def get_queryset(self) -> Any:
        return services.inbox(user=self.request.user)

    @extend_schema(request=ReadInput, responses=ReadAnswer)
    @action(detail=False, methods=["post"])
    @idempotent
    def read(self, request: Request) -> Response:
        """Mark everything up to that one as read."""
        form = ReadInput(data=request.data)
        form.is_valid(raise_exception=True)
        count = services.mark_read(user=request.user, up_to=form.validated_data["up_to"])
        return Response({"read": count})
