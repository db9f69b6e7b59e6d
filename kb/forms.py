"""Forms of the editor. They turn text into values; every rule is the services'."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from helpdesk.common.errors import DomainError
from helpdesk.common.http import say
from kb import scope
from kb.models import Audience, Category


def category_choices() -> list[tuple[str, str]]:
    short = "en" if get_language() == "en" else "zh"
    rows = Category.objects.select_related("parent")
    titles = {c.slug: [getattr(one, f"title_{short}") for one in (c.parent, c) if one] for c in rows}
    return [(slug, " / ".join(line)) for slug, line in titles.items()]


def explain(form: forms.Form, error: DomainError) -> None:
    """What a service has refused, at the fields that it names."""
    for found in error.errors:
        form.add_error(found.field if found.field in form.fields else None, say(found.message))
    if not error.errors:
        form.add_error(None, say(error.message))


class AddressForm(forms.Form):
    """Another address for an article."""

    slug = forms.SlugField(
        label=_("Address"), max_length=120, help_text=_("Letters, digits and hyphens, as in /kb/upload-failed/")
    )


class ReadersForm(forms.Form):
    """Where an article lies, and who may read it: a choice without a default."""

    category = forms.ChoiceField(label=_("Category"), choices=category_choices)
    audience = forms.ChoiceField(label=_("Who may read it"), choices=lambda: [("", _("Choose")), *Audience.choices])


class DraftForm(AddressForm):
    """A new article: its address and category."""

    category = forms.ChoiceField(label=_("Category"), choices=category_choices)


class SubjectForm(ReadersForm, DraftForm):
    """A new article and its readers."""

    field_order = ("slug", "category", "audience", "start")
    start = forms.ChoiceField(
        label=_("Start from"),
        choices=[("outline", _("The six headings: symptoms to what to submit")), ("", _("An empty page"))],
        required=False,
        widget=forms.RadioSelect,
    )


class CheckedForm(forms.Form):
    """The day of the next check; left empty it is half a year from now."""

    review_by = forms.DateField(
        label=_("Check again by"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Left empty: in half a year"),
    )


class TextForm(forms.Form):
    """The text in one language."""

    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("Answer in short"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    keywords = forms.CharField(
        label=_("Words people use"), max_length=500, required=False, help_text=_("Separated by commas")
    )
    body = forms.CharField(
        label=_("Text (Markdown)"),
        max_length=100_000,
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 24,
                "class": "mono",
                "hx-post": reverse_lazy("desk_kb_preview"),
                "hx-trigger": "input changed delay:600ms",
                "hx-target": "#preview",
                "hx-sync": "this:replace",
                "hx-include": "closest form",
            }
        ),
    )
    sources = forms.CharField(
        label=_("Sources"),
        max_length=4000,
        required=False,
        help_text=_("One a line: title, address, date"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    kinds = forms.MultipleChoiceField(
        label=_("Kinds of invoice"),
        choices=[(code, _(name)) for code, name in scope.KINDS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    software = forms.CharField(
        label=_("Issuing software"), max_length=500, required=False, help_text=_("Separated by commas")
    )
    versions = forms.CharField(
        label=_("Software version"), max_length=500, required=False, help_text=_("Separated by commas")
    )
    provinces = forms.CharField(
        label=_("Provinces"), max_length=500, required=False, help_text=_("Separated by commas")
    )
    reason = forms.CharField(label=_("Why this change"), max_length=300, required=False)

    def text(self) -> dict[str, Any]:
        """What the services take; also of a form with errors, for what is compared."""
        given = {name: self.cleaned_data.get(name, "") for name in ("title", "summary", "body", "keywords", "sources")}
        names = ("kinds", *scope.WORDS)
        return given | {"scope": scope.clean({name: self.cleaned_data.get(name, "") for name in names})}


class SynonymsForm(forms.Form):
    """Phrases that mean the same."""

    phrases = forms.CharField(
        label=_("Phrases that mean the same"),
        max_length=2000,
        help_text=_("One a line, in any language"),
        widget=forms.Textarea(attrs={"rows": 6}),
    )
