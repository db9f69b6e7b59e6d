from importlib import import_module

from django.apps import AppConfig


class KbConfig(AppConfig):
    name = "kb"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        super().import_models()
        import_module("kb.index_models")
        import_module("kb.status.models")

    def ready(self) -> None:
        import_module("kb.status.tasks")
