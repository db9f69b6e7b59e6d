"""Sources and scope for each text, its writers, and a time to publish it at."""

from typing import Any

from django.conf import settings
from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def to_revisions(apps: Any, schema_editor: Any) -> None:
    Article, Revision = apps.get_model("kb", "Article"), apps.get_model("kb", "Revision")
    sources = Article.objects.filter(pk=OuterRef("article")).values("sources")[:1]
    Revision.objects.update(sources=Subquery(sources))
    writers = Revision.writers.through.objects
    for pk, author in Revision.objects.exclude(author=None).values_list("pk", "author").iterator(1000):
        writers.create(revision_id=pk, user_id=author)


def to_articles(apps: Any, schema_editor: Any) -> None:
    Article, Revision = apps.get_model("kb", "Article"), apps.get_model("kb", "Revision")
    for pk, sources in Revision.objects.filter(status="published").exclude(sources="").values_list("article", "sources"):
        Article.objects.filter(pk=pk).update(sources=sources)


class Migration(migrations.Migration):
    dependencies = [
        ("kb", "0002_posting_by_term"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("revision", "sources", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.AddField("revision", "scope", models.JSONField(blank=True, default=dict)),
        migrations.AddField("revision", "publish_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "revision", "writers", models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL)
        ),
        migrations.AlterField(
            model_name="revision",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Draft"),
                    ("in_review", "In review"),
                    ("scheduled", "Approved, waiting for its time"),
                    ("published", "Published"),
                    ("superseded", "Replaced by a newer one"),
                    ("archived", "Archived"),
                ],
                default="draft",
                max_length=12,
            ),
        ),
        migrations.RunPython(to_revisions, to_articles, elidable=True),
    ]
