"""The table of filing deadlines as people keep it: each change is a row of its own, the newest of a month counts."""

from __future__ import annotations

from django.db import models

from accounts.models import User


class FilingDay(models.Model):
    """The last day of filing in a month, with the document that says so; no `day`: the entry was taken back."""

    month = models.DateField()  # its first day
    number = models.PositiveIntegerField()  # of the change, from 1 in each month
    day = models.DateField(null=True)
    source = models.CharField(max_length=300)
    set_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["month", "number"]
        constraints = [models.UniqueConstraint(fields=["month", "number"], name="filing_day_change_once")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}: {self.day}"
