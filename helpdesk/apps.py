from importlib import import_module

from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    name = "helpdesk"

    def ready(self) -> None:
        # Not in helpdesk/__init__: the PURE modules pass through there and must not load Celery or Django.
        import_module("helpdesk.celery")
        import_module("helpdesk.checks")
