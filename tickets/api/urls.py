"""API v1 of tickets, evidence, invoices, checks, backfills and notifications."""

from __future__ import annotations

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from tickets.api.backfills import BackfillViewSet
from tickets.api.batches import BatchViewSet
from tickets.api.checks import Checks, InvoiceChecks
from tickets.api.notifications import NotificationViewSet
from tickets.api.tickets import TicketViewSet

router = SimpleRouter()
router.register("tickets", TicketViewSet, "api-ticket")
router.register("batches", BatchViewSet, "api-batch")
router.register("backfills", BackfillViewSet, "api-backfill")
router.register("notifications", NotificationViewSet, "api-notification")

urlpatterns = [
    path("", include("tickets.api.evidence")),
    path("", include("tickets.api.invoices")),
    path("", include("tickets.api.packages")),
    path("", include("tickets.api.reconciliations")),
    path("", include("tickets.api.triage")),
    path("invoices/<int:pk>/checks/", InvoiceChecks.as_view(), name="api-invoice-checks"),
    path("checks/", Checks.as_view(), name="api-checks"),
    *router.urls,
]
