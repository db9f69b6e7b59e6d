"""Filters of lists whose values every database can compare."""

from __future__ import annotations

import datetime as dt
from typing import Any

import django_filters as filters
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django_filters.fields import IsoDateTimeField

BIGGEST = 2**63 - 1  # of an id


class IdFilter(filters.Filter):
    """The id of a row."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=0, max_value=BIGGEST, **kwargs)


class _Moment(IsoDateTimeField):
    """Years outside leave the calendar once they are turned into UTC."""

    def clean(self, value: Any) -> dt.datetime | None:
        found: dt.datetime | None = super().clean(value)
        if found is not None and not 1900 <= found.year <= 2200:
            raise ValidationError(_("Not a date."), code="invalid")
        return found


class MomentFilter(filters.IsoDateTimeFilter):
    """A moment in ISO 8601; without an offset it is in the reader's time zone."""

    field_class = _Moment
