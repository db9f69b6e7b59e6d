from importlib import import_module

from django.apps import AppConfig

#: Slices that keep tables of their own.
SLICES = (
    "evidence",
    "triage",
    "checks",
    "backfill",
    "notifications",
    "batches",
    "reconciliation",
    "clusters",
    "papers",
    "sla",
    "incidents",
    "mentoring",
)
#: Modules that register themselves: guards (an unregistered one refuses), tasks of the outbox, followers of events.
REGISTERED = (
    "guards", "backfill.guards", "tasks", "evidence.tasks", "notifications.tasks", "rechecks.tasks", "checks.calls",
    "batches.tasks", "reconciliation.tasks", "clusters.tasks", "triage.tasks", "incidents.tasks",
    "escalations.tasks", "followers", "search",
    "filings",
)  # fmt: skip


class TicketsConfig(AppConfig):
    name = "tickets"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        super().import_models()
        for name in SLICES:
            import_module(f"{self.name}.{name}.models")

    def ready(self) -> None:
        for name in REGISTERED:
            import_module(f"{self.name}.{name}")
