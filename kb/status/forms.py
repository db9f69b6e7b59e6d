"""Forms of the board's staff. They turn text into values; every rule is the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kb.models import Audience, Category
from kb.status import words
from kb.status.models import Component, choices

_MOMENT = "%Y-%m-%dT%H:%M"


def _components() -> list[tuple[str, str]]:
    return [(row.slug, row.name) for row in Component.objects.all()]


def _situations() -> list[tuple[str, str]]:
    short = "en" if get_language() == "en" else "zh"
    return [(c.slug, getattr(c, f"title_{short}")) for c in Category.objects.filter(is_situation=True)]


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_MOMENT)
    return forms.DateTimeField(label=label, widget=widget, input_formats=[_MOMENT, "%Y-%m-%d %H:%M"], **more)


def _day(label: Any, **more: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _text(label: Any, rows: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=5000, widget=forms.Textarea(attrs={"rows": rows}), **more)


def _boxes(label: Any, given: Any, **more: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, choices=given, widget=forms.CheckboxSelectMultiple, **more)


class WordsForm(forms.Form):
    """What is said, in Chinese and, when there is time, in English."""

    title = forms.CharField(label=_("Title"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)
    body = _text(_("Text"), 4)
    body_en = _text(_("Text in English"), 3, required=False)


class ScopeForm(WordsForm):
    """And what it touches."""

    components = _boxes(_("Affected systems"), _components)
    kinds = _boxes(
        _("Affected kinds of invoices"),
        choices(words.KIND_LABELS),
        required=False,
        help_text=_("None chosen: all kinds"),
    )


class IncidentForm(ScopeForm):
    impact = forms.ChoiceField(label=_("Impact"), choices=choices(words.IMPACT_LABELS))
    situations = _boxes(
        _("What enterprises see"),
        _situations,
        required=False,
        help_text=_("Tickets and diagnoses of these situations are told of it. None chosen: all"),
    )
    started_at = _moment(_("Since"), initial=timezone.now)
    expected_at = _moment(_("Recovery expected"), required=False)
    field_order = ("title", "impact", "body", "components", "kinds", "situations", "started_at", "expected_at")


class MaintenanceForm(ScopeForm):
    starts_at = _moment(_("Begins"))
    ends_at = _moment(_("Ends"))
    field_order = ("title", "body", "starts_at", "ends_at", "components", "kinds")


class AnnouncementForm(WordsForm):
    subject = forms.ChoiceField(label=_("About"), choices=choices(words.SUBJECT_LABELS))
    audience = forms.ChoiceField(label=_("Who may read it"), choices=lambda: [("", _("Choose")), *Audience.choices])
    source_url = forms.URLField(label=_("Address of the source"), max_length=500, assume_scheme="https")
    effective_from = _day(_("In force from"), initial=timezone.localdate)
    effective_until = _day(_("Until"), required=False)
    is_banner = forms.BooleanField(label=_("Show it above every help page"), required=False)
    field_order = (
        "title",
        "subject",
        "body",
        "source_url",
        "effective_from",
        "effective_until",
        "audience",
        "is_banner",
    )


class UpdateForm(forms.Form):
    """The next thing that is said of an incident."""

    action = forms.ChoiceField(label=_("New state"), required=False)
    body = _text(_("Text"), 4)
    body_en = _text(_("Text in English"), 3, required=False)
    tells_tickets = forms.BooleanField(label=_("Tell the attached tickets too"), required=False, initial=True)

    def __init__(self, data: Any = None, *, actions: list[tuple[str, Any]]) -> None:
        super().__init__(data)
        self.fields["action"].choices = actions  # type: ignore[attr-defined]
