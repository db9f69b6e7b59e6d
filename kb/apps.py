from importlib import import_module

from django.apps import AppConfig


class KbConfig(AppConfig):
    name = "kb"
    default_auto_field = "django.db.models.BigAutoField"

    def import_models(self) -> None:
        super().import_models()
        modules = ("index_models", "query_models", "visit_models", "synonym_models", "status.models", "training.models")
        for name in modules:
            import_module(f"kb.{name}")

    def ready(self) -> None:
        import_module("kb.status.tasks")
        import_module("kb.training.rights")  # what roles require is asked at every use-case
