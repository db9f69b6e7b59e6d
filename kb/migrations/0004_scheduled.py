"""A text that waits for its time is open as well. Apart from 0003, for PostgreSQL changes no table that it has just filled."""

from django.db import migrations, models
from django.db.models import Q

OPEN = ["draft", "in_review"]


class Migration(migrations.Migration):
    dependencies = [("kb", "0003_authoring")]

    operations = [
        migrations.RemoveField("article", "sources"),
        migrations.RemoveConstraint("revision", "revision_open_once"),
        migrations.AddConstraint(
            "revision",
            models.UniqueConstraint(
                condition=Q(status__in=[*OPEN, "scheduled"]),
                fields=("article", "language"),
                name="revision_open_once",
            ),
        ),
        migrations.AddConstraint(
            "revision",
            models.CheckConstraint(
                condition=~Q(status="scheduled") | Q(publish_at__isnull=False, reviewer__isnull=False),
                name="revision_scheduled_has_time",
            ),
        ),
    ]
